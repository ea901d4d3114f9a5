/** Flow node: moves stock in Odoo as a warehouse reports it, each movement once. */
import { Type } from 'typebox';
import { note } from '../../runtime/hub/deliveries.ts';
import { choice, defineNode } from '../../runtime/node-red/define-node.ts';
import { needsOf, type Work } from '../../runtime/odoo/rights/needs.ts';
import type { Needing } from '../../runtime/odoo/rights/watch.ts';
import type { Moved, Movement, StockWriter } from '../../runtime/odoo/stock/stock.ts';
import type { Count, Done, Transfer } from '../../runtime/odoo/stock/warehouse.ts';

const operations = ['shipment', 'receipt', 'return', 'transfer', 'count'] as const;

const workOf: Record<(typeof operations)[number], Work> = {
  shipment: 'shipments',
  receipt: 'receipts',
  return: 'shipments',
  transfer: 'transfers',
  count: 'counts',
};

export default defineNode({
  type: 'stock-move',
  use: 'out',
  summary: 'Does in Odoo what a warehouse shipped, received, got back, moved or counted, once.',
  help: `Takes what the warehouse did in \`msg.payload\`: a shipment (shipment.v1) or a return (return.v1) of a sale order, or
a receipt (receipt.v1) of a purchase order. It finds the order's open transfer in Odoo, writes the quantities, lots and
the tracking number, and validates it. What stays open waits as a **backorder**, or is cancelled where the message says
\`rest: cancel\`. What a person noted in Odoo as done and the message does not name stays open too. An article that was
archived after its order moves all the same.

A **transfer** (transfer.v1) moves goods from one place to another. A **count** (count.v1) sets what is there, for all its
articles or for none; when the same count comes again, what moved since then stays moved.

A line that names its unit is converted into the article's own by the value map **uom** and by Odoo; where that cannot be
done it fails with **UNIT_DIFFERS**.

Messages that arrive together are done together: one call reads, fills or validates the transfers of all. One that Odoo
refuses holds no other; two of the same order follow each other.

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
    operation: choice(operations, {
      title: 'What happened',
      description: 'What the messages tell of.',
      default: 'shipment',
    }),
  }),
  inputs: 1,
  accepts: {
    setting: 'operation',
    of: {
      shipment: 'shipment.v1',
      receipt: 'receipt.v1',
      return: 'return.v1',
      transfer: 'transfer.v1',
      count: 'count.v1',
    },
  },
  writes: 'stock.picking',
  outputs: [
    {
      name: 'moved',
      description:
        'payload is the message as before; odoo is {order, id, name, state, repeated, lines, open}, the lines in the units of the articles; for a transfer or a count {id, name, state, repeated}.',
    },
  ],
  start({ config, flowContext, use, delivery: deliveryOf, send }) {
    const { stock, need } = use<{ stock: StockWriter } & Needing>(config.connection, 'Odoo');
    need(needsOf(workOf[config.operation]));
    const run = (payload: unknown): Promise<Moved | Done> => {
      if (config.operation === 'transfer') return stock.transfer(payload as Transfer, flowContext.tier);
      if (config.operation === 'count') return stock.count(payload as Count, flowContext.tier);
      return stock.move(config.operation, payload as Movement, flowContext.tier);
    };
    return {
      async input(msg) {
        const started = Date.now();
        const odoo = await run(msg.payload);
        const delivery = deliveryOf(msg);
        if (delivery) {
          const open = 'open' in odoo ? odoo.open : [];
          const rest = open.length > 0 ? `, ${open.map(({ name }) => name).join(', ')} open` : '';
          note(delivery, flowContext, 'landed', {
            detail: `${odoo.name} ${odoo.state}${odoo.repeated ? ', was done already' : ''}${rest}`,
            reference: `${'model' in odoo ? odoo.model : 'stock.picking'}/${odoo.id}`,
            durationMs: Date.now() - started,
          });
        }
        send('moved', { ...msg, odoo });
      },
    };
  },
});
