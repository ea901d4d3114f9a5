/** Flow node: takes events from the broker and gives each back to it when the flow's work on it is done. */
import type { NodeStatus } from 'node-red';
import { Type } from 'typebox';
import type { Consumer, Delivered, Subscription, Verdict } from '../../runtime/broker/broker.ts';
import { demand } from '../../runtime/authority/authority.ts';
import { asCoded, CodedError } from '../../runtime/errors/coded-error.ts';
import type { FlowContext } from '../../runtime/hub/deliveries.ts';
import type { ConsumerState, Consuming, Hub } from '../../runtime/hub/hub.ts';
import type { Tier } from '../../runtime/limits/limits.ts';
import { defineNode, type FlowMessage } from '../../runtime/node-red/define-node.ts';
import { Circuit, type Outage, type Pass } from '../../runtime/recovery/circuit.ts';
import { verdict, type Source } from '../../runtime/hub/verdict.ts';
import { flowOf, origin } from '../../runtime/tracing/origin.ts';
import { traced, type Root } from '../../runtime/tracing/span.ts';

const givenBack: Verdict = { do: 'again', afterMs: 0 };

interface Broker {
  concurrency: number;
  policy: string;
}

export default defineNode({
  type: 'event-consume',
  use: 'in',
  summary: 'Takes events other flows have published, each until its work is done.',
  help: `An event is settled when **all** work of the flow on it has completed, however many branches that has.
Nobody wires an acknowledgement. Work that ends and came to nothing has failed with **NOTHING_DONE**: what is left out on
purpose goes to a **drop**. What fails is tried again by the recovery policy, or kept as an exception that a
person can repair and replay. A node that never completes is ended by the time limit.

While the target is away (an **outage** of the policy) the messages wait here and use up no try. Now and then one of
them goes to see; when it is answered, all flow. The node shows since when and why.

\`msg.payload\` is the event's data, \`msg.event\` its envelope (CloudEvents 1.0). Events with the same partition
key, by default the same order, are worked on one after the other.`,
  icon: 'fa-download',
  color: '#E8D5B5',
  config: Type.Object({
    broker: Type.String({ title: 'Broker', description: 'How messages are carried.', configNode: 'broker' }),
    types: Type.Array(Type.String({ minLength: 1 }), {
      refers: 'event',
      title: 'Event types',
      description: 'Which events: order.received.v1.',
      minItems: 1,
    }),
    queue: Type.String({
      refers: 'queue',
      title: 'Queue',
      description: "Where the events wait. Empty: the flow's name.",
      default: '',
    }),
    concurrency: Type.Integer({
      group: 'Failures and limits',
      title: 'Concurrency',
      description: "Messages worked on at the same time. 0: as the broker's setting says.",
      default: 0,
      minimum: 0,
      maximum: 1000,
    }),
    prefetch: Type.Integer({
      group: 'Failures and limits',
      title: 'Prefetch',
      description:
        'Messages one worker holds unsettled at most: fewer for large messages. 0: chosen for you.',
      default: 0,
      minimum: 0,
      maximum: 10_000,
    }),
    policy: Type.String({
      refers: 'policy',
      group: 'Failures and limits',
      title: 'Recovery policy',
      description: "What becomes of a message that fails. Empty: as the broker's setting says.",
      default: '',
    }),
    timeLimit: Type.Integer({
      group: 'Failures and limits',
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
  start({ config, hub, flowContext, node, send, use }) {
    const broker = use<Broker>(config.broker, 'Broker');
    const policyName = config.policy || broker.policy;
    const policy = hub.policies.get(policyName);
    if (!policy) throw new CodedError('CONFIG_INVALID', `There is no recovery policy ${policyName}`);
    const queue = config.queue || flowContext.flow;
    let state: ConsumerState = { is: 'paused' };
    const enter = (now: ConsumerState): void => {
      state = now;
      node.status(statusOf(now, queue));
      if (now.is === 'failed') node.error(now.error);
    };
    const circuit = new Circuit({
      changed(outage, over) {
        enter(flowing(outage));
        if (over) hub.log.info({ flow: flowContext.flow, queue, ...over }, 'outage over: messages flow');
      },
    });
    const handle = worker({ hub, queue, policy, circuit, flowContext }, config.timeLimit * 1000, (msg) =>
      send('message', msg),
    );
    const subscription: Subscription = {
      queue,
      types: config.types,
      concurrency: config.concurrency || broker.concurrency,
      prefetch: config.prefetch || undefined,
      handle,
    };
    const consuming: Consuming = {
      queue,
      types: config.types,
      flow: flowContext.flow,
      flowVersion: flowContext.flowVersion,
      get state() {
        return state;
      },
      ...consumption(hub, subscription, circuit, enter),
    };
    hub.consumers.add(consuming);
    return {
      async close() {
        hub.consumers.delete(consuming);
        await consuming.pause();
      },
    };
  },
});

/** Works on one event: the flow's work as far as its time limit, then the verdict on it. */
function worker(
  source: Source & { flowContext: FlowContext & { tier: Tier } },
  timeLimitMs: number,
  send: (msg: FlowMessage) => void,
): Subscription['handle'] {
  const { hub, circuit, flowContext } = source;

  async function take({ message, refused }: Delivered, pass: Pass, leave: () => void): Promise<Verdict> {
    const { data, ...event } = message;
    const delivery = await hub.deliveries
      .run({ ...flowContext, cause: message, timeLimitMs }, ({ id: _delivery }) => {
        if (refused) throw refused;
        demand(hub.authority.wrongSource(message.type, message.source));
        send({ payload: data, event, _delivery });
      })
      .finally(leave);
    return verdict(source, { message, delivery, pass });
  }

  return async (delivered) => {
    const pass = await circuit.enter();
    if (!pass) return givenBack;
    const leave = await hub.work.enter(flowContext.tier);
    if (circuit.stopped) {
      leave();
      circuit.undecided(pass);
      return givenBack;
    }
    return traced(
      hub.tracing,
      () => rootOf(source, delivered),
      () => take(delivered, pass, leave),
    );
  };
}

function rootOf({ queue, flowContext }: Source, { message, attempt }: Delivered): Root {
  return {
    name: `consume ${queue}`,
    kind: 'consumer',
    ...origin(message),
    attributes: {
      'messaging.operation.type': 'process',
      'messaging.destination.name': queue,
      'messaging.message.id': message.id,
      'messaging.message.conversation_id': message.correlationid,
      'crossdock.event': message.type,
      'crossdock.attempt': attempt,
      ...flowOf(flowContext),
    },
  };
}

/** Consumes from `resume` to `pause`, and tries again where that fails; `enter` is told how it stands. */
function consumption(
  hub: Hub,
  subscription: Subscription,
  circuit: Circuit,
  enter: (state: ConsumerState) => void,
): Pick<Consuming, 'resume' | 'pause'> {
  let consumer: Promise<Consumer> | undefined;
  let retry: NodeJS.Timeout | undefined;

  function consume(failed = 0): void {
    const starting = hub.broker.consume(subscription);
    consumer = starting;
    starting.then(
      () => {
        if (consumer === starting) enter(flowing(circuit.outage));
      },
      (thrown: unknown) => {
        if (consumer !== starting) return;
        enter({ is: 'failed', error: asCoded(thrown) });
        retry = setTimeout(() => consume(failed + 1), retriesMs[failed] ?? retriesMs.at(-1));
      },
    );
  }

  return {
    resume() {
      if (consumer) return;
      circuit.start();
      consume();
    },
    async pause() {
      clearTimeout(retry);
      circuit.stop();
      const stopping = consumer;
      consumer = undefined;
      const started = await stopping?.catch(() => undefined);
      await started?.stop();
      if (!consumer) enter({ is: 'paused' });
    },
  };
}

/** Wait before the node tries again to consume. */
const retriesMs = [1000, 2000, 5000, 10_000, 30_000];

function flowing(outage: Outage | undefined): ConsumerState {
  return outage ? { is: 'outage', ...outage } : { is: 'consuming' };
}

function statusOf(state: ConsumerState, queue: string): NodeStatus {
  switch (state.is) {
    case 'consuming':
      return { fill: 'green', shape: 'dot', text: queue };
    case 'outage': {
      const { code, since, nextProbe } = state;
      const text = `${code} since ${clock(since)}, next try ${clock(nextProbe)}`;
      return { fill: 'yellow', shape: 'ring', text };
    }
    case 'failed':
      return { fill: 'red', shape: 'ring', text: state.error.message };
    case 'paused':
      return { fill: 'grey', shape: 'ring', text: queue };
  }
}

function clock(time: Date): string {
  return `${time.toISOString().slice(11, 19)} UTC`;
}
