/** Kits, phantom bills of material, in the real Odoo: sold as one article, shipped as what they are made of. */
import assert from 'node:assert/strict';
import { invoiceWriter } from '../../runtime/odoo/money/invoice.ts';
import { resolver } from '../../runtime/odoo/resolve.ts';
import { stockWriter } from '../../runtime/odoo/stock/stock.ts';
import { coded, lookup, odooKit, type Access } from './odoo-kit.ts';

/** How a suite says that something is missing: a failure where the real services are required. */
const required = process.env['CROSSDOCK_REAL'] === 'required';

export function odooBundles(access: () => Promise<Access>, admin = access): void {
  describe('kits', () => {
    const kit = odooKit(access, admin);
    const { source, order, line } = kit;
    const [bundle, seat, screw] = ['KIT', 'SEAT', 'SCREW'].map((name) => `${source}-${name}`);
    const about = (id: string) => ({ source: `${source}wms`, id, order: { source, id: 'kit' } });
    const known = () => resolver(kit.odoo, lookup, 60_000);
    const ship = (id: string, seats: string, screws: string) =>
      stockWriter(kit.odoo, known()).move('shipment', {
        ...about(id),
        lines: [
          { sku: seat!, quantity: seats },
          { sku: screw!, quantity: screws },
        ].filter(({ quantity }) => quantity !== '0'),
      });

    async function delivered(): Promise<number> {
      const [sold] = await kit.odoo.call<{ qty_delivered: number }[]>('sale.order.line', 'search_read', {
        domain: [['order_id.client_order_ref', '=', `${source}-kit`]],
        fields: ['qty_delivered'],
      });
      return sold!.qty_delivered;
    }

    before(async function () {
      if ((await kit.countOf('ir.model', [['model', '=', 'mrp.bom']])) === 0) {
        const told = 'no mrp in this Odoo: test/stack up installs it';
        assert.ok(!required, told);
        process.stdout.write(`      SKIPPED (${told})\n`);
        this.skip();
      }
      const { ids } = await kit.odoo.call<{ ids: number[] }>('product.product', 'load', {
        fields: ['id', 'name', 'default_code', 'invoice_policy'],
        data: [bundle, seat, screw].map((sku, index) => [
          `${source}.product_k${index}`,
          sku,
          sku,
          'Delivered quantities',
        ]),
      });
      const rows = await kit.odoo.call<{ product_tmpl_id: [number, string] }[]>(
        'product.product',
        'search_read',
        {
          domain: [['id', '=', ids[0]]],
          fields: ['product_tmpl_id'],
        },
      );
      const part = (product: number, quantity: number) => [
        0,
        0,
        { product_id: product, product_qty: quantity },
      ];
      await kit.admin.call('mrp.bom', 'create', {
        vals_list: [
          {
            product_tmpl_id: rows[0]!.product_tmpl_id[0],
            type: 'phantom',
            bom_line_ids: [part(ids[1]!, 1), part(ids[2]!, 4)],
          },
        ],
      });
    });

    it('ships in two parts with a backorder, is invoiced as kits, once', async () => {
      await kit.writer.write(
        order('kit', {
          lines: [line({ sku: bundle!, quantity: '3', taxes: kit.tax('4.50') })],
          totals: { net: '30.00', tax: '4.50', gross: '34.50' },
        }),
      );
      const invoices = invoiceWriter(kit.odoo, known());
      const whole = { ...about('k0'), lines: [{ sku: bundle!, quantity: '1' }] };
      await assert.rejects(
        stockWriter(kit.odoo, known()).move('shipment', whole),
        coded('QUANTITY_EXCEEDED'),
      );
      // A part of a kit is no kit.
      await ship('k1', '1', '0');
      assert.equal(await delivered(), 0);
      await assert.rejects(invoices.invoice(about('i0')), coded('ORDER_NOT_OPEN'));
      await ship('k2', '0', '4');
      assert.equal(await delivered(), 1);
      assert.equal((await invoices.invoice(about('i1'))).total, '11.50');
      await ship('k3', '2', '8');
      assert.equal(await delivered(), 3);
      assert.equal((await invoices.invoice(about('i2'))).total, '23.00');
      await assert.rejects(ship('k4', '1', '0'), coded('ORDER_NOT_OPEN'));
    });
  });
}
