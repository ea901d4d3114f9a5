import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { notificationItems, signedText } from '../runtime/verify/adyen.ts';
import { exactJson } from '../runtime/verify/exact-json.ts';
import type { Unverified } from '../runtime/verify/scheme.ts';
import type { SchemeName, VerifyOptions } from '../runtime/verify/schemes.ts';
import { sign, type Signed } from '../runtime/verify/sign.ts';
import { verifier, verify } from '../runtime/verify/verify.ts';
import { item, notification } from './verify/notification.ts';

// Bytes that are a key in each scheme: hexadecimal for Adyen, base64 for Standard Webhooks.
const [right, other] = ['c0ffee00', 'c0ffee11'] as const;
const now = 1_790_000_000;

const signed = (scheme: SchemeName, secret: string, body: string): Signed =>
  sign(scheme, {}, secret, body, { timestamp: now });
const arrived = ({ headers, body }: Signed): Unverified => ({
  rawBody: body,
  headers,
  receivedAt: now * 1000,
});
const coded = (code: string) => (error: unknown) => error instanceof CodedError && error.code === code;
const refuses = (scheme: SchemeName, request: Unverified): void =>
  assert.throws(() => verify(scheme, {}, [right], request), coded('SIGNATURE_INVALID'));

describe('signature vectors of the senders', () => {
  const place = new URL('../../shared/material/signature-vectors.json', import.meta.url);
  let vectors: {
    id: string;
    scheme: string;
    secret: string;
    headers?: Record<string, string>;
    body: string;
  }[];
  before(function () {
    try {
      vectors = JSON.parse(readFileSync(place, 'utf8'));
    } catch {
      console.warn('SKIPPED: ../shared/material/signature-vectors.json is missing');
      this.skip();
    }
  });

  it('each that has headers is taken, and refused with one more byte', () => {
    const whole = vectors.filter((vector) => vector.headers);
    assert.ok(whole.length >= 3);
    for (const { id, scheme, secret, headers = {}, body } of whole) {
      const check = verifier(scheme as SchemeName, {}, [secret]);
      const receivedAt = Number(headers['webhook-timestamp'] ?? 0) * 1000;
      assert.equal(check({ rawBody: Buffer.from(body), headers, receivedAt }).keyIndex, 0, id);
      assert.throws(
        () => check({ rawBody: Buffer.from(`${body} `), headers, receivedAt }),
        coded('SIGNATURE_INVALID'),
        id,
      );
    }
  });
  it('the signed text of an Adyen item comes to the MAC of its library', () => {
    const vector = vectors.find(({ scheme }) => scheme === 'adyen-payments') as unknown as Record<
      'signed' | 'expect' | 'secret',
      string
    >;
    const [
      pspReference,
      originalReference,
      merchantAccountCode,
      merchantReference,
      value,
      currency,
      ...rest
    ] = vector.signed.split(':');
    const signedItem = {
      pspReference,
      originalReference,
      merchantAccountCode,
      merchantReference,
      amount: { value: Number(value), currency },
      eventCode: rest[0],
      success: rest[1],
      additionalData: { hmacSignature: vector.expect },
    };
    assert.equal(signedText(signedItem), vector.signed);
    const rawBody = Buffer.from(notification(signedItem));
    assert.equal(
      verify('adyen', {}, [vector.secret], { rawBody, headers: {}, receivedAt: 0 }).topic,
      'REPORT_AVAILABLE',
    );
  });
});

describe('a request as other software signs it', () => {
  const body = '{"id":"e1","type":"paid","description":"tracker.updated"}';
  const macOf = (text: string, encoding: 'hex' | 'base64'): string =>
    createHmac('sha256', right).update(text).digest(encoding);
  const [hex, base64] = [macOf(body, 'hex'), macOf(body, 'base64')];
  const v1 = `v1=${macOf(`${now}.${body}`, 'hex')}`;
  const noTime = 'The header stripe-signature has no single timestamp';
  const noToken = 'The header authorization holds no bearer token';
  const noMatch = 'The signature does not match';
  const ids = { 'x-shopify-webhook-id': 'd1', 'x-shopify-event-id': 'd2', 'x-shopify-topic': 'a/b' };

  const told = (scheme: SchemeName, headers: Record<string, string>, options: VerifyOptions = {}) => {
    const request = { rawBody: Buffer.from(body), headers, receivedAt: now * 1000 };
    const { senderId, senderIdSigned, topic } = verify(scheme, options, [right], request);
    return [senderId, senderIdSigned, topic];
  };

  it('is taken, and tells its id and topic', () => {
    const rows: [SchemeName, Record<string, string>, unknown[], VerifyOptions?][] = [
      ['shopify', { 'x-shopify-hmac-sha256': base64 }, [undefined, false, undefined]],
      ['shopify', { 'x-shopify-hmac-sha256': base64, ...ids }, ['d1', false, 'a/b']],
      ['shopify', { 'x-shopify-hmac-sha256': base64, 'x-shopify-event-id': 'd2' }, ['d2', false, undefined]],
      [
        'woocommerce',
        { 'x-wc-webhook-signature': base64, 'x-wc-webhook-delivery-id': 'd1', 'x-wc-webhook-topic': 'a.b' },
        ['d1', false, 'a.b'],
      ],
      [
        'github',
        { 'x-hub-signature-256': `sha256=${hex}`, 'x-github-delivery': 'd1', 'x-github-event': 'push' },
        ['d1', false, 'push'],
      ],
      ['easypost', { 'x-hmac-signature': `hmac-sha256-hex=${hex}` }, ['e1', true, 'tracker.updated']],
      ['stripe', { 'stripe-signature': `t=${now},${v1}` }, ['e1', true, 'paid']],
      ['stripe', { 'stripe-signature': ` v0=1, ${v1} ,v1=00 , t=${now} ` }, ['e1', true, 'paid']],
      ['stripe', { 'x-sig': `t=${now},${v1}` }, ['e1', true, 'paid'], { stripe: { header: 'X-Sig' } }],
      ['bearer', { authorization: `bearer  ${right}` }, [undefined, false, undefined]],
      [
        'bearer',
        { authorization: `Bearer ${right}` },
        [undefined, false, undefined],
        { bearer: { header: 'Authorization' } },
      ],
      ['bearer', { 'x-token': right }, [undefined, false, undefined], { bearer: { header: 'X-Token' } }],
    ];
    for (const [scheme, headers, expected, options] of rows)
      assert.deepEqual(told(scheme, headers, options), expected, JSON.stringify([scheme, headers]));
  });

  it('is refused in any other form, and says why', () => {
    const rows: [SchemeName, Record<string, string>, string, VerifyOptions?][] = [
      ['shopify', { 'x-shopify-hmac-sha256': hex }, noMatch],
      ['woocommerce', { 'x-wc-webhook-signature': hex }, noMatch],
      ['github', { 'x-hub-signature-256': hex }, noMatch],
      ['easypost', { 'x-hmac-signature': hex }, noMatch],
      ['easypost', {}, 'The header x-hmac-signature is missing'],
      ['stripe', { 'stripe-signature': `t=${now},${v1.slice(3)}` }, noMatch],
      ['stripe', { 'stripe-signature': v1 }, noTime],
      ['stripe', { 'stripe-signature': `t=${now},t=${now},${v1}` }, noTime],
      ['bearer', { authorization: right }, noToken],
      ['bearer', { authorization: 'Bearer ' }, noToken],
      ['bearer', { authorization: `Basic ${right}` }, noToken],
      ['bearer', { authorization: right }, noToken, { bearer: { header: 'Authorization' } }],
      ['bearer', { 'x-token': `Bearer ${right}` }, noMatch, { bearer: { header: 'X-Token' } }],
    ];
    for (const [scheme, headers, message, options] of rows)
      assert.throws(
        () => told(scheme, headers, options),
        { code: 'SIGNATURE_INVALID', message, facts: {} },
        JSON.stringify([scheme, headers]),
      );
  });
});

describe('single schemes', () => {
  it('Standard Webhooks: one right signature among several; unknown versions are passed over', () => {
    const entry = 'standard-webhooks';
    const sent = signed(entry, right, '{}');
    const v1 = sent.headers['webhook-signature']!;
    const withSignature = (value: string): Unverified => ({
      ...arrived(sent),
      headers: { ...sent.headers, 'webhook-signature': value },
    });
    assert.equal(
      verify('standard-webhooks', {}, [right], withSignature(`v1a,xx v1,wrong ${v1}`)).keyIndex,
      0,
    );
    refuses(entry, withSignature(`v2,${v1.slice(3)}`));
    refuses(entry, withSignature(v1.slice(3)));
  });
  it('Standard Webhooks: the secret with whsec_ and without is the same', () => {
    const sent = sign('standard-webhooks', {}, `whsec_${right}`, '{}', { timestamp: now });
    assert.equal(verify('standard-webhooks', {}, [right], arrived(sent)).keyIndex, 0);
  });
  it('a time that is no whole number is refused, even where it is signed', () => {
    const at = (time: string): Unverified => {
      const mac = createHmac('sha256', Buffer.from(right, 'base64')).update(`d1.${time}.{}`).digest('base64');
      const headers = { 'webhook-id': 'd1', 'webhook-timestamp': time, 'webhook-signature': `v1,${mac}` };
      return { rawBody: Buffer.from('{}'), headers, receivedAt: now * 1000 };
    };
    assert.equal(verify('standard-webhooks', {}, [right], at(String(now))).keyIndex, 0);
    for (const time of [
      `${now}abc`,
      `+${now}`,
      `${now}.0`,
      '1.79e9',
      '0x6ab13b80',
      ` ${now}`,
      '9'.repeat(16),
      '-1',
    ])
      refuses('standard-webhooks', at(time));
  });
  it('Stripe: several v1, and exactly one time', () => {
    const entry = 'stripe';
    const sent = signed(entry, right, '{}');
    const value = sent.headers['stripe-signature']!;
    const [time, v1] = value.split(',');
    const withSignature = (text: string): Unverified => ({
      ...arrived(sent),
      headers: { 'stripe-signature': text },
    });
    assert.equal(verify('stripe', {}, [right], withSignature(`${time},v1=00,v0=1,${v1}`)).keyIndex, 0);
    refuses(entry, withSignature(`${time},t=1,${v1}`));
    refuses(entry, withSignature(v1!));
    refuses(entry, withSignature(time!));
  });
  it('Adyen: every item must be signed, all by one secret', () => {
    const entry = 'adyen';
    const one = exactJson(signed(entry, right, notification(item)).body.toString());
    const two = exactJson(signed(entry, other, notification(item)).body.toString());
    const itemsOf = (body: unknown) => (body as { notificationItems: object[] }).notificationItems;
    const together = (...items: object[]): Unverified => ({
      rawBody: Buffer.from(JSON.stringify({ notificationItems: items })),
      headers: {},
      receivedAt: 0,
    });
    assert.equal(
      verify('adyen', {}, [right], together(...itemsOf(one), ...itemsOf(one))).senderId,
      '7914073381342284/AUTHORISATION,7914073381342284/AUTHORISATION',
    );
    refuses(entry, together(...itemsOf(one), { NotificationRequestItem: item }));
    assert.throws(
      () => verify('adyen', {}, [right, other], together(...itemsOf(one), ...itemsOf(two))),
      coded('SIGNATURE_INVALID'),
    );
    refuses(entry, together());
  });
  it('Adyen: a signed field that is no plain value is refused', () => {
    assert.throws(
      () => notificationItems(Buffer.from('{"notificationItems":{}}')),
      coded('SIGNATURE_INVALID'),
    );
    for (const odd of [{ pspReference: ['x'] }, { amount: { value: {} } }, { eventCode: {} }])
      assert.throws(() => signedText({ ...item, ...odd }), coded('SIGNATURE_INVALID'));
  });
  it('EasyPost: the secret is normalised to NFKD', () => {
    const sent = sign('easypost', {}, 'caf\u00e9', '{}');
    assert.equal(verify('easypost', {}, ['cafe\u0301'], arrived(sent)).keyIndex, 0);
  });
});
