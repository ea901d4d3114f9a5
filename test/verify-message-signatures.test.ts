/** HTTP Message Signatures: the signed text of each request is written by hand here, and so is what is refused. */
import assert from 'node:assert/strict';
import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { inputOf, messageSignatures, signatureBase } from '../runtime/verify/message-signatures.ts';
import type { Unverified } from '../runtime/verify/scheme.ts';
import { verify } from '../runtime/verify/verify.ts';

const shared = 'whsec_c0ffee00';
const other = 'whsec_c0ffee11';
// The key pair of RFC 9421, B.1.4.
const publicKey = 'whpk_JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=';
const now = 1_790_000_000;
const body = '{"id":"e1"}';
const digestBy = (algorithm: string, text = body): string =>
  `:${createHash(algorithm).update(text).digest('base64')}:`;
const digest = `sha-256=${digestBy('sha256')}`;
const created = `;created=${now}`;
const covers = `("content-digest")${created}`;
type Headers = Unverified['headers'];

const request = (headers: Headers = {}): Unverified => ({
  method: 'POST',
  url: '/foo?a=1&b',
  rawBody: Buffer.from(body),
  headers: { host: 'Example.COM', date: 'today', 'x-pad': ' a  b\t', 'content-digest': digest, ...headers },
  receivedAt: now * 1000,
});
const mac = (base: string, secret = shared): string =>
  createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
    .update(base)
    .digest('base64');
/** The lines before the last one are given; the rest of a request that is right. */
const signed = (input: string, lines = `"content-digest": ${digest}\n`, secret = shared): Headers => ({
  'signature-input': `sig1=${input}`,
  signature: `sig1=:${mac(`${lines}"@signature-params": ${input}`, secret)}:`,
});
const run = (headers: Headers, secrets: string[] = [shared], more: Partial<Unverified> = {}): number =>
  verify('http-message-signatures', {}, secrets, { ...request(headers), ...more }).keyIndex;
const refused = (message: string) => ({ code: 'SIGNATURE_INVALID', message, facts: {} });
const noMatch = refused('The signature does not match');
const none = refused(
  'No signature has a time, covers content-digest, and covers nothing that is unknown here',
);
const unread = refused('A header of the signature cannot be read');

describe('the signed text of a request', () => {
  const rows: [name: string, value: string | undefined, more?: Partial<Unverified>][] = [
    ['@method', 'POST'],
    ['@path', '/foo'],
    ['@query', '?a=1&b'],
    ['@request-target', '/foo?a=1&b'],
    ['@authority', 'example.com'],
    ['date', 'today'],
    ['x-pad', 'a  b'],
    ['@query', '?', { url: '/foo' }],
    ['@path', '/', { url: '?a=1' }],
    ['@query', '?a=1?b', { url: '/foo?a=1?b' }],
    ['x-gone', undefined],
    ['@status', undefined],
    ['@authority', undefined, { headers: {} }],
    ['x-twice', undefined, { headers: { 'x-twice': ['a', 'b'] } }],
  ];
  for (const [name, value, more] of rows)
    it(`says of ${name} ${value ?? 'nothing'}`, () => {
      const of = { ...request(), ...more };
      const input = `("${name}")${created}`;
      const expected = value === undefined ? undefined : `"${name}": ${value}\n"@signature-params": ${input}`;
      assert.equal(signatureBase(of, { components: [name], parameters: new Map() }, input), expected);
    });

  it('of which only the body is known has no name of a method and the shortest of addresses', () => {
    const bare: Unverified = { rawBody: Buffer.from(body), headers: {}, receivedAt: 0 };
    const components = ['@method', '@path', '@query', '@request-target'];
    assert.equal(
      signatureBase(bare, { components, parameters: new Map() }, '()'),
      '"@method": \n"@path": /\n"@query": ?\n"@request-target": \n"@signature-params": ()',
    );
  });
});

describe('an input of a signature', () => {
  it('is read to its last parameter', () => {
    const rows: [text: string, components: string[], parameters: Record<string, string | number>][] = [
      ['()', [], {}],
      ['("a")', ['a'], {}],
      ['("@method" "date");created=5;keyid="k;1"', ['@method', 'date'], { created: 5, keyid: 'k;1' }],
      ['();*a.b-c=1;alg="";expires=123456789012345', [], { '*a.b-c': 1, alg: '', expires: 123456789012345 }],
      ['();created=1;created=2', [], { created: 2 }],
    ];
    for (const [text, components, parameters] of rows)
      assert.deepEqual(inputOf(text), { components, parameters: new Map(Object.entries(parameters)) }, text);
  });

  it('is unknown where anything of it is', () => {
    const texts = [
      '',
      '"a"',
      '("a"',
      '("a") ',
      ' ("a")',
      '(a)',
      '("a""b")',
      '("a"  "b")',
      '( "a")',
      '("a\\"")',
    ];
    const behind = [
      '("a" "a")',
      '("a";sf)',
      '("a")created=1',
      '();created',
      '();a=x',
      '();A=1',
      '();a="\\""',
    ];
    const numbers = [
      '();a=-1',
      '();a=1.5',
      '();a=1234567890123456',
      '();a=1;',
      '();a=1 ;b=2',
      '();?;a=1;b=2',
    ];
    for (const text of [...texts, ...behind, ...numbers]) assert.equal(inputOf(text), undefined, text);
  });
});

describe('a message signature', () => {
  it('is taken for all it covers', () => {
    const names = '"@method" "@path" "@query" "@request-target" "@authority" "x-pad" "content-digest"';
    const lines = [
      '"@method": POST',
      '"@path": /foo',
      '"@query": ?a=1&b',
      '"@request-target": /foo?a=1&b',
      '"@authority": example.com',
      '"x-pad": a  b',
      `"content-digest": ${digest}`,
      '',
    ];
    const headers = signed(`(${names})${created};nonce="n"`, lines.join('\n'));
    assert.equal(run(headers), 0);
    for (const more of [{ method: 'PUT' }, { url: '/bar?a=1&b' }, { url: '/foo?a=2&b' }])
      assert.throws(() => run(headers, [shared], more), noMatch, JSON.stringify(more));
    assert.throws(() => run({ ...headers, host: 'example.org' }), noMatch);
  });

  it('is the claim of its text, key and times', () => {
    const input = `("content-digest")${created};expires=${now + 9};keyid=5;alg="hmac-sha256"`;
    const base = [`"content-digest": ${digest}\n"@signature-params": ${input}`];
    const proofs = { signed: base, presented: ['AA=='], keyId: '5', algorithm: 'hmac-sha256' };
    const sent = (text: string) =>
      messageSignatures().claim(request({ 'signature-input': `a=${text}`, signature: 'a=:AA==:' }));
    assert.deepEqual(sent(input), [{ proofs: [proofs], signedAt: now * 1000, expiresAt: (now + 9) * 1000 }]);
    const plain = [`"content-digest": ${digest}\n"@signature-params": ${covers}`];
    assert.deepEqual(sent(covers), [
      {
        proofs: [{ signed: plain, presented: ['AA=='], keyId: undefined, algorithm: undefined }],
        signedAt: now * 1000,
      },
    ]);
  });

  it('belongs to its key', () => {
    const by = (more: string, secret = shared) => signed(covers + more, undefined, secret);
    const k1 = `k1=${shared}`;
    const taken: [headers: Headers, secrets: string[], index: number][] = [
      [by(''), [shared], 0],
      [by(';keyid="any"'), [other, shared], 1],
      [by(';keyid="k1"'), [`k2=${shared}`, k1], 1],
      [by(';keyid="k2"', other), [k1, `k2=${other}`], 1],
      [by(';keyid="a=b"'), [`a=b=${shared}`], 0],
      [by(';keyid=5'), [`5=${shared}`], 0],
      [by(';alg="hmac-sha256"'), [publicKey, shared], 1],
    ];
    for (const [headers, secrets, index] of taken)
      assert.equal(run(headers, secrets), index, JSON.stringify([headers, secrets]));
    const odd: [headers: Headers, secrets: string[]][] = [
      [by('', other), [shared]],
      [by(''), [k1]],
      [by(';keyid="k2"'), [k1]],
      [by(';keyid="k2"'), [k1, `k2=${other}`]],
      [by(';keyid="K1"'), [k1]],
      [by(';alg="ed25519"'), [shared]],
      [by(';alg="hmac-sha256"'), [publicKey]],
      [by(';alg="hmac-sha512"'), [shared]],
      [by(';alg=1'), [shared]],
    ];
    for (const [headers, secrets] of odd)
      assert.throws(() => run(headers, secrets), noMatch, JSON.stringify([headers, secrets]));
    for (const secret of ['k1=c0ffee00', 'k1=whsec_', '=whsec_c0ffee00'])
      assert.throws(() => run(by(''), [secret]), {
        code: 'CONFIG_INVALID',
        message: 'A Standard Webhooks secret is base64, usually after whsec_',
      });
  });

  it('by a private key is proved by the public one', () => {
    const pair = generateKeyPairSync('ed25519');
    const der = pair.publicKey.export({ format: 'der', type: 'spki' });
    const secret = `whpk_${der.subarray(-32).toString('base64')}`;
    const by = (more: string): Headers => {
      const base = `"content-digest": ${digest}\n"@signature-params": ${covers}${more}`;
      const text = sign(null, Buffer.from(base), pair.privateKey).toString('base64');
      return { 'signature-input': `sig1=${covers}${more}`, signature: `sig1=:${text}:` };
    };
    for (const more of ['', ';alg="ed25519"', ';keyid="k1";alg="ed25519"'])
      assert.equal(run(by(more), [publicKey, shared, secret]), 2, more);
    assert.equal(run(by(';keyid="k1"'), [`k1=${secret}`]), 0);
    for (const more of [';alg="hmac-sha256"', ';alg=""', ';alg="rsa-v1_5-sha256"'])
      assert.throws(() => run(by(more), [secret]), noMatch, more);
    assert.throws(() => run(by(''), [publicKey]), noMatch);
  });

  it('ends with its window, and when the sender says so', () => {
    const until = signed(`${covers};expires=${now + 10}`);
    assert.equal(run(until, [shared], { receivedAt: (now + 10) * 1000 }), 0);
    assert.throws(() => run(until, [shared], { receivedAt: (now + 10) * 1000 + 1 }), {
      code: 'TIMESTAMP_STALE',
      message: 'The signature has expired',
      facts: { windowS: 300 },
    });
    assert.equal(run(signed(covers), [shared], { receivedAt: (now + 300) * 1000 }), 0);
    assert.throws(() => run(signed(covers), [shared], { receivedAt: (now + 301) * 1000 }), {
      code: 'TIMESTAMP_STALE',
      message: 'The signed time is more than 300 s off',
      facts: { offS: 301, windowS: 300 },
    });
  });

  it('is one of five at most', () => {
    const { 'signature-input': input, signature } = signed(covers) as Record<string, string>;
    const before = (count: number) => [...Array(count).keys()].map((at) => `p${at}=("x-gone");created=1, `);
    const among = (count: number): Headers => ({
      'signature-input': `${before(count).join('')}${input}`,
      signature: `p0=:AAAA:,p9=?0,\t${signature}`,
    });
    for (const count of [0, 1, 4]) assert.equal(run(among(count)), 0, String(count));
    assert.throws(() => run(among(5)), refused('The request has too many signatures'));
  });

  const right = signed(covers) as Record<string, string>;
  const absent: [title: string, headers: Headers][] = [
    ['covers nothing', signed(`()${created}`, '')],
    ['covers the method alone', signed(`("@method")${created}`, '"@method": POST\n')],
    ['has no time', signed('("content-digest")')],
    ['has a time in quotes', signed(`("content-digest");created="${now}"`)],
    [
      'covers a header that is not there',
      signed(`("content-digest" "x-gone")${created}`, `"content-digest": ${digest}\n"x-gone": undefined\n`),
    ],
    ['has an input that cannot be read', signed(`("content-digest";sf)${created}`)],
    [
      'has another label than its input',
      { ...right, signature: right['signature']!.replace('sig1', 'sig2') },
    ],
    ['is no sequence of bytes', { ...right, signature: right['signature']!.replaceAll(':', '"') }],
    ['is empty', { ...right, signature: 'sig1=::' }],
  ];
  for (const [title, headers] of absent)
    it(`that ${title} is none`, () => assert.throws(() => run(headers), none));

  for (const name of ['content-digest', 'signature', 'signature-input'])
    it(`is missing without ${name}, and refused where that cannot be read`, () => {
      assert.throws(() => run({ ...right, [name]: undefined }), refused(`The header ${name} is missing`));
      const value = name === 'content-digest' ? digest : right[name]!;
      for (const odd of ['!', '"', `${value},`, `${value}, !`, `!${value}`, ` ${value}`, `A=1, ${value}`])
        assert.throws(() => run({ ...right, [name]: odd }), unread, odd);
    });
});

describe('a digest of the body', () => {
  const runBy = (text: string): number =>
    run({ ...signed(covers, `"content-digest": ${text}\n`), 'content-digest': text });
  const sha512 = `sha-512=${digestBy('sha512')}`;
  it('is by SHA-256 or SHA-512, among others', () => {
    for (const text of [
      digest,
      sha512,
      `${digest}, ${sha512}`,
      `${digest} ,\t${sha512}`,
      `md5=:AAAA:,${digest}`,
      `constructor=:AAAA:, ${digest}`,
    ])
      assert.equal(runBy(text), 0, text);
  });

  it('is neither', () => {
    for (const text of ['md5=:AAAA:', 'sha-384=:AAAA:', 'constructor=:AAAA:', 'sha256=:AAAA:'])
      assert.throws(() => runBy(text), refused('The content-digest is neither sha-256 nor sha-512'), text);
  });

  it('is that of another body', () => {
    const wrong = `sha-256=${digestBy('sha256', '{}')}`;
    for (const text of [
      wrong,
      `sha-512=${digestBy('sha256')}`,
      `sha-256=${digestBy('sha512')}`,
      `${sha512}, ${wrong}`,
      `${wrong}, ${sha512}`,
      digest.replaceAll(':', ''),
      `${digest};a`,
    ])
      assert.throws(() => runBy(text), refused('The content-digest is not that of the body'), text);
  });
});
