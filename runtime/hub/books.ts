/** Ends a delivery on the record: its steps in the journal, its claims committed or released, what waited for it let go. */
import { releaseFor } from '../dead/release.ts';
import type { Delivery } from './deliveries.ts';
import type { Hub } from './hub.ts';

/**
 * Writes the delivery's steps and the versions that have landed, then commits its claims with `result`; releases them
 * when the work failed. Throws STORE_UNAVAILABLE; the claims are then released as far as possible, and the sender's
 * next try is counted anew.
 */
export async function closeBooks(hub: Hub, delivery: Delivery, result: unknown): Promise<void> {
  const landed = delivery.failure ? [] : delivery.changes;
  let written = false;
  try {
    await hub.journal.append(delivery.steps);
    // Before the claims: who finds them committed does not do this again.
    await Promise.all(landed.map(({ record, version }) => hub.journal.advance(record, version)));
    written = true;
  } finally {
    const keep = written && !delivery.failure;
    await Promise.all(
      delivery.claims.map(({ claim, keepMs }) =>
        keep ? hub.guard.commit(claim, result, keepMs) : hub.guard.release(claim),
      ),
    );
  }
  await Promise.all(landed.map(({ record }) => releaseWaiting(hub, record)));
}

/** What waits for the record, which has landed, goes on. Where that fails now, the hub's sweep comes by. */
export async function releaseWaiting(hub: Hub, record: string): Promise<void> {
  try {
    if (await hub.journal.awaited(record)) await releaseFor(hub, record);
  } catch (error) {
    hub.log.warn({ err: error, record }, 'What waits for this record is released later');
  }
}
