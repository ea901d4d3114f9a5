/** A new partner from one request: how it signs, and what its fields are, with what is unsure marked. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { compileMapping } from '../runtime/map/mapping.ts';
import { loadValueMaps } from '../runtime/values/value-maps.ts';
import { sign } from '../runtime/verify/sign.ts';
import { schemeNames } from '../runtime/verify/schemes.ts';
import { mappingText } from '../runtime/workspace/partner/compose.ts';
import { fieldsOf } from '../runtime/workspace/partner/fields.ts';
import { propose } from '../runtime/workspace/partner/propose.ts';
import type { Row } from '../runtime/workspace/partner/row.ts';
import { recognise } from '../runtime/workspace/partner/recognise.ts';
import { readPasted } from '../runtime/workspace/partner/request.ts';
import { taxProblem } from '../runtime/workspace/partner/tax-sum.ts';

const schema = JSON.parse(readFileSync('definitions/schemas/order.v1.json', 'utf8')) as object;
const secret = 'acme-outdoor-secret';
const hmac = (text: string, encoding: 'hex' | 'base64' = 'hex', key: string | Buffer = secret) =>
  createHmac('sha256', key).update(text).digest(encoding);

const acme = {
  event: 'order.created',
  order: {
    id: 'b7c1',
    order_no: 'AO-1001',
    created_at: '2026-11-20T09:30:00Z',
    currency: 'USD',
    customer: { id: 'c-9', name: 'Robin Mercer', email: 'Robin@Example.com' },
    ship_to: {
      name: 'Robin Mercer',
      street: '12 Yard St',
      city: 'Fresno',
      state: 'CA',
      zip: '93702',
      country: 'US',
    },
    items: [
      { sku: 'FURN_7777', title: 'Office Chair', qty: 2, price: '70.00' },
      { sku: 'FURN_8888', title: 'Office Lamp', qty: 1, price: '40.00' },
    ],
    subtotal: '180.00',
    tax: '0.00',
    total: '180.00',
  },
};

/** Prices with tax, other names, lines further down. */
const berg = {
  meta: { version: 3 },
  data: {
    attributes: {
      orderNumber: 77_120,
      uuid: '5c0e-77',
      placedAt: '2026-11-20 09:30:00',
      currencyCode: 'EUR',
      buyer: { number: 4411, firstName: 'Ida', lastName: 'Moen', mail: 'ida@moen.example' },
      invoiceAddress: {
        company: 'Moen AS',
        addressLine1: 'Storgata 1',
        postCode: '0155',
        town: 'Oslo',
        countryCode: 'NO',
      },
      shippingCost: 11.5,
      basket: {
        positions: [
          {
            position: 10,
            product: { articleNumber: 'FURN_8900', ean: '4006381333931' },
            description: 'Drawer',
            quantity: '4',
            unitPriceGross: 28.75,
            vatRate: 15,
          },
          {
            position: 20,
            product: { articleNumber: 'E-COM10' },
            description: 'Bin',
            quantity: '1',
            unitPriceGross: 57.5,
            vatRate: 15,
          },
        ],
      },
      totals: { net: 160, vat: 24, gross: 184 },
    },
  },
};

const rowOf = (rows: readonly Row[], target: string): Row => rows.find((row) => row.target === target)!;
async function result(rows: readonly Row[], body: unknown): Promise<Record<string, unknown>> {
  const inline = mappingText(rows, 'test');
  const values = loadValueMaps('definitions/values');
  const mapping = compileMapping({ dir: 'definitions', inline, schema: 'schemas/order.v1.json', values });
  return (await mapping.run(body)) as Record<string, unknown>;
}

describe('a request as it is pasted', () => {
  const body = '{"a": 1,\n "b": "x\'y"}';

  it('is read as header lines and a body, as raw HTTP, and as curl', () => {
    const lines = `X-Signature: abc\nContent-Type: application/json\n\n${body}`;
    assert.deepEqual(readPasted(lines), {
      method: 'POST',
      url: '',
      headers: { 'x-signature': 'abc', 'content-type': 'application/json' },
      body,
    });
    const raw = `POST /hooks/acme HTTP/1.1\r\nHost: hub\r\nX-Signature: abc\r\n\r\n${body}`;
    assert.equal(readPasted(raw).url, '/hooks/acme');
    assert.equal(readPasted(raw).body, body);
    const quoted = body.replaceAll("'", String.raw`'\''`);
    const curl = `curl -X POST 'https://hub/hooks/acme' \\\n  -H 'X-Signature: abc' --header="X-Id: 7" --data-raw '${quoted}'`;
    assert.deepEqual(readPasted(curl), {
      method: 'POST',
      url: 'https://hub/hooks/acme',
      headers: { 'x-signature': 'abc', 'x-id': '7' },
      body,
    });
  });

  it('without a body, or with one in a file, says what to paste', () => {
    assert.throws(() => readPasted('X-Signature: abc\n'), { code: 'REQUEST_INVALID' });
    assert.throws(() => readPasted('curl -d @order.json https://hub'), { code: 'REQUEST_INVALID' });
  });
});

describe('how a partner signs', () => {
  const body = JSON.stringify(acme);
  const pasted = (headers: Record<string, string>, text = body) => ({
    method: 'POST',
    url: '',
    headers,
    body: text,
  });

  it('is recognised for HMAC in hex and base64, with prefix, time and id', () => {
    const time = '1795858200';
    assert.deepEqual(recognise(pasted({ 'x-acme-signature': hmac(body) }), secret).signing, {
      scheme: 'hmac',
      header: 'x-acme-signature',
      algorithm: 'sha256',
      encoding: 'hex',
    });
    const timed = { 'x-time': time, 'x-sign': `sha256=${hmac(`${time}.${body}`, 'base64')}` };
    assert.deepEqual(recognise(pasted(timed), secret).signing, {
      scheme: 'hmac',
      header: 'x-sign',
      algorithm: 'sha256',
      encoding: 'base64',
      prefix: 'sha256=',
      template: '{timestamp}.{body}',
      timestampHeader: 'x-time',
    });
    const withId = { 'x-time': time, 'x-event-id': 'e-1', 'x-sign': hmac(`e-1.${time}.${body}`) };
    assert.equal(recognise(pasted(withId), secret).signing?.template, '{id}.{timestamp}.{body}');
  });

  it('is recognised for every scheme of the hub', () => {
    const standard = `whsec_${Buffer.from('a-secret-of-some-length').toString('base64')}`;
    const adyen = JSON.stringify({ notificationItems: [{ NotificationRequestItem: { pspReference: 'p' } }] });
    for (const scheme of schemeNames) {
      const own: Record<string, string> = {
        'standard-webhooks': standard,
        'http-message-signatures': standard,
        adyen: 'ab12',
      };
      const key = own[scheme] ?? secret;
      const options = scheme === 'hmac' ? { hmac: { header: 'x-sign' } } : {};
      const signed = sign(scheme, options, key, scheme === 'adyen' ? adyen : body);
      const found = recognise(pasted(signed.headers, signed.body.toString()), key);
      assert.equal(found.signing?.scheme, scheme);
    }
  });

  it('is the same where the paste has one line end more', () => {
    const found = recognise(pasted({ 'x-sign': hmac(body) }, `${body}\n`), secret);
    assert.equal(found.signing?.scheme, 'hmac');
    assert.equal(found.body, body);
  });

  it('that fits nothing tells what was tried, and what differs', () => {
    const wrong = recognise(pasted({ 'x-sign': hmac(body), 'x-time': '1795858200' }), 'another');
    assert.equal(wrong.signing, undefined);
    assert.deepEqual(
      wrong.tried.map(({ scheme, header }) => [scheme, header]),
      [['hmac', 'x-sign']],
    );
    assert.ok(wrong.tried[0]!.templates.includes('{timestamp}.{body}'));
    assert.equal(recognise(pasted({ accept: '*/*' }), secret).hint, 'no-header');
    const coded = Buffer.from('0123456789abcdef').toString('base64');
    const decoded = pasted({ 'x-sign': hmac(body, 'hex', Buffer.from(coded, 'base64')) });
    assert.equal(recognise(decoded, coded).hint, 'secret-base64');
    const milliseconds = { 'x-time': '1795858200000', 'x-sign': hmac(`1795858200000.${body}`) };
    assert.equal(recognise(pasted(milliseconds), secret).hint, 'milliseconds');
    const pretty = recognise(pasted({ 'x-sign': hmac(body) }, JSON.stringify(acme, null, 2)), secret);
    assert.equal(pretty.hint, 'body-changed');
  });
});

describe('the draft of a mapping', () => {
  it('of a plain order is complete, and gives a canonical order', async () => {
    const rows = propose(fieldsOf(schema), acme, 'acme-outdoor');
    assert.deepEqual(
      rows.filter(({ state }) => state === 'missing').map(({ target }) => target),
      [],
    );
    assert.equal(rowOf(rows, 'currency').state, 'sure');
    assert.equal(rowOf(rows, 'lines[].unitPrice').state, 'sure');
    assert.equal(rowOf(rows, 'totals.gross').state, 'sure');
    assert.equal(rowOf(rows, 'lines[].taxes').state, 'check');
    const order = await result(rows, acme);
    assert.equal(order['number'], 'AO-1001');
    assert.deepEqual(order['totals'], { net: '180.00', tax: '0.00', gross: '180.00' });
    assert.deepEqual((order['shipTo'] as Record<string, string>)['postalCode'], '93702');
    assert.deepEqual((order['lines'] as object[])[0], {
      id: '1',
      sku: 'FURN_7777',
      name: 'Office Chair',
      quantity: '2',
      unitPrice: '70.00',
      taxes: [],
    });
  });

  it('of another partner finds nested lines, prices with tax, and the rate of each line', async () => {
    const rows = propose(fieldsOf(schema), berg, 'berg');
    assert.deepEqual(
      rows.filter(({ state }) => state === 'missing').map(({ target }) => target),
      [],
    );
    assert.deepEqual(rowOf(rows, 'pricesIncludeTax').from, { fixed: 'true' });
    assert.equal(rowOf(rows, 'pricesIncludeTax').why, 'sums');
    assert.equal(rowOf(rows, 'placedAt').why, 'no-zone');
    const order = await result(rows, berg);
    assert.equal(order['id'], '5c0e-77');
    assert.equal(order['number'], '77120');
    assert.deepEqual(order['customer'], { id: '4411', name: 'Ida Moen', email: 'ida@moen.example' });
    assert.deepEqual((order['lines'] as object[])[0], {
      id: '10',
      sku: 'FURN_8900',
      barcode: '4006381333931',
      name: 'Drawer',
      quantity: '4',
      unitPrice: '28.75',
      taxes: [{ code: 'Tax 15%', rate: '0.15', amount: '15.00' }],
    });
    // What is missing at the lines is the tax of the delivery.
    assert.equal(taxProblem(order), undefined);
    assert.deepEqual(order['shipping'], [{ id: 'shipping', name: 'Shipping', price: '11.50', taxes: [] }]);
  });

  it('never takes money, a quantity or a currency in silence', () => {
    const order = { id: '1', cur: 'usd', items: [{ sku: 'A', units: 0, unit_price_cents: 1999 }], total: 25 };
    const rows = propose(fieldsOf(schema), order, 'shop');
    assert.equal(rowOf(rows, 'currency').state, 'missing');
    for (const target of ['lines[].unitPrice', 'lines[].quantity', 'totals.gross', 'pricesIncludeTax'])
      assert.equal(rowOf(rows, target).state, 'check', target);
    assert.equal(rowOf(rows, 'totals.net').state, 'missing');
    assert.match(JSON.stringify(rowOf(rows, 'lines[].unitPrice').from), /\$minor\(unit_price_cents/);
  });

  it('of a message that is no order says what is missing', () => {
    const rows = propose(fieldsOf(schema), { hello: 'world' }, 'shop');
    const missing = new Set(rows.filter(({ state }) => state === 'missing').map(({ target }) => target));
    assert.ok(['id', 'currency', 'lines', 'totals.gross'].every((target) => missing.has(target)));
  });
});
