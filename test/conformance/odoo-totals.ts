/** Totals in Odoo: what rounding leaves is one line, what is more is explained; prices with tax, without, and turned. */
import assert from 'node:assert/strict';
import type { CanonicalOrder, Line } from '../../runtime/odoo/canonical-order.ts';
import { orderWriter, type OrderWriter } from '../../runtime/odoo/order/order.ts';
import { invoiceWriter } from '../../runtime/odoo/money/invoice.ts';
import { resolver } from '../../runtime/odoo/resolve.ts';
import { stockWriter } from '../../runtime/odoo/stock/stock.ts';
import { coded, lookup, type OdooKit } from './odoo-kit.ts';

export function odooTotals(kit: OdooKit): void {
  const { source, order, line, stored, linesOf, totals, landsOnce } = kit;
  const rounding = `${source}-ROUND`;
  const names: Record<string, string> = {
    'tax/IN19': `${source} 19 in`,
    'tax/ON19': `${source} 19 on`,
    'tax/ON5': `${source} 5 on`,
    'article/rounding': rounding,
  };
  const find = (map: string, value: string) => {
    const to = names[`${map}/${value}`];
    return to === undefined ? lookup(map, value) : { to };
  };
  const writer = (tolerance?: number): OrderWriter =>
    orderWriter({
      odoo: kit.odoo,
      lookup: find,
      ...(tolerance !== undefined && { tolerance: () => tolerance }),
    });

  /** 3.00 of tax as Odoo computes it; the partner's total is as told. */
  const priced = (id: string, gross: string, more: Partial<CanonicalOrder> = {}): CanonicalOrder =>
    order(id, { totals: { net: '20.00', tax: (Number(gross) - 20).toFixed(2), gross }, ...more });

  async function roundings({ number }: CanonicalOrder): Promise<number[][]> {
    const rows = await kit.odoo.call<{ price_unit: number; product_uom_qty: number; tax_ids: number[] }[]>(
      'sale.order.line',
      'search_read',
      {
        domain: [
          ['order_id.client_order_ref', '=', number],
          ['product_id.default_code', '=', rounding],
        ],
        fields: ['price_unit', 'product_uom_qty', 'tax_ids'],
      },
    );
    assert.ok(rows.every(({ tax_ids: taxes }) => taxes.length === 0));
    return rows.map(({ price_unit: price, product_uom_qty: quantity }) => [price, quantity]);
  }

  describe('totals', () => {
    before(async () => {
      const [field, within, onto] =
        (await kit.odoo.version()) >= 18
          ? ['price_include_override', 'tax_included', 'tax_excluded']
          : ['price_include', 'True', 'False'];
      await kit.admin.call('account.tax', 'load', {
        fields: ['id', 'name', 'amount', 'type_tax_use', field],
        data: [
          [`${source}.tax_in19`, `${source} 19 in`, '19', 'sale', within],
          [`${source}.tax_on19`, `${source} 19 on`, '19', 'sale', onto],
          [`${source}.tax_on5`, `${source} 5 on`, '5', 'sale', onto],
        ],
      });
    });

    it('a discount code over three taxed lines, as shops spread it', async () => {
      const part = (id: string, unitPrice: string, discount: string, amount: string) =>
        line({ id, quantity: '1', unitPrice, discount, taxes: kit.tax(amount) });
      const given = order('code', {
        lines: [
          part('1', '27.99', '2.80', '3.78'),
          part('2', '33.49', '3.35', '4.52'),
          part('3', '41.50', '4.15', '5.60'),
        ],
        totals: { net: '92.68', tax: '13.90', gross: '106.58' },
      });
      await writer().write(given);
      const found = await stored(given);
      assert.deepEqual([found.state, found.amount_total], ['sale', 106.58]);
      const discounts = (await linesOf(found)).map((one) => one.discount).slice(0, 3);
      assert.deepEqual(discounts, [10, 10, 10]);
    });

    it('taxes that the partner does not tell are those of the articles in Odoo, else the company’s usual one', async () => {
      const ids = async (names: string[]) => {
        const domain = [['name', 'in', names.map((name) => `${source} ${name}`)]];
        const rows = await kit.odoo.call<{ id: number }[]>('account.tax', 'search_read', {
          domain,
          fields: ['id'],
        });
        return rows.map(({ id }) => id);
      };
      const articles = {
        taxed: await ids(['19 on']),
        twice: await ids(['19 on', '5 on']),
        none: [] as number[],
      };
      await kit.odoo.call('product.product', 'load', {
        fields: ['id', 'name', 'default_code', 'type', 'taxes_id/.id'],
        data: Object.entries(articles).map(([name, taxes]) => [
          `${source}.product_${name}`,
          name,
          `${source}-${name}`,
          'consu',
          taxes.join(),
        ]),
      });
      const of = (name: string, unitPrice: string) =>
        line({ id: name, sku: `${source}-${name}`, quantity: '2', unitPrice, taxes: [] });
      const given = order('untold', {
        pricesIncludeTax: true,
        taxesUntold: true,
        lines: [of('taxed', '59.50'), of('twice', '6.20'), of('none', '3.45')],
        shipping: [{ id: 's', name: 'Shipping', price: '11.90', taxes: [] }],
        totals: { net: '150.20', tax: '0.00', gross: '150.20' },
      });
      assert.equal((await writer().write(given)).state, 'sale');
      assert.equal((await writer().write(given)).repeated, true);
      assert.deepEqual(totals(await stored(given)), ['126.00', '24.20', '150.20']);
    });

    it('what rounding left is one line without tax, also when the order comes again', async () => {
      const given = priced('cent', '23.01');
      assert.equal((await writer().write(given, { confirm: false })).repeated, false);
      assert.equal((await writer().write(given, { confirm: false })).repeated, true);
      assert.deepEqual(await roundings(given), [[0.01, 1]]);
      assert.equal((await writer().write(given)).state, 'sale');
      assert.equal((await writer().write(given)).repeated, true);
      const found = await landsOnce(given, 2);
      assert.deepEqual(totals(found), ['20.01', '3.00', '23.01']);
      const [article] = await kit.odoo.call<Record<string, unknown>[]>('product.product', 'search_read', {
        domain: [['default_code', '=', rounding]],
        fields: ['type', 'invoice_policy'],
      });
      assert.deepEqual([article!['type'], article!['invoice_policy']], ['service', 'order']);
    });

    it('rounding downwards, and a tax that is a cent less', async () => {
      await writer().write(priced('less', '22.99'));
      assert.deepEqual(await roundings(priced('less', '22.99')), [[-0.01, 1]]);
      const given = order('less-tax', { totals: { net: '20.01', tax: '2.99', gross: '23.00' } });
      await writer().write(given);
      assert.deepEqual(totals(await landsOnce(given, 1)), ['20.00', '3.00', '23.00']);
    });

    it('a quotation that is right at last has no rounding line any more', async () => {
      await writer().write(priced('right', '23.01'), { confirm: false });
      const later = priced('right', '23.00');
      await writer().write(later);
      assert.deepEqual(totals(await landsOnce(later, 1)), ['20.00', '3.00', '23.00']);
    });

    it('an update brings, changes and ends the rounding of a confirmed order, in one line', async () => {
      const version = (at: number, gross: string) =>
        priced('changes', gross, { version: `2026-01-0${at}T00:00:00.000Z`, note: `version ${at}` });
      const two = (at: number, gross: string, net: string) =>
        priced('changes', gross, {
          version: `2026-01-0${at}T00:00:00.000Z`,
          lines: [line(), line({ id: '2', quantity: '1', taxes: kit.tax('1.50') })],
          totals: { net, tax: (Number(gross) - Number(net)).toFixed(2), gross },
        });
      await writer().write(version(1, '23.00'));
      const more = two(2, '34.51', '30.00');
      await writer().update(more);
      await writer().update(more);
      assert.deepEqual(await roundings(more), [[0.01, 1]]);
      assert.equal((await stored(more)).amount_total, 34.51);
      const three = priced('changes', '23.00', { version: '2026-01-04T00:00:00.000Z' });
      await writer().update(three);
      assert.deepEqual(await roundings(three), [[0, 0]]);
      assert.equal((await stored(three)).amount_total, 23);
      const four = two(5, '34.49', '30.00');
      await writer().update(four);
      assert.deepEqual(await roundings(four), [[-0.01, 1]]);
      assert.equal((await stored(four)).amount_total, 34.49);
    });

    it('a total that was counted finer than the currency is paid in its smallest unit', async () => {
      const given = order('finer', {
        lines: [line({ quantity: '3', unitPrice: '0.3333', taxes: kit.tax('0.149985') })],
        totals: { net: '0.9999', tax: '0.149985', gross: '1.149885' },
      });
      await writer(0).write(given);
      assert.deepEqual(totals(await landsOnce(given, 1)), ['1.00', '0.15', '1.15']);
    });

    it('above the tolerance it says which side has what, and why', async () => {
      const refusals: [CanonicalOrder, number, RegExp][] = [
        [
          priced('more', '23.02'),
          1,
          /23\.02 USD \(20\.00 and 3\.02 tax\).*computes 23 for S.*\(20 and 3 tax\).*Rounding Method.*0\.01/,
        ],
        [priced('none', '23.01'), 0, /Rounding Method/],
        [
          priced('rate', '21.00', {
            lines: [line({ taxes: [{ code: 'T15', rate: '0.05', amount: '1.00' }] })],
          }),
          1,
          new RegExp(`tax T15 is 5 % there and 15 % in Odoo \\('${lookup('tax', 'T15')!.to}'`),
        ],
        [
          priced('self', '22.00', { totals: { net: '19.00', tax: '3.00', gross: '22.00' } }),
          1,
          /its own lines come to 20 and not/,
        ],
      ];
      for (const [given, tolerance, message] of refusals) {
        await assert.rejects(writer(tolerance).write(given), (error) => {
          assert.match((error as Error).message, message);
          return coded('ODOO_TOTAL_MISMATCH')(error);
        });
        assert.equal((await stored(given)).state, 'draft');
      }
    });

    it('a quantity Odoo would round is no rounding', async () => {
      const given = order('inexact', {
        lines: [line({ quantity: '0.125', unitPrice: '0.10', taxes: [] })],
        totals: { net: '0.01', tax: '0.00', gross: '0.01' },
      });
      await assert.rejects(writer().write(given), coded('QUANTITY_INEXACT'));
    });

    const vat = (code: string, amount: string) => [{ code, rate: '0.19', amount }];
    const gross: CanonicalOrder['totals'] = { net: '24.36', tax: '4.63', gross: '28.99' };
    const withTax = (id: string, code: string): CanonicalOrder =>
      order(id, {
        pricesIncludeTax: true,
        lines: [line({ quantity: '3', unitPrice: '9.99', discount: '5.97', taxes: vat(code, '3.83') })],
        shipping: [{ id: 's', name: 'Post', price: '4.99', taxes: vat(code, '0.80') }],
        totals: gross,
      });

    it('prices with tax stay as they are where those of Odoo have it too', async () => {
      const given = withTax('in-in', 'IN19');
      await writer().write(given);
      const found = await stored(given);
      assert.deepEqual(totals(found), ['24.36', '4.63', '28.99']);
      assert.deepEqual(await roundings(given), []);
      assert.equal((await linesOf(found))[0]!.price_unit, 9.99);
    });

    it('prices with tax are turned where those of Odoo are without', async () => {
      const given = withTax('in-on', 'ON19');
      await writer().write(given);
      const found = await stored(given);
      assert.equal(found.amount_total, 28.99);
      assert.equal((await linesOf(found))[0]!.price_unit, 8.394958);
      const known = resolver(kit.odoo, lookup, 60_000);
      const about = { source: `${source}fin`, id: 'in-on', order: { source, id: 'in-on' } };
      const lines = [{ sku: `${source}-A`, quantity: '3' }];
      await stockWriter(kit.odoo, known).move('shipment', { ...about, lines });
      assert.equal((await invoiceWriter(kit.odoo, known).invoice(about)).total, '28.99');
    });

    it('prices without tax are turned where those of Odoo have it', async () => {
      const given = order('on-in', {
        lines: [line({ unitPrice: '8.40', taxes: vat('IN19', '3.19') })],
        totals: { net: '16.80', tax: '3.19', gross: '19.99' },
      });
      await writer().write(given);
      const found = await stored(given);
      assert.deepEqual(totals(found), ['16.80', '3.19', '19.99']);
      assert.equal((await linesOf(found))[0]!.price_unit, 9.996);
    });

    it('several taxes in one price', async () => {
      const taxes: Line['taxes'] = [
        { code: 'ON19', rate: '0.19', amount: '19.00' },
        { code: 'ON5', rate: '0.05', amount: '5.00' },
      ];
      const given = order('two', {
        pricesIncludeTax: true,
        lines: [line({ quantity: '1', unitPrice: '124.00', taxes })],
        totals: { net: '100.00', tax: '24.00', gross: '124.00' },
      });
      await writer().write(given);
      assert.deepEqual(totals(await landsOnce(given, 1)), ['100.00', '24.00', '124.00']);
    });

    it('cents that parts add up to are in the last invoice: all come to the total', async () => {
      const given = order('parts', {
        lines: [line({ unitPrice: '1.23', taxes: kit.tax('0.37') })],
        totals: { net: '2.46', tax: '0.37', gross: '2.83' },
      });
      await writer().write(given);
      const known = resolver(kit.odoo, find, 60_000);
      const about = (id: string) => ({ source: `${source}fin`, id, order: { source, id: 'parts' } });
      const totalsOf: string[] = [];
      for (const part of ['1', '2']) {
        const lines = [{ sku: `${source}-A`, quantity: '1' }];
        await stockWriter(kit.odoo, known).move('shipment', { ...about(`parts-s${part}`), lines });
        const invoice = await invoiceWriter(kit.odoo, known).invoice(about(`parts-i${part}`));
        assert.equal(
          (await invoiceWriter(kit.odoo, known).invoice(about(`parts-i${part}`))).total,
          invoice.total,
        );
        totalsOf.push(invoice.total);
      }
      assert.deepEqual(totalsOf, ['1.41', '1.42']);
    });

    it('shipped in two parts, the invoices and the payment come to the total once', async () => {
      const given = priced('cash', '46.01', {
        lines: [line({ quantity: '4', taxes: kit.tax('6.00') })],
        totals: { net: '40.00', tax: '6.01', gross: '46.01' },
      });
      await writer().write(given);
      const known = resolver(kit.odoo, lookup, 60_000);
      const about = (kind: string) => ({
        source: `${source}fin`,
        id: `cash-${kind}`,
        order: { source, id: 'cash' },
      });
      const ship = (id: string, quantity: string) =>
        stockWriter(kit.odoo, known).move('shipment', {
          ...about(id),
          lines: [{ sku: `${source}-A`, quantity }],
        });
      await ship('s1', '1');
      const first = await invoiceWriter(kit.odoo, known).invoice(about('i1'));
      await ship('s2', '3');
      const second = await invoiceWriter(kit.odoo, known).invoice(about('i2'));
      assert.deepEqual([first.total, second.total], ['11.51', '34.50']);
      await invoiceWriter(kit.odoo, known).pay({ ...about('p'), amount: '46.01', currency: 'USD' });
      const open = await kit.odoo.call<{ amount_residual: number }[]>('account.move', 'search_read', {
        domain: [['id', 'in', [first.id, second.id]]],
        fields: ['amount_residual'],
      });
      assert.deepEqual(
        open.map((move) => move.amount_residual),
        [0, 0],
      );
    });
  });
}
