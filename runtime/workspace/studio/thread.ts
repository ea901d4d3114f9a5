/** The studio's thread: a wild expression holds up no webhook, and what takes too long or too much memory ends with it. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { codeOf, type Code } from '../../errors/codes.ts';
import { CodedError } from '../../errors/coded-error.ts';
import type { Case } from '../../map/test-file.ts';
import type { CompleteAnswer, CompleteWanted } from './complete.ts';
import type { RunAnswer, RunWanted } from './run.ts';

/** `dir`: the definitions; `sources`: files of schemas that the message fits. */
export type Question = { dir: string; sources: readonly string[] } & (
  | ({ ask: 'run' | 'read' } & RunWanted)
  | ({ ask: 'complete'; schema?: string | undefined } & CompleteWanted)
  | { ask: 'tests'; name: string }
);

export interface Tests {
  schema?: string;
  cases: Case[];
}

type Answers = { run: RunAnswer; read: RunAnswer; complete: CompleteAnswer; tests: Tests };
export type Reply = { value: unknown } | { error: { code: string; message: string } };

export interface StudioThread {
  /** Throws CodedError MAPPING_FAILED for what takes too long or too much. */
  ask<Q extends Question>(question: Q): Promise<Answers[Q['ask']]>;
  close(): Promise<void>;
}

/** The mapping itself ends after two seconds; this also ends what the engine cannot. */
const mostMs = 8000;
const mostMegabytes = 384;
const mostWaiting = 20;

interface Asked {
  question: Question;
  /** Since it is asked. */
  worker?: Worker;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** It begins with the first question. */
export function studioThread({ timeoutMs = mostMs }: { timeoutMs?: number } = {}): StudioThread {
  let worker: Worker | undefined;
  let current: Asked | undefined;
  let timer: NodeJS.Timeout | undefined;
  const waiting: Asked[] = [];

  function begin(): Worker {
    const begun = new Worker(new URL(`./worker${extname(import.meta.filename)}`, import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: mostMegabytes },
    });
    begun.unref();
    begun.on('message', (reply: Reply) => {
      const asked = settled(begun);
      if ('value' in reply) asked?.resolve(reply.value);
      else asked?.reject(codedFrom(reply.error));
      next();
    });
    begun.on('error', (error: NodeJS.ErrnoException) => {
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      settled(begun)?.reject(isMemory ? tooMuch('needs too much memory', error) : error);
    });
    begun.on('exit', () => {
      if (worker === begun) worker = undefined;
      settled(begun)?.reject(tooMuch('was ended'));
      next();
    });
    return begun;
  }

  /** What this one was asked. */
  function settled(by: Worker): Asked | undefined {
    const asked = current;
    if (asked?.worker !== by) return undefined;
    current = undefined;
    clearTimeout(timer);
    return asked;
  }

  function next(): void {
    if (current) return;
    const one = waiting.shift();
    if (!one) return;
    current = one;
    const used = (worker ??= begin());
    one.worker = used;
    timer = setTimeout(() => {
      settled(used)?.reject(tooMuch('takes too long'));
      worker = undefined;
      void used.terminate();
      next();
    }, timeoutMs);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    used.postMessage(one.question);
  }

  return {
    ask<Q extends Question>(question: Q): Promise<Answers[Q['ask']]> {
      if (waiting.length >= mostWaiting)
        return Promise.reject(new CodedError('HUB_BUSY', 'Others are trying mappings; try again'));
      return new Promise((resolve, reject) => {
        waiting.push({ question, resolve: resolve as Asked['resolve'], reject });
        next();
      });
    },
    async close() {
      await worker?.terminate();
    },
  };
}

function tooMuch(what: string, cause?: unknown): CodedError {
  return new CodedError('MAPPING_FAILED', `The expression ${what}`, {}, { cause });
}

function codedFrom({ code, message }: { code: string; message: string }): CodedError {
  return new CodedError(codeOf(code) ? (code as Code) : 'INTERNAL', message);
}
