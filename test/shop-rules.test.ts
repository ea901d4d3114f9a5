/** What the rules of a shop change: tests, unpaid orders, the usual country. */
import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { compileMapping, mappingVariables } from '../runtime/map/mapping.ts';
import type { OrderRules } from '../runtime/partners/partners.ts';
import { loadValueMaps } from '../runtime/values/value-maps.ts';

const definitions = resolve(import.meta.dirname, '../definitions');
const usual: OrderRules = { tolerance: 1, tests: 'refuse', unpaid: 'wait', fulfilledElsewhere: 'quotation' };

const map = (name: string, given: object, rules: Partial<OrderRules>): Promise<unknown> =>
  compileMapping({
    dir: definitions,
    file: `mappings/${name}.jsonata`,
    ...(name.endsWith('order') && { schema: 'schemas/order.v1.json' }),
    ...(name.endsWith('payment') && { schema: 'schemas/payment.v1.json' }),
    values: loadValueMaps(join(definitions, 'values')),
    variables: mappingVariables,
    partners: { rules: () => ({ ...usual, ...rules }) },
  }).run(given);

const shopify = {
  id: '1',
  order_number: 1004,
  created_at: '2026-11-02T14:00:00Z',
  updated_at: '2026-11-02T14:00:00Z',
  currency: 'USD',
  taxes_included: false,
  financial_status: 'pending',
  total_price: '10.00',
  total_tax: '0.00',
  line_items: [{ id: '1', sku: 'A-1', name: 'A', quantity: 1, price: '10.00' }],
};
const woocommerce = {
  id: 729,
  number: '729',
  status: 'on-hold',
  currency: 'USD',
  date_created_gmt: '2026-11-02T14:14:58',
  date_modified_gmt: '2026-11-02T14:14:58',
  customer_id: 0,
  total_tax: '0.00',
  total: '10.00',
  line_items: [{ id: 1, name: 'A', quantity: 1, subtotal: '10.00', total: '10.00', taxes: [], sku: 'A' }],
};

const holdOf = async (name: string, given: object, rules: Partial<OrderRules>): Promise<unknown> =>
  ((await map(name, given, rules)) as { hold?: string }).hold;

describe('the rules of a shop', () => {
  for (const [name, order] of [
    ['shopify', shopify],
    ['woocommerce', woocommerce],
  ] as const)
    it(`${name}: an unpaid order waits, is a quotation, or an order`, async () => {
      assert.equal(await map(`${name}.state`, order, { unpaid: 'wait' }), 'wait');
      assert.equal(await map(`${name}.state`, order, { unpaid: 'quotation' }), 'take');
      assert.equal(await map(`${name}.state`, order, { unpaid: 'order' }), 'take');
      assert.equal(await holdOf(`${name}.order`, order, { unpaid: 'quotation' }), 'unpaid');
      assert.equal(await holdOf(`${name}.order`, order, { unpaid: 'order' }), undefined);
    });

  it('an order on account is not unpaid', async () => {
    const onAccount = { ...shopify, payment_terms: { payment_terms_name: 'NET_30' } };
    assert.equal(await map('shopify.state', onAccount, { unpaid: 'wait' }), 'take');
    assert.equal(await holdOf('shopify.order', onAccount, { unpaid: 'quotation' }), undefined);
  });

  it('what is paid is never held', async () => {
    const rules = { unpaid: 'quotation', tests: 'quotation' } as const;
    assert.equal(
      await holdOf('shopify.order', { ...shopify, financial_status: 'authorized' }, rules),
      undefined,
    );
    assert.equal(
      await holdOf('woocommerce.order', { ...woocommerce, status: 'completed' }, rules),
      undefined,
    );
  });

  it('a test order is refused, a quotation, or an order', async () => {
    const test = { ...shopify, test: true, financial_status: 'paid' };
    await assert.rejects(map('shopify.order', test, { tests: 'refuse' }), { code: 'UNSUPPORTED' });
    assert.equal(
      await holdOf('shopify.order', { ...test, financial_status: 'pending' }, { tests: 'quotation' }),
      'test',
    );
    assert.equal(await map('shopify.state', test, { tests: 'order' }), 'take');
    assert.equal(await holdOf('shopify.order', test, { tests: 'order' }), undefined);
  });

  it('an address without a country gets the usual one', async () => {
    const to = { address1: '5 Mill Lane', city: 'Bath' };
    const order = (await map('shopify.order', { ...shopify, shipping_address: to }, { country: 'GB' })) as {
      shipTo: { country: string };
    };
    assert.equal(order.shipTo.country, 'GB');
    await assert.rejects(map('shopify.order', { ...shopify, shipping_address: to }, {}), {
      code: 'SCHEMA_INVALID',
      message: /^shipTo\/country/,
    });
  });

  it('a payment with an order_id alone is for the order of that number of the shop', async () => {
    const payment = {
      type: 'payment_intent.succeeded',
      data: {
        object: {
          id: 'pi_7',
          object: 'payment_intent',
          amount_received: 5290,
          currency: 'usd',
          created: 1777975200,
          metadata: { order_id: '727', site_url: 'https://shop.example' },
        },
      },
    };
    const { order } = (await map('stripe.payment', payment, { shop: 'woocommerce' })) as { order: object };
    assert.deepEqual(order, { source: 'woocommerce', number: '727' });
    await assert.rejects(map('stripe.payment', payment, {}), {
      code: 'UNSUPPORTED',
      message: /definitions\/partners\/stripe[.]yaml/,
    });

    const refund = { ...payment.data.object, object: 'refund', amount: 5290, payment_intent: 'pi_7' };
    const back = await map(
      'stripe.payment',
      { type: 'refund.created', data: { object: refund } },
      { shop: 'woocommerce' },
    );
    assert.deepEqual((back as { order: object }).order, { payment: 'pi_7' });
  });
});
