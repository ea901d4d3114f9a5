/** What of a canonical order stands in which cell of Odoo's import, to the last digit. */
import assert from 'node:assert/strict';
import Big from 'big.js';
import type { OdooTax } from '../runtime/odoo/arithmetic.ts';
import type { CanonicalOrder, Charge, Line } from '../runtime/odoo/canonical-order.ts';
import { needsDiscountLine, orderRecord, type References } from '../runtime/odoo/order/rows.ts';
import type { Product } from '../runtime/odoo/products.ts';
import { dialectOfVersion } from '../runtime/odoo/versions/dialect.ts';

const names = dialectOfVersion(19);
const vat: OdooTax = { id: 7, name: '20%', percent: Big(20), included: false };
const eco: OdooTax = { id: 8, name: '10%', percent: Big(10), included: true };
const tax = (code: string, rate: string) => ({ code, rate, amount: '0' });
const bolt: Product = { id: 50, uom: 1, isService: false };

const line: Line = {
  id: 'L1',
  sku: 'HX-1',
  name: 'Hex bolt',
  quantity: '3',
  unitPrice: '10.00',
  taxes: [tax('vat', '0.2')],
};
const charge: Charge = { id: 'C1', name: 'Parcel', price: '5.00', taxes: [] };
const order: CanonicalOrder = {
  source: 'shop',
  id: '1001',
  number: '#1001',
  placedAt: '2026-01-02T03:04:05+01:00',
  currency: 'USD',
  customer: { id: '1', name: 'Ann' },
  pricesIncludeTax: false,
  lines: [line],
  totals: { net: '30.00', tax: '6.00', gross: '36.00' },
};
const refsOf = (of: CanonicalOrder, more: Partial<References> = {}): References => ({
  parties: { customer: 11, billTo: 12, shipTo: 13 },
  currency: { pricelist: 4, unit: '0.01' },
  products: new Map([['HX-1', bolt]]),
  charges: new Map((of.shipping ?? []).map((one) => [one, { id: 60, uom: 2, isService: true }])),
  discount: { id: 70, uom: 3, isService: true },
  taxes: new Map([
    ['vat', vat],
    ['eco', eco],
  ]),
  arithmetic: { quantity: 2, discount: 2, perLine: true },
  units: new Map(),
  ...more,
});
const rowsOf = (changes: Partial<CanonicalOrder> = {}, more: Partial<References> = {}, dialect = names) => {
  const changed = { ...order, ...changes };
  return orderRecord(changed, refsOf(changed, more), dialect).rows;
};
const cells = (row: Record<string, string>, ...columns: string[]) =>
  columns.map((column) => row[`order_line/${column}`]);

describe('rows of an order', () => {
  it('the first has the head and a line, every cell of them', () => {
    const record = orderRecord(order, refsOf(order), names);
    assert.equal(record.externalId, 'shop.order_1001');
    assert.deepEqual(record.rows, [
      {
        id: 'shop.order_1001',
        'partner_id/.id': '11',
        'partner_invoice_id/.id': '12',
        'partner_shipping_id/.id': '13',
        'pricelist_id/.id': '4',
        client_order_ref: '#1001',
        origin: '',
        date_order: '2026-01-02 02:04:05',
        note: '',
        'order_line/id': 'shop.order_1001_line_L1',
        'order_line/name': 'Hex bolt',
        'order_line/product_id/.id': '50',
        [`order_line/${names.lineUom}/.id`]: '1',
        'order_line/product_uom_qty': '3',
        'order_line/price_unit': '10',
        'order_line/discount': '0',
        [`order_line/${names.lineTaxes}/.id`]: '7',
      },
    ]);
  });

  it('what an order may leave out stands there when it says it', () => {
    const [row] = rowsOf(
      { reference: 'PO 7' },
      { warehouse: 5, paymentTerms: 6, currency: { unit: '0.01' } },
    );
    assert.deepEqual(
      [row!['origin'], row!['warehouse_id/.id'], row!['payment_term_id/.id'], row!['pricelist_id/.id']],
      ['PO 7', '5', '6', ''],
    );
  });

  it('a note is HTML, or plain where Odoo keeps it so', () => {
    const note = 'a < b > c & d\nnext & last\n<i>';
    assert.equal(rowsOf({ note })[0]!['note'], 'a &lt; b &gt; c &amp; d<br>next &amp; last<br>&lt;i&gt;');
    const plain = { ...names, plainNotes: true };
    assert.equal(rowsOf({ note }, {}, plain)[0]!['note'], note);
    assert.equal(rowsOf({}, {}, plain)[0]!['note'], '');
  });

  it('lines and charges follow each other, the head stands once', () => {
    const rows = rowsOf({
      lines: [line, { ...line, id: 'L2', taxes: [tax('vat', '0.2'), tax('eco', '0.1')] }],
      shipping: [charge],
    });
    assert.deepEqual(rows.map((row) => [row['id'], ...cells(row, 'id', 'product_id/.id', `${names.lineUom}/.id`, `${names.lineTaxes}/.id`)]), [
      ['shop.order_1001', 'shop.order_1001_line_L1', '50', '1', '7'],
      [undefined, 'shop.order_1001_line_L2', '50', '1', '7,8'],
      [undefined, 'shop.order_1001_charge_C1', '60', '2', ''],
    ]); // prettier-ignore
    assert.deepEqual(cells(rows[2]!, 'name', 'product_uom_qty', 'price_unit', 'discount'), [
      'Parcel',
      '1',
      '5',
      '0',
    ]);
  });

  it('a discount is in percent where that gives it to the cent, else a line that takes it off', () => {
    const [whole, ...more] = rowsOf({ lines: [{ ...line, discount: '3.00' }] });
    assert.deepEqual([cells(whole!, 'price_unit', 'discount'), more], [['10', '10'], []]);
    const rows = rowsOf({ lines: [{ ...line, unitPrice: '1000.00', discount: '0.01' }] });
    const of = [
      'id',
      'name',
      'product_id/.id',
      `${names.lineUom}/.id`,
      'product_uom_qty',
      'price_unit',
      'discount',
      `${names.lineTaxes}/.id`,
    ];
    assert.deepEqual(rows.map((row) => cells(row, ...of)), [
      ['shop.order_1001_line_L1', 'Hex bolt', '50', '1', '3', '1000', '0', '7'],
      ['shop.order_1001_line_L1_discount', 'Discount: Hex bolt', '70', '3', '1', '-0.01', '0', '7'],
    ]); // prettier-ignore
    const off = rowsOf({ shipping: [{ ...charge, price: '999.00', discount: '0.01' }] });
    assert.deepEqual(off.map((row) => cells(row, 'price_unit', 'discount')), [['10', '0'], ['999', '0'], ['-0.01', '0']]); // prettier-ignore
  });

  it('prices are told in the basis of Odoo, the discount too', () => {
    const [included] = rowsOf({ pricesIncludeTax: true, lines: [{ ...line, unitPrice: '12.00' }] });
    assert.deepEqual(cells(included!, 'price_unit'), ['10']);
    const [onto] = rowsOf({ lines: [{ ...line, taxes: [tax('eco', '0.1')] }] });
    assert.deepEqual(cells(onto!, 'price_unit'), ['11']);
    const off = rowsOf({
      lines: [{ ...line, unitPrice: '1000.00', discount: '0.01', taxes: [tax('eco', '0.1')] }],
    });
    assert.deepEqual(
      off.map((row) => cells(row, 'price_unit')),
      [['1100'], ['-0.011']],
    );
  });

  it("a unit of the partner's is so many of Odoo's", () => {
    const units = new Map([[line, { id: 9, factor: Big('12') }]]);
    const [row] = rowsOf({}, { units });
    assert.deepEqual(cells(row!, `${names.lineUom}/.id`, 'product_uom_qty', 'price_unit'), [
      '9',
      '36',
      '0.833333',
    ]);
  });

  it('a quantity of more decimals than Odoo keeps is refused', () => {
    const of = (quantity: string) => rowsOf({ lines: [{ ...line, quantity }] });
    assert.deepEqual(cells(of('0.25')[0]!, 'product_uom_qty'), ['0.25']);
    assert.throws(() => of('0.125'), { code: 'QUANTITY_INEXACT', facts: { quantity: '0.125', decimals: 2 } });
  });

  it('a line for discounts is needed only where a percentage is not enough, of goods or charges', () => {
    const needed = (changes: Partial<CanonicalOrder>) => {
      const changed = { ...order, ...changes };
      return needsDiscountLine(changed, refsOf(changed));
    };
    assert.equal(needed({}), false);
    assert.equal(needed({ lines: [{ ...line, discount: '3.00' }], shipping: [charge] }), false);
    assert.equal(needed({ lines: [line, { ...line, unitPrice: '1000.00', discount: '0.01' }] }), true);
    assert.equal(needed({ shipping: [{ ...charge, price: '999.00', discount: '0.01' }] }), true);
    assert.equal(needed({ shipping: [{ ...charge, discount: '0.50' }] }), false);
  });
});
