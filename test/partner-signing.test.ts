/** Requests as people copy them and as partners sign them: what is recognised, and what is said of the rest. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { sign } from '../runtime/verify/sign.ts';
import { optionsOf, verifier } from '../runtime/verify/verify.ts';
import { look } from '../runtime/workspace/partner/guide.ts';
import { byHand, recognise } from '../runtime/workspace/partner/recognise.ts';
import type { Signing } from '../runtime/workspace/partner/signing.ts';
import { readPasted, type Pasted } from '../runtime/workspace/partner/request.ts';

const secret = 'acme-outdoor-secret';
const body = JSON.stringify({ id: '1', note: 'Grüße / 10 €', items: [{ sku: 'A', qty: 1 }] });
const mac = (
  text: string,
  encoding: 'hex' | 'base64' | 'base64url' = 'hex',
  algorithm = 'sha256',
  key: string | Buffer = secret,
): string => createHmac(algorithm, key).update(text).digest(encoding);
const pasted = (headers: Record<string, string>, text = body, url = ''): Pasted => ({
  method: 'POST',
  url,
  headers,
  body: text,
});
const signingOf = (headers: Record<string, string>, text = body, url = ''): Signing | undefined =>
  recognise(pasted(headers, text, url), secret).signing;

/** What was recognised of one request takes another of the same partner. */
function takes({ scheme, ...settings }: Signing, headers: Record<string, string>, text: string): boolean {
  const check = verifier(scheme, optionsOf({ windowSeconds: 300, header: '', ...settings }), [secret]);
  try {
    check({ rawBody: Buffer.from(text), headers, receivedAt: Date.now() });
    return true;
  } catch {
    return false;
  }
}

describe('a signature', () => {
  it('in base64 of any spelling is recognised, and each other request of the partner is taken', () => {
    const unpadded = (text: string): string => mac(text, 'base64').replace(/=+$/, '');
    const padded = (text: string): string => `${mac(text, 'base64url')}=`;
    const spellings = [(text: string) => mac(text, 'base64url'), unpadded, padded];
    for (const spelled of spellings)
      for (let count = 0; count < 20; count += 1) {
        const text = JSON.stringify({ id: count });
        const signing = signingOf({ 'x-sign': spelled(text) }, text);
        assert.equal(signing?.scheme, 'hmac', spelled(text));
        const other = JSON.stringify({ id: -1 - count });
        assert.ok(takes(signing, { 'x-sign': spelled(other) }, other), `${spelled(text)} ${spelled(other)}`);
        assert.ok(!takes(signing, { 'x-sign': spelled(text) }, other));
      }
  });

  it('by SHA-384 is recognised in hex and base64', () => {
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      const signing = signingOf({ 'x-sign': mac(body, encoding, 'sha384') });
      assert.equal(signing?.algorithm, 'sha384', encoding);
    }
  });

  it('as Stripe writes it is recognised in a header of its own name', () => {
    const time = Math.floor(Date.now() / 1000);
    const value = `t=${time}, v1=${mac(`${time}.${body}`)}`;
    const signing = signingOf({ 'acme-signature': value });
    assert.deepEqual(signing, { scheme: 'stripe', header: 'acme-signature' });
    assert.ok(takes(signing!, { 'acme-signature': value }, body));
    assert.ok(!takes(signing!, { 'acme-signature': value }, `${body} `));
    const signed = sign('stripe', { stripe: { header: 'Acme-Signature' } }, secret, body);
    assert.ok(takes(signing!, signed.headers, body));
  });

  it('behind words is recognised where the words are the same each time', () => {
    const signing = signingOf({ authorization: `HMAC-SHA256 Signature=${mac(body)}` });
    assert.equal(signing?.prefix, 'HMAC-SHA256 Signature=');
    assert.equal(signingOf({ authorization: `HMAC ${mac(body, 'base64')}` })?.prefix, 'HMAC ');
    assert.equal(signingOf({ 'x-sign': `v1,${mac(body, 'base64')}` })?.prefix, 'v1,');
    assert.equal(signingOf({ 'x-sign': `nonce=8f3a,sig=${mac(body)}` }), undefined);
    assert.equal(signingOf({ 'x-sign': `t=1795858200,h=${mac(body)}` }), undefined);
  });

  it('of the address and the body is recognised, as Square and Trello make it', () => {
    const url = 'https://hub.example/hooks/square/orders';
    const square = { 'x-square-hmacsha256-signature': mac(url + body, 'base64') };
    assert.equal(signingOf(square, body, url)?.template, `${url}{body}`);
    const trello = { host: 'hub.example', 'x-trello-webhook': mac(body + url, 'base64', 'sha1') };
    assert.equal(signingOf(trello, body, '/hooks/square/orders')?.template, `{body}${url}`);
  });

  it('over a body with line ends of Windows is recognised where the page took them', () => {
    const windows = JSON.stringify({ a: 1, b: 2 }, null, 2).replaceAll('\n', '\r\n');
    const found = recognise(pasted({ 'x-sign': mac(windows) }, windows.replaceAll('\r\n', '\n')), secret);
    assert.equal(found.signing?.scheme, 'hmac');
    assert.equal(found.body, windows);
  });

  it('of the shops is recognised as they send it', () => {
    const time = '1795858200';
    const kinds: Record<string, [Record<string, string>, string]> = {
      shopify: [
        { 'x-shopify-topic': 'orders/create', 'x-shopify-hmac-sha256': mac(body, 'base64') },
        'shopify',
      ],
      woocommerce: [
        { 'x-wc-webhook-source': 'https://x', 'x-wc-webhook-signature': mac(body, 'base64') },
        'woocommerce',
      ],
      github: [{ 'x-hub-signature-256': `sha256=${mac(body)}` }, 'github'],
      shopware: [{ 'shopware-shop-signature': mac(body) }, 'hmac'],
      sendcloud: [{ 'sendcloud-signature': mac(body) }, 'hmac'],
      slack: [
        { 'x-slack-request-timestamp': time, 'x-slack-signature': `v0=${mac(`v0:${time}:${body}`)}` },
        'hmac',
      ],
      xentral: [{ 'x-xentral-signature': `sha512=${mac(body, 'hex', 'sha512')}` }, 'hmac'],
      token: [{ 'x-api-key': secret }, 'bearer'],
    };
    for (const [name, [headers, scheme]] of Object.entries(kinds))
      assert.equal(signingOf(headers)?.scheme, scheme, name);
  });

  it('that fits nothing is explained where the body was printed anew, or there is only a password', () => {
    const php = body
      .replaceAll('/', String.raw`\/`)
      .replaceAll('ü', String.raw`\u00fc`)
      .replaceAll('ß', String.raw`\u00df`);
    const sent = php.replaceAll('€', String.raw`\u20ac`);
    assert.equal(recognise(pasted({ 'x-sign': mac(sent) }), secret).hint, 'body-changed');
    const python = '{"id": "1", "items": [{"a": 1}, {}]}';
    const compact = JSON.stringify(JSON.parse(python));
    assert.equal(recognise(pasted({ 'x-sign': mac(python) }, compact), secret).hint, 'body-changed');
    assert.equal(recognise(pasted({ authorization: 'Basic dTpw' }), secret).hint, 'basic');
  });

  it('is taken as a person says it: proved where it fits, and else not', () => {
    const signing: Signing = { scheme: 'hmac', header: 'X-Odd', template: '{body}#end' };
    assert.deepEqual(byHand(pasted({ 'x-odd': mac(`${body}#end`) }), signing, secret), {
      signing,
      body,
      tried: [],
    });
    assert.equal(byHand(pasted({ 'x-odd': mac(body) }), signing, secret).unproved, true);
    const wrong: Signing[] = [
      { scheme: 'hmac' },
      { scheme: 'hmac', header: 'x-odd', template: '{time}.{body}' },
      { scheme: 'hmac', header: 'x-odd', timestampHeader: 'x-time' },
      { scheme: 'adyen' },
    ];
    for (const one of wrong)
      assert.throws(() => byHand(pasted({ 'x-odd': 'a' }), one, secret), { code: 'REQUEST_INVALID' });
  });
});

describe('a request copied from a browser', () => {
  const curl = (data: string): string =>
    readPasted(`curl 'https://x' -H 'X-Sign: a' --data-raw ${data}`).body;

  it('has the letters that its escapes stand for', () => {
    const raw = String.raw;
    assert.equal(curl(raw`$'{"a":"Great\u0021 \ud83c\udf81"}'`), '{"a":"Great! 🎁"}');
    assert.equal(curl(raw`$'It\'s \"a\" \\n b\n\t\r'`), 'It\'s "a" \\n b\n\t\r');
    assert.equal(
      curl(raw`$'\xc3\xbc \303\274 \xfc \u20ac \U0001F381 \e\a\b\f\v\cA \?'`),
      'ü ü ü € 🎁 \x1b\x07\b\f\v\x01 ?',
    );
    assert.equal(curl(raw`$'\q \\u0021'`), raw`\q \u0021`);
  });

  it('has its flags written together, and lines broken inside of quotes', () => {
    const read = readPasted(`curl -XPUT -H'X-Sign: a' -d'{"a":1}' --compressed https://x/hooks/a`);
    assert.deepEqual(read, {
      method: 'PUT',
      url: 'https://x/hooks/a',
      headers: { 'x-sign': 'a' },
      body: '{"a":1}',
    });
    assert.equal(curl('"{\\"a\\": \\\n1}"'), '{"a": 1}');
  });

  it('for the prompt of Windows, or with a form that curl makes, says what to copy', () => {
    const windows = 'curl ^"https://x^" ^\n  -H ^"X-Sign: a^" ^\n  --data-raw ^"^{^\\^"a^\\^":1^}^"';
    assert.throws(() => readPasted(windows), /cURL \(bash\)/);
    for (const flag of ['-F a=1', '--form=a=1', '--data-urlencode a=ü'])
      assert.throws(() => readPasted(`curl https://x ${flag}`), /makes the body itself/);
  });
});

describe('a body that the guide cannot take', () => {
  const asked = (text: string, key = secret) => look(`X-Sign: ${mac(text)}\n\n${text}`, key);
  const others: Record<string, [string, RegExp]> = {
    'a list': ['[{"id":1},{"id":2}]', /a list of 2.*one JSON object a message.*in the editor/],
    'a form': ['id=1&email=a%40b.example', /is a form\. .*content is text/],
    'a form of one': ['id=tr_7UhSN1zuXS', /is a form\./],
    XML: ['<?xml version="1.0"?>\n<order id="1"/>', /is XML/],
    CSV: ['id;name\n1;Mug', /is CSV/],
    'CSV in quotes': ['"id","name"\n"1","Mug"', /is CSV/],
    X12: ['ISA*00*          *00*', /is an EDI interchange.*partner of EDI/],
    EDIFACT: ["UNB+UNOC:3+A+B'", /is an EDI interchange/],
    'files of a form': [
      '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--',
      /a form with files/,
    ],
    'a text': ['"hello"', /one plain value/],
  };
  for (const [what, [text, says]] of Object.entries(others))
    it(`such as ${what} is refused at once, with what to do instead`, () => {
      assert.throws(() => asked(text), says);
    });

  it('such as broken JSON is called that', () => {
    assert.throws(() => asked('{"a": '), { code: 'BODY_NOT_JSON', message: 'The body is not JSON' });
  });

  it('and a secret of two words is refused before anything is made of it', () => {
    assert.throws(() => asked('{"a":1}', 'two words'), /one word/);
  });
});
