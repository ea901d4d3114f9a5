/** Flow node: tells of every change of Odoo's records, each at least once and in order by record. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from 'typebox';
import { deterministicId, envelope } from '../../runtime/envelope/envelope.ts';
import { asCoded, CodedError } from '../../runtime/errors/coded-error.ts';
import { demandResult, note } from '../../runtime/hub/deliveries.ts';
import { closeBooks } from '../../runtime/hub/books.ts';
import type { Hub } from '../../runtime/hub/hub.ts';
import { defineNode } from '../../runtime/node-red/define-node.ts';
import { changesSince, cursorAt, moved, type Change, type Cursor } from '../../runtime/odoo/changes.ts';
import type { Odoo } from '../../runtime/odoo/client.ts';

const kind = 'odoo-changes';
const lostLeaseMs = 60_000;

export default defineNode({
  type: 'odoo-changes',
  summary: 'Tells of changes in Odoo: orders, transfers, stock levels, invoices, payments.',
  help: `Looks at a model of Odoo again and again, and sends each record that changed: \`msg.payload\` is {model, id, writeDate,
values}. The next record comes when the flow's work on this one is done, so a record's changes stay in order. Where the
work failed, or the hub died, the record comes again: **at least once**. An **event publish** behind it gives the same
change the same id.

Several changes of a record between two looks are told as one, its last state. A record that was deleted is not told of.
Of several workers one looks. The place where it is stands in the journal, so a restart forgets nothing; at its first
start it begins with what changes from then on.`,
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
      title: 'Model',
      description: 'Technical name: sale.order, stock.picking, stock.quant, account.move, account.payment.',
      minLength: 1,
      placeholder: 'stock.quant',
    }),
    fields: Type.Array(Type.String({ minLength: 1 }), {
      title: 'Fields',
      description: 'What is sent of it. A change of other fields is told of too.',
      default: ['display_name'],
    }),
    domain: Type.String({
      title: 'Only',
      description: 'A domain of Odoo as JSON: [["state", "=", "done"]]. Empty: all.',
      default: '',
      format: 'json',
    }),
    every: Type.Integer({
      title: 'Every',
      description: 'From one look to the next.',
      default: 5,
      minimum: 1,
      maximum: 86_400,
      unit: 'seconds',
    }),
    overlap: Type.Integer({
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
  start({ config, hub, place, node, use, send }) {
    const { odoo } = use<{ odoo: Odoo }>(config.connection, 'Odoo');
    const watched = { model: config.model, fields: config.fields, domain: domainOf(config.domain) };
    if (hub.quiet) return {};
    const at = `${place.flow}/${place.step}`;
    const ended = new AbortController();

    async function tell(change: Change): Promise<void> {
      const { model, id, writeDate, mark, values } = change;
      const message = envelope({
        id: deterministicId(kind, model, String(id), mark),
        source: 'odoo',
        type: kind,
        subject: `${model}/${id}`,
        flow: place.flow,
        flowversion: place.flowVersion,
        data: { model, id, writeDate, values },
      });
      const { data, ...event } = message;
      const delivery = await hub.deliveries.run(
        { ...place, cause: message, timeLimitMs: lostLeaseMs },
        ({ id: _delivery }) => send('changed', { payload: data, event, _delivery }),
      );
      demandResult(delivery);
      const { failure } = delivery;
      if (failure && failure.code !== 'NOTHING_DONE') throw failure;
      // Told again, it would come to nothing again.
      if (failure) note(delivery, place, 'exception', { code: failure.code, detail: failure.message });
      await closeBooks(hub, delivery, undefined);
    }

    async function sweep(): Promise<void> {
      const over = Date.now() + lostLeaseMs / 2;
      let cursor = await cursorOf(hub, at);
      for await (const change of changesSince(odoo, watched, cursor)) {
        // Well before another worker may take over; the next look goes on from here.
        if (ended.signal.aborted || Date.now() > over) return;
        await tell(change);
        const next = moved(cursor, change, config.overlap * 1000);
        await hub.journal.documents.put(kind, at, JSON.stringify(next));
        cursor = next;
      }
    }

    async function look(): Promise<void> {
      const claimed = await hub.guard.claim({ key: `${kind}/${at}`, fingerprint: at, leaseMs: lostLeaseMs });
      if (claimed.state !== 'new') return;
      try {
        await sweep();
        node.status({ fill: 'green', shape: 'dot', text: config.model });
      } finally {
        await hub.guard.release(claimed.claim);
      }
    }

    async function run(): Promise<void> {
      while (!ended.signal.aborted) {
        await look().catch((error: unknown) => {
          const { code, message } = asCoded(error);
          node.status({ fill: 'yellow', shape: 'ring', text: code });
          hub.log.warn(
            { flow: place.flow, step: place.step, code },
            `Changes of Odoo come later: ${message}`,
          );
        });
        await sleep(config.every * 1000, undefined, { signal: ended.signal }).catch(() => {});
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

async function cursorOf({ journal }: Hub, at: string): Promise<Cursor> {
  const kept = await journal.documents.get(kind, at);
  if (kept) return JSON.parse(kept) as Cursor;
  const first = cursorAt(new Date());
  await journal.documents.put(kind, at, JSON.stringify(first));
  return first;
}

/** Throws CONFIG_INVALID. */
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
