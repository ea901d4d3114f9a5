/** Stock in Odoo: what warehouses did, once, whatever repeats or is lost. */
import assert from 'node:assert/strict';
import { cancelOrder } from '../../runtime/odoo/order/state.ts';
import type { Movement } from '../../runtime/odoo/stock/stock.ts';
import { invoiceDetails } from '../../runtime/odoo/money/invoice-lines.ts';
import { invoiceWriter } from '../../runtime/odoo/money/invoice.ts';
import { resolver } from '../../runtime/odoo/resolve.ts';
import { orderWriter } from '../../runtime/odoo/order/order.ts';
import type { CodedError } from '../../runtime/errors/coded-error.ts';
import { coded, lookup, type OdooKit } from './odoo-kit.ts';

export function odooStock(kit: OdooKit): void {
  const { source, order, line, through, countOf, shipment, stock: writerOf } = kit;
  const sku = `${source}-A`;

  /** A confirmed order of 8. */
  async function ordered(id: string): Promise<number> {
    const given = order(id, {
      lines: [line({ quantity: '8', taxes: kit.tax('12.00') })],
      totals: { net: '80.00', tax: '12.00', gross: '92.00' },
    });
    return (await kit.writer.write(given)).id;
  }
  async function delivered(sale: number): Promise<number> {
    const [row] = await kit.odoo.call<{ qty_delivered: number }[]>('sale.order.line', 'search_read', {
      domain: [['order_id', '=', sale]],
      fields: ['qty_delivered'],
    });
    return row!.qty_delivered;
  }
  const pickings = (sale: number, state: string) =>
    countOf('stock.picking', [
      ['sale_id', '=', sale],
      ['state', '=', state],
    ]);

  describe('stock', () => {
    it('a shipment of a part leaves a backorder, the next one ships the rest', async () => {
      const sale = await ordered('ship');
      const first = await writerOf().move('shipment', shipment('s1', 'ship', '3', { tracking: '1Z<9>' }));
      assert.deepEqual([first.state, first.repeated, first.open.length], ['done', false, 1]);
      assert.equal(await delivered(sale), 3);
      const second = await writerOf().move('shipment', shipment('s2', 'ship', '5'));
      assert.deepEqual([second.state, second.open], ['done', []]);
      assert.notEqual(second.id, first.id);
      assert.equal(await delivered(sale), 8);
      const [{ note }] = (await kit.odoo.call<[{ note: string }]>('stock.picking', 'read', {
        ids: [first.id],
        fields: ['note'],
      })) as [{ note: string }];
      const { plainNotes } = await kit.odoo.dialect();
      assert.match(note, plainNotes ? /1Z<9>/ : /1Z&lt;9&gt;/);
    });

    it('the same shipment again is the same picking, and nothing moves', async () => {
      const sale = await ordered('again-ship');
      const first = await writerOf().move('shipment', shipment('a1', 'again-ship', '3'));
      const again = await writerOf().move('shipment', shipment('a1', 'again-ship', '3'));
      assert.deepEqual(again, { ...first, repeated: true });
      assert.equal(await delivered(sale), 3);
    });

    it('a line in another unit is converted into that of the article', async () => {
      const sale = await ordered('units');
      // 12 × Units by the value map, as Odoo has no cases.
      const lines = [{ sku, quantity: '0.5', uom: 'CS' }];
      const first = await writerOf().move('shipment', shipment('u1', 'units', '1', { lines }));
      assert.deepEqual([first.lines, await delivered(sale)], [[{ sku, quantity: '6' }], 6]);
      const packs = [{ sku, quantity: '0.5', uom: 'P6' }];
      const more = writerOf().move('shipment', shipment('u2', 'units', '1', { lines: packs }));
      await assert.rejects(more, coded('QUANTITY_EXCEEDED'));
      for (const [uom, code] of [
        ['KGM', 'UNIT_DIFFERS'],
        ['PALLET', 'VALUE_UNMAPPED'],
      ] as const) {
        const wrong = writerOf().move(
          'shipment',
          shipment(`u-${uom}`, 'units', '1', { lines: [{ sku, quantity: '1', uom }] }),
        );
        await assert.rejects(wrong, coded(code));
      }
      assert.equal(await delivered(sale), 6);
    });

    it('an order in cases, which Odoo has not, and in packs, which it has, is shipped by the piece', async () => {
      const given = order('cases', {
        lines: [
          line({ quantity: '1', uom: 'CS', unitPrice: '120.00', taxes: kit.tax('18.00') }),
          line({ id: '2', quantity: '2', uom: 'P6', unitPrice: '60.00', taxes: kit.tax('18.00') }),
        ],
        totals: { net: '240.00', tax: '36.00', gross: '276.00' },
      });
      const { id } = await kit.writer.write(given);
      const ordered = (await kit.linesOf(await kit.stored(given))).map((one) => [
        one.product_uom_qty,
        one.price_unit,
      ]);
      assert.deepEqual(ordered, [
        [12, 10],
        [2, 60],
      ]);
      const { open } = await writerOf().move('shipment', shipment('k1', 'cases', '24'));
      const shipped = await kit.odoo.call<{ qty_delivered: number }[]>('sale.order.line', 'search_read', {
        domain: [['order_id', '=', id]],
        fields: ['qty_delivered'],
        order: 'id',
      });
      assert.deepEqual([open, shipped.map((one) => one.qty_delivered)], [[], [12, 2]]);
      assert.equal(
        (await kit.writer.update({ ...given, version: '2026-01-03T00:00:00.000Z' })).changed,
        false,
      );
    });

    it('the rest can be cancelled', async () => {
      const sale = await ordered('short');
      const { open } = await writerOf().move('shipment', shipment('c1', 'short', '3', { rest: 'cancel' }));
      assert.deepEqual(open, []);
      assert.deepEqual([await delivered(sale), await pickings(sale, 'assigned')], [3, 0]);
    });

    it('an order is found by its number too, and an unknown one is ORDER_UNKNOWN', async () => {
      await ordered('by-number');
      const number = `${source}-by-number`;
      const by = (order: Movement['order'], id = 'n1') =>
        writerOf().move('shipment', { ...shipment(id, '', '8'), order });
      assert.equal((await by({ number })).state, 'done');
      await assert.rejects(writerOf().move('shipment', shipment('n2', 'never', '1')), coded('ORDER_UNKNOWN'));
      // Another partner may have the same number; what it says does not reach this order.
      await assert.rejects(by({ source: `${source}other`, id: '1', number }, 'n3'), coded('ORDER_UNKNOWN'));
      await assert.rejects(
        cancelOrder(kit.odoo, { source: `${source}other`, id: '1', number }),
        coded('ORDER_UNKNOWN'),
      );
    });

    it('more than is open is refused, and so is what was shipped before', async () => {
      const sale = await ordered('too-much');
      await assert.rejects(
        writerOf().move('shipment', shipment('m1', 'too-much', '9')),
        coded('QUANTITY_EXCEEDED'),
      );
      assert.equal(await delivered(sale), 0);
      await writerOf().move('shipment', shipment('m2', 'too-much', '8'));
      await assert.rejects(
        writerOf().move('shipment', shipment('m3', 'too-much', '1')),
        coded('ORDER_NOT_OPEN'),
      );
      await assert.rejects(
        writerOf().move(
          'shipment',
          shipment('m4', 'too-much', '1', { lines: [{ sku: 'GONE', quantity: '1' }] }),
        ),
        coded('PRODUCT_UNKNOWN'),
      );
    });

    it('a return brings back a part, once, and not more than was delivered', async () => {
      const sale = await ordered('back');
      await assert.rejects(writerOf().move('return', shipment('r0', 'back', '1')), coded('SHIPMENT_MISSING'));
      await writerOf().move('shipment', shipment('b1', 'back', '8'));
      const first = await writerOf().move('return', shipment('r1', 'back', '2'));
      const again = await writerOf().move('return', shipment('r1', 'back', '2'));
      assert.deepEqual([first.state, again], ['done', { ...first, repeated: true }]);
      assert.equal(await delivered(sale), 6);
      await assert.rejects(
        writerOf().move('return', shipment('r2', 'back', '7')),
        coded('QUANTITY_EXCEEDED'),
      );
    });

    it('what a person noted as done and the message does not name is not shipped with it', async () => {
      const article = `${source}-TICKED`;
      await kit.stocked('ticked', article);
      const given = order('ticked', {
        lines: [
          line({ quantity: '8', taxes: kit.tax('12.00') }),
          line({ id: '2', sku: article, quantity: '5', taxes: kit.tax('7.50') }),
        ],
        totals: { net: '130.00', tax: '19.50', gross: '149.50' },
      });
      const sale = (await kit.writer.write(given)).id;
      const { done, picked } = await kit.odoo.dialect();
      const [open] = await kit.odoo.call<{ id: number }[]>('stock.move', 'search_read', {
        domain: [
          ['picking_id.sale_id', '=', sale],
          ['product_id.default_code', '=', article],
        ],
        fields: ['id'],
      });
      const vals = { [done]: 5, ...(picked && { picked: true }) };
      await kit.odoo.call('stock.move', 'write', { ids: [open!.id], vals });
      const shipped = await writerOf().move('shipment', shipment('ticked', 'ticked', '3'));
      assert.deepEqual([shipped.state, shipped.open.length], ['done', 1]);
      const rows = await kit.odoo.call<{ qty_delivered: number }[]>('sale.order.line', 'search_read', {
        domain: [['order_id', '=', sale]],
        fields: ['qty_delivered'],
        order: 'id',
      });
      assert.deepEqual(
        rows.map(({ qty_delivered: quantity }) => quantity),
        [3, 0],
      );
      const rest = [
        { sku, quantity: '5' },
        { sku: article, quantity: '5' },
      ];
      const last = await writerOf().move('shipment', shipment('ticked-2', 'ticked', '1', { lines: rest }));
      assert.deepEqual([last.state, last.open], ['done', []]);
    });

    it('an article that was archived after its order is shipped, returned, invoiced and credited', async () => {
      const article = `${source}-ARCHIVED`;
      const id = await kit.stocked('archived', article);
      const given = order('archived', {
        lines: [line({ sku: article, quantity: '8', taxes: kit.tax('12.00') })],
        totals: { net: '80.00', tax: '12.00', gross: '92.00' },
      });
      const sale = (await kit.writer.write(given)).id;
      await kit.admin.call('product.product', 'write', { ids: [id], vals: { active: false } });
      const lines = (quantity: string) => ({ lines: [{ sku: article, quantity }] });
      const moved = (kind: 'shipment' | 'return', named: string, quantity: string) =>
        writerOf().move(kind, shipment(named, 'archived', quantity, lines(quantity)));
      assert.equal((await moved('shipment', 'archived-s', '8')).state, 'done');
      assert.equal((await moved('return', 'archived-r', '2')).state, 'done');
      assert.equal(await delivered(sale), 6);
      const money = invoiceWriter(kit.odoo, resolver(kit.odoo, lookup, 60_000));
      const about = { source: `${source}fin`, order: { source, id: 'archived' } };
      const invoiced = await money.invoice({ ...about, id: 'archived-i' });
      assert.equal(invoiced.state, 'posted');
      const { lines: told } = await invoiceDetails(kit.odoo, invoiced.id);
      assert.deepEqual([told.length, told[0]!.sku], [1, article]);
      const credited = await money.credit({ ...about, id: 'archived-c', ...lines('1') });
      assert.deepEqual([credited.state, credited.total], ['posted', '11.50']);
      // A new order of it is another thing.
      const again = { ...given, id: 'archived-2', number: `${source}-archived-2` };
      await assert.rejects(kit.writers().write(again), coded('PRODUCT_UNKNOWN'));
    });

    it('thirty that write and ship orders of one article at the same moment all come through', async () => {
      const own = through({});
      const orders = Array.from({ length: 30 }, (_, at) => order(`thirty-${at}`));
      const written = await again(() =>
        orders.map((one) => orderWriter({ odoo: own, lookup, windowMs: 0 }).write(one)),
      );
      assert.equal(new Set(written.map(({ id }) => id)).size, 30);
      assert.ok(written.every(({ state }) => state === 'sale'));
      await again(() =>
        orders.map(({ id }) => writerOf(own).move('shipment', shipment(`of-${id}`, id, '2'))),
      );
      const rows = await kit.odoo.call<{ qty_delivered: number }[]>('sale.order.line', 'search_read', {
        domain: [['order_id', 'in', written.map(({ id }) => id)]],
        fields: ['qty_delivered'],
      });
      assert.deepEqual(
        rows.map(({ qty_delivered: quantity }) => quantity),
        Array(30).fill(2),
      );
    });

    /** As a hub does: what can succeed later is tried again, all of it. */
    async function again<T>(work: () => Promise<T>[], tries = 10): Promise<T[]> {
      const outcomes = await Promise.allSettled(work());
      const failed = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as CodedError] : []));
      const final = failed.find(({ row }) => !row?.retryable);
      if (final) throw final;
      if (failed.length === 0 || tries === 0) return Promise.all(outcomes.map(valueOf));
      return again(work, tries - 1);
    }

    for (const [model, method, more] of [
      ['ir.attachment', 'load', {}],
      ['stock.move', 'write', {}],
      ['stock.picking', 'load', { tracking: '1Z' }],
      ['stock.picking', 'button_validate', {}],
    ] as const)
      it(`an answer lost after ${model}/${method}: the next attempt ships nothing twice`, async () => {
        const id = `lost-${model}-${method}`;
        const sale = await ordered(id);
        const unlucky = writerOf(through({ url: kit.proxy.url }));
        const lost = kit.proxy.lose(model, method);
        const given = shipment(id, id, '3', more);
        await assert.rejects(unlucky.move('shipment', given), coded('ODOO_ANSWER_LOST'));
        await lost;
        const { state, open } = await unlucky.move('shipment', given);
        assert.deepEqual([state, open.length, await delivered(sale)], ['done', 1, 3]);
      });

    it('an answer lost after the return was made: the next attempt makes no second one', async () => {
      const sale = await ordered('lost-return');
      await writerOf().move('shipment', shipment('lr', 'lost-return', '8'));
      const unlucky = writerOf(through({ url: kit.proxy.url }));
      const { createReturns } = await kit.odoo.dialect();
      const lost = kit.proxy.lose('stock.return.picking', createReturns);
      await assert.rejects(
        unlucky.move('return', shipment('lr', 'lost-return', '2')),
        coded('ODOO_ANSWER_LOST'),
      );
      await lost;
      await unlucky.move('return', shipment('lr', 'lost-return', '2'));
      assert.equal(await delivered(sale), 6);
    });
  });
}

function valueOf<T>(one: PromiseSettledResult<T>): T {
  if (one.status === 'rejected') throw one.reason;
  return one.value;
}
