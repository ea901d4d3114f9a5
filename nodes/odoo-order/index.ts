/** Flow node: writes canonical orders into Odoo as confirmed sale orders, each once. */
import { Type } from 'typebox';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import { note } from '../../runtime/hub/deliveries.ts';
import type { Hub } from '../../runtime/hub/hub.ts';
import { choice, defineNode } from '../../runtime/node-red/define-node.ts';
import { cancelOrder, confirmOrder } from '../../runtime/odoo/order-state.ts';
import type { Odoo } from '../../runtime/odoo/client.ts';
import type { CanonicalOrder, OrderWriter } from '../../runtime/odoo/order.ts';
import type { Said, UpdatedOrder } from '../../runtime/odoo/order-update.ts';

const operations = ['write', 'update', 'confirm', 'cancel'] as const;

export default defineNode({
  type: 'odoo-order',
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

With **confirm** it takes an order-reference.v1 and confirms the quotation that was written before.
With **cancel** it takes an order-cancellation.v1 and cancels the sale order, as long as nothing of it was shipped or
invoiced: then it fails with **ORDER_NOT_OPEN**, as only a return or a credit note can undo that.

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
      title: 'Confirm',
      description: 'Confirm the sale order when it is written. Without, it stays a quotation.',
      default: true,
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
        'payload is the order as before; odoo is {order, id, name, state, repeated}, of an update with changed and open.',
    },
  ],
  start({ config, hub, place, use, delivery: deliveryOf, send }) {
    const { odoo: connection, orders } = use<{ odoo: Odoo; orders: OrderWriter }>(config.connection, 'Odoo');
    const run = async (order: CanonicalOrder) => {
      if (config.operation === 'cancel') return cancelOrder(connection, order);
      if (config.operation === 'confirm') return confirmOrder(connection, order);
      if (config.operation === 'update') return update(hub, orders, order);
      const written = await orders.write(order, { confirm: config.confirm, tier: place.tier });
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
        const odoo = await run(order);
        const delivery = deliveryOf(msg);
        if (delivery) {
          note(delivery, place, 'landed', {
            detail: `${odoo.name} ${odoo.state}${odoo.repeated ? ', was there already' : ''}`,
            reference: `sale.order/${odoo.id}`,
            durationMs: Date.now() - started,
          });
        }
        send('written', { ...msg, odoo });
      },
    };
  },
});

/** What the update before said is kept in the journal. */
async function update(
  { journal }: Hub,
  orders: OrderWriter,
  order: CanonicalOrder,
): Promise<Omit<UpdatedOrder, 'said'>> {
  const key = `${order.source}/${order.id}`;
  const kept = await journal.documents.get('order-said', key);
  const before = kept === undefined ? undefined : (JSON.parse(kept) as Said);
  const { said, ...updated } = await orders.update(order, before);
  if (said && said !== before) await journal.documents.put('order-said', key, JSON.stringify(said));
  return updated;
}
