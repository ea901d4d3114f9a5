/** Orders in Odoo that the partner changes later: what differs is written, once, as long as nothing was shipped or invoiced against it. */
import assert from 'node:assert/strict';
import type { CanonicalOrder, Line } from '../../runtime/odoo/canonical-order.ts';
import { invoiceWriter } from '../../runtime/odoo/money/invoice.ts';
import { resolver } from '../../runtime/odoo/resolve.ts';
import { coded, lookup, type OdooKit } from './odoo-kit.ts';

export function odooUpdates(kit: OdooKit): void {
  const { source, line, writers, proxied, stored, linesOf } = kit;
  const sku = `${source}-A`;
  const times = (quantity: number, more: Partial<Line> = {}): Line =>
    line({ quantity: String(quantity), taxes: kit.tax((quantity * 1.5).toFixed(2)), ...more });

  /** Articles at 10.00 with 15 % tax. */
  function version(
    id: string,
    at: number,
    lines: Line[],
    more: Partial<CanonicalOrder> = {},
  ): CanonicalOrder {
    const net = lines.reduce((sum, { quantity, unitPrice }) => sum + Number(quantity) * Number(unitPrice), 0);
    const totals = {
      net: net.toFixed(2),
      tax: (net * 0.15).toFixed(2),
      gross: (net * 1.15).toFixed(2),
    };
    return kit.order(id, { version: `2026-01-0${at}T00:00:00.000Z`, lines, totals, ...more });
  }
  const quantities = async (given: CanonicalOrder) =>
    (await linesOf(await stored(given))).map((one) => one.product_uom_qty);
  /** What the warehouse is still to ship, in the transfers' order. */
  async function open(given: CanonicalOrder): Promise<number[]> {
    const { id } = await stored(given);
    // Odoo 14 leaves a move of nothing until its transfer is done.
    const { lowersMoves } = await kit.odoo.dialect();
    const moves = await kit.odoo.call<{ product_uom_qty: number; picking_id: [number, string] }[]>(
      'stock.move',
      'search_read',
      {
        domain: [
          ['sale_line_id', 'in', (await lines(id)).map((one) => one.id)],
          ['state', 'not in', ['done', 'cancel']],
          ...(lowersMoves ? [] : [['product_uom_qty', '>', 0]]),
        ],
        fields: ['product_uom_qty', 'picking_id'],
        order: 'id',
      },
    );
    return moves.map((move) => move.product_uom_qty);
  }
  const lines = (id: number) =>
    kit.odoo.call<{ id: number }[]>('sale.order.line', 'search_read', {
      domain: [['order_id', '=', id]],
      fields: ['id'],
    });
  const shipped = (id: string, quantity: string) =>
    kit.stock().move('shipment', {
      source: `${source}wms`,
      id: `u-${id}`,
      order: { source, id },
      lines: [{ sku, quantity }],
    });
  const writing = () => kit.calls.filter((call) => /\/(load|write|unlink|create|action_\w+)$/.test(call));

  describe('updates', () => {
    it('more of one line, fewer of another, one added and one gone: the transfer follows', async () => {
      const given = version('upd', 1, [times(2), times(5, { id: '2' }), times(3, { id: '3' })]);
      const { id } = await kit.writer.write(given);
      const later = version('upd', 2, [times(6), times(1, { id: '2' }), times(4, { id: '4' })]);
      const updated = await kit.writer.update(later);
      assert.deepEqual(
        [updated.id, updated.repeated, updated.changed, updated.open.length],
        [id, false, true, 1],
      );
      assert.deepEqual(await quantities(later), [6, 1, 0, 4]);
      assert.deepEqual((await open(later)).toSorted(), [1, 4, 6]);
      assert.equal((await stored(later)).amount_total.toFixed(2), later.totals.gross);
    });

    it('the same version again writes nothing, and says that it had changed something', async () => {
      await kit.writer.write(version('upd-again', 1, [times(2)]));
      const later = version('upd-again', 2, [times(3)]);
      const first = await kit.writer.update(later);
      kit.calls.length = 0;
      const again = await writers().update(later);
      assert.deepEqual(again, { ...first, repeated: true });
      assert.deepEqual(writing(), []);
    });

    it('another version with nothing other changes nothing', async () => {
      await kit.writer.write(version('upd-same', 1, [times(2)]));
      const { repeated, changed } = await kit.writer.update(version('upd-same', 2, [times(2)]));
      assert.deepEqual([repeated, changed], [true, false]);
    });

    it('what the update before said needs no look at Odoo; the same version that changed something does', async () => {
      await kit.writer.write(version('upd-said', 1, [times(2)]));
      const { partnerSnapshot, open: transfers } = await kit.writer.update(
        version('upd-said', 2, [times(3)]),
      );
      kit.calls.length = 0;
      const { changed } = await kit.writer.update(
        version('upd-said', 3, [times(3)], { note: 'Dock 4' }),
        partnerSnapshot,
      );
      assert.deepEqual([changed, kit.calls], [false, []]);
      const again = await kit.writer.update(version('upd-said', 2, [times(3)]), partnerSnapshot);
      assert.deepEqual([again.changed, again.open], [true, transfers]);
    });

    it('back to what it was is a change too', async () => {
      await kit.writer.write(version('upd-back', 1, [times(2)]));
      await kit.writer.update(version('upd-back', 2, [times(9)]));
      const back = version('upd-back', 3, [times(2)]);
      assert.equal((await kit.writer.update(back)).changed, true);
      assert.deepEqual([await quantities(back), await open(back)], [[2], [2]]);
    });

    it('what a person changed stays, until the partner changes the same', async () => {
      const address = { name: 'Ann', street: 'Elm Street 1', city: 'Indianapolis', country: 'US' };
      const said = version('upd-hand', 1, [times(2), times(5, { id: '2' })], { shipTo: address });
      const { id } = await kit.writer.write(said);
      const first = await kit.writer.update(said);
      // Odoo takes the price of its list when only the quantity is written.
      const byHand = { product_uom_qty: 1, price_unit: 10 };
      const [line1] = await lines(id);
      await kit.odoo.call('sale.order.line', 'write', { ids: [line1!.id], vals: byHand });
      const [elsewhere] = await kit.odoo
        .call<[number]>('res.partner', 'load', {
          fields: ['id', 'name'],
          data: [[`${source}.by_hand`, 'By hand']],
        })
        .then((answer) => (answer as unknown as { ids: [number] }).ids);
      await kit.odoo.call('sale.order', 'write', { ids: [id], vals: { partner_shipping_id: elsewhere } });

      const noted = version('upd-hand', 2, [times(2), times(5, { id: '2' })], { shipTo: address });
      const second = await kit.writer.update(noted, first.partnerSnapshot);
      assert.deepEqual([second.changed, await quantities(said)], [false, [1, 5]]);
      // The sum is that of the order with the person's change.
      const { totals } = version('upd-hand', 3, [times(1), times(4, { id: '2' })]);
      const fewer = version('upd-hand', 3, [times(2), times(4, { id: '2' })], { shipTo: address, totals });
      const third = await kit.writer.update(fewer, second.partnerSnapshot);
      assert.deepEqual([third.changed, await quantities(said)], [true, [1, 4]]);
      assert.equal((await stored(said)).partner_shipping_id[0], elsewhere);
      const more = version('upd-hand', 4, [times(3), times(4, { id: '2' })], { shipTo: address });
      await kit.writer.update(more, third.partnerSnapshot);
      assert.deepEqual(await quantities(said), [3, 4]);
    });

    it('the delivery address reaches what is not shipped yet, with lines added at once', async () => {
      const address = { name: 'Ann', street: 'Elm Street 1', city: 'Indianapolis', country: 'US' };
      await kit.writer.write(version('upd-to', 1, [times(2)], { shipTo: address }));
      const moved = { ...address, street: 'Oak Street 2' };
      const later = version('upd-to', 2, [times(2), times(1, { id: '2' })], { shipTo: moved });
      const { open: transfers } = await kit.writer.update(later);
      const [shipTo] = (await stored(later)).partner_shipping_id;
      const [partner, ...more] = await kit.odoo.call<{ street: string }[]>('res.partner', 'search_read', {
        domain: [['id', '=', shipTo]],
        fields: ['street'],
      });
      assert.deepEqual([partner?.street, more], ['Oak Street 2', []]);
      const pickings = await kit.odoo.call<{ partner_id: [number, string] }[]>(
        'stock.picking',
        'search_read',
        {
          domain: [['id', 'in', transfers.map(({ id }) => id)]],
          fields: ['partner_id'],
        },
      );
      assert.deepEqual(
        pickings.map((picking) => picking.partner_id[0]),
        [shipTo],
      );
      assert.deepEqual((await open(later)).toSorted(), [1, 2]);
    });

    it('a partly shipped order can shrink to what was shipped, and no further', async () => {
      await kit.writer.write(version('upd-part', 1, [times(5)]));
      await shipped('upd-part', '3');
      const fewer = version('upd-part', 2, [times(2)]);
      await assert.rejects(kit.writer.update(fewer), coded('ORDER_NOT_OPEN'));
      assert.deepEqual([await quantities(fewer), await open(fewer)], [[5], [2]]);
      const rest = version('upd-part', 3, [times(3)]);
      const { open: transfers } = await kit.writer.update(rest);
      assert.deepEqual([transfers, await quantities(rest), await open(rest)], [[], [3], []]);
      const more = version('upd-part', 4, [times(4)]);
      assert.equal((await kit.writer.update(more)).open.length, 1);
      assert.deepEqual(await open(more), [1]);
    });

    it('what was invoiced keeps its price', async () => {
      await kit.writer.write(version('upd-inv', 1, [times(2)]));
      await shipped('upd-inv', '2');
      await invoiceWriter(kit.odoo, resolver(kit.odoo, lookup, 60_000)).invoice({
        source: `${source}fin`,
        id: 'upd-inv',
        order: { source, id: 'upd-inv' },
      });
      const cheaper = version('upd-inv', 2, [times(2, { unitPrice: '9.00' })]);
      await assert.rejects(kit.writer.update(cheaper), coded('ORDER_NOT_OPEN'));
      assert.equal((await stored(cheaper)).amount_total, 23);
    });

    it('a quotation stays one', async () => {
      await kit.writer.write(version('upd-draft', 1, [times(2), times(1, { id: '2' })]), { confirm: false });
      const later = version('upd-draft', 2, [times(4)]);
      assert.equal((await kit.writer.update(later)).state, 'draft');
      assert.deepEqual(await quantities(later), [4, 0]);
      assert.equal((await kit.writer.write(later)).state, 'sale');
      assert.deepEqual(await open(later), [4]);
    });

    it('another article in the same line changes a quotation, and is refused once a transfer waits for the first', async () => {
      await kit.writer.write(version('upd-sku', 1, [times(2)]), { confirm: false });
      const other = (at: number, article: string) => version('upd-sku', at, [times(2, { sku: article })]);
      const { changed } = await kit.writer.update(other(2, 'FURN_7777'));
      assert.equal(changed, true);
      const { id } = await kit.writer.write(other(2, 'FURN_7777'));
      const [row] = await kit.odoo.call<{ product_id: [number, string] }[]>(
        'sale.order.line',
        'search_read',
        {
          domain: [['order_id', '=', id]],
          fields: ['product_id'],
        },
      );
      assert.match(row!.product_id[1], /Chair/);
      await assert.rejects(kit.writer.update(other(3, sku)), coded('ODOO_REFUSED'));
    });

    it('a cancelled order stays as it is, and an unknown one is ORDER_UNKNOWN', async () => {
      const given = version('upd-off', 1, [times(2)]);
      const { id } = await kit.writer.write(given, { confirm: false });
      await kit.odoo.call('sale.order', 'action_cancel', { ids: [id] });
      const { state, changed } = await kit.writer.update(version('upd-off', 2, [times(2)]));
      assert.deepEqual([state, changed], ['cancel', false]);
      await assert.rejects(kit.writer.update(version('upd-off', 3, [times(3)])), coded('ORDER_NOT_OPEN'));
      assert.deepEqual(await quantities(given), [2]);
      await assert.rejects(kit.writer.update(version('upd-never', 1, [times(2)])), coded('ORDER_UNKNOWN'));
    });

    it('totals that differ are ODOO_TOTAL_MISMATCH, the second time too', async () => {
      await kit.writer.write(version('upd-total', 1, [times(2)]));
      const wrong = version('upd-total', 2, [times(3)], {
        totals: { net: '30.00', tax: '4.50', gross: '34.52' },
      });
      await assert.rejects(kit.writer.update(wrong), coded('ODOO_TOTAL_MISMATCH'));
      await assert.rejects(kit.writer.update(wrong), coded('ODOO_TOTAL_MISMATCH'));
    });

    for (const [model, method] of [
      ['ir.attachment', 'load'],
      ['stock.picking', 'write'],
      ['sale.order', 'write'],
      ['sale.order', 'load'],
      ['sale.order.line', 'write'],
    ] as const)
      it(`an answer lost after ${model}/${method}: the next attempt brings it to the end`, async () => {
        const id = `upd-lost-${model}-${method}`;
        const address = { name: 'Ann', street: 'Elm Street 1', city: 'Indianapolis', country: 'US' };
        await kit.writer.write(version(id, 1, [times(2), times(1, { id: '2' })], { shipTo: address }));
        const shipTo = { ...address, street: `Oak Street of ${id}` };
        const later = version(id, 2, [times(5), times(1, { id: '3' })], { shipTo });
        const unlucky = proxied();
        const lost = kit.proxy.lose(model, method);
        await assert.rejects(unlucky.update(later), coded('ODOO_ANSWER_LOST'));
        await lost;
        assert.equal((await writers().update(later)).changed, true);
        assert.deepEqual(await quantities(later), [5, 0, 1]);
        assert.deepEqual((await open(later)).toSorted(), [1, 5]);
      });
  });
}
