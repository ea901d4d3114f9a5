/** Ends a delivery on the record: its steps in the journal, its claims committed or released. */
import type { Delivery } from './deliveries.ts';
import type { Hub } from './hub.ts';

/**
 * Writes the delivery's steps, then commits its claims with `result`, or releases them when the work failed.
 * Throws STORE_UNAVAILABLE; the claims are then released as far as possible, and the sender's next try is counted anew.
 */
export async function closeBooks(hub: Hub, delivery: Delivery, result: unknown): Promise<void> {
  let written = false;
  try {
    await hub.journal.append(delivery.steps);
    written = true;
  } finally {
    const keep = written && !delivery.failure;
    await Promise.all(
      delivery.claims.map(({ claim, keepMs }) =>
        keep ? hub.guard.commit(claim, result, keepMs) : hub.guard.release(claim),
      ),
    );
  }
}
