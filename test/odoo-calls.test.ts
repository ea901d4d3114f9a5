/** How many calls an order costs Odoo from the order to its money, when many come at once. */
import assert from 'node:assert/strict';
import { openOdoo } from '../runtime/odoo/client.ts';
import { invoiceWriter } from '../runtime/odoo/invoice.ts';
import { orderWriter } from '../runtime/odoo/order.ts';
import { resolver } from '../runtime/odoo/resolve.ts';
import { startSandbox } from '../runtime/odoo/sandbox/sandbox.ts';
import { stockWriter } from '../runtime/odoo/stock.ts';

const orders = 20;
/** Odoo pays one by one: a call each. */
const most = { write: 1, ship: 0.8, invoice: 1, pay: 2.5, all: 5 };

describe('order to cash of many orders at once', () => {
  it(`costs Odoo at most ${most.all} calls an order`, async () => {
    const sandbox = await startSandbox({ products: [{ code: 'CALLS', name: 'Counted', price: 10 }] });
    const calls: string[] = [];
    const log = {
      debug: (fields: Record<string, unknown>) =>
        void calls.push(`${fields['model'] as string}/${fields['method'] as string}`),
    };
    const odoo = openOdoo({ ...sandbox, timeoutMs: 5000, log });
    const lookup = () => undefined;
    const known = resolver(odoo, lookup, 60_000);
    const writer = orderWriter({ odoo, lookup });
    const [stock, invoices] = [stockWriter(odoo, known), invoiceWriter(odoo, known)];
    const ids = Array.from({ length: orders }, (_, at) => String(at));
    const about = (id: string) => ({ source: 'callsx', id, order: { source: 'calls', id } });
    async function counted(limit: number, work: (id: string) => Promise<unknown>): Promise<void> {
      const from = calls.length;
      await Promise.all(ids.map(work));
      const each = (calls.length - from) / orders;
      assert.ok(each <= limit, `${each} calls an order, at most ${limit}: ${calls.slice(from).join(' ')}`);
    }
    try {
      await counted(most.write, (id) =>
        writer.write({
          source: 'calls',
          id,
          number: `calls-${id}`,
          placedAt: '2026-11-02T14:00:00Z',
          currency: 'USD',
          customer: { id: `c${id}`, name: `Customer ${id}` },
          pricesIncludeTax: false,
          lines: [{ id: '1', sku: 'CALLS', name: 'Counted', quantity: '1', unitPrice: '10.00', taxes: [] }],
          totals: { net: '10.00', tax: '0.00', gross: '10.00' },
        }),
      );
      await counted(most.ship, (id) =>
        stock.move('shipment', { ...about(id), lines: [{ sku: 'CALLS', quantity: '1' }] }),
      );
      await counted(most.invoice, (id) => invoices.invoice(about(id), { withLines: true }));
      await counted(most.pay, (id) => invoices.pay({ ...about(id), amount: '10.00', currency: 'USD' }));
      assert.ok(calls.length / orders <= most.all, `${calls.length / orders} calls an order`);
      const paid = await odoo.call<number>('account.move', 'search_count', {
        domain: [['amount_residual', '=', 0]],
      });
      assert.equal(paid, orders);
    } finally {
      await sandbox.close();
    }
  });
});
