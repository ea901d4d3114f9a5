/** Purchases of the real Odoo: whole ones agree, and what people do there by hand is found, each once, in its class. */
import assert from 'node:assert/strict';
import { reconcilePurchases } from '../runtime/reconcile/purchases.ts';
import { readPurchases } from '../runtime/reconcile/read-purchases.ts';
import { runOf } from '../runtime/reconcile/run.ts';
import { usual } from '../runtime/reconcile/tolerances.ts';
import { odooKit } from './conformance/odoo-kit.ts';
import { describeReal } from './real.ts';

describeReal(['odoo'], 'the purchases of Odoo', function (real) {
  this.timeout(180_000);
  const kit = odooKit(async () => real.odoo);
  const { source } = kit;
  const vendor = `${source} vendor`;
  const today = new Date().toISOString().slice(0, 10);
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const tolerances = { ...usual, within: { ...usual.within, bill: '1s', refund: '1s', posting: '1s' } };
  let product: number;
  let supplier: number;

  before(async () => {
    product = await kit.stocked('bought', `${source}-B`);
    const { ids } = await kit.odoo.call<{ ids: number[] }>('res.partner', 'load', {
      fields: ['id', 'name'],
      data: [[`${source}.vendor`, vendor]],
    });
    supplier = ids[0]!;
  });

  interface Bought {
    id: number;
    name: string;
  }

  /** A confirmed order of 8 at 2.50. */
  async function bought(): Promise<Bought> {
    const taxes = (await kit.odoo.version()) >= 19 ? 'tax_ids' : 'taxes_id';
    const line = { name: 'Bought', product_id: product, product_qty: 8, price_unit: 2.5, [taxes]: [] };
    const [id] = await kit.odoo.call<number[]>('purchase.order', 'create', {
      vals_list: [{ partner_id: supplier, order_line: [[0, 0, line]] }],
    });
    await kit.odoo.call('purchase.order', 'button_confirm', { ids: [id!] });
    const [row] = await kit.odoo.call<Bought[]>('purchase.order', 'read', { ids: [id!], fields: ['name'] });
    return row!;
  }
  const received = async ({ name: number }: Bought, quantity: string) =>
    kit.stock().move('receipt', {
      source: `${source}wms`,
      id: `r-${number}`,
      order: { number },
      lines: [{ sku: `${source}-B`, quantity }],
    });
  const write = (model: string, ids: number[], vals: object) => kit.odoo.call(model, 'write', { ids, vals });
  /** A draft of what was received, its line changed so, posted. */
  async function billed({ id, name }: Bought, line: object = {}): Promise<number> {
    await kit.odoo.call('purchase.order', 'action_create_invoice', { ids: [id] });
    const [row] = await kit.odoo.call<{ invoice_ids: number[] }[]>('purchase.order', 'read', {
      ids: [id],
      fields: ['invoice_ids'],
    });
    const bill = Math.max(...row!.invoice_ids);
    const [own] = await kit.odoo.call<{ id: number }[]>('account.move.line', 'search_read', {
      domain: [
        ['move_id', '=', bill],
        ['product_id', '=', product],
      ],
      fields: ['id'],
    });
    const vals = { ref: `B-${name}`, invoice_date: today, invoice_line_ids: [[1, own!.id, line]] };
    await write('account.move', [bill], vals);
    await kit.odoo.call('account.move', 'action_post', { ids: [bill] });
    return bill;
  }
  async function sentBack(picking: number, quantity: number): Promise<void> {
    const { createReturns, returnsTo, picked } = await kit.odoo.dialect();
    const context = { active_model: 'stock.picking', active_id: picking, active_ids: [picking] };
    const [move] = await kit.odoo.call<{ id: number; location_id: [number, string] }[]>(
      'stock.move',
      'search_read',
      { domain: [['picking_id', '=', picking]], fields: ['location_id'] },
    );
    const line = { product_id: product, move_id: move!.id, quantity, to_refund: true };
    const [wizard] = await kit.odoo.call<number[]>('stock.return.picking', 'create', {
      vals_list: [
        {
          picking_id: picking,
          product_return_moves: [[0, 0, line]],
          ...(returnsTo && { location_id: move!.location_id[0] }),
        },
      ],
      context,
    });
    const { res_id: back } = await kit.odoo.call<{ res_id: number }>('stock.return.picking', createReturns, {
      ids: [wizard!],
      context,
    });
    const moves = await kit.odoo.call<{ id: number }[]>('stock.move', 'search_read', {
      domain: [['picking_id', '=', back]],
      fields: ['id'],
    });
    await write(
      'stock.move',
      moves.map(({ id }) => id),
      { quantity, ...(picked && { picked: true }) },
    );
    await kit.odoo.call('stock.picking', 'button_validate', { ids: [back] });
  }
  const cutOffSoon = () => new Date(Date.now() + 2000).toISOString();
  async function books(cutOff: string) {
    const scope = { since, cutOff, partner: vendor, books: 'purchases' as const };
    const purchases = await readPurchases(kit.odoo, scope);
    const found = reconcilePurchases({ purchases, hub: new Map() }, { cutOff, tolerances });
    return runOf(found, { scope, database: 'odoo', tolerances });
  }

  it('agree while whole, and in part', async () => {
    const whole = await bought();
    await received(whole, '8');
    await billed(whole);

    const part = await bought();
    await received(part, '5');
    await billed(part);
    await bought();
    const { breaks, totals, orders } = await books(cutOffSoon());
    assert.deepEqual(breaks, []);
    assert.equal(orders.hub, 3);
    assert.deepEqual(totals.pieces, {
      ordered: '24',
      cancelled: '0',
      open: '11',
      returned: '0',
      received: '13',
      billed: '13',
      unbilled: '0',
    });
  });

  it('show what was done by hand, each once, in its class, and the same when run again', async () => {
    const planted: [string, string, string][] = [];
    const plant = async (situation: string, kind: string, work: (order: Bought) => Promise<unknown>) => {
      const order = await bought();
      await work(order);
      planted.push([order.name, situation, kind]);
    };
    await plant('not billed', 'missing', (order) => received(order, '8'));
    await plant('bill twice', 'duplicate', async (order) => {
      await received(order, '8');
      const bill = await billed(order);
      const copy = await kit.odoo.call<number[] | number>('account.move', 'copy', { ids: [bill] });
      const again = [copy].flat();
      await write('account.move', again, { ref: `B-${order.name}-again`, invoice_date: today });
      await kit.odoo.call('account.move', 'action_post', { ids: again });
    });
    await plant('bill price', 'price', async (order) => {
      await received(order, '8');
      await billed(order, { price_unit: 3 });
    });
    await plant('billed more', 'quantity', async (order) => {
      await received(order, '5');
      await billed(order, { quantity: 8 });
    });
    await plant('not refunded', 'missing', async (order) => {
      const { id } = await received(order, '8');
      await billed(order);
      await sentBack(id, 3);
    });
    const cutOff = cutOffSoon();
    const first = await books(cutOff);
    assert.deepEqual(
      first.breaks.map(({ order, situation, class: kind }) => [order, situation, kind]).toSorted(),
      planted.toSorted(),
    );
    assert.equal(JSON.stringify(await books(cutOff)), JSON.stringify(first));
  });
});
