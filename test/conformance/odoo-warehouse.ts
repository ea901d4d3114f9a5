/** Inside the warehouses of Odoo: goods that were moved, and counts, once, whatever repeats or is lost. */
import assert from 'node:assert/strict';
import type { Count, Transfer } from '../../runtime/odoo/stock/warehouse.ts';
import { coded, type OdooKit } from './odoo-kit.ts';

export function odooWarehouse(kit: OdooKit): void {
  const { source, through, stock: writerOf } = kit;
  let shelf: string;

  /** An article of which stock is kept. */
  async function article(name: string): Promise<string> {
    const sku = `${source}-${name}`;
    await kit.stocked(name, sku);
    return sku;
  }
  const count = (id: string, sku: string, quantity: string, more: Partial<Count> = {}): Count => ({
    source,
    id,
    place: { warehouse: 'main' },
    lines: [{ sku, quantity }],
    ...more,
  });
  const transfer = (id: string, sku: string, quantity: string): Transfer => ({
    source,
    id,
    from: { warehouse: 'main' },
    to: { warehouse: 'main', location: shelf },
    lines: [{ sku, quantity }],
  });
  async function quantity(sku: string): Promise<number> {
    const rows = await kit.odoo.call<{ quantity: number }[]>('stock.quant', 'search_read', {
      domain: [
        ['product_id.default_code', '=', sku],
        ['location_id.complete_name', '=', 'WH/Stock'],
      ],
      fields: ['quantity'],
    });
    return rows.reduce((total, row) => total + row.quantity, 0);
  }
  const transfers = (id: string) =>
    kit.countOf('stock.picking', [['origin', '=', `transfer ${source} ${id}`]]);

  before(async () => void (shelf = await kit.shelf()));

  describe('inside the warehouse', () => {
    it('a count sets what is there, once', async () => {
      const sku = await article('Count');
      const first = await writerOf().count(count('c1', sku, '7'));
      assert.deepEqual([first.state, first.repeated, await quantity(sku)], ['done', false, 7]);
      await writerOf().count(count('c2', sku, '4'));
      // The first one again, late: what was counted since then stays.
      assert.deepEqual(await writerOf().count(count('c1', sku, '7')), { ...first, repeated: true });
      assert.equal(await quantity(sku), 4);
      await writerOf().count(count('c3', sku, '4'));
      assert.equal(await quantity(sku), 4);
    });

    it('a count with an article nobody knows changes nothing', async () => {
      const sku = await article('Whole');
      const lines = [
        { sku, quantity: '3' },
        { sku: `${source}-nothing`, quantity: '1' },
      ];
      await assert.rejects(writerOf().count(count('c4', sku, '0', { lines })), coded('PRODUCT_UNKNOWN'));
      assert.equal(await quantity(sku), 0);
    });

    it('a transfer moves goods, once', async () => {
      const sku = await article('Moved');
      await writerOf().count(count('c5', sku, '10'));
      const first = await writerOf().transfer(transfer('t1', sku, '4'));
      assert.equal(first.state, 'done');
      assert.deepEqual(await writerOf().transfer(transfer('t1', sku, '4')), { ...first, repeated: true });
      assert.equal(await transfers('t1'), 1);
    });

    it('a place that is not there is named', async () => {
      const sku = await article('Nowhere');
      const to = { warehouse: 'main', location: 'WH/Stock/No such shelf' };
      await assert.rejects(
        writerOf().transfer({ ...transfer('t2', sku, '1'), to }),
        coded('ODOO_VALUE_UNKNOWN'),
      );
      const place = { warehouse: 'nobody' };
      await assert.rejects(writerOf().count(count('c6', sku, '1', { place })), coded('VALUE_UNMAPPED'));
    });

    for (const [model, method] of [
      ['stock.quant', 'action_apply_inventory'],
      ['stock.picking', 'create'],
      ['stock.picking', 'button_validate'],
    ] as const)
      it(`a lost answer to ${model}.${method} does nothing twice`, async () => {
        const sku = await article(`Lost-${method}`);
        const unlucky = writerOf(through({ url: kit.proxy.url }));
        const id = `lost-${method}`;
        const work = () =>
          model === 'stock.quant'
            ? unlucky.count(count(id, sku, '5'))
            : unlucky.transfer(transfer(id, sku, '2'));
        const { inventories } = await kit.odoo.dialect();
        const lost =
          inventories && model === 'stock.quant'
            ? kit.proxy.lose('stock.inventory', 'action_validate')
            : kit.proxy.lose(model, method);
        await assert.rejects(work(), coded('ODOO_ANSWER_LOST'));
        await lost;
        const { id: done, state } = await work();
        assert.deepEqual([(await work()).id, state], [done, 'done']);
        if (model === 'stock.quant') assert.equal(await quantity(sku), 5);
        else assert.equal(await transfers(id), 1);
      });
  });
}
