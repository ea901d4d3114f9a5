/** An HMAC scheme by its settings: each signature is made by hand here, as a partner's own code would. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { HmacOptions } from '../runtime/verify/hmac.ts';
import { sign } from '../runtime/verify/sign.ts';
import { verifier, verify } from '../runtime/verify/verify.ts';

const secret = 'sécret';
const body = '{"id":"e1"}';
const now = 1_790_000_000;
const mac = (text: string, encoding: 'hex' | 'base64' | 'base64url' = 'hex', algorithm = 'sha256'): string =>
  createHmac(algorithm, secret).update(text).digest(encoding);
const run = (options: Partial<HmacOptions>, headers: Record<string, string>) =>
  verify('hmac', { hmac: { header: 'X-Sig', ...options } }, [secret], {
    rawBody: Buffer.from(body),
    headers,
    receivedAt: now * 1000,
  });
const refused = (message: string) => ({ code: 'SIGNATURE_INVALID', message, facts: {} });
const noMatch = refused('The signature does not match');

const whole: HmacOptions = {
  header: 'X-Sig',
  prefix: 'v0=',
  template: 'v0:{timestamp}:{id}:{body}',
  timestampHeader: 'X-Time',
  idHeader: 'X-Id',
  topicHeader: 'X-Topic',
};
const wholeHeaders = {
  'x-sig': `v0=${mac(`v0:${now}:d1:${body}`)}`,
  'x-time': String(now),
  'x-id': 'd1',
  'x-topic': 'paid',
};

describe('an HMAC by settings', () => {
  const taken: [title: string, options: Partial<HmacOptions>, headers: Record<string, string>][] = [
    ['SHA-256 in hex of the body, where nothing else is said', {}, { 'x-sig': mac(body) }],
    ['SHA-512', { algorithm: 'sha512' }, { 'x-sig': mac(body, 'hex', 'sha512') }],
    ['SHA-384', { algorithm: 'sha384' }, { 'x-sig': mac(body, 'hex', 'sha384') }],
    ['SHA-1', { algorithm: 'sha1' }, { 'x-sig': mac(body, 'hex', 'sha1') }],
    ['upper case', { encoding: 'hex-upper' }, { 'x-sig': mac(body).toUpperCase() }],
    ['base64', { encoding: 'base64' }, { 'x-sig': mac(body, 'base64') }],
    ['a prefix', { prefix: 'sha256=' }, { 'x-sig': `sha256=${mac(body)}` }],
    ['the body between texts', { template: '<{body}|{body}>' }, { 'x-sig': mac(`<${body}|${body}>`) }],
    ['words of JavaScript', { template: 'toString{body}' }, { 'x-sig': mac(`toString${body}`) }],
    [
      'milliseconds',
      { template: '{body}{timestamp}', timestampHeader: 'X-Time', timestampUnit: 'ms' },
      { 'x-sig': mac(`${body}${now}000`), 'x-time': `${now}000` },
    ],
  ];
  for (const [title, options, headers] of taken)
    it(`takes ${title}`, () => {
      const { keyIndex, senderId, senderIdSigned, topic } = run(options, headers);
      assert.deepEqual([keyIndex, senderId, senderIdSigned, topic], [0, undefined, false, undefined]);
      const stamp = { id: 'd1', timestamp: now };
      const made = sign('hmac', { hmac: { header: 'X-Sig', ...options } }, secret, body, stamp);
      assert.deepEqual(made.headers, headers);
    });

  it('takes and tells all that can be set, and an id that is not signed', () => {
    const { senderId, senderIdSigned, topic } = run(whole, wholeHeaders);
    assert.deepEqual([senderId, senderIdSigned, topic], ['d1', true, 'paid']);
    const beside = run({ idHeader: 'X-Id' }, { 'x-sig': mac(body), 'x-id': 'd2' });
    assert.deepEqual([beside.senderId, beside.senderIdSigned], ['d2', false]);
    assert.equal(run({ idHeader: 'X-Id' }, { 'x-sig': mac(body) }).senderId, undefined);
  });

  it('takes base64 in each spelling, and only behind its prefix', () => {
    const options: Partial<HmacOptions> = { encoding: 'base64-any', prefix: 'sha256=' };
    // Of which base64 has all signs that differ.
    const template = [...Array(999).keys()]
      .map((at) => `${at}:`)
      .find((text) => /\+.*\/|\/.*\+/.test(mac(text + body, 'base64')))!;
    const [plain, url] = [mac(template + body, 'base64'), mac(template + body, 'base64url')];
    const any = { ...options, template: `${template}{body}` };
    for (const spelled of [plain, url, `${url}=`, plain.slice(0, -1)])
      assert.equal(run(any, { 'x-sig': `sha256=${spelled}` }).keyIndex, 0, spelled);
    for (const other of [
      plain,
      `sha512=${plain}`,
      `${plain}sha256=`,
      `sha256=${plain}==`,
      `sha256=A${plain}`,
    ])
      assert.throws(() => run(any, { 'x-sig': other }), noMatch, other);
    assert.equal(run({ ...any, prefix: '' }, { 'x-sig': plain }).keyIndex, 0);
    for (const one of [`sha256=${url}`, `sha256=${plain.slice(0, -1)}`])
      assert.throws(() => run({ ...any, encoding: 'base64' }, { 'x-sig': one }), noMatch, one);
  });

  const odd: [
    title: string,
    options: Partial<HmacOptions>,
    headers: Record<string, string>,
    message?: string,
  ][] = [
    ['another text', {}, { 'x-sig': mac(`${body} `) }],
    ['nothing signed', {}, { 'x-sig': mac('') }],
    ['a prefix that was not set', {}, { 'x-sig': `sha256=${mac(body)}` }],
    ['no prefix', { prefix: 'sha256=' }, { 'x-sig': mac(body) }],
    ['upper case for lower', {}, { 'x-sig': mac(body).toUpperCase() }],
    ['another time', whole, { ...wholeHeaders, 'x-time': String(now + 1) }],
    ['another id', whole, { ...wholeHeaders, 'x-id': 'd2' }],
    ['no signature', {}, {}, 'The header X-Sig is missing'],
    ['no time', whole, { ...wholeHeaders, 'x-time': '' }, 'The header X-Time is missing'],
    ['no id', whole, { ...wholeHeaders, 'x-id': '' }, 'The header X-Id is missing'],
    [
      'a time that is none',
      { template: '{timestamp}{body}', timestampHeader: 'X-Time' },
      { 'x-sig': mac(`1e9${body}`), 'x-time': '1e9' },
      'The timestamp is not a whole number',
    ],
  ];
  for (const [title, options, headers, message] of odd)
    it(`refuses ${title}`, () =>
      assert.throws(() => run(options, headers), message === undefined ? noMatch : refused(message)));

  it('has a window of five minutes where a time is signed', () => {
    const late = { rawBody: Buffer.from(body), headers: wholeHeaders, receivedAt: (now + 301) * 1000 };
    assert.throws(() => verify('hmac', { hmac: whole }, [secret], late), {
      code: 'TIMESTAMP_STALE',
      message: 'The signed time is more than 300 s off',
      facts: { offS: 301, windowS: 300 },
    });
  });
});

describe('settings of an HMAC that cannot work', () => {
  const timed = 'A timestamp header and {timestamp} in the template need each other';
  const known = 'The template knows {body}, {timestamp} and {id} only';
  const rows: [options: HmacOptions | undefined, message: string][] = [
    [undefined, 'The HMAC scheme needs the name of the header that holds the signature'],
    [{ header: '' }, 'The HMAC scheme needs the name of the header that holds the signature'],
    [
      { header: 'a', algorithm: 'md5' as 'sha1' },
      'The HMAC algorithm is one of sha256, sha512, sha384, sha1',
    ],
    [
      { header: 'a', encoding: 'utf8' as 'hex' },
      'The encoding of the signature is one of hex, hex-upper, base64, base64-any',
    ],
    [{ header: 'a', timestampUnit: 'm' as 's' }, 'The unit of the timestamp is s or ms'],
    [{ header: 'a', template: '{foo}{body}' }, known],
    [{ header: 'a', template: '{body}v{}' }, known],
    [{ header: 'a', template: 'v0' }, 'The template of the signed text needs {body}'],
    [{ header: 'a', template: '' }, 'The template of the signed text needs {body}'],
    [{ header: 'a', template: '{timestamp}{body}' }, timed],
    [{ header: 'a', timestampHeader: 'b' }, timed],
    [{ header: 'a', template: '{id}{body}' }, '{id} in the template needs an id header'],
  ];
  for (const [options, message] of rows)
    it(JSON.stringify(options) ?? 'none', () =>
      assert.throws(() => verifier('hmac', options === undefined ? {} : { hmac: options }, [secret]), {
        code: 'CONFIG_INVALID',
        message,
        facts: {},
      }),
    );
});
