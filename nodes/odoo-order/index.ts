/** Flow node: writes canonical orders into Odoo as confirmed sale orders, each once. */
import { Type } from 'typebox';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import { note } from '../../runtime/hub/deliveries.ts';
import { choice, defineNode } from '../../runtime/node-red/define-node.ts';
import { keptOrders } from '../../runtime/odoo/order/kept.ts';
import { cancelOrder } from '../../runtime/odoo/order/state.ts';
import type { Odoo } from '../../runtime/odoo/client.ts';
import type { CanonicalOrder, OrderWriter } from '../../runtime/odoo/order/order.ts';
import { needsOf } from '../../runtime/odoo/rights/needs.ts';
import type { Needing } from '../../runtime/odoo/rights/watch.ts';

const operations = ['write', 'update', 'confirm', 'cancel'] as const;

export default defineNode({
  type: 'odoo-order',
  use: 'out',
  summary: 'Writes an order into Odoo as a sale order, once, and confirms it; updates or cancels it.',
  help: `Takes a canonical order (order.v1) in \`msg.payload\`. Orders that arrive together are written in one call. Each has
an external id, \`<source>.order_<id>\`: the same order sent again, at once or after a lost answer, finds the first.

Products are found by internal reference, then barcode; customers and addresses are made once; taxes, units, warehouse
and payment terms go through the value maps. The total is the partner's to the cent **before** the order is confirmed: what
rounding leaves is a line of its own, within the tolerance of the partner.

With **update** it takes the whole order as it is now, and changes quantities, prices, lines and the delivery address of
the sale order, confirmed or not. Odoo's transfers follow. A line that is gone gets a quantity of 0. Where something
shipped or invoiced would change it fails with **ORDER_NOT_OPEN** and writes nothing. What a person changed in Odoo stays,
unless the next update has another quantity, price or address there than the one before. Put a guard with **Record** and
**Version** before it, so that an older version never comes after a newer one.

A **hold** of the message (not paid, a test, shipped by somebody else) and an order of **Limit** or more leave a quotation,
which goes out by **held** and says why: \`unpaid\`, \`test\`, \`fulfilled-elsewhere\`, \`credit\`, or \`rate\` where Odoo has no rate
of the currency. What is held as a test or for its credit waits for a person. An update that holds a quotation no longer
says \`ready\`.

Another order under the id of one that came before fails with **CLAIM_CONFLICT**, and changes nothing.

With **confirm** it takes an order-reference.v1 and confirms the quotation that was written before.
With **cancel** it takes an order-cancellation.v1 and cancels the sale order, as long as nothing of it was shipped or
invoiced: then it fails with **ORDER_NOT_OPEN**, as only a return or a credit note can undo that. Where Odoo has no such
order and the cancellation says \`ifKnown\`, it leaves by **unknown**.

An unknown product fails with **PRODUCT_UNKNOWN** and names the SKU; totals that differ by more than rounding may fail
with **ODOO_TOTAL_MISMATCH**, which says why, and leave a quotation. Both wait as exceptions and can be replayed after the repair.`,
  icon: 'fa-shopping-cart',
  color: '#D7C1E0',
  config: Type.Object({
    operation: choice(operations, {
      title: 'What to do',
      description: 'Write an order, update one, confirm one that waits as a quotation, or cancel one.',
      default: 'write',
    }),
    connection: Type.String({
      title: 'Odoo',
      description: 'Which Odoo, and how to reach it.',
      configNode: 'odoo-connection',
    }),
    confirm: Type.Boolean({
      when: { operation: ['write'] },
      title: 'Confirm',
      description: 'Confirm the sale order when it is written. Without, it stays a quotation.',
      default: true,
    }),
    limit: Type.String({
      when: { operation: ['write', 'confirm'] },
      title: 'Limit',
      description:
        'An order of so much or more stays a quotation, in whatever currency it is. In the currency of the company, at the rate of Odoo of the day. Empty: none.',
      default: '',
      pattern: '^([0-9]{1,15}([.][0-9]{1,6})?)?$',
      placeholder: '10000',
    }),
  }),
  inputs: 1,
  accepts: {
    setting: 'operation',
    of: {
      write: 'order.v1',
      update: 'order.v1',
      confirm: 'order-reference.v1',
      cancel: 'order-cancellation.v1',
    },
  },
  writes: 'sale.order',
  outputs: [
    {
      name: 'written',
      description:
        'payload is the order as before; odoo is {order, id, name, state, repeated}, with transfers of one that is confirmed, and changed, open and ready of an update.',
    },
    { name: 'held', description: 'A quotation that waits: odoo has held too, the reason.' },
    {
      name: 'unknown',
      description: 'Of a cancellation that says ifKnown: Odoo has no such order. Nothing is to be done.',
    },
  ],
  start({ config, hub, flowContext, use, delivery: deliveryOf, send }) {
    const {
      odoo: connection,
      orders,
      need,
    } = use<{ odoo: Odoo; orders: OrderWriter } & Needing>(config.connection, 'Odoo');
    const { operation, confirm, limit } = config;
    need(needsOf('orders'));
    const kept = keptOrders(hub.journal.documents, orders, hub.markKey);
    const run = async (order: CanonicalOrder) => {
      if (operation === 'cancel') return cancelOrder(connection, order);
      if (operation === 'confirm') return kept.confirm(order, limit);
      if (operation === 'update') return kept.update(order);
      const written = await kept.write(order, { confirm, limit, tier: flowContext.tier });
      const { source, id, number } = order;
      return { order: { source, id, number }, ...written };
    };
    return {
      async input(msg) {
        const order = msg.payload as CanonicalOrder;
        if (typeof order?.source !== 'string') {
          throw new CodedError('SCHEMA_INVALID', 'source: is missing; map to order.v1 first', {
            path: 'source',
          });
        }
        const started = Date.now();
        const delivery = deliveryOf(msg);
        const odoo = await run(order).catch((error: unknown) => {
          if (operation === 'cancel' && isNeverTaken(order as { ifKnown?: boolean }, error)) return undefined;
          throw error;
        });
        if (!odoo) {
          if (delivery)
            note(delivery, flowContext, 'landed', { detail: 'Odoo has no such order, as it should be' });
          send('unknown', msg);
          return;
        }
        const held = 'held' in odoo ? odoo.held : undefined;
        if (delivery) {
          note(delivery, flowContext, 'landed', {
            detail: `${odoo.name} ${odoo.state}${odoo.repeated ? ', was there already' : ''}${held ? `, held: ${held}` : ''}`,
            reference: `sale.order/${odoo.id}`,
            durationMs: Date.now() - started,
          });
        }
        send(held ? 'held' : 'written', { ...msg, odoo });
      },
    };
  },
});

function isNeverTaken(cancellation: { ifKnown?: boolean }, error: unknown): boolean {
  return cancellation.ifKnown === true && error instanceof CodedError && error.code === 'ORDER_UNKNOWN';
}
