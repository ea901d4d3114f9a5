/** What the signature schemes share: MACs as other software writes them, headers, times and keys of the body. */
import assert from 'node:assert/strict';
import { createHmac, createSecretKey } from 'node:crypto';
import {
  algorithms,
  bodyField,
  encodings,
  header,
  mac,
  plainBase64,
  required,
  sameText,
  unixTime,
  utf8Key,
  type Encoding,
} from '../runtime/verify/scheme.ts';
import { verify } from '../runtime/verify/verify.ts';

const request = (body: string, headers: Record<string, string | string[] | undefined> = {}) => ({
  rawBody: Buffer.from(body),
  headers,
  receivedAt: 0,
});
const refused = (message: string) => ({ code: 'SIGNATURE_INVALID', message, facts: {} });

describe('a MAC', () => {
  const written: Record<Encoding, (bytes: Buffer) => string> = {
    hex: (bytes) => bytes.toString('hex'),
    'hex-upper': (bytes) => bytes.toString('hex').toUpperCase(),
    base64: (bytes) => bytes.toString('base64'),
    'base64-any': (bytes) => bytes.toString('base64url'),
  };

  it('is that of other software in each algorithm and encoding, by text and by key object', () => {
    assert.deepEqual([...algorithms].toSorted(), ['sha1', 'sha256', 'sha384', 'sha512']);
    assert.deepEqual([...encodings].toSorted(), Object.keys(written).toSorted());
    for (const algorithm of ['sha1', 'sha256', 'sha384', 'sha512'] as const)
      for (const [encoding, write] of Object.entries(written) as [Encoding, (bytes: Buffer) => string][]) {
        const expected = write(createHmac(algorithm, 'sécret').update('v0:{"a":1}').digest());
        const title = `${algorithm} ${encoding}`;
        const key = utf8Key('sécret');
        for (const one of [key, key, 'sécret', createSecretKey(key)])
          assert.equal(mac(one, ['v0:', Buffer.from('{"a":1}')], algorithm, encoding), expected, title);
        const options = { hmac: { header: 'X-Sig', algorithm, encoding, template: 'v0:{body}' } };
        const sent = request('{"a":1}', { 'x-sig': expected });
        assert.equal(verify('hmac', options, ['sécret'], sent).keyIndex, 0, title);
      }
  });

  it('is compared as it stands, and base64 in one spelling', () => {
    for (const [a, b, same] of [
      ['ab', 'ab', true],
      ['', '', true],
      ['ab', 'AB', false],
      ['ab', 'ab ', false],
      ['é', 'e', false],
    ] as const)
      assert.equal(sameText(a, b), same, `${a} ${b}`);
    for (const [text, plain] of [
      ['+/+/', '-_-_'],
      ['-_-_', '-_-_'],
      ['YQ==', 'YQ'],
      ['YWI=', 'YWI'],
      ['YQ', 'YQ'],
      ['Y=Q==', 'Y=Q'],
      ['YQ===', 'YQ='],
    ] as const)
      assert.equal(plainBase64(text), plain, text);
  });
});

describe('a header', () => {
  it('counts where it came once, in any case', () => {
    for (const [headers, expected] of [
      [{ 'x-a': '1' }, '1'],
      [{ 'X-A': '1' }, '1'],
      [{ 'x-b': '0', 'x-a': '1' }, '1'],
      [{ 'x-ab': '0', 'x-a': 'mutant' }, 'mutant'],
      [{ 'x-a': '' }, undefined],
      [{ 'x-a': ['1', '1'] }, undefined],
      [{ 'x-a': undefined }, undefined],
      [{ 'x-b': '1' }, undefined],
    ] as [Record<string, string | string[] | undefined>, string | undefined][]) {
      const sent = request('', headers);
      assert.equal(header(sent, 'X-a'), expected);
      if (expected === undefined)
        assert.throws(() => required(sent, 'X-a'), refused('The header X-a is missing'));
      else assert.equal(required(sent, 'X-a'), expected);
    }
  });
});

describe('a time', () => {
  it('is a whole number of 15 digits at most', () => {
    assert.equal(unixTime('1790000000'), 1_790_000_000_000);
    assert.equal(unixTime('1790000000', 's'), 1_790_000_000_000);
    assert.equal(unixTime('1790000000123', 'ms'), 1_790_000_000_123);
    assert.equal(unixTime('9'.repeat(15), 'ms'), 999_999_999_999_999);
    for (const text of ['', ' 1', '1 ', '-1', '+1', '1.0', '1e9', '0x1', 'x', '9'.repeat(16)])
      assert.throws(() => unixTime(text), refused('The timestamp is not a whole number'), text);
  });
});

describe('a key of the body', () => {
  it('is its text or its number, of an object alone', () => {
    const rows: [body: string, name: string, expected: string | undefined][] = [
      ['{"id":"e1"}', 'id', 'e1'],
      ['{"id":""}', 'id', ''],
      ['{"id":12}', 'id', '12'],
      ['{"id":12345678901234567890}', 'id', '12345678901234567890'],
      ['{"id":"é"}', 'id', 'é'],
      ['{"id":null}', 'id', undefined],
      ['{"id":true}', 'id', undefined],
      ['{"id":{"a":1}}', 'id', undefined],
      ['{"id":["e1"]}', 'id', undefined],
      ['{"a":{"id":"e1"}}', 'id', undefined],
      ['{}', 'constructor', undefined],
      ['"abc"', 'length', undefined],
      ['null', 'id', undefined],
      ['5', 'id', undefined],
      ['', 'id', undefined],
      ['id=1', 'id', undefined],
    ];
    for (const [body, name, expected] of rows) assert.equal(bodyField(request(body), name), expected, body);
  });

  it('is none that a prototype has', () => {
    const all = Object.prototype as { inherited?: string };
    all.inherited = 'x';
    try {
      assert.equal(bodyField(request('{}'), 'inherited'), undefined);
    } finally {
      delete all.inherited;
    }
  });
});
