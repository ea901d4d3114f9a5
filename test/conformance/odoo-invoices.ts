/** Money in Odoo: invoices, credit notes and payments, once, whatever repeats or is lost. */
import assert from 'node:assert/strict';
import type { Odoo } from '../../runtime/odoo/client.ts';
import { invoiceDetails } from '../../runtime/odoo/money/invoice-lines.ts';
import { invoiceWriter, type InvoiceWriter } from '../../runtime/odoo/money/invoice.ts';
import { resolver } from '../../runtime/odoo/resolve.ts';
import { stockWriter } from '../../runtime/odoo/stock/stock.ts';
import { coded, lookup, type OdooKit } from './odoo-kit.ts';

export function odooInvoices(kit: OdooKit): void {
  const { source, order, line, through } = kit;
  const sku = `${source}-A`;
  const known = (odoo: Odoo) => resolver(odoo, lookup, 60_000);
  const writerOf = (odoo = kit.odoo): InvoiceWriter => invoiceWriter(odoo, known(odoo));
  const about = (id: string, of: string) => ({
    source: `${source}fin`,
    id: `${id}-${of}`,
    order: { source, id: of },
  });

  /** An order of 4 at 10.00 with 15 % tax, with this many delivered. */
  async function shipped(id: string, quantity = '4'): Promise<void> {
    await kit.writer.write(
      order(id, {
        lines: [line({ quantity: '4', taxes: kit.tax('6.00') })],
        totals: { net: '40.00', tax: '6.00', gross: '46.00' },
      }),
    );
    await stockWriter(kit.odoo, known(kit.odoo)).move('shipment', {
      ...about(`ship-${id}`, id),
      lines: [{ sku, quantity }],
    });
  }
  async function moves(of: string, type: string): Promise<{ state: string; amount_total: number }[]> {
    const rows = await kit.odoo.call<{ invoice_ids: number[] }[]>('sale.order', 'search_read', {
      domain: [['client_order_ref', '=', `${source}-${of}`]],
      fields: ['invoice_ids'],
    });
    return kit.odoo.call('account.move', 'search_read', {
      domain: [
        ['id', 'in', rows[0]!.invoice_ids],
        ['move_type', '=', type],
      ],
      fields: ['state', 'amount_total'],
      order: 'id',
    });
  }

  describe('money', () => {
    it('what was delivered is invoiced and posted, once', async () => {
      await shipped('inv', '3');
      const first = await writerOf().invoice(about('i1', 'inv'));
      const again = await writerOf().invoice(about('i1', 'inv'));
      assert.deepEqual([first.state, first.total, first.residual], ['posted', '34.50', '34.50']);
      assert.deepEqual(again, { ...first, repeated: true });
      assert.equal((await moves('inv', 'out_invoice')).length, 1);
      const { date, lines, ...sums } = await invoiceDetails(kit.odoo, first.id);
      assert.match(date, /^\d{4}-\d\d-\d\d$/);
      assert.deepEqual(sums, { currency: 'USD', net: '30.00', tax: '4.50' });
      const [one, ...more] = lines;
      assert.match(one!.name, /\S/);
      assert.deepEqual(
        [{ ...one, name: '' }, ...more],
        [{ sku, name: '', quantity: '3', unitPrice: '10.00', net: '30.00' }],
      );
      await assert.rejects(writerOf().invoice(about('i2', 'inv')), coded('ORDER_NOT_OPEN'));
    });

    it('payments are registered on the invoice, once each, until it is paid', async () => {
      await shipped('paid');
      await assert.rejects(
        writerOf().pay({ ...about('p0', 'paid'), amount: '46.00', currency: 'USD' }),
        coded('INVOICE_MISSING'),
      );
      const { id } = await writerOf().invoice(about('i1', 'paid'));
      const part = { ...about('p1', 'paid'), amount: '20.00', currency: 'USD', date: '2026-11-20' };
      const first = await writerOf().pay(part);
      assert.deepEqual(await writerOf().pay(part), { ...first, repeated: true });
      await writerOf().pay({ ...about('p2', 'paid'), amount: '26.00', currency: 'USD' });
      const [invoice] = await kit.odoo.call<{ amount_residual: number; payment_state: string }[]>(
        'account.move',
        'read',
        { ids: [id], fields: ['amount_residual', 'payment_state'] },
      );
      assert.equal(invoice!.amount_residual, 0);
      assert.match(invoice!.payment_state, /^(paid|in_payment)$/);
      await assert.rejects(
        writerOf().pay({ ...about('p3', 'paid'), amount: '1.00', currency: 'XXQ' }),
        coded('INVOICE_MISSING'),
      );
    });

    it('a credit note of a part is set against the open invoice, once, and never more than was invoiced', async () => {
      await shipped('credit');
      const { id } = await writerOf().invoice(about('i1', 'credit'));
      const part = { ...about('k1', 'credit'), lines: [{ sku, quantity: '1' }], reason: 'Broken' };
      const first = await writerOf().credit(part);
      assert.deepEqual([first.state, first.total], ['posted', '11.50']);
      assert.equal((await writerOf().credit(part)).id, first.id);
      const [invoice] = await kit.odoo.call<{ amount_residual: number }[]>('account.move', 'read', {
        ids: [id],
        fields: ['amount_residual'],
      });
      assert.equal(invoice!.amount_residual, 34.5);
      await assert.rejects(
        writerOf().credit({ ...about('k2', 'credit'), lines: [{ sku, quantity: '4' }] }),
        coded('QUANTITY_EXCEEDED'),
      );
      assert.equal((await moves('credit', 'out_refund')).length, 1);
    });

    it('a whole invoice is credited, and the money given back', async () => {
      await shipped('refund');
      await writerOf().invoice(about('i1', 'refund'));
      await writerOf().pay({ ...about('p1', 'refund'), amount: '46.00', currency: 'USD' });
      const { total } = await writerOf().credit(about('k1', 'refund'));
      assert.equal(total, '46.00');
      await writerOf().pay({ ...about('p2', 'refund'), amount: '46.00', currency: 'USD', refund: true });
      const rows = await kit.odoo.call<{ amount_residual: number }[]>('account.move', 'search_read', {
        domain: [
          ['ref', 'like', `(${source}fin k1-refund)`],
          ['state', '=', 'posted'],
        ],
        fields: ['amount_residual'],
      });
      assert.ok(rows.some(({ amount_residual: residual }) => residual === 0));
    });

    it('one that a person posts in between is posted, and nobody is asked', async () => {
      await shipped('posted');
      const slow = writerOf(through({ url: kit.proxy.url }));
      kit.proxy.before('account.move', 'action_post', async () => {
        const [row] = await kit.odoo.call<{ invoice_ids: number[] }[]>('sale.order', 'search_read', {
          domain: [['client_order_ref', '=', `${source}-posted`]],
          fields: ['invoice_ids'],
        });
        await kit.odoo.call('account.move', 'action_post', { ids: row!.invoice_ids });
      });
      const { state, total } = await slow.invoice(about('i1', 'posted'));
      assert.deepEqual([state, total], ['posted', '46.00']);
      assert.equal((await moves('posted', 'out_invoice')).length, 1);
    });

    for (const [what, model, method] of [
      ['invoice', 'sale.advance.payment.inv', 'create_invoices'],
      ['invoice', 'account.move', 'action_post'],
      ['pay', 'account.payment.register', 'action_create_payments'],
      ['credit', 'account.move.reversal', 'refund_moves'],
      ['credit', 'account.move', 'action_post'],
    ] as const)
      it(`an answer lost after ${model}/${method} (${what}): the next attempt writes nothing twice`, async () => {
        const id = `lost-${what}-${method}`;
        await shipped(id);
        if (what !== 'invoice') await writerOf().invoice(about('i1', id));
        const unlucky = writerOf(through({ url: kit.proxy.url }));
        const ask = { ...about(`x-${id}`, id), amount: '46.00', currency: 'USD' };
        const { reverse } = await kit.odoo.dialect();
        const lost = kit.proxy.lose(model, method === 'refund_moves' ? reverse : method);
        await assert.rejects(unlucky[what](ask), coded('ODOO_ANSWER_LOST'));
        await lost;
        const { id: made } = await unlucky[what](ask);
        assert.equal((await unlucky[what](ask)).id, made);
        const invoices = await moves(id, 'out_invoice');
        const notes = await moves(id, 'out_refund');
        const posted = [...invoices, ...notes].every(({ state }) => state === 'posted');
        assert.deepEqual([invoices.length, notes.length, posted], [1, what === 'credit' ? 1 : 0, true]);
        const payments = await kit.countOf('account.payment', [['memo', 'like', `${source}fin x-${id}`]]);
        assert.equal(payments, what === 'pay' ? 1 : 0);
      });
  });
}
