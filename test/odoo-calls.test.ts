/** How many calls an order costs Odoo from the order to its money, when many come at once. */
import assert from 'node:assert/strict';
import type { Posted } from '../runtime/odoo/money/account-move.ts';
import { openOdoo, type Odoo } from '../runtime/odoo/client.ts';
import { invoiceWriter } from '../runtime/odoo/money/invoice.ts';
import { orderWriter } from '../runtime/odoo/order/order.ts';
import { resolver } from '../runtime/odoo/resolve.ts';
import { startSandbox, type Sandbox } from '../runtime/odoo/sandbox/sandbox.ts';
import { stockWriter } from '../runtime/odoo/stock/stock.ts';

const orders = 20;
/** Odoo pays one by one: a call each. */
const most = { write: 1, ship: 0.8, invoice: 1, pay: 2.5, all: 5 };

describe('order to cash of many orders at once', () => {
  let sandbox: Sandbox;
  let odoo: Odoo;
  let calls: string[] = [];
  const lookup = () => undefined;
  const log = {
    debug: ({ model, method }: Record<string, unknown>) =>
      void calls.push(`${model as string}/${method as string}`),
  };

  before(async () => {
    sandbox = await startSandbox({ products: [{ code: 'CALLS', name: 'Counted', price: 10 }] });
    odoo = openOdoo({ ...sandbox, timeoutMs: 5000, log });
  });
  after(() => sandbox.close());
  beforeEach(() => (calls = []));

  const about = (id: string) => ({ source: 'callsx', id, order: { source: 'calls', id } });

  /** All that becomes of an order, by those who write it. */
  function writers(
    money = odoo,
  ): Record<'write' | 'ship' | 'invoice' | 'pay', (id: string) => Promise<object>> {
    const known = resolver(odoo, lookup, 60_000);
    const orders = orderWriter({ odoo, lookup });
    const [stock, invoices] = [stockWriter(odoo, known), invoiceWriter(money, known)];
    return {
      write: (id: string) =>
        orders.write({
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
      ship: (id: string) =>
        stock.move('shipment', { ...about(id), lines: [{ sku: 'CALLS', quantity: '1' }] }),
      invoice: (id: string) => invoices.invoice(about(id), { withLines: true }),
      pay: (id: string) => invoices.pay({ ...about(id), amount: '10.00', currency: 'USD' }),
    };
  }

  it(`costs Odoo at most ${most.all} calls an order`, async () => {
    const ids = Array.from({ length: orders }, (_, at) => String(at));
    const work = writers();
    for (const step of ['write', 'ship', 'invoice', 'pay'] as const) {
      const from = calls.length;
      await Promise.all(ids.map(work[step]));
      const each = (calls.length - from) / orders;
      assert.ok(each <= most[step], `${step}: ${each} calls an order: ${calls.slice(from).join(' ')}`);
    }
    assert.ok(calls.length / orders <= most.all, `${calls.length / orders} calls an order`);
    const domain = [
      ['move_type', '=', 'out_invoice'],
      ['amount_residual', '=', 0],
    ];
    assert.equal(await odoo.call('account.move', 'search_count', { domain }), orders);
  });

  it('before Odoo 17, which makes one invoice of several orders, each has a wizard of its own', async () => {
    const work = writers({
      ...odoo,
      dialect: async () => ({ ...(await odoo.dialect()), invoicesApart: false }),
    });
    const ids = ['old-1', 'old-2', 'old-3'];
    for (const step of ['write', 'ship'] as const) await Promise.all(ids.map(work[step]));
    const posted = await Promise.all(ids.map(work.invoice));
    assert.equal(new Set(posted.map((one) => (one as Posted).id)).size, 3);
    const wizards = calls.filter((called) => called === 'sale.advance.payment.inv/create_invoices');
    assert.equal(wizards.length, 3);
  });
});
