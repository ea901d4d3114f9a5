/** Flow node: writes canonical orders into Odoo as confirmed sale orders, each once. */
import { Type } from 'typebox';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import { note } from '../../runtime/hub/deliveries.ts';
import { defineNode } from '../../runtime/node-red/define-node.ts';
import type { CanonicalOrder, OrderWriter } from '../../runtime/odoo/order.ts';

export default defineNode({
  type: 'odoo-order',
  summary: 'Writes an order into Odoo as a sale order, once, and confirms it.',
  help: `Takes a canonical order (order.v1) in \`msg.payload\`. Orders that arrive together are written in one call. Each has
an external id, \`<source>.order_<id>\`: the same order sent again, at once or after a lost answer, finds the first.

Products are found by internal reference, then barcode; customers and addresses are made once; taxes, units, warehouse
and payment terms go through the value maps. Totals are compared to the cent **before** the order is confirmed.

An unknown product fails with **PRODUCT_UNKNOWN** and names the SKU; totals that differ fail with
**ODOO_TOTAL_MISMATCH** and leave a quotation. Both wait as exceptions and can be replayed after the repair.`,
  icon: 'fa-shopping-cart',
  color: '#D7C1E0',
  config: Type.Object({
    connection: Type.String({
      title: 'Odoo',
      description: 'Which Odoo, and how to reach it.',
      configNode: 'odoo-connection',
    }),
    confirm: Type.Boolean({
      title: 'Confirm',
      description: 'Confirm the sale order. Without, it stays a quotation.',
      default: true,
    }),
  }),
  inputs: 1,
  accepts: 'order.v1',
  writes: 'sale.order',
  outputs: [
    { name: 'written', description: 'payload is the order as before; odoo is {id, name, state, repeated}.' },
  ],
  start({ config, place, use, delivery: deliveryOf, send }) {
    const { orders } = use<{ orders: OrderWriter }>(config.connection, 'Odoo');
    return {
      async input(msg) {
        const order = msg.payload as CanonicalOrder;
        if (typeof order?.source !== 'string') {
          throw new CodedError('SCHEMA_INVALID', 'source: is missing; map to order.v1 first', {
            path: 'source',
          });
        }
        const started = Date.now();
        const odoo = await orders.write(order, { confirm: config.confirm, tier: place.tier });
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
