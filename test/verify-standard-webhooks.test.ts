/** Standard Webhooks as its senders write it: names of the headers, versions and several signatures. */
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import type { SchemeName } from '../runtime/verify/schemes.ts';
import { sign as signAs } from '../runtime/verify/sign.ts';
import { verify } from '../runtime/verify/verify.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const { d, x } = privateKey.export({ format: 'jwk' });
const base64 = (text: string): string => Buffer.from(text, 'base64url').toString('base64');
const [shared, whpk, whsk] = ['c0ffee00', `whpk_${base64(x!)}`, `whsk_${base64(d!)}`];
const body = '{"scope":"store/order","undefined":"x"}';
const text = `d1.1790000000.${body}`;
const v1 = createHmac('sha256', Buffer.from(shared, 'base64')).update(text).digest('base64');
const v1a = sign(null, Buffer.from(text), privateKey).toString('base64');

type Headers = Record<string, string | undefined>;
const named = (vendor: string, signature: string): Headers => ({
  [`${vendor}-id`]: 'd1',
  [`${vendor}-timestamp`]: '1790000000',
  [`${vendor}-signature`]: signature,
});
const run = (headers: Headers, secret = shared, scheme: SchemeName = 'standard-webhooks') => {
  const { keyIndex, senderId, senderIdSigned, topic } = verify(scheme, {}, [secret], {
    rawBody: Buffer.from(body),
    headers,
    receivedAt: 1_790_000_000_000,
  });
  return { keyIndex, senderId, senderIdSigned, topic };
};
const told = { keyIndex: 0, senderId: 'd1', senderIdSigned: true, topic: undefined };
const refused = (message: string) => ({ code: 'SIGNATURE_INVALID', message, facts: {} });

describe('Standard Webhooks', () => {
  it('takes one right signature of the version of its key among others', () => {
    for (const [secret, signature] of [
      [shared, `v1,${v1}`],
      [shared, `v1,wrong v1,${v1}`],
      [shared, `v1,${v1} v1,wrong v1a,${v1a} v2,x`],
      [whpk, `v1a,${v1a}`],
      [whsk, `v1,${v1} v1a,${v1a}`],
    ] as const)
      assert.deepEqual(run(named('webhook', signature), secret), told, signature);
  });

  it('refuses another version, and a signature without one', () => {
    for (const [secret, signature] of [
      [shared, v1],
      [shared, 'v1'],
      [shared, 'v1,'],
      [shared, `v2,${v1}`],
      [shared, `v1a,${v1}`],
      [shared, `${v1}v1,`],
      [whpk, `v1,${v1a}`],
      [whpk, v1a],
    ] as const)
      assert.throws(
        () => run(named('webhook', signature), secret),
        refused('The signature does not match'),
        signature,
      );
  });

  it('takes the names of Svix, all three of them, and its own where both are there', () => {
    assert.deepEqual(run(named('svix', `v1,${v1}`)), told);
    assert.deepEqual(
      run({ ...named('svix', 'v1,wrong'), 'svix-id': 'd2', ...named('webhook', `v1,${v1}`) }),
      told,
    );
    const rows: [headers: Headers, missing: string][] = [
      [{}, 'webhook-id'],
      [{ ...named('svix', 'x'), 'svix-id': undefined }, 'webhook-id'],
      [{ ...named('svix', 'x'), 'svix-timestamp': undefined }, 'svix-timestamp'],
      [{ ...named('svix', 'x'), 'svix-signature': undefined }, 'svix-signature'],
      [{ ...named('svix', 'x'), 'webhook-id': 'd1' }, 'webhook-timestamp'],
      [{ ...named('webhook', 'x'), 'webhook-signature': undefined }, 'webhook-signature'],
    ];
    for (const [headers, missing] of rows)
      assert.throws(() => run(headers), refused(`The header ${missing} is missing`), missing);
  });

  it('tells the topic where the sender has one', () => {
    const signed = createHmac('sha256', 'secret').update(text).digest('base64');
    assert.deepEqual(run(named('webhook', `v1,${signed}`), 'secret', 'bigcommerce'), {
      ...told,
      topic: 'store/order',
    });
  });

  it('is signed in the version of the key', () => {
    const stamp = { id: 'd1', timestamp: 1_790_000_000 };
    for (const [secret, expected] of [
      [shared, `v1,${v1}`],
      [whsk, `v1a,${v1a}`],
    ] as const)
      assert.deepEqual(
        signAs('standard-webhooks', {}, secret, body, stamp).headers,
        named('webhook', expected),
      );
  });
});
