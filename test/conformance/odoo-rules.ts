/** Orders in Odoo that are not confirmed, have no article of the catalogue, short addresses, or nothing to pay or to ship. */
import assert from 'node:assert/strict';
import type { CodedError } from '../../runtime/errors/coded-error.ts';
import type { Address, CanonicalOrder } from '../../runtime/odoo/canonical-order.ts';
import { invoiceWriter } from '../../runtime/odoo/money/invoice.ts';
import { resolver } from '../../runtime/odoo/resolve.ts';
import { stockWriter } from '../../runtime/odoo/stock/stock.ts';
import { coded, lookup, type OdooKit } from './odoo-kit.ts';

export function odooRules(kit: OdooKit): void {
  const { source, order, line, stored, linesOf, landsOnce } = kit;
  const limit = '10000';

  /** The id of a res.partner that the order names. */
  async function partner(
    given: CanonicalOrder,
    role: 'invoice' | 'shipping',
  ): Promise<Record<string, unknown>> {
    const field = `partner_${role}_id`;
    const [head] = await kit.odoo.call<Record<string, [number, string]>[]>('sale.order', 'search_read', {
      domain: [['client_order_ref', '=', given.number]],
      fields: [field],
    });
    const [row] = await kit.odoo.call<Record<string, unknown>[]>('res.partner', 'search_read', {
      domain: [['id', '=', head![field]![0]]],
      fields: ['name', 'street', 'city', 'zip', 'state_id', 'country_id'],
    });
    return row!;
  }

  describe('holds', () => {
    before(async () => {
      const rows = await kit.odoo.call<{ id: number }[]>('res.currency', 'search_read', {
        domain: [
          ['name', 'in', ['JPY', 'KWD']],
          ['active', '=', false],
        ],
        fields: ['name'],
        context: { active_test: false },
      });
      const ids = rows.map(({ id }) => id);
      if (ids.length > 0) await kit.admin.call('res.currency', 'write', { ids, vals: { active: true } });
    });

    const amounts = (id: string, currency: string, each: string, total: string) =>
      order(id, {
        currency,
        lines: [line({ unitPrice: each, taxes: [] })],
        totals: { net: total, tax: '0', gross: total },
      });

    it('the limit is in the currency of the company, at the rate of the day', async () => {
      const yen = await kit.writer.write(amounts('yen', 'JPY', '6000', '12000'), { limit });
      assert.deepEqual([yen.state, yen.held, yen.transfers], ['sale', undefined, 1]);
      const dinar = await kit.writer.write(amounts('dinar', 'KWD', '2000.000', '4000.000'), { limit });
      assert.deepEqual([dinar.state, dinar.held], ['draft', 'credit']);
      const dollar = await kit.writer.write(amounts('dollar', 'USD', '5000.00', '10000.00'), { limit });
      assert.deepEqual([dollar.state, dollar.held], ['draft', 'credit']);
      await assert.rejects(
        kit.writer.write(amounts('none', 'XTS', '1.00', '2.00'), { limit }),
        coded('CURRENCY_UNKNOWN'),
      );
    });

    it('a quotation is confirmed when it is less than the limit, or a person wants it', async () => {
      const [small, large] = [
        amounts('small', 'JPY', '6000', '12000'),
        amounts('large', 'KWD', '2000', '4000'),
      ];
      for (const given of [small, large]) await kit.writer.write({ ...given, hold: 'unpaid' });
      const first = await kit.writer.confirm({ source, id: 'small' }, limit);
      assert.deepEqual([first.state, first.held, first.transfers], ['sale', undefined, 1]);
      const second = await kit.writer.confirm({ source, id: 'large' }, limit);
      assert.deepEqual([second.state, second.held], ['draft', 'credit']);
      assert.equal((await kit.writer.confirm({ source, id: 'large' })).state, 'sale');
    });

    it('what waited for its payment is written anew when it is paid, and not when a person has confirmed it', async () => {
      const given = order('waited', { hold: 'unpaid' });
      const paid = order('waited', { lines: [line({ quantity: '4', unitPrice: '5.00' })] });
      await kit.writer.write(given);
      assert.equal((await kit.writer.write(paid, { before: 'unpaid' })).state, 'sale');
      const [only, ...more] = await linesOf(await stored(given));
      assert.deepEqual([only!.product_uom_qty, only!.price_unit, more], [4, 5, []]);
      await assert.rejects(kit.writer.write(order('waited'), { before: 'unpaid' }), coded('CLAIM_CONFLICT'));
    });

    it('what a partner holds is a quotation; told again without, it is confirmed', async () => {
      const given = order('held', { hold: 'unpaid' });
      const held = await kit.writer.write(given);
      assert.deepEqual([held.state, held.held], ['draft', 'unpaid']);
      const paid = await kit.writer.write(order('held'));
      assert.deepEqual([paid.id, paid.state, paid.held], [held.id, 'sale', undefined]);
    });
  });

  describe('the same order, or another', () => {
    it('another customer, number, article, quantity or total under the id of a known order is a conflict', async () => {
      const given = order('mine');
      await kit.writer.write(given);
      const others: Partial<CanonicalOrder>[] = [
        { customer: { id: 'C2', name: 'Bob Conformance' } },
        { number: `${source}-other` },
        { lines: [line({ sku: 'FURN_7777' })] },
        { lines: [line({ quantity: '4', unitPrice: '5.00' })] },
        {
          lines: [line({ quantity: '1', taxes: [] })],
          totals: { net: '10.00', tax: '0.00', gross: '10.00' },
        },
        { lines: [line({ id: '2' })] },
      ];
      for (const other of others)
        await assert.rejects(kit.writer.write({ ...given, ...other }), coded('CLAIM_CONFLICT'));
      const version = '2026-02-01T00:00:00.000Z';
      const again = { ...given, version, note: 'Said later', lines: [line({ quantity: '2.0' })] };
      assert.equal((await kit.writer.write(again)).repeated, true);
      await landsOnce(given, 1);
    });

    it('two of one id in one batch: the second with other content is a conflict; a correction of what failed lands', async () => {
      const given = order('twice');
      const more = [line({ quantity: '3', taxes: kit.tax('4.50') })];
      const other = { ...given, lines: more, totals: { net: '30.00', tax: '4.50', gross: '34.50' } };
      const [first, second, third] = await Promise.allSettled(
        [given, other, given].map((one) => kit.writer.write(one)),
      );
      assert.deepEqual([first!.status, third!.status], ['fulfilled', 'fulfilled']);
      coded('CLAIM_CONFLICT')((second as PromiseRejectedResult).reason);
      await landsOnce(given, 1);

      const wrong = order('repaired', { lines: [line({ sku: 'NO-SUCH-SKU' })] });
      const [bad, good] = await Promise.allSettled(
        [wrong, order('repaired')].map((one) => kit.writer.write(one)),
      );
      coded('PRODUCT_UNKNOWN')((bad as PromiseRejectedResult).reason);
      assert.equal(good!.status, 'fulfilled');
    });
  });

  describe('articles by rule', () => {
    it('a kind of line and a code of a charge get a service, made once', async () => {
      const given = order('tip', {
        lines: [
          line({ taxes: [] }),
          line({
            id: '2',
            sku: `${source}-TIP`,
            kind: 'tip',
            name: 'Tip',
            quantity: '1',
            unitPrice: '5.00',
            taxes: [],
          }),
        ],
        shipping: [
          { id: 'w', code: 'gift-wrap', name: 'Wrapped', price: '1.00', taxes: [] },
          { id: 'g', code: 'GROUND', name: 'Ground', price: '4.00', taxes: [] },
        ],
        totals: { net: '30.00', tax: '0.00', gross: '30.00' },
      });
      const { transfers } = await kit.writer.write(given);
      assert.equal(transfers, 1);
      await landsOnce(given, 4);
      await kit.writers().write(order('tip2', { ...given, id: 'tip2', number: `${source}-tip2` }));
      const rows = await kit.odoo.call<{ type: string; name: string }[]>('product.product', 'search_read', {
        domain: [['default_code', 'in', [`${source}-TIP`, `${source}-WRAP`]]],
        fields: ['type'],
      });
      assert.deepEqual(
        rows.map(({ type }) => type),
        ['service', 'service'],
      );
      // A warehouse that tells of the tip too moves the goods.
      const moved = await kit.stock().move('shipment', {
        source: `${source}wms`,
        id: 'tip',
        order: { source, id: 'tip' },
        lines: [
          { sku: `${source}-A`, quantity: '2' },
          { sku: `${source}-TIP`, quantity: '1' },
        ],
      });
      assert.deepEqual([moved.state, moved.open, moved.lines.length], ['done', [], 1]);
    });

    it('an unknown article without a kind stays unknown', async () => {
      const given = order('nokind', { lines: [line({ sku: `${source}-CUSTOM` })] });
      await assert.rejects(kit.writer.write(given), coded('PRODUCT_UNKNOWN'));
    });

    it('two lines, or two charges, of one id are refused before Odoo is asked', async () => {
      const charge = { id: 's', name: 'Ground', price: '1.00', taxes: [] };
      for (const more of [{ lines: [line(), line()] }, { shipping: [charge, charge] }])
        await assert.rejects(kit.writer.write(order('twins', more)), (error) => {
          assert.match((error as CodedError).message, /^Two (lines|charges) of order /);
          return coded('SCHEMA_INVALID')(error);
        });
    });
  });

  describe('parties', () => {
    const shipTo: Address = {
      name: 'Ann Conformance',
      street: `${source} Quay 9`,
      city: 'San Francisco',
      postalCode: '94105',
      region: 'US-CA',
      country: 'US',
    };

    it('no street and no city, no address at all', async () => {
      const singapore = order('shortAddress', {
        shipTo: { name: 'Tan', postalCode: '018956', country: 'SG' },
      });
      await kit.writer.write(singapore);
      const { street, city, zip } = await partner(singapore, 'shipping');
      assert.deepEqual([street, city, zip], [false, false, '018956']);
      const bare = order('bare');
      await kit.writer.write(bare);
      assert.equal((await partner(bare, 'invoice'))['name'], 'Ann Conformance');
    });

    it('a bill-to without a street is where the goods go, unless it says that it is elsewhere', async () => {
      const wallet = order('wallet', {
        billTo: { name: 'A. Wallet', postalCode: '94105', country: 'US' },
        shipTo,
      });
      await kit.writer.write(wallet);
      const bill = await partner(wallet, 'invoice');
      assert.deepEqual(
        [bill['name'], bill['street'], bill['city']],
        ['A. Wallet', shipTo.street, 'San Francisco'],
      );
      assert.match(String(bill['state_id']), /California/);
      const elsewhere = order('elsewhere', {
        billTo: { name: 'A. Gift', postalCode: '10115', country: 'DE' },
        shipTo,
      });
      await kit.writer.write(elsewhere);
      const gift = await partner(elsewhere, 'invoice');
      assert.deepEqual([gift['street'], gift['zip']], [false, '10115']);
    });

    it('a country that Odoo has not is named', async () => {
      await assert.rejects(
        kit.writer.write(order('nowhere', { shipTo: { ...shipTo, country: 'QQ' } })),
        (error) => {
          assert.deepEqual((error as CodedError).facts, { map: 'country', value: 'QQ' });
          return coded('ODOO_VALUE_UNKNOWN')(error);
        },
      );
    });
  });

  describe('nothing to pay, nothing to ship', () => {
    const request = (of: string) => ({ source: `${source}fin`, id: `free-${of}`, order: { source, id: of } });

    it('an order of 0.00 is shipped, and its invoice of 0.00 is posted and paid', async () => {
      const given = order('free', {
        lines: [line({ unitPrice: '0.00', taxes: kit.tax('0.00') })],
        totals: { net: '0.00', tax: '0.00', gross: '0.00' },
      });
      await kit.writer.write(given, { limit });
      const known = resolver(kit.odoo, lookup, 60_000);
      await stockWriter(kit.odoo, known).move('shipment', {
        source: `${source}wms`,
        id: 'free',
        order: { source, id: 'free' },
        lines: [{ sku: `${source}-A`, quantity: '2' }],
      });
      const invoice = await invoiceWriter(kit.odoo, known).invoice(request('free'));
      assert.deepEqual([invoice.state, invoice.total, invoice.residual], ['posted', '0.00', '0.00']);
      const [move] = await kit.odoo.call<{ payment_state: string }[]>('account.move', 'search_read', {
        domain: [['id', '=', invoice.id]],
        fields: ['payment_state'],
      });
      assert.equal(move!.payment_state, 'paid');
    });

    it('an order of services has no transfer, and is invoiced', async () => {
      const given = order('services', {
        lines: [
          line({ sku: `${source}-CARD`, kind: 'gift-card', quantity: '1', unitPrice: '25.00', taxes: [] }),
        ],
        totals: { net: '25.00', tax: '0.00', gross: '25.00' },
      });
      const { state, transfers } = await kit.writer.write(given);
      assert.deepEqual([state, transfers], ['sale', 0]);
      const invoice = await invoiceWriter(kit.odoo, resolver(kit.odoo, lookup, 60_000)).invoice(
        request('services'),
      );
      assert.deepEqual([invoice.state, invoice.total], ['posted', '25.00']);
      assert.equal((await linesOf(await stored(given))).length, 1);
    });
  });
}
