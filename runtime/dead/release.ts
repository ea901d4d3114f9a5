/** Ends the waiting of parked messages: their predecessor has landed, or does not come. */
import { asCoded } from '../errors/coded-error.ts';
import type { DeadLetter, Decision } from '../journal/journal.ts';
import type { DeadStores } from './decide.ts';
import { lettersOf } from './letters.ts';
import { replayOne } from './replay.ts';

const by = 'crossdock';
const landed = ' has landed';
const page = 100;

/** Whether it was sent again because what it waited for has landed. */
export function isReleased(decision: Pick<Decision, 'by' | 'reason'>): boolean {
  return decision.by === by && (decision.reason ?? '').endsWith(landed);
}

/**
 * Sends what waits for the record again, oldest failure first; how many. Several may do so at once. Throws
 * BROKER_UNAVAILABLE and STORE_UNAVAILABLE; what was not sent is still parked then.
 */
export async function releaseFor(stores: DeadStores, record: string): Promise<number> {
  let released = 0;
  for await (const letter of lettersOf(stores.journal, { state: 'parked', waitsFor: record }))
    if (typeof letter !== 'string' && (await release(stores, letter, record))) released += 1;
  return released;
}

/**
 * Sends again what is parked though its predecessor has landed: whoever landed it died, or the broker was away, before
 * it was released. Opens what was parked until `now` or earlier; of that a replay is not sent once more. Several may
 * sweep at once.
 */
export async function sweepParked(
  stores: DeadStores,
  now: Date,
): Promise<{ opened: number; released: number }> {
  const done = { opened: 0, released: 0 };
  for await (const letter of lettersOf(stores.journal, { state: 'parked', landed: true })) {
    if (typeof letter === 'string' || isOverdue(letter, now)) continue;
    if (await release(stores, letter, letter.waitsFor ?? '')) done.released += 1;
  }
  for (;;) {
    const overdue = await stores.journal.letters({
      state: 'parked',
      overdueAt: now.toISOString(),
      order: 'oldest',
      limit: page,
    });
    for (const letter of overdue) {
      const { waitsFor = '', message } = letter;
      const isThere =
        message.replayof === undefined && (await stores.journal.version(waitsFor)) !== undefined;
      if (isThere && (await release(stores, letter, waitsFor))) done.released += 1;
      else if (await open(stores, letter, waitsFor)) done.opened += 1;
    }
    if (overdue.length < page) return done;
  }
}

function isOverdue({ until = '' }: DeadLetter, now: Date): boolean {
  return until <= now.toISOString();
}

/** False when somebody else decided about it, or no queue takes it. */
async function release(stores: DeadStores, letter: DeadLetter, record: string): Promise<boolean> {
  try {
    await replayOne(stores, letter, { by, reason: `${record}${landed}` });
    return true;
  } catch (error) {
    if (asCoded(error).row.owner === 'operations') throw error;
    return false;
  }
}

async function open({ journal }: DeadStores, letter: DeadLetter, record: string): Promise<boolean> {
  const { id, lastFailed, message, flow, flowVersion, code } = letter;
  const reason = `Its predecessor did not come: ${record}`;
  const failedAt = new Date().toISOString();
  if (!(await journal.move(id, ['parked'], 'open', { lastFailed, reason, failedAt }))) return false;
  await journal.append([
    {
      time: failedAt,
      correlationId: message.correlationid,
      businessKey: message.subject,
      step: 'exceptions',
      flow,
      flowVersion,
      outcome: 'exception',
      partner: message.source,
      code,
      detail: reason,
    },
  ]);
  return true;
}
