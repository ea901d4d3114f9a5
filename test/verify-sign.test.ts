/** The sender's side: the headers and bytes that each scheme sends, made by hand here. */
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { mock } from 'node:test';
import type { HmacOptions } from '../runtime/verify/hmac.ts';
import type { SchemeName, VerifyOptions } from '../runtime/verify/schemes.ts';
import { sign } from '../runtime/verify/sign.ts';
import { item, notification } from './verify/notification.ts';

const secret = 'c0ffee00';
const body = '{"id":"é1"}';
const now = 1_790_000_000;
const stamp = { id: 'd1', timestamp: now, topic: 'paid' };
type Key = 'utf8' | 'hex' | 'base64';
const mac = (text: string, encoding: 'hex' | 'base64', key: Key = 'utf8'): string =>
  createHmac('sha256', Buffer.from(secret, key)).update(text).digest(encoding);
const digest = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
const input = `("content-digest");created=${now}`;
const base = `"content-digest": ${digest}\n"@signature-params": ${input}`;
const whole: HmacOptions = {
  header: 'X-Sig',
  prefix: 'v0=',
  template: '{id}.{timestamp}.{body}',
  timestampHeader: 'X-Time',
  timestampUnit: 'ms',
  idHeader: 'X-Id',
  topicHeader: 'X-Topic',
};
const standard = (key: Key) => ({
  'webhook-id': 'd1',
  'webhook-timestamp': String(now),
  'webhook-signature': `v1,${mac(`d1.${now}.${body}`, 'base64', key)}`,
});
const stripe = `t=${now},v1=${mac(`${now}.${body}`, 'hex')}`;

const rows: [scheme: SchemeName, options: VerifyOptions, headers: Record<string, string>][] = [
  ['standard-webhooks', {}, standard('base64')],
  ['bigcommerce', {}, standard('utf8')],
  [
    'shopify',
    {},
    {
      'x-shopify-hmac-sha256': mac(body, 'base64'),
      'x-shopify-webhook-id': 'd1',
      'x-shopify-topic': 'paid',
    },
  ],
  ['stripe', {}, { 'stripe-signature': stripe }],
  ['stripe', { stripe: {} }, { 'stripe-signature': stripe }],
  ['stripe', { stripe: { header: 'X-Pay-Signature' } }, { 'x-pay-signature': stripe }],
  [
    'woocommerce',
    {},
    {
      'x-wc-webhook-signature': mac(body, 'base64'),
      'x-wc-webhook-delivery-id': 'd1',
      'x-wc-webhook-topic': 'paid',
    },
  ],
  [
    'github',
    {},
    {
      'x-hub-signature-256': `sha256=${mac(body, 'hex')}`,
      'x-github-delivery': 'd1',
      'x-github-event': 'paid',
    },
  ],
  ['easypost', {}, { 'x-hmac-signature': `hmac-sha256-hex=${mac(body, 'hex')}` }],
  ['adyen', { adyen: { level: 'body' } }, { hmacsignature: mac(body, 'base64', 'hex') }],
  [
    'http-message-signatures',
    {},
    {
      'content-digest': digest,
      'signature-input': `sig1=${input}`,
      signature: `sig1=:${mac(base, 'base64', 'base64')}:`,
    },
  ],
  ['hmac', { hmac: { header: 'X-Sig' } }, { 'x-sig': mac(body, 'hex') }],
  [
    'hmac',
    { hmac: whole },
    {
      'x-sig': `v0=${mac(`d1.${now}000.${body}`, 'hex')}`,
      'x-time': `${now}000`,
      'x-id': 'd1',
      'x-topic': 'paid',
    },
  ],
  ['bearer', {}, { authorization: `Bearer ${secret}` }],
  ['bearer', { bearer: {} }, { authorization: `Bearer ${secret}` }],
  ['bearer', { bearer: { header: 'Authorization' } }, { authorization: `Bearer ${secret}` }],
  ['bearer', { bearer: { header: 'X-Token' } }, { 'x-token': secret }],
];

describe('what a sender sends', () => {
  for (const [scheme, options, headers] of rows)
    it(`by ${scheme} ${JSON.stringify(options)}`, () => {
      for (const given of [body, Buffer.from(body)])
        assert.deepEqual(sign(scheme, options, secret, given, stamp), { headers, body: Buffer.from(body) });
    });

  it("of Adyen's items is in the body, and nothing in a header", () => {
    const second = { pspReference: 'P2', eventCode: 'CAPTURE' };
    const text = '7914073381342284::Shop:SO/1:1130:EUR:AUTHORISATION:true';
    for (const options of [{}, { adyen: {} }, { adyen: { level: 'items' } }] as VerifyOptions[]) {
      const sent = sign('adyen', options, secret, notification(item, second), stamp);
      assert.deepEqual(sent.headers, {});
      const hmacSignature = mac(text, 'base64', 'hex');
      const other = { hmacSignature: mac('P2::::::CAPTURE:', 'base64', 'hex') };
      assert.equal(
        sent.body.toString(),
        notification(
          { ...item, additionalData: { other: 'kept', hmacSignature } },
          { ...second, additionalData: other },
        ),
      );
    }
    assert.throws(() => sign('adyen', {}, secret, '{}'), {
      code: 'SIGNATURE_INVALID',
      message: 'The body holds no notification item',
    });
  });

  it('has the time of now in whole seconds, an id of its own, and no event where none is given', () => {
    mock.timers.enable({ apis: ['Date'], now: now * 1000 + 999 });
    try {
      const [one, two] = [sign('hmac', { hmac: whole }, secret, body), sign('github', {}, secret, body)];
      const { 'x-sig': signature, 'x-id': id = '', ...rest } = one.headers;
      assert.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      assert.notEqual(two.headers['x-github-delivery'], id);
      assert.deepEqual(rest, { 'x-time': `${now}000` });
      assert.equal(signature, `v0=${mac(`${id}.${now}000.${body}`, 'hex')}`);
      assert.deepEqual(Object.keys(two.headers), ['x-hub-signature-256', 'x-github-delivery']);
    } finally {
      mock.timers.reset();
    }
  });

  it('has a time in whole seconds only', () => {
    for (const timestamp of [1.5, Number.NaN, Infinity, 2 ** 53])
      assert.throws(() => sign('stripe', {}, secret, body, { timestamp }), {
        code: 'CONFIG_INVALID',
        message: 'A timestamp is in whole seconds',
        facts: {},
      });
    assert.match(sign('stripe', {}, secret, body, { timestamp: 0 }).headers['stripe-signature']!, /^t=0,v1=/);
  });
});
