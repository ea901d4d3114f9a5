/** Flow node: begins work at set times, each time once, on one of the workers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Cron } from 'croner';
import { Type } from 'typebox';
import { deterministicId, envelope } from '../../runtime/envelope/envelope.ts';
import { asCoded, CodedError } from '../../runtime/errors/coded-error.ts';
import { finishDelivery } from '../../runtime/hub/finish-delivery.ts';
import { demandResult, note, type FlowContext } from '../../runtime/hub/deliveries.ts';
import type { Hub } from '../../runtime/hub/hub.ts';
import type { Documents } from '../../runtime/journal/documents.ts';
import { choice, defineNode, type FlowMessage } from '../../runtime/node-red/define-node.ts';
import { flowOf } from '../../runtime/tracing/origin.ts';
import { traced } from '../../runtime/tracing/span.ts';

const kind = 'schedule';
const keepMs = 7 * 24 * 3_600_000;
const misses = ['skip', 'once'] as const;

export default defineNode({
  type: 'schedule',
  use: 'in',
  summary: 'Begins work at set times.',
  help: `Sends a message at each time of the pattern: \`msg.payload\` is {time, missed}. Of several workers one takes it. The
next time is passed over while the work of the last one is not done.

A time that passed while no hub ran, or at which the hub ended in the middle of its work, is **missed**: skipped, or made
up for once when a hub starts.

Work that failed is not done again by itself: it stands in the log and in the trace, and the next time comes. Put an
**event publish** behind it for work that must not be lost.`,
  icon: 'fa-clock-o',
  color: '#B0D0E8',
  labelFrom: 'pattern',
  config: Type.Object({
    pattern: Type.String({
      title: 'Pattern',
      description:
        'Minute, hour, day, month, weekday, as cron has them; with six fields the first are seconds.',
      minLength: 1,
      placeholder: '0 6 * * 1-5',
    }),
    timeZone: Type.String({
      refers: 'zone',
      title: 'Time zone',
      description: 'Of the pattern: Europe/Berlin.',
      default: 'UTC',
    }),
    missed: choice(misses, {
      title: 'Missed',
      description: 'What becomes of a time at which no hub ran.',
      default: 'skip',
    }),
    timeLimit: Type.Integer({
      title: 'Time limit',
      description: 'Work that takes longer counts as failed.',
      default: 600,
      minimum: 1,
      maximum: 86_400,
      unit: 'seconds',
    }),
  }),
  inputs: 0,
  outputs: [{ name: 'due', description: 'payload is {time, missed}; event.subject is the time.' }],
  start({ config, hub, flowContext, node, send }) {
    const at = `${flowContext.flow}/${flowContext.step}`;
    const cron = cronOf(config.pattern, config.timeZone);
    if (hub.quiet) return { close: () => cron.stop() };

    const ended = new AbortController();
    const { documents } = hub.journal;
    const makingUp = new Set<Promise<void>>();
    function makeUpBy(work: Promise<void>): void {
      const making = told(work).finally(() => makingUp.delete(making));
      makingUp.add(making);
    }

    /** Does the work of one time, once among all workers. */
    async function run(time: string, missed: boolean): Promise<void> {
      const leaseMs = config.timeLimit * 1000 + 60_000;
      const claimed = await hub.guard.claim({ key: `${kind}/${at}/${time}`, fingerprint: time, leaseMs });
      // The worker that has the claim may die during the work.
      if (claimed.state === 'in-flight' && config.missed === 'once')
        makeUpBy(
          sleep(claimed.retryAfterMs, undefined, { signal: ended.signal, ref: false }).then(() =>
            run(time, true),
          ),
        );
      if (claimed.state !== 'new') return;
      const failure = await traced(
        hub.tracing,
        () => ({ name: `schedule ${flowContext.step}`, attributes: flowOf(flowContext) }),
        () => work(hub, flowContext, { time, missed }, config.timeLimit * 1000, (msg) => send('due', msg)),
      );
      await noted(documents, at, missed ? new Date().toISOString() : time);
      await hub.guard.commit(claimed.claim, undefined, keepMs);
      if (failure) throw failure;
    }

    function told(work: Promise<void>): Promise<void> {
      return work.catch((error: unknown) => {
        if (ended.signal.aborted && (error as Error).name === 'AbortError') return;
        const { code, message } = asCoded(error);
        node.status({ fill: 'red', shape: 'ring', text: code });
        const { flow, step } = flowContext;
        hub.log.error({ flow, step, code }, `Scheduled work failed: ${message}`);
      });
    }

    async function makeUp(): Promise<void> {
      const due = await missedTime(documents, at, cron);
      if (due) await run(due.toISOString(), true);
    }

    if (config.missed === 'once') makeUpBy(makeUp());
    let working = Promise.resolve();
    cron.schedule(() => {
      // The time that was meant, so that every worker claims the same.
      const time = cron.currentRun() ?? new Date();
      time.setMilliseconds(0);
      working = told(run(time.toISOString(), false));
      return working;
    });
    return {
      async close() {
        cron.stop();
        ended.abort();
        await Promise.all([...makingUp, working]);
      },
    };
  },
});

/** The flow's work of one time. Resolves with its failure. */
async function work(
  hub: Hub,
  flowContext: FlowContext,
  data: { time: string; missed: boolean },
  timeLimitMs: number,
  send: (msg: FlowMessage) => void,
): Promise<CodedError | undefined> {
  const { flow, flowVersion, step } = flowContext;
  const cause = envelope({
    id: deterministicId(kind, `${flow}/${step}`, data.time),
    source: flow,
    type: kind,
    subject: data.time,
    flow,
    flowversion: flowVersion,
    data,
  });
  const { data: payload, ...event } = cause;
  const delivery = await hub.deliveries.run({ ...flowContext, cause, timeLimitMs }, ({ id: _delivery }) =>
    send({ payload, event, _delivery }),
  );
  demandResult(delivery);
  const { failure } = delivery;
  if (failure) note(delivery, flowContext, 'exception', { code: failure.code, detail: failure.message });
  await finishDelivery(hub, delivery, undefined);
  return failure;
}

/** Everything up to this time is done, or needs not be done. */
async function noted(documents: Documents, at: string, time: string): Promise<void> {
  const last = await documents.get(kind, at);
  if (last === undefined || last < time) await documents.put(kind, at, time);
}

/** The first time that passed while no hub ran. */
async function missedTime(documents: Documents, at: string, cron: Cron): Promise<Date | undefined> {
  const now = new Date();
  await documents.add(kind, at, now.toISOString());
  const due = cron.nextRun(new Date((await documents.get(kind, at)) ?? now));
  return due && due <= now ? due : undefined;
}

/** Reads the setting `pattern`. Throws CodedError CONFIG_INVALID where it is malformed. */
function cronOf(pattern: string, timezone: string): Cron {
  try {
    return new Cron(pattern, { timezone, protect: true, unref: true });
  } catch (error) {
    throw new CodedError('CONFIG_INVALID', `pattern: ${(error as Error).message}`, { setting: 'pattern' });
  }
}
