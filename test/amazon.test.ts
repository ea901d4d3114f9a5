import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { compileMapping } from '../runtime/map/mapping.ts';
import type { OrderRules } from '../runtime/partners/partners.ts';
import { valueMaps } from '../runtime/values/value-maps.ts';

interface Mapped {
  pricesIncludeTax: boolean;
  hold?: string;
  taxesUntold?: boolean;
  warehouse?: string;
  lines: { unitPrice: string; discount?: string; taxes: { code: string; rate: string; amount: string }[] }[];
  totals: { net: string; tax: string; gross: string };
}

const vat = {
  map: 'vat',
  owner: 'finance',
  summary: 'For tests.',
  entries: [
    { from: 'A1PA6795UKMFR9 DE', to: '0.15' },
    { from: 'A1PA6795UKMFR9 CH', to: '0' },
    { from: 'A1PA6795UKMFR9 FR business', to: '0' },
    { from: 'A1VC38T7YXB528 JP', to: '0.10', source: 'amazon' },
  ],
};

function mapped(head: object, item: object, rules: Partial<OrderRules> = {}): Promise<Mapped> {
  const mapping = compileMapping({
    dir: 'definitions',
    file: 'mappings/amazon.order.jsonata',
    schema: 'schemas/order.v1.json',
    values: valueMaps([vat]),
    partners: { rules: () => ({ fulfilledElsewhere: 'quotation', ...rules }) as OrderRules },
  });
  const order = {
    AmazonOrderId: '902-2',
    PurchaseDate: '2026-11-02T09:40:00Z',
    LastUpdateDate: '2026-11-02T10:00:00Z',
    MarketplaceId: 'A1PA6795UKMFR9',
    FulfillmentChannel: 'MFN',
    OrderTotal: { CurrencyCode: 'EUR', Amount: '92.00' },
    ShippingAddress: { Name: 'Mia Roth', AddressLine1: 'Hafenweg 3', CountryCode: 'DE' },
    ...head,
  };
  const items = [
    {
      OrderItemId: '1',
      SellerSKU: 'A',
      QuantityOrdered: 2,
      ItemPrice: { CurrencyCode: 'EUR', Amount: '92.00' },
      ItemTax: { CurrencyCode: 'EUR', Amount: '0.00' },
      ...item,
    },
  ];
  return mapping.run({ order, items }) as Promise<Mapped>;
}
const to = (CountryCode: string) => ({ ShippingAddress: { AddressLine1: 'Hafenweg 3', CountryCode } });

describe('orders of Amazon', () => {
  it('tax that prices hold and Amazon does not tell comes from the value map vat', async () => {
    const { pricesIncludeTax, lines, totals } = await mapped({}, {});
    assert.equal(pricesIncludeTax, true);
    assert.deepEqual(lines[0]?.taxes, [{ code: 'VAT 15%', rate: '0.15', amount: '12.00' }]);
    assert.deepEqual(totals, { net: '80.00', tax: '12.00', gross: '92.00' });
  });
  it('by the country the goods go to, and whether a business buys', async () => {
    assert.deepEqual((await mapped(to('CH'), {})).totals, { net: '92.00', tax: '0.00', gross: '92.00' });
    const business = await mapped({ ...to('FR'), IsBusinessOrder: 'true' }, {});
    assert.deepEqual([business.lines[0]?.taxes, business.totals.net], [[], '92.00']);
    await assert.rejects(mapped({ ...to('IT'), IsBusinessOrder: 'true' }, {}), {
      code: 'VALUE_UNMAPPED',
      message: /A1PA6795UKMFR9 IT/,
    });
  });
  it('without an entry the taxes of the articles are Odoo’s to say', async () => {
    const { pricesIncludeTax, taxesUntold, lines, totals } = await mapped(to('FR'), {});
    assert.deepEqual([pricesIncludeTax, taxesUntold, lines[0]?.taxes], [true, true, []]);
    assert.equal(totals.gross, '92.00');
  });
  it('the tax of a promotion is taken off likewise, to the cent, and to the yen', async () => {
    const discounted = await mapped(
      { OrderTotal: { CurrencyCode: 'EUR', Amount: '82.00' } },
      { PromotionDiscount: { Amount: '10.00' } },
    );
    assert.deepEqual(discounted.totals, { net: '71.30', tax: '10.70', gross: '82.00' });
    const yen = await mapped(
      {
        ...to('JP'),
        MarketplaceId: 'A1VC38T7YXB528',
        OrderTotal: { CurrencyCode: 'JPY', Amount: '1234' },
      },
      { ItemPrice: { CurrencyCode: 'JPY', Amount: '1234' } },
    );
    assert.deepEqual(yen.totals, { net: '1122.00', tax: '112.00', gross: '1234.00' });
  });
  it('what Amazon ships itself: refused, a quotation, or an order of a warehouse of its own', async () => {
    const head = { FulfillmentChannel: 'AFN', ShippingAddress: { City: 'Bremen', CountryCode: 'DE' } };
    const quotation = await mapped(head, {});
    assert.deepEqual([quotation.hold, quotation.warehouse], ['fulfilled-elsewhere', undefined]);
    const order = await mapped(head, {}, { fulfilledElsewhere: 'order' });
    assert.deepEqual([order.hold, order.warehouse], [undefined, 'AFN']);
    await assert.rejects(mapped(head, {}, { fulfilledElsewhere: 'refuse' }), { code: 'UNSUPPORTED' });
  });
  it('the shipped value map is read, and names no rate that nobody decided', () => {
    assert.match(readFileSync('definitions/values/vat.yaml', 'utf8'), /^entries: \[\]$/m);
  });
});
