/** Warehouses that report much at once: it goes to Odoo together, and each message comes to its own end. */
import assert from 'node:assert/strict';
import { cancelOrder } from '../../runtime/odoo/order/state.ts';
import type { Moved, Movement, StockWriter } from '../../runtime/odoo/stock/stock.ts';
import type { OdooKit } from './odoo-kit.ts';

export function odooTogether(kit: OdooKit): void {
  const { source, order, line, through, stock: writerOf } = kit;
  /** Through the proxy. */
  const unlucky = () => writerOf(through({ url: kit.proxy.url }));

  /** Confirmed orders of 8 in one line, or of 5 and 3 in two; their ids in Odoo. */
  async function ordered(ids: string[], lines = ['8']): Promise<number[]> {
    const orders = ids.map((id) =>
      order(id, {
        lines: lines.map((quantity, at) =>
          line({ id: `${at}`, quantity, taxes: kit.tax((Number(quantity) * 1.5).toFixed(2)) }),
        ),
        totals: { net: '80.00', tax: '12.00', gross: '92.00' },
      }),
    );
    return (await Promise.all(orders.map((one) => kit.writer.write(one)))).map(({ id }) => id);
  }
  const shipment = (id: string, of: string, quantity: string, more: Partial<Movement> = {}) =>
    kit.shipment(id, of, quantity, { source: `${source}wms2`, ...more });
  const ship = (writer: StockWriter, all: Movement[]) =>
    Promise.allSettled(all.map((one) => writer.move('shipment', one)));
  const codesOf = (outcomes: PromiseSettledResult<Moved>[]): string[] =>
    outcomes.map((one) =>
      one.status === 'fulfilled' ? one.value.state : String((one.reason as { code?: unknown }).code),
    );
  /** Delivered of each order, over its lines. */
  async function delivered(sales: number[]): Promise<number[]> {
    const rows = await kit.odoo.call<{ order_id: [number, string]; qty_delivered: number }[]>(
      'sale.order.line',
      'search_read',
      { domain: [['order_id', 'in', sales]], fields: ['order_id', 'qty_delivered'] },
    );
    return sales.map((sale) =>
      rows
        .filter((row) => row.order_id[0] === sale)
        .reduce((total, { qty_delivered: quantity }) => total + quantity, 0),
    );
  }

  describe('at once', () => {
    it('shipments of many orders: whole, in part, with a number, with two moves, the rest cancelled', async () => {
      const sales = [
        ...(await ordered(['o-whole', 'o-part', 'o-number', 'o-short'])),
        ...(await ordered(['o-two', 'o-two-part'], ['5', '3'])),
      ];
      const outcomes = await ship(writerOf(), [
        shipment('o1', 'o-whole', '8'),
        shipment('o2', 'o-part', '3'),
        shipment('o3', 'o-number', '4', { tracking: '1Z<9>', carrier: 'UPS' }),
        shipment('o4', 'o-short', '2', { rest: 'cancel' }),
        shipment('o5', 'o-two', '8'),
        shipment('o6', 'o-two-part', '6', { tracking: '1Z2' }),
      ]);
      assert.deepEqual(
        outcomes.map((one) => one.status === 'fulfilled' && [one.value.state, one.value.open.length]),
        [0, 1, 1, 0, 0, 1].map((open) => ['done', open]),
        codesOf(outcomes).join(),
      );
      assert.deepEqual(await delivered(sales), [8, 3, 4, 2, 8, 6]);
      const ids = outcomes.map((one) => (one as PromiseFulfilledResult<Moved>).value.id);
      const rows = await kit.odoo.call<{ note: string | false }[]>('stock.picking', 'read', {
        ids,
        fields: ['note'],
      });
      const number = (await kit.odoo.dialect()).plainNotes ? '<9>' : '&lt;9&gt;';
      assert.deepEqual(
        rows.map(({ note }) => new RegExp(`1Z(${number}|2)`).exec(String(note))?.[1]),
        [undefined, undefined, number, undefined, undefined, '2'],
      );
    });

    it('one that is refused holds no other', async () => {
      const sales = await ordered(['b-good', 'b-much', 'b-cancelled', 'b-noted', 'b-good-too']);
      await cancelOrder(kit.odoo, { source, id: 'b-cancelled' });
      const outcomes = await ship(writerOf(), [
        shipment('b1', 'b-good', '8'),
        shipment('b2', 'b-much', '9'),
        shipment('b3', 'b-cancelled', '8'),
        shipment('b4', 'b-never', '8'),
        shipment('b5', 'b-noted', '8', { tracking: '1Z' }),
        shipment('b6', 'b-good-too', '8', { lines: [{ sku: 'GONE', quantity: '1' }] }),
        shipment('b7', 'b-good-too', '5'),
        // Nothing a schema lets through.
        shipment('b8', 'b-good', '8', { lines: undefined as never }),
      ]);
      assert.deepEqual(codesOf(outcomes), [
        'done',
        'QUANTITY_EXCEEDED',
        'ORDER_NOT_OPEN',
        'ORDER_UNKNOWN',
        'done',
        'PRODUCT_UNKNOWN',
        'done',
        'undefined',
      ]);
      assert.deepEqual(await delivered(sales), [8, 0, 0, 8, 5]);
    });

    it('the same message twice is one picking; two messages of one order are two', async () => {
      const sales = await ordered(['t-same', 't-two', 't-other']);
      const [first, again, one, two, other] = await ship(writerOf(), [
        shipment('t1', 't-same', '3'),
        shipment('t1', 't-same', '3'),
        shipment('t2', 't-two', '3'),
        // By its number, as another system may call it.
        { ...shipment('t3', '', '5'), order: { number: `${source}-t-two` } },
        shipment('t2', 't-other', '3'),
      ]);
      assert.deepEqual(again, { ...first, value: { ...(first as { value: Moved }).value, repeated: true } });
      assert.deepEqual(codesOf([one!, two!, other!]), ['done', 'done', 'CLAIM_CONFLICT']);
      assert.deepEqual(await delivered(sales), [3, 8, 0]);
    });

    for (const [model, method, more] of [
      ['stock.move', 'write', {}],
      ['stock.picking', 'load', { tracking: '1Z' }],
      ['stock.picking', 'button_validate', {}],
    ] as const)
      it(`one that a person cancels just before ${model}/${method} is ORDER_NOT_OPEN, the others ship`, async () => {
        const names = ['m-a', 'm-b', 'm-c', 'm-d'].map((name) => `${name}-${model}-${method}`);
        const sales = await ordered(names);
        kit.proxy.before(model, method, () => cancelOrder(kit.odoo, { source, id: names[1]! }));
        const outcomes = await ship(
          unlucky(),
          names.map((name) => shipment(name, name, '8', more)),
        );
        assert.deepEqual(codesOf(outcomes), ['done', 'ORDER_NOT_OPEN', 'done', 'done']);
        assert.deepEqual(await delivered(sales), [8, 0, 8, 8]);
      });

    for (const [model, method, more] of [
      ['ir.attachment', 'load', {}],
      ['stock.move', 'write', {}],
      ['stock.picking', 'load', { tracking: '1Z' }],
      ['stock.picking', 'button_validate', {}],
    ] as const)
      it(`an answer lost after ${model}/${method} of many: the next attempt ships nothing twice`, async () => {
        const names = ['l-a', 'l-b', 'l-c'].map((name) => `${name}-${model}-${method}`);
        const sales = await ordered(names);
        const writer = unlucky();
        const all = names.map((name) => shipment(name, name, '3', more));
        const lost = kit.proxy.lose(model, method);
        assert.deepEqual(codesOf(await ship(writer, all)), Array(3).fill('ODOO_ANSWER_LOST'));
        await lost;
        assert.deepEqual(codesOf(await ship(writer, all)), ['done', 'done', 'done']);
        assert.deepEqual(await delivered(sales), [3, 3, 3]);
      });

    it('returns of many orders come back, each once', async () => {
      const names = ['r-a', 'r-b', 'r-c'];
      const sales = await ordered(names);
      const writer = writerOf();
      await ship(
        writer,
        names.map((name) => shipment(name, name, '8')),
      );
      const back = () =>
        Promise.allSettled(
          names.map((name, at) =>
            writer.move('return', shipment(`back-${name}`, name, at === 1 ? '9' : '2')),
          ),
        );
      assert.deepEqual(codesOf(await back()), ['done', 'QUANTITY_EXCEEDED', 'done']);
      assert.deepEqual(codesOf(await back()), ['done', 'QUANTITY_EXCEEDED', 'done']);
      assert.deepEqual(await delivered(sales), [6, 8, 6]);
    });

    it('counts of one place and transfers between two: all of them, one count after the other', async () => {
      const article = `${source}-AT-ONCE`;
      await kit.stocked('at_once', article);
      const place = { warehouse: 'main' };
      const lines = (quantity: string) => [{ sku: article, quantity }];
      const writer = writerOf();
      const counted = await Promise.all(
        ['10', '20', '30'].map((quantity, at) =>
          writer.count({ source, id: `together-${at}`, place, lines: lines(quantity) }),
        ),
      );
      assert.deepEqual(
        counted.map(({ state, repeated }) => [state, repeated]),
        counted.map(() => ['done', false]),
      );
      const to = { warehouse: 'main', location: await kit.shelf() };
      const moved = await Promise.all(
        ['1', '2', '4'].map((quantity, at) =>
          writer.transfer({ source, id: `together-${at}`, from: place, to, lines: lines(quantity) }),
        ),
      );
      assert.equal(new Set(moved.map(({ id }) => id)).size, 3);
      assert.deepEqual(
        moved.map(({ state }) => state),
        ['done', 'done', 'done'],
      );
      assert.equal(
        await kit.countOf('stock.picking', [['origin', 'like', `transfer ${source} together-`]]),
        3,
      );
    });
  });
}
