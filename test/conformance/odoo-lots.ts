/** Lots and serial numbers in the real Odoo; the sandbox has none. */
import assert from 'node:assert/strict';
import { odooKit } from './odoo-kit.ts';
import type { Access } from './odoo-kit.ts';

export function odooLots(access: () => Promise<Access>): void {
  describe('lots', () => {
    const kit = odooKit(access);
    const { source, order, line } = kit;

    it('serial numbers are those the warehouse picked', async () => {
      const serial = `${source}-SER`;
      const { ids } = await kit.odoo.call<{ ids: number[] }>('product.product', 'load', {
        fields: ['id', 'name', 'default_code', 'is_storable', 'tracking'],
        data: [[`${source}.product_serial`, 'With a serial number', serial, '1', 'By Unique Serial Number']],
      });
      const [product] = ids;
      const lots = await kit.odoo.call<number[]>('stock.lot', 'create', {
        vals_list: ['N1', 'N2'].map((name) => ({ name: `${source}${name}`, product_id: product })),
      });
      const quants = await kit.odoo.call<number[]>('stock.quant', 'create', {
        vals_list: lots.map((lot) => ({
          product_id: product,
          lot_id: lot,
          inventory_quantity: 1,
          location_id: 5,
        })),
        context: { inventory_mode: true },
      });
      await kit.odoo.call('stock.quant', 'action_apply_inventory', { ids: quants });
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
