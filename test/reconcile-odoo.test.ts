/** The books of the real Odoo: a whole chain has no break, and what somebody changes there has one. */
import assert from 'node:assert/strict';
import type { HubOrder } from '../runtime/reconcile/facts.ts';
import { invoiceWriter } from '../runtime/odoo/money/invoice.ts';
import { resolver } from '../runtime/odoo/resolve.ts';
import { readOdoo } from '../runtime/reconcile/read-odoo.ts';
import { reconcile } from '../runtime/reconcile/reconcile.ts';
import { usual } from '../runtime/reconcile/tolerances.ts';
import { lookup, odooKit } from './conformance/odoo-kit.ts';
import { describeReal } from './real.ts';

describeReal(['odoo'], 'the books of Odoo', function (real) {
  this.timeout(180_000);
  const kit = odooKit(async () => real.odoo);
  const { source, order, line } = kit;
  let known: HubOrder;

  /** Written, shipped, invoiced and paid by the hub's own writers. */
  before(async () => {
    const sku = `${source}-A`;
    const written = await kit.writer.write(
      order('rec', {
        lines: [line({ quantity: '4', taxes: kit.tax('6.00') })],
        totals: { net: '40.00', tax: '6.00', gross: '46.00' },
      }),
    );
    const about = (id: string) => ({ source: `${source}fin`, id, order: { source, id: 'rec' } });
    const shipped = await kit.stock().move('shipment', kit.shipment('s', 'rec', '4'));
    const invoices = invoiceWriter(kit.odoo, resolver(kit.odoo, lookup, 60_000));
    const invoice = await invoices.invoice(about('i'));
    const payment = await invoices.pay({ ...about('p'), amount: '46.00', currency: 'USD' });
    const heard = new Date(Date.now() - 3_600_000).toISOString();
    const at = new Date(Date.now() - 1000).toISOString();
    known = {
      source,
      id: 'rec',
      number: `${source}-rec`,
      heard,
      gross: '46.00',
      currency: 'USD',
      taxIncluded: false,
      held: false,
      cancelled: false,
      confirmed: { sale: written.id, at: heard },
      lines: [{ kind: 'line', id: '1', sku, quantity: '4', price: '10.00', discount: '0' }],
      shipments: [{ document: shipped.id, name: shipped.name, at, lines: [{ sku, quantity: '4' }] }],
      invoices: [{ document: invoice.id, name: invoice.name, at, total: invoice.total }],
      payments: [{ document: payment.id, name: payment.name, at, total: payment.total }],
    };
  });

  async function books() {
    const cutOff = new Date(Date.now() + 2000).toISOString();
    const scope = { since: known.heard, cutOff };
    const odoo = await readOdoo(kit.odoo, [known], scope);
    return { odoo, ...reconcile({ hub: [known], odoo }, { cutOff, tolerances: usual }) };
  }

  it('agree, with everything that hangs on an order', async () => {
    const { odoo, breaks, totals } = await books();
    const [own] = odoo;
    assert.deepEqual(
      [own!.key, own!.lines[0]!.of, own!.lines[0]!.moves[0]!.quantity, own!.invoices[0]!.settled[0]!.by],
      [{ source, id: 'rec' }, { kind: 'line', id: '1' }, '4', 'payment'],
    );
    assert.deepEqual(breaks, []);
    assert.deepEqual(totals.money['USD'], {
      ordered: '46',
      invoiced: '46',
      posted: '46',
      paid: '46',
      writtenOff: '0',
      open: '0',
    });
  });

  it('show a price that was changed there, and a payment that was taken off', async () => {
    const { odoo } = await books();
    const [own] = odoo;
    await kit.odoo.call('sale.order.line', 'write', { ids: [own!.lines[0]!.id], vals: { price_unit: 11 } });
    const { receivable } = await kit.odoo.dialect();
    const rows = await kit.odoo.call<{ id: number }[]>('account.move.line', 'search_read', {
      domain: [['move_id', '=', own!.invoices[0]!.id], receivable],
      fields: ['id'],
    });
    await kit.odoo.call('account.move.line', 'remove_move_reconcile', { ids: rows.map(({ id }) => id) });
    const { breaks } = await books();
    assert.deepEqual(
      breaks.map(({ situation, difference }) => [situation, difference]),
      [
        ['line price', '4'],
        ['payment unlinked', '-46'],
      ],
    );
  });
});
