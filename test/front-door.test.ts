/** The front door that is shipped, before a real hub: webhooks come through as they were sent, and nothing else does. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { order } from './e2e/traffic.ts';
import { startHubProcess, type HubProcess } from './e2e/hub-process.ts';
import { openFrontDoor, site, type FrontDoor } from './nginx.ts';
import { describeReal } from './real.ts';

/** Between door and hub: what the hub was sent, one text a connection. */
interface Watched {
  port: number;
  seen: string[];
  close(): void;
}

async function watch(hubUrl: string): Promise<Watched> {
  const { hostname, port } = new URL(hubUrl);
  const seen: string[] = [];
  const server: Server = createServer((client) => {
    const at = seen.push('') - 1;
    const hub = connect(Number(port), hostname);
    client.on('data', (chunk: Buffer) => (seen[at] += chunk.toString('latin1')));
    for (const socket of [client, hub]) socket.on('error', () => {});
    client.pipe(hub).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, seen, close: () => server.close() };
}

/** A signed order, as a shop would send it; what is given replaces its request line and adds headers. */
function said(number: number, line?: string, headers: Record<string, string | string[]> = {}): Buffer {
  const { path, headers: signed, body } = order(number);
  const all = {
    Host: site,
    Connection: 'close',
    'Content-Length': String(body.length),
    ...signed,
    ...headers,
  };
  const head = Object.entries(all).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`));
  return Buffer.concat([
    Buffer.from(`${line ?? `POST ${path} HTTP/1.1`}\r\n${head.join('\r\n')}\r\n\r\n`, 'latin1'),
    body,
  ]);
}

const statuses = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status));
const headOf = (text: string): string => text.slice(0, text.indexOf('\r\n\r\n'));
const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4);

describeReal(['nginx'], 'the front door', function ({ nginx }) {
  this.timeout(120_000);
  let hub: HubProcess;
  let between: Watched;
  let door: FrontDoor;
  let number = 7000;
  before(async () => {
    hub = await startHubProcess({});
    between = await watch(hub.url);
    door = await openFrontDoor(nginx.path, between.port);
  });
  beforeEach(() => {
    between.seen.length = 0;
  });
  after(async () => {
    await door?.stop();
    between?.close();
    await hub?.stop();
  });

  describe('lets a webhook through', () => {
    it('whose signature holds, byte for byte', async () => {
      const sent = said((number += 1));
      const answer = await door.say(sent);
      assert.match(answer, /^HTTP\/1\.1 202 /);
      assert.match(answer, /Strict-Transport-Security: max-age=/);
      assert.equal(between.seen.length, 1);
      assert.equal(bodyOf(between.seen[0]!), bodyOf(sent.toString('latin1')));
    });

    it('that came in chunks, whole', async () => {
      const whole = said((number += 1)).toString('latin1');
      const [head, body] = [headOf(whole), Buffer.from(bodyOf(whole), 'latin1')];
      const pieces = [body.subarray(0, 7), body.subarray(7, 500), body.subarray(500)];
      const chunked = head.replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked');
      const sent = pieces
        .map((one) => `${one.length.toString(16)}\r\n${one.toString('latin1')}\r\n`)
        .join('');
      assert.deepEqual(statuses(await door.say(`${chunked}\r\n\r\n${sent}0\r\n\r\n`)), [202]);
      assert.equal(bodyOf(between.seen[0]!), body.toString('latin1'));
      assert.match(headOf(between.seen[0]!), /^content-length: \d+/im);
      assert.doesNotMatch(headOf(between.seen[0]!), /^transfer-encoding/im);
    });

    it('and none whose bytes were changed on the way, which the hub itself says', async () => {
      const sent = said((number += 1));
      sent[sent.length - 3] = sent[sent.length - 3]! ^ 1;
      assert.deepEqual(statuses(await door.say(sent)), [401]);
      assert.equal(between.seen.length, 1);
    });

    it('with the address it came from, and nothing a caller says of himself', async () => {
      const lies = {
        'X-Forwarded-For': '6.6.6.6',
        'x-forwarded-for': '6.6.6.7',
        'X-Forwarded-Proto': 'forged',
        'X-Forwarded-Host': 'forged',
        'X-Forwarded-Port': 'forged',
        'X-Forwarded-Prefix': '/forged',
        Forwarded: 'for=6.6.6.6',
        'X-Real-IP': '6.6.6.6',
        'X-Client-Verify': 'SUCCESS',
        'X-Client-Cert': 'forged',
        X_Client_Cert: 'forged',
        'x_client-verify': 'forged',
        'Client-Cert': ':forged:',
        'Client-Cert-Chain': ':forged:',
        'X-Original-URL': '/forged',
        'X-Rewrite-URL': '/forged',
        'X-HTTP-Method-Override': 'forged',
        Cookie: 'forged=1',
      };
      assert.deepEqual(statuses(await door.say(said((number += 1), undefined, lies))), [202]);
      const head = headOf(between.seen[0]!);
      assert.doesNotMatch(head, /6\.6\.6|forged|SUCCESS/);
      assert.deepEqual(head.match(/^x-forwarded-for: .*$/gim), ['X-Forwarded-For: 127.0.0.1']);
      assert.match(head, /^X-Forwarded-Proto: https$/m);
      assert.match(head, /^Host: hooks\.example\.com$/m);
    });

    it('in a connection of its own, whose end is told', async () => {
      const keep = said((number += 1), undefined, { Connection: 'keep-alive' });
      const both = Buffer.concat([keep, said((number += 1))]);
      assert.deepEqual(statuses(await door.say(both)), [202, 202]);
      assert.equal(between.seen.length, 2);
      for (const one of between.seen) {
        assert.match(headOf(one), /^POST \/hooks\/\S+ HTTP\/1\.0\r\n/);
        const [, length] = /^content-length: (\d+)/im.exec(headOf(one))!;
        assert.equal(bodyOf(one).length, Number(length));
      }
    });
  });

  describe('shows nothing else of the hub', () => {
    /** Each is asked as an order that the hub would take. */
    const lines = (paths: readonly string[]) => paths.map((path) => `POST ${path} HTTP/1.1`);
    const hook = order(1).path;
    const tail = hook.slice('/hooks'.length);
    const asked = [
      ...['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'PATCH', 'post'].map(
        (verb) => `${verb} ${hook} HTTP/1.1`,
      ),
      ...[
        '/',
        '/tower',
        '/metrics',
        '/healthz',
        '/readyz',
        '/flows',
        '/auth/token',
        '/auth/login',
        '/api/x',
      ].flatMap((path) => [`GET ${path} HTTP/1.1`, `POST ${path} HTTP/1.1`]),
      ...lines([
        '/hooks',
        '/hooks/',
        '/hooksx/a',
        `/hooks/..${tail}`,
        '/hooks/../flows',
        '/hooks/./../flows',
        '/hooks/a/../../flows',
        '/hooks/%2e%2e/flows',
        '/hooks/.%2e/flows',
        '/hooks/%2E%2E%2fflows',
        '/hooks/..%2fflows',
        '/hooks/..%5cflows',
        '/hooks/..\\flows',
        '/hooks/..;/flows',
        '/hooks/%252e%252e/flows',
        '/hooks/%c0%ae%c0%ae/flows',
        '/hooks/\u00c0\u00ae/flows',
        `/%68ooks${tail}`,
        `/hooks%2f${tail.slice(1)}`,
        `${hook}%00`,
        `${hook}%0d%0aX:%20y`,
        `/${hook}`,
        `/hooks/${tail}`,
        `${hook}//`,
        `/./hooks${tail}`,
        `/Hooks${tail}`,
        `/HOOKS${tail}`,
        `/flows/..${hook}`,
        `/flows?x=${hook}`,
        `/flows#${hook}`,
        `/flows;${hook}`,
        `http://${site}${hook}`,
        `https://${site}${hook}`,
        `http://${site}/flows`,
        `http://127.0.0.1:1880${hook}`,
        `//${site}${hook}`,
        `${site}:443`,
        '*',
        `${hook} HTTP/1.1 x`,
        `/flows HTTP/1.1${hook}`,
      ]),
      `CONNECT 127.0.0.1:1880 HTTP/1.1`,
      `POST ${hook}`,
      `POST ${hook} HTTP/2.0`,
      `POST ${hook} HTTP/0.9`,
      `POST\t${hook}\tHTTP/1.1`,
    ];

    it(`by ${asked.length} ways to write an address: each is refused at the door`, async () => {
      for (const line of asked) {
        const [status] = statuses(await door.say(said((number += 1), line)));
        // 400, 405, 505: nginx takes it for no HTTP.
        assert.ok([404, 400, 405, 505].includes(status ?? 400), `${JSON.stringify(line)}: ${status}`);
        if (/^(POST|GET) \/[\w/.%;?#=-]* HTTP\/1\.1$/.test(line) && !/%00|%zz/.test(line))
          assert.ok(status === 404 || line.includes('..'), `${line}: ${status}`);
      }
      assert.deepEqual(between.seen, []);
    });

    it('by another name of the host', async () => {
      for (const host of [
        'localhost',
        '127.0.0.1',
        'evil.example',
        `${site}.evil.example`,
        `x.${site}`,
        `${site}@evil`,
        '',
      ])
        for (const line of [undefined, 'GET /flows HTTP/1.1']) {
          const [status] = statuses(await door.say(said((number += 1), line, { Host: host })));
          assert.ok([400, 404, 421].includes(status ?? 0), `${host}: ${status}`);
        }
      const twice = await door.say(said((number += 1), undefined, { Host: [site, 'evil.example'] }));
      assert.deepEqual(statuses(twice), [400]);
      await assert.rejects(door.say(said((number += 1)), { servername: 'evil.example' }));
      await assert.rejects(
        door.say(said((number += 1)), { servername: '', checkServerIdentity: () => undefined }),
      );
      assert.deepEqual(between.seen, []);
    });

    it('by what is smuggled behind a length or an encoding', async () => {
      const inner = `GET /flows HTTP/1.1\r\nHost: ${site}\r\nX-Smuggled: yes\r\n\r\n`;
      const start = (...headers: string[]) =>
        [`POST ${hook} HTTP/1.1`, `Host: ${site}`, ...headers, '', ''].join('\r\n');
      const end = `GET /tower HTTP/1.1\r\nHost: ${site}\r\nConnection: close\r\n\r\n`;
      const long = String(5 + inner.length);
      const tried = [
        start(`Content-Length: ${long}`, 'Transfer-Encoding: chunked') + `0\r\n\r\n${inner}`,
        start('Content-Length: 3', 'Transfer-Encoding: chunked') +
          `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`,
        start('Content-Length: 0', `Content-Length: ${inner.length}`) + inner,
        start(`Content-Length: 0, ${inner.length}`) + inner,
        start('Content-Length: +0') + inner,
        start('Content-Length: 0x0') + inner,
        start('Content-Length: -1') + inner,
        start('Content-Length : 0') + inner,
        start('Transfer-Encoding: xchunked') + `0\r\n\r\n${inner}`,
        start('Transfer-Encoding: chunked, identity') + `0\r\n\r\n${inner}`,
        start('Transfer-Encoding:\x0bchunked') + `0\r\n\r\n${inner}`,
        start('Transfer-Encoding: chunked', 'Transfer-Encoding: cow') + `0\r\n\r\n${inner}`,
        start('Transfer-Encoding\t: chunked') + `0\r\n\r\n${inner}`,
        start('X: y\nTransfer-Encoding: chunked', 'Content-Length: 5') + `0\r\n\r\n${inner}`,
        start('Transfer-Encoding: chunked') + `0;x\r\n\r\n${inner}`,
        start('Transfer-Encoding: chunked') + `-1\r\n\r\n${inner}`,
        start('Transfer-Encoding: chunked') + `fffffffffffffffff\r\n${inner}`,
        start('Content-Length: 0') + inner,
        start('Transfer-Encoding: chunked') + `0\r\n\r\n${inner}`,
        start(`Content-Length: ${inner.length}`) + inner,
        start(
          'Content-Length: 0',
          'Upgrade: h2c',
          'Connection: Upgrade, HTTP2-Settings',
          'HTTP2-Settings: AAMAAABkAAQAAP__',
        ) + inner,
        start('Content-Length: 0', 'Upgrade: websocket', 'Connection: Upgrade') + inner,
      ];
      for (const sent of tried) {
        between.seen.length = 0;
        const told = await door.say(sent + end);
        assert.ok(
          statuses(told).every((status) => status >= 400),
          `${sent}: ${told}`,
        );
        for (const one of between.seen) {
          assert.match(one, /^POST \/hooks\//);
          const [, length = '0'] = /^content-length: (\d+)\r?$/im.exec(headOf(one)) ?? [];
          assert.equal(bodyOf(one).length, Number(length), sent);
          assert.doesNotMatch(headOf(one), /^(transfer-encoding|upgrade|x-smuggled)/im, sent);
        }
      }
      // The hub answers on, and has shown its flows to nobody.
      assert.deepEqual(statuses(await door.say(said((number += 1)))), [202]);
    });

    it('without TLS: a webhook is sent on to https with its method, all else is not found', async () => {
      const asked = `POST ${hook}?a=b HTTP/1.1\r\nHost: ${site}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
      const told = await door.sayPlain(asked);
      assert.deepEqual(statuses(told), [308]);
      assert.match(told, new RegExp(`^Location: https://${site}${hook}\\?a=b\\r$`, 'm'));
      for (const [from, to] of [
        [hook, '/flows'],
        ['POST', 'GET'],
        [`Host: ${site}`, 'Host: evil.example'],
        [hook, '//evil.example/hooks/a'],
      ] as const) {
        const other = await door.sayPlain(asked.replace(from, to));
        assert.deepEqual(statuses(other), [404], to);
        assert.doesNotMatch(other, /^Location/im);
      }
      assert.deepEqual(between.seen, []);
    });

    it('as large as no flow takes it: refused before it is sent', async () => {
      const large = String(100 * 1024 * 1024 + 1);
      const told = await door.say(said((number += 1), undefined, { 'Content-Length': large }));
      assert.deepEqual(statuses(told), [413]);
      assert.deepEqual(between.seen, []);
    });

    it('under an old TLS', async () => {
      await assert.rejects(
        door.say(said((number += 1)), {
          minVersion: 'TLSv1',
          maxVersion: 'TLSv1.1',
          ciphers: 'DEFAULT@SECLEVEL=0',
        }),
      );
    });
  });

  describe('with certificates of partners', () => {
    let other: FrontDoor;
    before(async () => {
      other = await openFrontDoor(nginx.path, between.port, { clients: true });
    });
    after(() => other?.stop());
    const lie = { 'X-Client-Verify': 'SUCCESS', 'X-Client-Cert': 'forged', 'Client-Cert': 'forged' };
    const passed = () => {
      const head = headOf(between.seen.at(-1)!);
      const [, verify] = /^X-Client-Verify: (.*)\r$/m.exec(`${head}\r`) ?? [];
      const [, cert] = /^X-Client-Cert: (.*)\r$/m.exec(`${head}\r`) ?? [];
      assert.doesNotMatch(head, /forged/);
      return { verify, cert: cert && decodeURIComponent(cert) };
    };

    it('says whose it is, and believes no header', async () => {
      assert.deepEqual(statuses(await other.say(said((number += 1), undefined, lie), other.partner)), [202]);
      assert.deepEqual(passed(), { verify: 'SUCCESS', cert: other.partner.cert.toString() });
    });

    it('says that there is none', async () => {
      assert.deepEqual(statuses(await other.say(said((number += 1), undefined, lie))), [202]);
      assert.deepEqual(passed(), { verify: 'NONE', cert: undefined });
    });

    it('refuses one of a stranger', async () => {
      const told = await other.say(said((number += 1), undefined, lie), door.partner);
      assert.deepEqual(statuses(told), [400]);
      assert.deepEqual(between.seen, []);
    });
  });
});
