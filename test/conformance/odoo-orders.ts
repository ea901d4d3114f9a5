/** Orders in Odoo: totals to the cent, and what they name. */
import assert from 'node:assert/strict';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import { externalId, findExternal } from '../../runtime/odoo/external-id.ts';
import { coded, type OdooKit } from './odoo-kit.ts';

export function odooOrders(kit: OdooKit): void {
  const { source, order, line, tax, stored, linesOf, countOf, landsOnce, totals } = kit;

  describe('amounts', () => {
    it('tax, units, terms, warehouse, addresses and note', async () => {
      const street = `${source} Harbor Road 4`;
      const given = order('plain', {
        lines: [line({ uom: 'EA' }), line({ id: '2', name: 'Untaxed', quantity: '1', taxes: [] })],
        totals: { net: '30.00', tax: '3.00', gross: '33.00' },
        warehouse: 'main',
        paymentTerms: 'net30',
        note: 'Dock 4 <b>& call\nfirst',
        billTo: {
          street: 'Main Street 1',
          city: 'Louisville',
          postalCode: '40202',
          region: 'KY',
          country: 'US',
        },
        shipTo: { street, city: 'Bayonne', region: 'Nowhere', country: 'FR', company: 'Quai' },
      });
      const written = await kit.writer.write(given);
      assert.equal(written.repeated, false);
      const found = await landsOnce(given, 2);
      assert.equal(found.name, written.name);
      assert.deepEqual(totals(found), ['30.00', '3.00', '33.00']);
      const [ship] = await kit.odoo.call<Record<string, unknown>[]>('res.partner', 'search_read', {
        domain: [['id', '=', found.partner_shipping_id[0]]],
        fields: ['street', 'city', 'type', 'state_id'],
      });
      // A region Odoo does not have still stands in the address.
      assert.deepEqual(
        { ...ship, id: 0 },
        { id: 0, street, city: 'Bayonne, Nowhere', type: 'delivery', state_id: false },
      );
    });

    it('a discount that is a percentage, in the line', async () => {
      const given = order('percent', {
        lines: [line({ quantity: '3', discount: '3.00', taxes: tax('4.05') })],
        totals: { net: '27.00', tax: '4.05', gross: '31.05' },
      });
      await kit.writer.write(given);
      const found = await landsOnce(given, 1);
      assert.deepEqual(totals(found), ['27.00', '4.05', '31.05']);
      assert.equal((await linesOf(found))[0]!.discount, 10);
    });

    it('a discount no percentage gives, on a line of its own', async () => {
      const given = order('amount', {
        lines: [line({ quantity: '3', unitPrice: '1000.00', discount: '0.07', taxes: tax('449.99') })],
        totals: { net: '2999.93', tax: '449.99', gross: '3449.92' },
      });
      await kit.writer.write(given);
      const found = await landsOnce(given, 2);
      assert.deepEqual(totals(found), ['2999.93', '449.99', '3449.92']);
      const [, off] = await linesOf(found);
      assert.deepEqual([off!.price_unit, off!.product_uom_qty], [-0.07, 1]);
    });

    it('discounts whose fractions of a cent would add up', async () => {
      // 0.14 % of 70.00 is 0.098: right for a line, a cent too little off three.
      const dime = (id: string) =>
        line({ id, quantity: '1', unitPrice: '70.00', discount: '0.10', taxes: [] });
      const given = order('dimes', {
        lines: ['1', '2', '3'].map(dime),
        totals: { net: '209.70', tax: '0.00', gross: '209.70' },
      });
      await kit.writer.write(given);
      assert.deepEqual(totals(await stored(given)), ['209.70', '0.00', '209.70']);
    });

    it('shipping, with tax and a discount of its own', async () => {
      const given = order('shipping', {
        shipping: [{ id: 's', name: 'Ground', price: '8.00', discount: '2.00', taxes: tax('0.90') }],
        totals: { net: '26.00', tax: '3.90', gross: '29.90' },
      });
      await kit.writer.write(given);
      const found = await landsOnce(given, 2);
      assert.deepEqual(totals(found), ['26.00', '3.90', '29.90']);
      const [, shipping] = await linesOf(found);
      assert.deepEqual([shipping!.name, shipping!.discount, shipping!.price_subtotal], ['Ground', 25, 6]);
    });

    it('a total Odoo computes otherwise leaves a quotation; the corrected message confirms it', async () => {
      const wrong = order('wrong', { lines: [line(), line({ id: '2', discount: '0.07' })] });
      await assert.rejects(kit.writer.write(wrong), (error) => {
        coded('ODOO_TOTAL_MISMATCH')(error);
        const { expected, actual } = (error as CodedError).facts;
        assert.deepEqual([expected, actual], ['23.00', '45.92']);
        return true;
      });
      assert.equal((await stored(wrong)).state, 'draft');
      // The mapping was wrong about the second line, which now has to go.
      const corrected = order('wrong');
      const { repeated } = await kit.writer.write(corrected);
      assert.equal(repeated, false);
      assert.deepEqual(totals(await landsOnce(corrected, 1)), ['20.00', '3.00', '23.00']);
    });

    it('not to be confirmed, it stays a quotation', async () => {
      const given = order('quotation');
      assert.equal((await kit.writer.write(given, { confirm: false })).state, 'draft');
      assert.equal((await kit.writer.write(given, { confirm: false })).repeated, true);
      assert.equal((await kit.writer.write(given)).state, 'sale');
      await landsOnce(given, 1);
    });
  });

  describe('what an order names', () => {
    it('a product of the demo data, and one by its barcode', async () => {
      const barcode = `${source}BAR`;
      const given = order('known', {
        lines: [line({ sku: 'FURN_7777' }), line({ id: '2', sku: `${source}-other`, barcode })],
        totals: { net: '40.00', tax: '6.00', gross: '46.00' },
      });
      await kit.writer.write(given);
      await landsOnce(given, 2);
    });

    it('an unknown product is named, and nothing is written', async () => {
      const customer = { id: 'never', name: 'Never Made' };
      const given = order('sku', { customer, lines: [line({ sku: 'NO-SUCH-SKU' })] });
      await assert.rejects(kit.writer.write(given), (error) => {
        assert.match((error as Error).message, /NO-SUCH-SKU/);
        assert.equal((error as CodedError).facts['sku'], 'NO-SUCH-SKU');
        return coded('PRODUCT_UNKNOWN')(error);
      });
      assert.equal(await countOf('sale.order', [['client_order_ref', '=', given.number]]), 0);
      assert.equal(
        (await findExternal(kit.odoo, 'res.partner', [externalId(source, 'partner', 'never')])).size,
        0,
      );
    });

    it('a value without an entry, an entry that leads nowhere, a currency that is not active', async () => {
      const taxed = (code: string) => [line({ taxes: [{ code, rate: '0.15', amount: '3.00' }] })];
      await assert.rejects(kit.writer.write(order('v1', { lines: taxed('other') })), coded('VALUE_UNMAPPED'));
      await assert.rejects(
        kit.writer.write(order('v2', { lines: taxed('gone') })),
        coded('ODOO_VALUE_UNKNOWN'),
      );
      await assert.rejects(kit.writer.write(order('v3', { currency: 'XTS' })), coded('CURRENCY_UNKNOWN'));
    });
  });
}
