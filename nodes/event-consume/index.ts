/** Flow node: takes events from the broker and gives each back to it when the flow's work on it is done. */
import { Type } from 'typebox';
import type { Consumer, Delivered, Verdict } from '../../runtime/broker/broker.ts';
import { asCoded, CodedError } from '../../runtime/errors/coded-error.ts';
import { closeBooks } from '../../runtime/hub/books.ts';
import { note, type Delivery } from '../../runtime/hub/deliveries.ts';
import type { Hub } from '../../runtime/hub/hub.ts';
import { letterId } from '../../runtime/journal/journal.ts';
import { defineNode, type Place } from '../../runtime/node-red/define-node.ts';
import { recover, type Policy } from '../../runtime/recovery/recover.ts';

interface Broker {
  concurrency: number;
  policy: string;
}

export default defineNode({
  type: 'event-consume',
  summary: 'Takes events other flows have published, each until its work is done.',
  help: `An event is settled when **all** work of the flow on it has completed, however many branches that has.
Nobody wires an acknowledgement. What fails is tried again by the recovery policy, or kept as an exception that a
person can repair and replay. A node that never completes is ended by the time limit.

\`msg.payload\` is the event's data, \`msg.event\` its envelope (CloudEvents 1.0). Events with the same partition
key, by default the same order, are worked on one after the other.`,
  icon: 'fa-download',
  color: '#E8D5B5',
  config: Type.Object({
    broker: Type.String({ title: 'Broker', description: 'How messages are carried.', configNode: 'broker' }),
    types: Type.Array(Type.String({ minLength: 1 }), {
      title: 'Event types',
      description: 'Which events, one a line: order.received.v1.',
      minItems: 1,
    }),
    queue: Type.String({
      title: 'Queue',
      description: "Where the events wait. Empty: the flow's name.",
      default: '',
    }),
    concurrency: Type.Integer({
      title: 'Concurrency',
      description: "Messages worked on at the same time. 0: as the broker's setting says.",
      default: 0,
      minimum: 0,
      maximum: 1000,
    }),
    prefetch: Type.Integer({
      title: 'Prefetch',
      description:
        'Messages one worker holds unsettled at most: fewer for large messages. 0: chosen for you.',
      default: 0,
      minimum: 0,
      maximum: 10_000,
    }),
    timeLimit: Type.Integer({
      title: 'Time limit',
      description: 'Work that takes longer counts as failed, and is tried again.',
      default: 120,
      minimum: 1,
      maximum: 3600,
      unit: 'seconds',
    }),
  }),
  inputs: 0,
  outputs: [{ name: 'message', description: 'The data in payload, the envelope in event.' }],
  start({ config, hub, place, node, send, use }) {
    const broker = use<Broker>(config.broker, 'Broker');
    const policy = hub.policies.get(broker.policy);
    if (!policy) throw new CodedError('CONFIG_INVALID', `There is no recovery policy ${broker.policy}`);
    const queue = config.queue || place.flow;
    const work = async (delivered: Delivered): Promise<Verdict> => {
      const { data, ...event } = delivered.message;
      const leave = await hub.work.enter(place.tier);
      const delivery = await hub.deliveries
        .run(
          { ...place, cause: delivered.message, timeLimitMs: config.timeLimit * 1000 },
          ({ id: _delivery }) => send('message', { payload: data, event, _delivery }),
        )
        .finally(leave);
      return verdict(hub, delivery, delivered, { queue, policy, place });
    };
    let consumer: Promise<Consumer> | undefined;
    const resume = (): void => {
      consumer ??= hub.broker.consume({
        queue,
        types: config.types,
        concurrency: config.concurrency || broker.concurrency,
        prefetch: config.prefetch || undefined,
        handle: work,
      });
      consumer.then(
        () => node.status({ fill: 'green', shape: 'dot', text: queue }),
        (error: unknown) => {
          consumer = undefined;
          node.status({ fill: 'red', shape: 'ring', text: asCoded(error).message });
          node.error(asCoded(error));
        },
      );
    };
    const pause = async (): Promise<void> => {
      const stopping = consumer;
      consumer = undefined;
      await stopping?.then((started) => started.stop());
    };
    const consuming = { pause, resume, queue, types: config.types, flow: place.flow };
    hub.consumers.add(consuming);
    return {
      async close() {
        hub.consumers.delete(consuming);
        await pause();
      },
    };
  },
});

interface Source {
  queue: string;
  policy: Policy;
  place: Place;
}

/** Decides by policy, writes what was decided into the journal, and only then tells the broker. */
async function verdict(
  hub: Hub,
  delivery: Delivery,
  { message, attempt }: Delivered,
  { queue, policy, place }: Source,
): Promise<Verdict> {
  const { failure } = delivery;
  if (!failure) {
    await closeBooks(hub, delivery, undefined);
    return { do: 'settle' };
  }
  if (failure.code === 'INTERNAL')
    hub.log.error({ err: failure.cause, flow: place.flow, event: message.id }, failure.message);
  const recovery = recover(policy, { error: failure, attempt }, Math.random());
  const why = { code: failure.code, detail: failure.message };
  const where = { ...place, step: delivery.failedAt ?? place.step };
  if (recovery.do === 'retry') {
    note(delivery, where, 'retrying', { ...why, reference: message.id });
    await closeBooks(hub, delivery, undefined);
    return { do: 'again', afterMs: recovery.afterMs };
  }
  const { flow, flowVersion } = place;
  const earlier = await hub.journal.failures({ flow, messageId: message.id });
  const last = { time: new Date().toISOString(), ...why, flowVersion };
  const first = earlier[0] ?? last;
  await hub.journal.bury({
    id: letterId(queue, message),
    queue,
    flow,
    flowVersion,
    message,
    code: failure.code,
    reason: failure.message,
    facts: failure.facts,
    firstFailed: first.time,
    firstCode: first.code,
    firstReason: first.detail ?? '',
    lastFailed: last.time,
    attempts: attempt,
    history: [...earlier, last],
    state: 'open',
  });
  note(delivery, where, 'exception', { ...why, reference: message.id });
  await closeBooks(hub, delivery, undefined);
  return { do: 'settle' };
}
