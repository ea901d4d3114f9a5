/** What a webhook node is set to, and when a signature is right: one of several, each part, within its time; the ping. */
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import type { Unverified } from '../runtime/verify/scheme.ts';
import type { VerifyOptions } from '../runtime/verify/schemes.ts';
import { sign, type Signed } from '../runtime/verify/sign.ts';
import { isWooPing, optionsOf, verify } from '../runtime/verify/verify.ts';
import { item, notification } from './verify/notification.ts';

const right = 'c0ffee00';
const now = 1_790_000_000;
const arrived = ({ headers, body }: Signed, receivedAt = now * 1000): Unverified => ({
  rawBody: body,
  headers,
  receivedAt,
});

describe('what a node is set to', () => {
  it('is given to the schemes, and nothing else', () => {
    const set = {
      header: 'X',
      algorithm: 'sha512',
      encoding: 'base64',
      prefix: '',
      template: '',
      timestampHeader: 'T',
      idHeader: 'I',
    } as const;
    const named = { bearer: { header: 'X' }, stripe: { header: 'X' } };
    const rows: [settings: Parameters<typeof optionsOf>[0], expected: VerifyOptions][] = [
      [
        { ...set, windowSeconds: 10, level: 'body' },
        { windowS: 10, hmac: set, adyen: { level: 'body' }, ...named },
      ],
      [
        { header: 'X', windowSeconds: 300 },
        { windowS: 300, hmac: { header: 'X' }, adyen: {}, ...named },
      ],
      [
        { header: '', timestampHeader: '', idHeader: '', windowSeconds: 300 },
        { windowS: 300, hmac: { header: '' }, adyen: {}, bearer: {}, stripe: {} },
      ],
    ];
    for (const [settings, expected] of rows) assert.deepEqual(optionsOf(settings), expected);
  });
});

describe('a signature is right', () => {
  it('where one of several is, and every part of what they sign', () => {
    const sent = sign('stripe', {}, right, '{}', { timestamp: now });
    const [time, v1] = sent.headers['stripe-signature']!.split(',');
    const headers = { 'stripe-signature': `${time},v1=00,${v1}` };
    assert.equal(verify('stripe', {}, [right], { ...arrived(sent), headers }).keyIndex, 0);
    const items = sign('adyen', {}, right, notification(item)).body.toString();
    const { notificationItems } = JSON.parse(items) as { notificationItems: object[] };
    const together = { notificationItems: [...notificationItems, { NotificationRequestItem: item }] };
    const request = { rawBody: Buffer.from(JSON.stringify(together)), headers: {}, receivedAt: 0 };
    assert.throws(() => verify('adyen', {}, [right], request), {
      code: 'SIGNATURE_INVALID',
      message: 'The signature does not match',
      facts: {},
    });
  });

  it('within its window, which a scheme without a time has not', () => {
    const old = sign('github', {}, right, '{}');
    assert.equal(verify('github', { windowS: 1 }, [right], arrived(old, 0)).keyIndex, 0);
    const sent = sign('stripe', {}, right, '{}', { timestamp: now });
    const at = (offMs: number) =>
      verify('stripe', { windowS: 1 }, [right], arrived(sent, now * 1000 + offMs)).keyIndex;
    assert.deepEqual([at(-1000), at(1000)], [0, 0]);
    for (const [offMs, offS] of [
      [-1001, -1],
      [1600, 2],
    ] as const)
      assert.throws(() => at(offMs), {
        code: 'TIMESTAMP_STALE',
        message: 'The signed time is more than 1 s off',
        facts: { offS, windowS: 1 },
      });
  });

  it('until it expires', () => {
    const digest = `sha-256=:${createHash('sha256').update('{}').digest('base64')}:`;
    const input = `("content-digest");created=${now};expires=${now + 20}`;
    const base = `"content-digest": ${digest}\n"@signature-params": ${input}`;
    const mac = createHmac('sha256', Buffer.from(right, 'base64')).update(base).digest('base64');
    const headers = { 'content-digest': digest, 'signature-input': `a=${input}`, signature: `a=:${mac}:` };
    const at = (offMs: number) => {
      const request = { rawBody: Buffer.from('{}'), headers, receivedAt: now * 1000 + offMs };
      return verify('http-message-signatures', {}, [right], request).keyIndex;
    };
    assert.deepEqual([at(0), at(20_000)], [0, 0]);
    assert.throws(() => at(20_001), {
      code: 'TIMESTAMP_STALE',
      message: 'The signature has expired',
      facts: { windowS: 300 },
    });
  });
});

describe("WooCommerce's first ping", () => {
  const ping = (body: string, headers: Unverified['headers'] = {}): Unverified => ({
    rawBody: Buffer.from(body),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    receivedAt: 0,
  });

  it('is an unsigned form post of webhook_id alone', () => {
    assert.ok(isWooPing(ping('webhook_id=12')));
    assert.ok(
      isWooPing(
        ping('webhook_id=12', { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }),
      ),
    );
  });
  it('is nothing else', () => {
    for (const body of [
      '',
      'webhook_id=',
      'webhook_id=1x',
      'webhook_id=1&a=b',
      'webhook_id=1\n',
      'a=webhook_id=1',
    ])
      assert.ok(!isWooPing(ping(body)), body);
    assert.ok(!isWooPing(ping(`webhook_id=1${' '.repeat(100)}`)));
    assert.ok(!isWooPing(ping('webhook_id=1', { 'content-type': 'application/json' })));
    assert.ok(!isWooPing(ping('webhook_id=1', { 'content-type': undefined })));
    assert.ok(!isWooPing(ping('webhook_id=1', { 'x-wc-webhook-signature': 'x' })));
  });
});
