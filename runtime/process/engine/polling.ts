/** Polls the instances of a process for late steps and for messages that became exceptions. */
import { lettersOf } from '../../dead/letters.ts';
import type { Envelope } from '../../envelope/envelope.ts';
import type { DeadLetter } from '../../journal/journal.ts';
import { keyOf, type ProcessDefinition } from '../definition.ts';
import { failed, lookedAt } from '../instance.ts';
import type { Instance, IssuedCommand } from '../state.ts';
import { changeAlone, idOf, type Writing } from './writing.ts';

/** How far back each poll looks for failures, in ms: an earlier failure may reach the journal after a later one. */
const overlapMs = 300_000;

/** Finds late steps and applies what their reactions say. */
export async function lookAtDue(writing: Writing, now: Date): Promise<void> {
  const rows = await writing.journal.processes.due(writing.definition.process, now.toISOString());
  for (const { key } of rows) await changeAlone(writing, key, (before, of) => lookedAt(of, before, now), now);
}

/**
 * Returns a function that finds messages that became exceptions since its last call, and reports them to their
 * instances.
 */
export function exceptionsOf(writing: Writing): (now: Date) => Promise<void> {
  let lookedSince = new Date(0).toISOString();
  /** Times of the failures since then that were handled, by failure. */
  let told = new Map<string, string>();
  return async (now) => {
    let last = lookedSince;
    for await (const letter of lettersOf(writing.journal, { state: 'open', since: lookedSince })) {
      if (typeof letter === 'string') continue;
      const { id, lastFailed } = letter;
      const failure = `${id}/${lastFailed}`;
      if (!told.has(failure)) await tellFailure(writing, letter, failure, now);
      told.set(failure, lastFailed);
      if (lastFailed > last) last = lastFailed;
    }
    const overlap = new Date(Date.parse(last) - overlapMs);
    if (overlap.toISOString() > lookedSince) lookedSince = overlap.toISOString();
    told = new Map([...told].filter(([, at]) => at >= lookedSince));
  };
}

async function tellFailure(
  writing: Writing,
  { message, code }: DeadLetter,
  id: string,
  now: Date,
): Promise<void> {
  const { definition } = writing;
  const own = message.source === definition.process;
  const waiting = own ? [] : stepsAwaiting(definition, message.type);
  if (!own && waiting.length === 0) return;
  const key = own ? await askerOf(writing, message) : await keyOf(definition, message).catch(() => undefined);
  if (key === undefined) return;
  const failure = { id, why: `failed with ${code}` };
  const fail = async (before: Instance, of: ProcessDefinition): Promise<Instance> => {
    const command = before.asked.find((one) => isOf(before, one, message));
    let after = before;
    for (const name of command ? [command.step] : waiting)
      after = await failed(of, after, name, { ...failure, command }, now);
    return after;
  };
  await changeAlone(writing, key, fail, now);
}

/** The steps that cannot continue after a message of this type became an exception. */
function stepsAwaiting({ steps }: ProcessDefinition, type: string): string[] {
  return Object.entries(steps)
    .filter(([, { fails, asks, on }]) => (fails ?? [asks?.command ?? on]).includes(type))
    .map(([name]) => name);
}

function isOf(instance: Instance, command: IssuedCommand, { id, replayof = id }: Envelope): boolean {
  return idOf(instance, command) === replayof;
}

/** The key of the instance that published this message as a command. */
async function askerOf({ definition, journal }: Writing, message: Envelope): Promise<string | undefined> {
  const rows = await journal.processes.called(message.subject, definition.process);
  return rows.find(({ body }) => {
    const instance = JSON.parse(body) as Instance;
    return instance.asked.some((command) => isOf(instance, command, message));
  })?.key;
}
