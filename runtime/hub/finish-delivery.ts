/** Ends a delivery on the record: its steps in the journal, its claims committed or released, what waited for it let go. */
import { releaseFor } from '../dead/release.ts';
import type { Delivery } from './deliveries.ts';
import { endingOf } from '../metrics/figures.ts';
import { timed } from '../tracing/span.ts';
import type { Hub } from './hub.ts';

/**
 * Publishes what is in the outbox, writes the delivery's steps and the versions that have landed, then commits its claims
 * with `result`: all of it or nothing where one store keeps it. Releases the claims when the work failed. Throws
 * STORE_UNAVAILABLE and what a publish throws; the claims are then released as far as possible, and the sender's next
 * try is counted anew.
 */
export async function finishDelivery(hub: Hub, delivery: Delivery, result: unknown): Promise<void> {
  const { failure, claims, steps, outbox = [] } = delivery;
  const landed = failure ? [] : delivery.changes;
  const publish = () => Promise.all(outbox.map(({ message }) => hub.broker.publish(message)));
  const write = () =>
    timed(
      () => ({ name: 'journal', kind: 'client', attributes: { 'crossdock.steps': steps.length } }),
      () => hub.journal.append(steps),
    );
  const advance = () =>
    Promise.all(landed.map(({ record, version }) => hub.journal.advance(record, version)));
  const commit = () =>
    Promise.all(claims.map(({ claim, keepMs }) => hub.guard.commit(claim, result, keepMs)));
  const release = () => claims.map(({ claim }) => hub.guard.release(claim));
  delivery.trace?.set('crossdock.outcome', endingOf(delivery));
  if (failure) delivery.trace?.failed(failure.code);
  try {
    if (hub.atOnce && !failure) {
      for (let held = hub.held(); held && outbox.length > 0; held = hub.held()) await held;
      await hub.atOnce(() => Promise.all([publish(), write(), advance(), commit()]));
    } else {
      await write();
      await advance();
      // Last: who finds them committed does not do this again.
      if (!failure) await commit();
    }
  } catch (error) {
    await Promise.allSettled(release());
    throw error;
  }
  hub.figures.ended(delivery);
  if (failure) await Promise.all(release());
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
