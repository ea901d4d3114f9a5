/** Flow node: moves stock in Odoo as a warehouse reports it, each movement once. */
import { Type } from 'typebox';
import { note } from '../../runtime/hub/deliveries.ts';
import { defineNode } from '../../runtime/node-red/define-node.ts';
import type { Movement, OrderMovement, StockWriter } from '../../runtime/odoo/stock.ts';

const operations = ['shipment', 'receipt', 'return'] as const satisfies OrderMovement[];

export default defineNode({
  type: 'stock-move',
  summary: 'Confirms in Odoo what a warehouse shipped, received or got back, once.',
  help: `Takes what the warehouse did in \`msg.payload\`: a shipment (shipment.v1) or a return (return.v1) of a sale order, or
a receipt (receipt.v1) of a purchase order. It finds the order's open transfer in Odoo, writes the quantities, lots and
the tracking number, and validates it. What stays open waits as a **backorder**, or is cancelled where the message says
\`rest: cancel\`.

The message is attached to the transfer in Odoo. The same message again, at once or after a lost answer, finds it there
and moves nothing.

**ORDER_UNKNOWN** is tried again, as the order may still be on its way. More than is open fails with
**QUANTITY_EXCEEDED**, an order with nothing open with **ORDER_NOT_OPEN**; both wait for a person. A
return that is here before its shipment fails with **SHIPMENT_MISSING**, and is tried again.`,
  icon: 'fa-truck',
  color: '#D7C1E0',
  config: Type.Object({
    connection: Type.String({
      title: 'Odoo',
      description: 'Which Odoo, and how to reach it.',
      configNode: 'odoo-connection',
    }),
    operation: Type.Union(
      operations.map((name) => Type.Literal(name)),
      {
        title: 'What happened',
        description: 'What the messages tell of.',
        default: 'shipment',
      },
    ),
  }),
  inputs: 1,
  accepts: {
    setting: 'operation',
    of: { shipment: 'shipment.v1', receipt: 'receipt.v1', return: 'return.v1' },
  },
  writes: 'stock.picking',
  outputs: [
    {
      name: 'moved',
      description: 'payload is the message as before; odoo is {order, id, name, state, repeated, open}.',
    },
  ],
  start({ config, place, use, delivery: deliveryOf, send }) {
    const { stock } = use<{ stock: StockWriter }>(config.connection, 'Odoo');
    return {
      async input(msg) {
        const started = Date.now();
        const odoo = await stock.move(config.operation, msg.payload as Movement);
        const delivery = deliveryOf(msg);
        if (delivery) {
          const rest = odoo.open.length > 0 ? `, ${odoo.open.map(({ name }) => name).join(', ')} open` : '';
          note(delivery, place, 'landed', {
            detail: `${odoo.name} ${odoo.state}${odoo.repeated ? ', was done already' : ''}${rest}`,
            reference: `stock.picking/${odoo.id}`,
            durationMs: Date.now() - started,
          });
        }
        send('moved', { ...msg, odoo });
      },
    };
  },
});
