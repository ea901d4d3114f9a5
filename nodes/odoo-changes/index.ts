/** Flow node: tells of every change of Odoo's records, each at least once and in order by record. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from 'typebox';
import { deterministicId, envelope } from '../../runtime/envelope/envelope.ts';
import { asCoded, CodedError } from '../../runtime/errors/coded-error.ts';
import { demandResult, note, type FlowContext } from '../../runtime/hub/deliveries.ts';
import { finishDelivery } from '../../runtime/hub/finish-delivery.ts';
import type { Hub } from '../../runtime/hub/hub.ts';
import { defineNode, type FlowMessage } from '../../runtime/node-red/define-node.ts';
import { changesSince, type Change } from '../../runtime/odoo/changes.ts';
import type { Odoo } from '../../runtime/odoo/client.ts';
import { patience } from '../../runtime/odoo/patience.ts';
import { sweep } from '../../runtime/odoo/sweep.ts';
import type { Needing } from '../../runtime/odoo/rights/watch.ts';
import { inVocabulary } from '../../runtime/odoo/vocabulary.ts';
import { flowOf } from '../../runtime/tracing/origin.ts';
import { traced } from '../../runtime/tracing/span.ts';

const kind = 'odoo-changes';
/** A worker that died is replaced after the lease. What is told is over before it: begun in its first part, limited in time. */
const leaseMs = 60_000;
const beginMs = 10_000;
const tellMs = 45_000;

export default defineNode({
  type: 'odoo-changes',
  use: 'in',
  summary: 'Tells of changes in Odoo: orders, transfers, stock levels, invoices, payments.',
  help: `Looks at a model of Odoo again and again, and sends each record that changed: \`msg.payload\` is {model, id, writeDate,
values}. The next record comes when the flow's work on this one is done, so a record's changes stay in order. Where the
work failed, or the hub died, the record comes again: **at least once**. An **event publish** behind it gives the same
change the same id.

Several changes of a record between two looks are told as one, its last state. A record that was deleted is not told of.
Of several workers one looks. The place where it is stands in the journal, so a restart forgets nothing; at its first
start it begins with what changes from then on.

Fields are named as in Odoo 19; the hub says them to an older Odoo in its own words.`,
  icon: 'fa-eye',
  color: '#D7C1E0',
  labelFrom: 'model',
  config: Type.Object({
    connection: Type.String({
      title: 'Odoo',
      description: 'Which Odoo, and how to reach it.',
      configNode: 'odoo-connection',
    }),
    model: Type.String({
      refers: 'model',
      title: 'Model',
      description: 'Technical name: sale.order, stock.picking, stock.quant, account.move, account.payment.',
      minLength: 1,
      placeholder: 'stock.quant',
    }),
    fields: Type.Array(Type.String({ minLength: 1 }), {
      refers: 'field',
      of: 'model',
      title: 'Fields',
      description: 'What is sent of it. A change of other fields is told of too.',
      default: ['display_name'],
    }),
    domain: Type.String({
      lines: 3,
      title: 'Only',
      description: 'A domain of Odoo as JSON: [["state", "=", "done"]]. Empty: all.',
      default: '',
      format: 'json',
    }),
    every: Type.Integer({
      group: 'Looking',
      title: 'Every',
      description: 'From one look to the next.',
      default: 5,
      minimum: 1,
      maximum: 86_400,
      unit: 'seconds',
    }),
    overlap: Type.Integer({
      group: 'Looking',
      title: 'Overlap',
      description: 'How long a transaction of Odoo may take: so far it looks back.',
      default: 60,
      minimum: 1,
      maximum: 3600,
      unit: 'seconds',
    }),
  }),
  inputs: 0,
  outputs: [{ name: 'changed', description: 'payload is {model, id, writeDate, values}.' }],
  start({ config, hub, flowContext, node, use, send }) {
    const { odoo: connection, need } = use<{ odoo: Odoo } & Needing>(config.connection, 'Odoo');
    const odoo = inVocabulary(connection);
    need({ [config.model]: 'read' });
    const watched = { model: config.model, fields: config.fields, domain: domainOf(config.domain) };
    if (hub.quiet) return {};
    const at = `${flowContext.flow}/${flowContext.step}`;
    const ended = new AbortController();

    const tell = (change: Change): Promise<void> =>
      traced(
        hub.tracing,
        () => ({ name: `change of ${change.model}`, attributes: flowOf(flowContext) }),
        () => work(hub, flowContext, change, (msg) => send('changed', msg)),
      );

    /** Polls once. False when something is left for the next poll, which need not wait. */
    async function poll(): Promise<boolean> {
      const over = Date.now() + beginMs;
      const claimed = await hub.guard.claim({ key: `${kind}/${at}`, fingerprint: at, leaseMs });
      if (claimed.state !== 'new') return true;
      try {
        const isDone = await sweep({
          documents: hub.journal.documents,
          at,
          overlapMs: config.overlap * 1000,
          changes: (since) => changesSince(odoo, watched, since),
          tell,
          goesOn: () => !ended.signal.aborted && Date.now() < over,
        });
        node.status({ fill: 'green', shape: 'dot', text: config.model });
        return isDone;
      } finally {
        await hub.guard.release(claimed.claim);
      }
    }

    const everyMs = config.every * 1000;
    const { failed, worked } = patience(everyMs);

    /** How long to wait for the next poll. */
    async function lookOnce(): Promise<number> {
      const { flow, step } = flowContext;
      try {
        const isDone = await poll();
        const refused = worked();
        if (refused > 0) hub.log.info({ flow, step, refused }, 'Changes of Odoo come again');
        return isDone ? everyMs : 0;
      } catch (error) {
        const { code, message, row } = asCoded(error);
        node.status({ fill: 'yellow', shape: 'ring', text: code });
        const { waitMs, isNews } = failed({ code, message, retryable: row.retryable });
        if (isNews) hub.log.warn({ flow, step, code }, `Changes of Odoo come later: ${message}`);
        return waitMs;
      }
    }

    async function run(): Promise<void> {
      while (!ended.signal.aborted) {
        const waitMs = await lookOnce();
        if (waitMs > 0) await sleep(waitMs, undefined, { signal: ended.signal }).catch(() => {});
      }
    }

    const running = run();
    return {
      async close() {
        ended.abort();
        await running;
      },
    };
  },
});

/** The flow's work on one change. Throws its failure, for the change to come again. */
async function work(
  hub: Hub,
  flowContext: FlowContext,
  { model, id, writeDate, mark, values }: Change,
  send: (msg: FlowMessage) => void,
): Promise<void> {
  const cause = envelope({
    id: deterministicId(kind, model, String(id), mark),
    source: 'odoo',
    type: kind,
    subject: `${model}/${id}`,
    flow: flowContext.flow,
    flowversion: flowContext.flowVersion,
    data: { model, id, writeDate, values },
  });
  const { data: payload, ...event } = cause;
  const delivery = await hub.deliveries.run(
    { ...flowContext, cause, timeLimitMs: tellMs },
    ({ id: _delivery }) => send({ payload, event, _delivery }),
  );
  demandResult(delivery);
  const { failure } = delivery;
  if (failure && failure.code !== 'NOTHING_DONE') throw failure;
  // Publishing the same change again would come to nothing again.
  if (failure) note(delivery, flowContext, 'exception', { code: failure.code, detail: failure.message });
  await finishDelivery(hub, delivery, undefined);
}

/** Reads the setting `domain`. Throws CodedError CONFIG_INVALID where it is no list. */
function domainOf(text: string): unknown[] {
  if (text === '') return [];
  try {
    const domain = JSON.parse(text) as unknown;
    if (Array.isArray(domain)) return domain;
  } catch {
    // said below
  }
  throw new CodedError('CONFIG_INVALID', 'domain: is not a list in JSON', { setting: 'domain' });
}
