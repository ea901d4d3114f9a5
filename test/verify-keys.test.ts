/** Secrets of Standard Webhooks as partners copy them, and what each of them signs and proves. */
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, KeyObject, sign } from 'node:crypto';
import { isSigned, signature, standardKey } from '../runtime/verify/keys.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const { d, x } = privateKey.export({ format: 'jwk' });
const half = Buffer.from(d!, 'base64url');
const open = Buffer.from(x!, 'base64url');
const both = Buffer.concat([half, open]).toString('base64');
const text = ['d1.', Buffer.from('{}')];
const right = sign(null, Buffer.from('d1.{}'), privateKey).toString('base64');

const config = (message: string) => ({ code: 'CONFIG_INVALID', message, facts: {} });
const noBase64 = 'A Standard Webhooks secret is base64, usually after whsec_';

describe('a shared secret', () => {
  // One, two and no signs of padding.
  const shared = ['c0ffee00', 'c0ffee0=', 'c0ffeQ=='];

  it('is its bytes, with whsec_ or without, padded or not', () => {
    for (const secret of shared)
      for (const written of [secret, secret.replaceAll('=', '')])
        for (const head of ['', 'whsec_'])
          assert.deepEqual(standardKey(head + written), Buffer.from(secret, 'base64'), head + written);
  });

  it('signs by HMAC, in base64', () => {
    for (const secret of shared) {
      const expected = createHmac('sha256', Buffer.from(secret, 'base64')).update('d1.{}').digest('base64');
      const key = standardKey(secret);
      assert.equal(signature(key, text), expected);
      assert.ok(isSigned(key, text, expected));
      for (const wrong of ['', right, expected.slice(0, -1), `${expected}=`])
        assert.equal(isSigned(key, text, wrong), false, wrong);
    }
  });

  it('is refused with a sign too many or too few', () => {
    for (const secret of [
      '',
      'whsec_',
      'A',
      'c0ffee00=',
      'c0ffee0==',
      'c0ff ee00',
      'whsec_c0ffee00\n',
      '-_-_',
      'whxx_c0ffee00',
    ])
      assert.throws(() => standardKey(secret), config(noBase64), secret);
  });
});

describe('the halves of an Ed25519 key', () => {
  const privates = [`whsk_${half.toString('base64')}`, `whsk_${both}`, `whsk_${both.replaceAll('=', '')}`];
  const whpk = `whpk_${open.toString('base64')}`;

  it('the private one signs, with the public one behind it or not, and both prove it', () => {
    for (const secret of privates) {
      const key = standardKey(secret) as KeyObject;
      assert.equal(key.type, 'private');
      assert.equal(signature(key, text), right);
      assert.ok(isSigned(key, text, right));
    }
    const key = standardKey(whpk) as KeyObject;
    assert.ok(key.equals(publicKey));
    assert.ok(isSigned(key, text, right));
    const [first, second] = [right.slice(0, 4), right.slice(4)];
    for (const wrong of ['', right.slice(0, -1), `${right}=`, ` ${right}`, `${second}${first}`])
      assert.equal(isSigned(key, text, wrong), false, wrong);
    assert.equal(isSigned(key, ['d2.', '{}'], right), false);
  });

  it('the public one signs nothing', () => {
    assert.throws(
      () => signature(standardKey(whpk), text),
      config('A public key signs nothing; the private one begins with whsk_'),
    );
  });

  it('of another length they are no keys', () => {
    for (const [kind, length] of [
      ['whpk_', 31],
      ['whpk_', 33],
      ['whpk_', 64],
      ['whsk_', 31],
      ['whsk_', 33],
      ['whsk_', 63],
      ['whsk_', 65],
    ] as const)
      assert.throws(
        () => standardKey(kind + Buffer.alloc(length, 7).toString('base64')),
        config(`A secret that begins with ${kind} holds a key of 32 bytes`),
        `${kind} ${length}`,
      );
    for (const kind of ['whpk_', 'whsk_']) assert.throws(() => standardKey(kind), config(noBase64));
  });
});
