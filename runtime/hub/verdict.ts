/** Ends the delivery of a consumed message: what is decided stands in the journal before the broker is told. */
import type { Verdict } from '../broker/broker.ts';
import { asCoded, type CodedError } from '../errors/coded-error.ts';
import type { Envelope } from '../envelope/envelope.ts';
import { finishDelivery, releaseWaiting } from './finish-delivery.ts';
import { demandResult, note, type Delivery, type FlowContext } from './deliveries.ts';
import type { Hub } from './hub.ts';
import { letterId, type DeadLetter, type Failure } from '../journal/journal.ts';
import { namesOf } from './published.ts';
import type { Circuit, Pass } from '../recovery/circuit.ts';
import { recover, type Policy } from '../recovery/recover.ts';
import { unmendedSince } from './unmended.ts';

/** The consuming node, and what it works with. */
export interface Source {
  hub: Hub;
  queue: string;
  policy: Policy;
  circuit: Circuit;
  flowContext: FlowContext;
  clock?: () => Date;
}

/** A consumed message whose work is over. */
export interface Ended {
  message: Envelope;
  delivery: Delivery;
  pass: Pass;
}

type Failed = Ended & { failure: CodedError };

/**
 * Decides what becomes of the message and writes that to the journal. Never rejects: while journal or guard cannot be reached
 * nothing is decided, and the message comes again without a try being counted.
 */
export async function verdict(source: Source, ended: Ended): Promise<Verdict> {
  const { hub, circuit, flowContext } = source;
  const { delivery } = ended;
  demandResult(delivery);
  const { failure, repeated } = delivery;
  try {
    if (failure) return await recovered(source, { ...ended, failure });
    if (repeated) note(delivery, flowContext, 'duplicate');
    await finishDelivery(hub, delivery, undefined);
    // After the delivery is finished: a replay counts as landed when its work is in the journal.
    const { message } = ended;
    if (message.replayof !== undefined)
      await hub.journal.settled(letterId(source.queue, message), message.id);
    circuit.answered(ended.pass);
    return { do: 'settle' };
  } catch (error) {
    // Otherwise the next try of this message would wait for the message's own lease.
    await Promise.allSettled(delivery.claims.map(({ claim }) => hub.guard.release(claim)));
    const { code, cause } = asCoded(error);
    delivery.trace?.failed(code);
    if (code !== 'INTERNAL') begin(source, ended, code);
    else {
      circuit.undecided(ended.pass);
      hub.log.error({ err: cause, flow: flowContext.flow, event: ended.message.id }, 'nothing decided');
    }
    return soon();
  }
}

async function recovered(source: Source, failed: Failed): Promise<Verdict> {
  const { hub, queue, policy, circuit, flowContext, clock = () => new Date() } = source;
  const { message, delivery, failure, pass } = failed;
  if (failure.code === 'INTERNAL')
    hub.log.error({ err: failure.cause, flow: flowContext.flow, event: message.id }, failure.message);
  const earlier = await hub.journal.failures({ flow: flowContext.flow, messageId: message.id });
  const suspected = policy.suspect?.codes.includes(failure.code) ?? false;
  const now = clock();
  const facts = {
    error: failure,
    failed: earlier.length,
    inARow: suspected ? circuit.suspect(message.id, failure) : 0,
    chance: Math.random(),
  };
  let recovery = recover(policy, facts, now);
  if (recovery.do === 'outage' && !failure.row.retryable)
    recovery = recover(
      policy,
      { ...facts, unmendedSince: await unmendedSince(hub.journal.documents, queue, now) },
      now,
    );
  const step = { ...flowContext, step: delivery.failedAt ?? flowContext.step };
  const why = { code: failure.code, detail: failure.message, reference: message.id };
  switch (recovery.do) {
    case 'outage':
      // Noted once for each outage, not once for each message.
      if (begin(source, failed, failure.code)) note(delivery, step, 'outage', why);
      await finishDelivery(hub, delivery, undefined);
      return soon();
    case 'wait':
      note(delivery, step, 'outage', why);
      await finishDelivery(hub, delivery, undefined);
      circuit.undecided(pass);
      return { do: 'again', afterMs: recovery.afterMs };
    case 'retry':
      note(delivery, step, 'retrying', why);
      await finishDelivery(hub, delivery, undefined);
      hub.figures.failed('retries', flowContext.flow, failure.code);
      circuit.answered(pass, suspected);
      return { do: 'again', afterMs: recovery.afterMs };
    case 'park': {
      const record = String(failure.facts['record']);
      const until = recovery.until.toISOString();
      const parked = { state: 'parked' as const, waitsFor: record, until };
      await hub.journal.saveDeadLetter(
        { ...letter(source, failed, earlier), ...parked },
        namesOf(hub, message),
      );
      note(delivery, step, 'parked', why);
      await finishDelivery(hub, delivery, undefined);
      circuit.undecided(pass);
      // The record it waits for may have landed before the message was parked, and then found nothing to release.
      if (await hasLanded(hub, record)) await releaseWaiting(hub, record);
      return { do: 'settle' };
    }
    case 'dead-letter':
      await hub.journal.saveDeadLetter(
        { ...letter(source, failed, earlier), state: 'open' },
        namesOf(hub, message),
      );
      note(delivery, step, 'exception', why);
      await finishDelivery(hub, delivery, undefined);
      hub.figures.failed('dead_letters', flowContext.flow, failure.code);
      if (recovery.unmended) begin(source, failed, failure.code, true);
      else circuit.answered(pass, suspected);
      return { do: 'settle' };
  }
}

function begin(
  { hub, queue, circuit, flowContext }: Source,
  { message, pass }: Ended,
  code: CodedError['code'],
  gaveUp = false,
) {
  const begins = gaveUp ? circuit.gaveUp(pass, code) : circuit.away(pass, code);
  if (begins) {
    hub.figures.failed('outages', flowContext.flow, code);
    hub.log.warn({ flow: flowContext.flow, queue, code, event: message.id }, 'outage: messages wait');
  }
  return begins;
}

/** Whether the record has landed. False where that cannot be read now: the message is parked safely, and the hub's sweep releases it. */
async function hasLanded({ journal }: Hub, record: string): Promise<boolean> {
  const version = await journal.version(record).catch(() => undefined);
  return version !== undefined;
}

/** Gives the message back to wait in the circuit, a little apart from others that met the same outage. */
function soon(): Verdict {
  return { do: 'again', afterMs: Math.round(1000 * Math.random()) };
}

function letter(
  { queue, flowContext: { flow, flowVersion } }: Source,
  { message, delivery, failure: { code, message: reason, facts } }: Failed,
  earlier: readonly Failure[],
): Omit<DeadLetter, 'state'> {
  const last = { time: new Date().toISOString(), code, detail: reason, flowVersion };
  const first = earlier[0] ?? last;
  return {
    id: letterId(queue, message),
    queue,
    flow,
    flowVersion,
    message,
    code,
    reason,
    facts: { ...changeOf(delivery), ...facts },
    firstFailed: first.time,
    firstCode: first.code,
    firstReason: first.detail ?? '',
    lastFailed: last.time,
    attempts: earlier.length + 1,
    history: [...earlier, last],
  };
}

/** The record change that did not land. */
function changeOf({ changes: [change] }: Delivery): Partial<DeadLetter['facts']> {
  return change ? { record: change.record, version: change.version } : {};
}
