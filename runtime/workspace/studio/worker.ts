/** Runs in the studio's thread: one question after the other. */
import { readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { asCoded } from '../../errors/coded-error.ts';
import { completeStudio } from './complete.ts';
import { knowing, type Keep } from './known.ts';
import { readMessage } from './message.ts';
import { readStudio, runStudio } from './run.ts';
import { fieldsOf } from './shape.ts';
import type { Question, Reply } from './thread.ts';

const keeps = new Map<string, Keep>();
let last: { text: string; message: unknown } | undefined;

async function answer(question: Question): Promise<unknown> {
  const { dir, sources } = question;
  const keep = keeps.get(dir) ?? knowing(dir);
  keeps.set(dir, keep);
  const known = keep(question.name, sources);
  if (question.ask === 'tests') return known.tests;
  const message = messageOf(question.message);
  if (question.ask === 'complete')
    return completeStudio(question, message, known, fieldNames(dir, question.schema));
  return question.ask === 'run' ? runStudio(question, message, known) : readStudio(question, message, known);
}

function messageOf(text: string): unknown {
  if (last?.text === text) return last.message;
  const message = readMessage(text);
  last = { text, message };
  return message;
}

/** By the last part of each. */
function fieldNames(dir: string, schema: string | undefined): string[] {
  const file = schema === undefined ? '' : join(dir, schema);
  if (!file || !existsSync(file)) return [];
  const fields = fieldsOf(JSON.parse(readFileSync(file, 'utf8')));
  return [...new Set(fields.map(({ path }) => path.slice(path.lastIndexOf('.') + 1)))];
}

parentPort?.on('message', (question: Question) => {
  answer(question).then(
    (value) => reply({ value }),
    (thrown: unknown) => {
      const { code, message } = asCoded(thrown);
      reply({ error: { code, message } });
    },
  );
});

function reply(one: Reply): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(one);
}
