/** Purchases in Odoo: what arrived, and what the supplier bills for it, once, whatever repeats or is lost. */
import assert from 'node:assert/strict';
import type { Odoo } from '../../runtime/odoo/client.ts';
import type { Bill } from '../../runtime/odoo/money/bill.ts';
import { invoiceWriter, type InvoiceWriter } from '../../runtime/odoo/money/invoice.ts';
import { resolver } from '../../runtime/odoo/resolve.ts';
import { stockWriter, type Movement, type StockWriter } from '../../runtime/odoo/stock/stock.ts';
import { coded, lookup, type OdooKit } from './odoo-kit.ts';

export function odooPurchases(kit: OdooKit): void {
  const { source, through } = kit;
  const sku = `${source}-A`;
  const known = (odoo: Odoo) => resolver(odoo, lookup, 60_000);
  const stock = (odoo = kit.odoo): StockWriter => stockWriter(odoo, known(odoo));
  const money = (odoo = kit.odoo): InvoiceWriter => invoiceWriter(odoo, known(odoo));

  /** A confirmed purchase order of 8 at 2.50; its number. */
  async function bought(): Promise<string> {
    const [product] = await kit.odoo.call<{ id: number }[]>('product.product', 'search_read', {
      domain: [['default_code', '=', sku]],
      fields: ['id'],
    });
    const {
      ids: [vendor],
    } = await kit.odoo.call<{ ids: number[] }>('res.partner', 'load', {
      fields: ['id', 'name'],
      data: [[`${source}.vendor`, `${source} vendor`]],
    });
    const taxes = (await kit.odoo.version()) >= 19 ? 'tax_ids' : 'taxes_id';
    const line = { name: sku, product_id: product!.id, product_qty: 8, price_unit: 2.5, [taxes]: [] };
    const [id] = await kit.admin.call<number[]>('purchase.order', 'create', {
      vals_list: [{ partner_id: vendor, order_line: [[0, 0, line]] }],
    });
    await kit.admin.call('purchase.order', 'button_confirm', { ids: [id!] });
    const [order] = await kit.odoo.call<{ name: string }[]>('purchase.order', 'read', {
      ids: [id!],
      fields: ['name'],
    });
    return order!.name;
  }
  const receipt = (id: string, number: string, quantity: string, more: Partial<Movement> = {}): Movement => ({
    source: `${source}wms`,
    id: `${id}-${number}`,
    order: { number },
    lines: [{ sku, quantity }],
    ...more,
  });
  const bill = (id: string, number: string, total: string): Bill => ({
    source: `${source}sup`,
    id: `${id}-${number}`,
    order: { number },
    number: `R-${id}-${number}`,
    date: '2026-11-20',
    total,
  });
  async function read(
    number: string,
  ): Promise<{ received: number; bills: { state: string; amount_total: number; ref: string }[] }> {
    const [order] = await kit.odoo.call<{ id: number; invoice_ids: number[] }[]>(
      'purchase.order',
      'search_read',
      {
        domain: [['name', '=', number]],
        fields: ['invoice_ids'],
      },
    );
    const [line] = await kit.odoo.call<{ qty_received: number }[]>('purchase.order.line', 'search_read', {
      domain: [['order_id', '=', order!.id]],
      fields: ['qty_received'],
    });
    const bills = await kit.odoo.call<{ state: string; amount_total: number; ref: string }[]>(
      'account.move',
      'search_read',
      {
        domain: [['id', 'in', order!.invoice_ids]],
        fields: ['state', 'amount_total', 'ref'],
        order: 'id',
      },
    );
    return {
      received: line!.qty_received,
      bills: bills.map(({ state, amount_total, ref }) => ({ state, amount_total, ref })),
    };
  }

  describe('purchases', () => {
    it('a receipt of a part leaves a backorder; the next brings the rest, each once', async () => {
      const number = await bought();
      const first = await stock().move('receipt', receipt('a', number, '5'));
      assert.deepEqual([first.state, first.open.length, first.order.number], ['done', 1, number]);
      const again = await stock().move('receipt', receipt('a', number, '5'));
      assert.deepEqual(again, { ...first, repeated: true });
      await assert.rejects(stock().move('receipt', receipt('x', number, '4')), coded('QUANTITY_EXCEEDED'));
      const second = await stock().move('receipt', receipt('b', number, '3'));
      assert.deepEqual([second.state, second.open], ['done', []]);
      assert.equal((await read(number)).received, 8);
      await assert.rejects(stock().move('receipt', receipt('c', number, '1')), coded('ORDER_NOT_OPEN'));
    });

    it('what is not coming any more is cancelled where the message says so', async () => {
      const number = await bought();
      const moved = await stock().move('receipt', receipt('a', number, '5', { rest: 'cancel' }));
      assert.deepEqual([moved.state, moved.open], ['done', []]);
    });

    it('a bill is matched with what was received, posted under its own number, once', async () => {
      const number = await bought();
      await assert.rejects(money().bill(bill('early', number, '12.50')), coded('RECEIPT_MISSING'));
      await stock().move('receipt', receipt('a', number, '5'));
      const first = await money().bill(bill('a', number, '12.50'));
      assert.deepEqual([first.state, first.total, first.order.number], ['posted', '12.50', number]);
      assert.deepEqual(await money().bill(bill('a', number, '12.50')), { ...first, repeated: true });
      await stock().move('receipt', receipt('b', number, '3'));
      await money().bill(bill('b', number, '7.5'));
      assert.deepEqual((await read(number)).bills, [
        { state: 'posted', amount_total: 12.5, ref: `R-a-${number}` },
        { state: 'posted', amount_total: 7.5, ref: `R-b-${number}` },
      ]);
      await assert.rejects(money().bill(bill('c', number, '1.00')), coded('ORDER_NOT_OPEN'));
    });

    it('a bill that says another total waits as a draft, and is posted when that is corrected', async () => {
      const number = await bought();
      await stock().move('receipt', receipt('a', number, '8'));
      for (let time = 0; time < 2; time += 1)
        await assert.rejects(money().bill(bill('a', number, '21.00')), coded('BILL_DIFFERS'));
      assert.deepEqual(
        (await read(number)).bills.map(({ state }) => state),
        ['draft'],
      );
      await assert.rejects(
        money().bill({ ...bill('a', 'P99999', '21.00'), id: `a-${number}` }),
        coded('ORDER_UNKNOWN'),
      );
    });

    for (const [model, method] of [
      ['stock.picking', 'button_validate'],
      ['purchase.order', 'action_create_invoice'],
      ['account.move', 'action_post'],
    ] as const)
      it(`a lost answer to ${model}.${method} does nothing twice`, async () => {
        const number = await bought();
        const unlucky = through({ url: kit.proxy.url });
        if (model !== 'stock.picking') await stock().move('receipt', receipt('a', number, '8'));
        const work = () =>
          model === 'stock.picking'
            ? stock(unlucky).move('receipt', receipt('a', number, '8'))
            : money(unlucky).bill(bill('a', number, '20.00'));
        const lost = kit.proxy.lose(model, method);
        await assert.rejects(work(), coded('ODOO_ANSWER_LOST'));
        await lost;
        const { id } = await work();
        assert.equal((await work()).id, id);
        const { received, bills } = await read(number);
        assert.deepEqual(
          [received, bills.map(({ state }) => state)],
          [8, model === 'stock.picking' ? [] : ['posted']],
        );
      });
  });
}
