/** Sends dead letters again, each into the queue it failed in. */
import { setTimeout as sleep } from 'node:timers/promises';
import { deterministicId, type Envelope } from '../envelope/envelope.ts';
import { asCoded, CodedError } from '../errors/coded-error.ts';
import type { DeadLetter } from '../journal/journal.ts';
import { decide, type DeadStores } from './decide.ts';
import type { Edit } from './edit.ts';
import { attempt, isIds, lettersOf, type LetterResult, type Which } from './letters.ts';

export interface ReplayOptions {
  /** Who wants it. */
  by: string;
  /** Default 20. */
  perSecond?: number;
  /** Letters at the most; default all. */
  limit?: number;
  /** Told of each letter as it is done. */
  onResult?: (result: LetterResult) => void;
}

/**
 * Replays the letters with these ids, or those open by now that fit. It ends early where operations have to repair
 * something first: the rest stays open.
 */
export async function replay(
  stores: DeadStores,
  which: Which,
  { by, perSecond = 20, limit = Infinity, onResult }: ReplayOptions,
): Promise<LetterResult[]> {
  const results: LetterResult[] = [];
  const pace = paced(perSecond);
  const chosen = isIds(which) ? which : { until: new Date().toISOString(), ...which, state: 'open' as const };
  for await (const found of lettersOf(stores.journal, chosen)) {
    if (results.length >= limit) break;
    await pace();
    const { result, stop } = await attempt(found, (letter) => replayOne(stores, letter, { by }));
    results.push(result);
    onResult?.(result);
    if (stop) break;
  }
  return results;
}

/**
 * `run`: the run that sends it. Throws what `decide` throws, REPLAY_RUNNING where a run has it, EVENT_UNROUTABLE where no
 * flow takes it, BROKER_UNAVAILABLE and STORE_UNAVAILABLE.
 */
export async function replayOne(
  stores: DeadStores,
  letter: DeadLetter,
  { by, edit, reason, run }: { by: string; edit?: Edit; reason?: string; run?: string },
): Promise<void> {
  if (run === undefined) await demandFree(stores, letter);
  const message = replayOf(letter, edit ? edit.data : letter.message.data);
  await decide(stores, letter, {
    to: 'replayed',
    content: message.id,
    act: () =>
      stores.broker.publishTo(letter.queue, message).catch((error: unknown) => explain(letter, error)),
    decision: { by, ...(edit && { changed: edit.changed }), ...(reason && { reason }) },
    reference: message.id,
    ...(edit && { data: edit.data }),
  });
}

/** The same failure sent again with the same content is the same message. */
function replayOf({ id, lastFailed, message }: DeadLetter, data: unknown): Envelope {
  return {
    ...message,
    id: deterministicId('replay', id, lastFailed, JSON.stringify(data)),
    causationid: message.id,
    replayof: message.replayof ?? message.id,
    data,
  };
}

/** The id of the message that is sent when the letter is, as it stands, without a change. */
export function replayId(letter: DeadLetter): string {
  return replayOf(letter, letter.message.data).id;
}

async function demandFree({ journal }: DeadStores, { id }: DeadLetter): Promise<void> {
  const [hold] = await journal.replays.holds([id]);
  if (hold)
    throw new CodedError('REPLAY_RUNNING', `It is in the replay ${hold.plan}, which is under way`, {
      replay: hold.plan,
    });
}

function explain({ queue }: DeadLetter, error: unknown): never {
  if (asCoded(error).code !== 'EVENT_UNROUTABLE') throw error;
  const message = `No flow takes messages from ${queue}, so it can not be sent again`;
  throw new CodedError('EVENT_UNROUTABLE', message, { queue }, { cause: error });
}

/** Resolves at once the first time, then `perSecond` times a second at the most. */
function paced(perSecond: number): () => Promise<void> {
  let next = 0;
  return async () => {
    const start = Math.max(performance.now(), next);
    next = start + 1000 / perSecond;
    await sleep(Math.max(0, start - performance.now()));
  };
}
