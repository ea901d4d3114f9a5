/** What Odoo 14 does otherwise, each on an Odoo that remembers how it was asked. */
import assert from 'node:assert/strict';
import type { CallArgs } from '../runtime/odoo/protocol/protocol.ts';
import { creditable } from '../runtime/odoo/money/credit-lines.ts';
import { invoiceDetails } from '../runtime/odoo/money/invoice-lines.ts';
import { lotOf } from '../runtime/odoo/stock/picking.ts';
import { makeReturn } from '../runtime/odoo/stock/returns.ts';
import { countByInventory } from '../runtime/odoo/stock/inventory.ts';
import { lowerMoves } from '../runtime/odoo/stock/lower-moves.ts';
import { fakeOdoo } from './odoo-fake.ts';

type Row = Record<string, unknown> & { id: number };
type Tables = Record<string, Row[]>;

/** Knows `=`, `!=`, `in` and `not in` of fields of its own; what is behind a dot always holds. */
function odooOf(major: number, tables: Tables, answers: Record<string, (args: CallArgs) => unknown> = {}) {
  const calls: [string, CallArgs][] = [];
  const valueOf = (value: unknown) => (Array.isArray(value) && value.length === 2 ? value[0] : value);
  const holds = (row: Row, [field, operator, operand]: [string, string, unknown]) => {
    if (field.includes('.')) return true;
    const value = valueOf(row[field]);
    const listed = Array.isArray(operand) && operand.includes(value);
    if (operator === '=') return value === operand;
    if (operator === '!=') return value !== operand;
    return operator === 'in' ? listed : !listed;
  };
  const odoo = fakeOdoo(major, (model, method, args) => {
    if (method === 'search_read') {
      const domain = args['domain'] as [string, string, unknown][];
      return (tables[model] ?? []).filter((row) => domain.every((one) => holds(row, one)));
    }
    calls.push([`${model}/${method}`, args]);
    if (method === 'write')
      for (const row of tables[model] ?? []) if (args.ids!.includes(row.id)) Object.assign(row, args['vals']);
    return answers[`${model}/${method}`]?.(args);
  });
  const made = (called: string) => calls.filter(([name]) => name === called).map(([, args]) => args);
  return { odoo, calls, made };
}

describe('a smaller order on Odoo 14', () => {
  const line = (id: number, ordered: number, delivered = 0): Row => ({
    id,
    order_id: [1, 'S1'],
    product_uom_qty: ordered,
    qty_delivered: delivered,
    product_uom: [1, 'Units'],
  });
  const move = (id: number, of: number, quantity: number, picking = 9, uom = 1): Row => ({
    id,
    sale_line_id: [of, 'x'],
    picking_id: [picking, 'OUT'],
    product_uom: [uom, 'x'],
    product_uom_qty: quantity,
    state: 'assigned',
  });
  const quantities = (tables: Tables) => tables['stock.move']!.map((row) => row['product_uom_qty']);

  it('lowers its open moves, and what was reserved beyond is given back', async () => {
    const tables = {
      'sale.order.line': [line(5, 3), line(6, 4)],
      'stock.move': [move(1, 5, 10), move(2, 6, 4)],
    };
    const { odoo, made, calls } = odooOf(14, tables);
    await lowerMoves(odoo, 1);
    assert.deepEqual(quantities(tables), [3, 4]);
    assert.deepEqual(
      made('stock.picking/action_assign').map(({ ids }) => ids),
      [[9]],
    );
    assert.ok(!calls.some(([name]) => name === 'stock.picking/action_cancel'));
  });

  it('what was shipped counts, and the last moves go first', async () => {
    const tables = { 'sale.order.line': [line(5, 6, 2)], 'stock.move': [move(1, 5, 3), move(2, 5, 5)] };
    const { odoo } = odooOf(14, tables);
    await lowerMoves(odoo, 1);
    assert.deepEqual(quantities(tables), [3, 1]);
  });

  it('a transfer of which nothing is left is cancelled', async () => {
    const tables = { 'sale.order.line': [line(5, 0)], 'stock.move': [move(1, 5, 3)] };
    const { odoo, made } = odooOf(14, tables);
    await lowerMoves(odoo, 1);
    assert.deepEqual(quantities(tables), [0]);
    assert.deepEqual(
      made('stock.picking/action_cancel').map(({ ids }) => ids),
      [[9]],
    );
    assert.deepEqual(made('stock.picking/action_assign'), []);
  });

  it('counts in the unit of the move', async () => {
    const dozen: Row = { id: 2, name: 'Dozens', factor_inv: 12, category_id: [1, 'Unit'] };
    const unit: Row = { id: 1, name: 'Units', factor_inv: 1, category_id: [1, 'Unit'] };
    const tables = {
      'uom.uom': [unit, dozen],
      'sale.order.line': [{ ...line(5, 2), product_uom: [2, 'Dozens'] }],
      'stock.move': [move(1, 5, 36)],
    };
    await lowerMoves(odooOf(14, tables).odoo, 1);
    assert.deepEqual(quantities(tables), [24]);
  });

  it('once more it writes nothing', async () => {
    const tables = { 'sale.order.line': [line(5, 3)], 'stock.move': [move(1, 5, 3)] };
    const { odoo, calls } = odooOf(14, tables);
    await lowerMoves(odoo, 1);
    assert.deepEqual(calls, []);
  });
});

describe('a return on Odoo 14', () => {
  const tables = (): Tables => ({
    'stock.move': [
      {
        id: 31,
        picking_id: [9, 'OUT'],
        product_id: [4, 'Bolt'],
        location_id: [8, 'WH/Stock'],
        product_qty: 5,
        state: 'done',
      },
    ],
  });
  const picking = { id: 9, name: 'OUT', state: 'done', picking_type_code: 'outgoing' };
  const lines = [{ sku: 'B', product: 4, uom: 1, quantity: '2' }];
  const of = async (major: number, method: string) => {
    const { odoo, made } = odooOf(major, tables(), {
      'stock.return.picking/create': () => [1],
      [`stock.return.picking/${method}`]: () => ({ res_id: 44 }),
    });
    assert.equal(await makeReturn(odoo, { name: 'S1' }, [picking], lines), 44);
    return (made('stock.return.picking/create')[0]!['vals_list'] as Row[])[0]!;
  };

  it('says where the goods go, as the form would', async () => {
    assert.equal((await of(14, 'create_returns'))['location_id'], 8);
    assert.equal((await of(17, 'create_returns'))['location_id'], 8);
  });

  it('from 18 on it does not', async () => {
    assert.ok(!('location_id' in (await of(19, 'action_create_returns'))));
  });
});

describe('a count on Odoo 14', () => {
  const as = { externalId: 'wms.count_c1', name: 'count wms c1', location: 8 };
  const lines = [
    { product: 4, uom: 1, quantity: '7' },
    { product: 5, uom: 1, lot: 6, quantity: '2' },
  ];

  function inventory(state?: string) {
    const tables: Tables = {
      'stock.inventory': state ? [{ id: 3, state, line_ids: [1, 2] }] : [],
      'ir.model.data': state
        ? [{ id: 1, module: 'wms', name: 'count_c1', model: 'stock.inventory', res_id: 3 }]
        : [],
    };
    const row = () => tables['stock.inventory']![0]!;
    return odooOf(14, tables, {
      'stock.inventory/load': () => {
        tables['stock.inventory'] = [{ id: 3, state: 'draft', line_ids: [1, 2] }];
        return { ids: [3], messages: [] };
      },
      'stock.inventory/action_start': () => void (row()['state'] = 'confirm'),
      'stock.inventory/action_validate': () => void (row()['state'] = 'done'),
    });
  }

  it('is a document of its own, made once with its lines, started and validated', async () => {
    const { odoo, calls, made } = inventory();
    assert.deepEqual(await countByInventory(odoo, as, lines), { id: 3, state: 'done', repeated: false });
    assert.deepEqual(
      calls.map(([name]) => name),
      [
        'stock.inventory/load',
        'stock.inventory/action_start',
        'stock.inventory.line/action_refresh_quantity',
        'stock.inventory/action_validate',
      ],
    );
    const [loaded] = made('stock.inventory/load');
    assert.equal((loaded!['data'] as string[][]).length, 2);
    assert.ok(!calls.some(([name]) => name.startsWith('stock.quant/')));
  });

  it('again it writes nothing', async () => {
    const { odoo, calls } = inventory('done');
    assert.deepEqual(await countByInventory(odoo, as, lines), { id: 3, state: 'done', repeated: true });
    assert.deepEqual(calls, []);
  });

  it('one that was started before an answer was lost is not made again', async () => {
    const { odoo, made } = inventory('confirm');
    assert.equal((await countByInventory(odoo, as, lines)).state, 'done');
    assert.deepEqual([made('stock.inventory/load'), made('stock.inventory/action_start')], [[], []]);
  });
});

describe('lines of invoices on Odoo 14', () => {
  const invoice: Row = {
    id: 1,
    name: 'INV/1',
    invoice_date: '2026-11-02',
    currency_id: [1, 'USD'],
    amount_untaxed: 8,
    amount_tax: 0,
  };
  const goods = (more: object): Row => ({
    id: 10,
    move_id: [1, 'INV/1'],
    name: 'Bolt',
    product_id: [4, 'Bolt'],
    quantity: 2,
    price_unit: 4,
    price_subtotal: 8,
    ...more,
  });
  const before16 = goods({ exclude_from_invoice_tab: false, display_type: false });
  const tax = goods({ id: 11, exclude_from_invoice_tab: true, display_type: false });
  const product: Row = { id: 4, default_code: 'B' };

  it('are those of goods, without taxes and headings', async () => {
    const heading = goods({ id: 12, exclude_from_invoice_tab: false, display_type: 'line_section' });
    const tables = {
      'account.move': [invoice],
      'account.move.line': [before16, tax, heading],
      'product.product': [product],
    };
    const { lines } = await invoiceDetails(odooOf(14, tables).odoo, 1);
    assert.deepEqual(
      lines.map(({ sku, quantity }) => [sku, quantity]),
      [['B', '2']],
    );
  });

  it('are found for a credit by lines', async () => {
    const { odoo } = odooOf(14, { 'account.move.line': [before16, tax] });
    assert.equal(await creditable(odoo, [{ id: 1 }], [{ product: 4, quantity: '2' }]), 1);
  });

  for (const major of [14, 19])
    it(`${major}: a document without any is not told`, () =>
      assert.rejects(invoiceDetails(odooOf(major, { 'account.move': [invoice] }).odoo, 1), {
        code: 'ODOO_REFUSED',
      }));
});

describe('lots', () => {
  for (const [major, model] of [
    [14, 'stock.production.lot'],
    [15, 'stock.production.lot'],
    [16, 'stock.lot'],
  ] as const)
    it(`are ${model} in ${major}`, async () => {
      const { odoo } = odooOf(major, { [model]: [{ id: 6, name: 'L1', product_id: [4, 'Bolt'] }] });
      assert.equal(await lotOf(odoo, 4, 'L1'), 6);
    });
});
