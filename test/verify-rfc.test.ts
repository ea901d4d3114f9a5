/** Signatures by keys of two halves, Svix's headers, and HTTP Message Signatures with the vectors of RFC 9421. */
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { isSigned, signature, standardKey } from '../runtime/verify/keys.ts';
import { inputOf, signatureBase } from '../runtime/verify/message-signatures.ts';
import type { Unverified } from '../runtime/verify/scheme.ts';
import type { SchemeName, VerifyOptions } from '../runtime/verify/schemes.ts';
import { sign } from '../runtime/verify/sign.ts';
import { optionsOf, verifier, verify } from '../runtime/verify/verify.ts';

const now = 1_790_000_000;
const refused = { code: 'SIGNATURE_INVALID' };
const pair = () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const last32 = (der: Buffer) => der.subarray(-32).toString('base64');
  return {
    whpk: `whpk_${last32(publicKey.export({ format: 'der', type: 'spki' }))}`,
    whsk: `whsk_${last32(privateKey.export({ format: 'der', type: 'pkcs8' }))}`,
  };
};
const [one, two] = [pair(), pair()];
const body = '{"id":"e1"}';

describe('Standard Webhooks', () => {
  const sent = (secret: string) => sign('standard-webhooks', {}, secret, body, { id: 'm1', timestamp: now });
  const request = (headers: Record<string, string>, text = body): Unverified => ({
    rawBody: Buffer.from(text),
    headers,
    receivedAt: now * 1000,
  });
  const check = verifier('standard-webhooks', {}, [two.whpk, one.whpk, 'whsec_c0ffee00']);

  it('is proved by a signature v1a with the public key', () => {
    const { headers } = sent(one.whsk);
    assert.match(headers['webhook-signature'] ?? '', /^v1a,/);
    assert.equal(check(request(headers)).keyIndex, 1);
    assert.throws(() => check(request(headers, `${body} `)), refused);
    assert.throws(() => verify('standard-webhooks', {}, [two.whpk], request(headers)), refused);
  });

  it('is proved by one of several signatures of both kinds', () => {
    const [asymmetric, shared] = [one.whsk, 'whsec_c0ffee00'].map(
      (key) => sent(key).headers['webhook-signature'],
    );
    const both = { ...sent(one.whsk).headers, 'webhook-signature': `v1,AAAA ${shared} ${asymmetric}` };
    assert.equal(check(request(both)).keyIndex, 1);
    assert.equal(verify('standard-webhooks', {}, ['c0ffee00'], request(both)).keyIndex, 0);
  });

  it('takes no signature of one kind for the other', () => {
    const { headers } = sent(one.whsk);
    const other = headers['webhook-signature']!.replace('v1a,', 'v1,');
    assert.throws(() => check(request({ ...headers, 'webhook-signature': other })), refused);
    // The public key is no secret: whoever signs with it as one proves nothing.
    const known = `whsec_${one.whpk.slice(5)}`;
    assert.throws(() => check(request(sent(known).headers)), refused);
  });

  it("has Svix's own names of the headers", () => {
    const svix = Object.fromEntries(
      Object.entries(sent('c0ffee00').headers).map(([name, value]) => [
        name.replace('webhook', 'svix'),
        value,
      ]),
    );
    const verified = check(request(svix));
    assert.deepEqual([verified.keyIndex, verified.senderId], [2, 'm1']);
    const { 'svix-id': id = '', ...rest } = svix;
    assert.throws(() => check(request({ ...rest, 'webhook-id': id })), refused);
    assert.throws(() => check(request({ ...svix, 'svix-id': 'm2' })), refused);
    assert.throws(() => check({ ...request(svix), receivedAt: 0 }), { code: 'TIMESTAMP_STALE' });
  });

  for (const secret of [
    'whsec_c0ffeeB',
    'whsec_c0ffe',
    'whsec_c0ffee00=',
    'whsec_c0ffee0!',
    'whsec_c0ff-e0_',
    'whsec_',
    'c0ffee01A',
    'whpk_c0ffee00',
    'whsk_c0ffee00',
    `${one.whpk}AAAA`,
    one.whpk.slice(0, -3),
  ])
    it(`is not deployed with the secret ${secret.slice(0, 20)} of ${secret.length} signs`, () =>
      assert.throws(() => verifier('standard-webhooks', {}, [secret]), { code: 'CONFIG_INVALID' }));
});

describe("Adyen's signature of the body", () => {
  it('is a setting of the node', () => {
    const settings = { windowSeconds: 300, header: '', level: 'body' } as const;
    const options = optionsOf(settings);
    const { headers } = sign('adyen', options, 'c0ffee00', body);
    const request = { rawBody: Buffer.from(body), headers, receivedAt: 0 };
    assert.equal(verify('adyen', options, ['c0ffee00'], request).keyIndex, 0);
    assert.throws(
      () => verify('adyen', options, ['c0ffee00'], { ...request, rawBody: Buffer.from('{}') }),
      refused,
    );
    assert.throws(() => verify('adyen', {}, ['c0ffee00'], request), refused);
  });
});

describe('HTTP Message Signatures', () => {
  /** Appendix B.2: the request, and the keys of B.1. */
  const vector: Unverified = {
    method: 'POST',
    url: '/foo?param=Value&Pet=dog',
    rawBody: Buffer.from('{"hello": "world"}'),
    headers: {
      host: 'example.com',
      date: 'Tue, 20 Apr 2021 02:07:55 GMT',
      'content-type': 'application/json',
      'content-digest':
        'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:',
      'content-length': '18',
    },
    receivedAt: 1618884473_000,
  };
  const shared =
    'whsec_uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==';
  const publicKey = 'whpk_JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=';
  const privateKey = 'whsk_n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU=';

  for (const [title, secret, text, expected] of [
    [
      'B.2.5, hmac-sha256',
      shared,
      '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
      'pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=',
    ],
    [
      'B.2.6, ed25519',
      publicKey,
      '("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
      'wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==',
    ],
  ] as const)
    it(`come to the vector ${title}`, () => {
      const base = signatureBase(vector, inputOf(text)!, text)!;
      assert.ok(isSigned(standardKey(secret), [base], expected));
      assert.ok(!isSigned(standardKey(secret), [`${base} `], expected));
    });

  const components = '("@method" "@path" "@query" "@authority" "content-digest" "content-type")';
  const signed = (text: string, key = privateKey, request = vector, label = 'sig1'): Unverified => {
    const base = signatureBase(request, inputOf(text)!, text)!;
    return {
      ...request,
      headers: {
        ...request.headers,
        'signature-input': `${label}=${text}`,
        signature: `${label}=:${signature(standardKey(key), [base])}:`,
      },
    };
  };
  const created = `;created=1618884473`;
  const run = (request: Unverified, secrets = [publicKey], options: VerifyOptions = {}) =>
    verify('http-message-signatures' as SchemeName, options, secrets, request).keyIndex;

  it('are taken when they cover the digest of the body', () => {
    assert.equal(run(signed(components + created)), 0);
    assert.equal(run(signed(components + created, shared), [publicKey, shared]), 1);
    assert.equal(run(signed(`("content-digest")${created};expires=1618884500;nonce="n";tag="t"`)), 0);
    assert.equal(run(signed(`("@request-target" "content-digest")${created}`)), 0);
  });

  it('are refused when what they cover is another', () => {
    const right = signed(components + created);
    for (const other of [
      { method: 'PUT' },
      { url: '/foo?param=Value&Pet=cat' },
      { url: '/bar?param=Value&Pet=dog' },
      { headers: { ...right.headers, host: 'example.org' } },
      { headers: { ...right.headers, 'content-type': 'text/plain' } },
      { rawBody: Buffer.from('{"hello": "World"}') },
    ])
      assert.throws(() => run({ ...right, ...other }), refused, JSON.stringify(other));
    const rawBody = Buffer.from('{}');
    const digest = `sha-256=:${createHash('sha256').update(rawBody).digest('base64')}:`;
    assert.throws(
      () => run({ ...right, rawBody, headers: { ...right.headers, 'content-digest': digest } }),
      refused,
    );
  });

  it('are refused when they do not cover the digest, have no time, or cover what is not known', () => {
    for (const text of [
      `("@method" "@path")${created}`,
      `()${created}`,
      components,
      `("content-digest" "x-missing")${created}`,
      `("content-digest" "@status")${created}`,
    ])
      assert.throws(
        () => run({ ...signed(`("content-digest")${created}`), ...withInput(text) }),
        refused,
        text,
      );
    for (const text of [
      `("content-digest";sf)${created}`,
      `("content-digest" "content-digest")${created}`,
      `("content-digest")${created};alg=x`,
      `("content-digest")${created};`,
      `"content-digest"${created}`,
    ])
      assert.equal(inputOf(text), undefined, text);
  });
  const withInput = (text: string) => {
    const input = inputOf(text)!;
    const base = signatureBase(vector, input, text) ?? text;
    const value = signature(standardKey(privateKey), [base]);
    return {
      headers: { ...vector.headers, 'signature-input': `sig1=${text}`, signature: `sig1=:${value}:` },
    };
  };

  it('belong to their key and algorithm', () => {
    const text = (more: string) => `("content-digest")${created}${more}`;
    assert.equal(run(signed(text(';keyid="k1";alg="ed25519"')), [`k1=${publicKey}`]), 0);
    assert.throws(() => run(signed(text(';keyid="k2"')), [`k1=${publicKey}`]), refused);
    assert.throws(() => run(signed(text('')), [`k1=${publicKey}`]), refused);
    assert.throws(() => run(signed(text(';alg="hmac-sha256"'))), refused);
    assert.throws(() => run(signed(text(';alg="rsa-pss-sha512"'))), refused);
    assert.throws(() => run(signed(text('')), [one.whpk]), refused);
    assert.throws(() => run(signed(text('')), ['k1=whpk_AAAA']), { code: 'CONFIG_INVALID' });
  });

  it('end with their window and when the sender says so', () => {
    const late = { ...signed(`("content-digest")${created};expires=1618884480`), receivedAt: 1618884481_000 };
    assert.throws(() => run(late), { code: 'TIMESTAMP_STALE' });
    const old = { ...signed(`("content-digest")${created}`), receivedAt: (1618884473 + 301) * 1000 };
    assert.throws(() => run(old), { code: 'TIMESTAMP_STALE' });
    assert.equal(run(old, [publicKey], { windowS: 600 }), 0);
  });

  it('of others beside it do no harm', () => {
    const right = signed(`("content-digest")${created}`);
    const merged = {
      'signature-input': `proxy=("@method" "x-gone");created=1;keyid="a, b", ${String(right.headers['signature-input'])}`,
      signature: `proxy=:AAAA:, ${String(right.headers['signature'])}`,
    };
    assert.equal(run({ ...right, headers: { ...right.headers, ...merged } }), 0);
    const many = Array.from({ length: 6 }, (_, at) => `s${at}=("content-digest")${created}`).join(', ');
    assert.throws(() => run({ ...right, headers: { ...right.headers, 'signature-input': many } }), refused);
  });
});
