/** Attacks by a webhook, of strangers and of a partner who signs rightly: each has a coded answer, and the hub goes on. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { signed } from '../../cli/samples.ts';
import { secrets, startHubProcess, type HubProcess } from '../e2e/hub-process.ts';
import { order } from '../e2e/traffic.ts';

const about = { kind: 'valid', partner: 'Shopify', number: '1' } as const;

describe('an attack by a webhook', function () {
  this.timeout(120_000);
  let hub: HubProcess;
  let number = 90_000;
  before(async () => {
    hub = await startHubProcess({});
  });
  after(() => hub?.stop());

  const send = async (
    body: string | Buffer,
    more: Record<string, string> = {},
    from = signed(about, String(body), secrets),
  ) => {
    const answer = await fetch(hub.url + from.path, {
      method: 'POST',
      headers: { ...from.headers, ...more },
      body: new Uint8Array(Buffer.from(body)),
    });
    const text = await answer.text();
    assert.doesNotMatch(text, /node_modules|at \w+ \(|\.ts:\d|e2e-shopify-secret/, text.slice(0, 300));
    assert.ok(text.length < 2000, text.slice(0, 300));
    return { status: answer.status, code: (JSON.parse(text) as { code: string }).code };
  };
  /** As it would be by a shop, which is the proof that nothing has broken. */
  const goesOn = async (): Promise<void> => {
    const { body, path, headers } = order((number += 1));
    const answer = await fetch(hub.url + path, { method: 'POST', headers, body: new Uint8Array(body) });
    assert.equal(answer.status, 202, await answer.text());
  };
  afterEach(async () => {
    await goesOn();
    assert.equal((await fetch(`${hub.url}/healthz`)).status, 200);
    assert.doesNotMatch(hub.log(), /e2e-shopify-secret|uncaught/i);
  });

  it('that is signed and a bomb: deep, endless, of numbers, of names that mean something to a program', async () => {
    const deep = 100_000;
    const real = order(1).body.toString();
    const bombs = [
      '['.repeat(deep) + ']'.repeat(deep),
      '{"a":'.repeat(deep) + '1' + '}'.repeat(deep),
      ...[201, deep].map((levels) => `{"note":"[{","line_items":${'['.repeat(levels)}${']'.repeat(levels)}}`),
      real.replace('"line_items":[', `"line_items":[${'['.repeat(deep)}${']'.repeat(deep)},`),
      `{"id":${'9'.repeat(300_000)}}`,
      `{"id":1e999999999,"order_number":-0.${'0'.repeat(100_000)}1}`,
      `{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}`,
      real.replace('{"id"', '{"__proto__":{"id":7},"id"').replace('"price":"70.00"', '"price":"NaN"'),
      real.replace('"quantity":1', '"quantity":1e308'),
      `{${Array.from({ length: 60_000 }, (_one, at) => `"k${at}":1`).join(',')}}`,
      '"\\ud800"',
      '{"a":1,"a":2}',
      'null',
      '',
      '\u0000',
    ];
    for (const bomb of bombs) {
      const { status, code } = await send(bomb);
      // Some are odd orders, and nothing worse.
      assert.ok(status < 500, `${bomb.slice(0, 60)}: ${status} ${code}`);
      assert.notEqual(code, 'INTERNAL', bomb.slice(0, 60));
    }
  });

  it('that is packed: refused unread', async () => {
    const packed = gzipSync(Buffer.alloc(50_000_000));
    for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip', 'x-gzip'])
      assert.deepEqual(await send(packed, { 'content-encoding': encoding }), {
        status: 415,
        code: 'ENCODING_UNSUPPORTED',
      });
  });

  it('that is larger than it may be, said before or not', async () => {
    const large = Buffer.alloc(3 * 1024 * 1024, 0x20);
    assert.deepEqual(await send(large), { status: 413, code: 'BODY_TOO_LARGE' });
    // In chunks, so that nothing says beforehand how much comes.
    const { hostname, port } = new URL(hub.url);
    const asked = request({ hostname, port, path: order(1).path, method: 'POST' });
    asked.on('error', () => {});
    const answered = once(asked, 'response').then(([answer]) => (answer as IncomingMessage).statusCode);
    for (let sent = 0; sent < 40; sent += 1) asked.write(Buffer.alloc(65_536, 0x20));
    const told = await answered;
    asked.destroy();
    assert.equal(told, 413);
  });

  it('whose signature is missing, of another body, of another time, many, or endless', async () => {
    const { body, headers } = order((number += 1));
    const name = Object.keys(headers).find((one) => /hmac/i.test(one));
    const value = headers[name!]!;
    for (const wrong of [
      '',
      ' ',
      'x',
      value.slice(1),
      `${value}x`,
      value.toUpperCase(),
      `${value},${value}x`,
      'A'.repeat(8000),
    ])
      assert.deepEqual((await send(body, { [name!]: wrong })).status, 401, wrong.slice(0, 40));
    assert.equal((await send(`${String(body)} `, { [name!]: value })).status, 401);
  });

  it('that is no HTTP: the connection ends, and nothing is told', async () => {
    const { hostname, port } = new URL(hub.url);
    for (const bytes of [
      `POST /hooks/shopify/orders HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`,
      `POST /hooks/${'a'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      `POST /hooks/shopify/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      `POST /hooks/shopify/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 2\r\n\r\nab`,
      `POST /hooks/shopify/orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
      '\u0016\u0003\u0001\u0002\u0000',
      'GET / HTTP/9.9\r\n\r\n',
    ]) {
      const socket = connect(Number(port), hostname);
      let told = '';
      socket.on('data', (chunk: Buffer) => (told += chunk.toString('latin1'))).on('error', () => {});
      socket.write(bytes, 'latin1');
      await new Promise((done) => socket.once('close', done));
      assert.match(told, /^(HTTP\/1\.1 (4\d\d|505) |$)/, told.slice(0, 200));
      assert.doesNotMatch(told, /node_modules|Error:/);
    }
  });
});
