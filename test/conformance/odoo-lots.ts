/** Lots and serial numbers in the real Odoo; the sandbox has none. */
import assert from 'node:assert/strict';
import { resolver } from '../../runtime/odoo/resolve.ts';
import { lookup, odooKit } from './odoo-kit.ts';
import type { Access } from './odoo-kit.ts';

export function odooLots(access: () => Promise<Access>, admin = access): void {
  describe('lots', () => {
    const kit = odooKit(access, admin);
    const { source, order, line } = kit;

    it('serial numbers are those the warehouse picked', async () => {
      const serial = `${source}-SER`;
      const product = await kit.stocked('serial', serial, { tracking: 'serial' });
      const company =
        (await kit.odoo.version()) < 18
          ? { company_id: (await resolver(kit.odoo, lookup, 1000).company()).id }
          : {};
      const names = ['N1', 'N2'].map((name) => `${source}${name}`);
      await kit.odoo.call('stock.lot', 'create', {
        vals_list: names.map((name) => ({ name, product_id: product, ...company })),
      });
      await kit.stock().count({
        source,
        id: 'serials',
        place: { warehouse: 'main' },
        lines: [{ sku: serial, quantity: '2', lots: names.map((lot) => ({ lot, quantity: '1' })) }],
      });
      await kit.writer.write(
        order('serial', {
          lines: [line({ sku: serial, quantity: '1', taxes: kit.tax('1.50') })],
          totals: { net: '10.00', tax: '1.50', gross: '11.50' },
        }),
      );
      const lot = `${source}N2`;
      const stock = kit.stock();
      const { id } = await stock.move('shipment', {
        source: `${source}wms`,
        id: 'l1',
        order: { source, id: 'serial' },
        lines: [{ sku: serial, quantity: '1', lots: [{ lot, quantity: '1' }] }],
      });
      const moved = await kit.odoo.call<{ lot_id: [number, string] }[]>('stock.move.line', 'search_read', {
        domain: [['picking_id', '=', id]],
        fields: ['lot_id'],
      });
      assert.deepEqual(
        moved.map(({ lot_id: [, name] }) => name),
        [lot],
      );
    });
  });
}
