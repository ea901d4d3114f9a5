/** Every route of the running hub, Node-RED's too: its headers, and that no page of another site changes anything through it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { login, passwordIn, startHub, type Hub } from './server/start.ts';

interface Route {
  method: string;
  path: string;
}

interface Told {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

const elsewhere = 'https://evil.example';

describe('every route of the running hub', function () {
  this.timeout(120_000);
  let home: string;
  let hub: Hub;
  let token: string;
  let password: string;
  let routes: Route[];
  before(async () => {
    home = mkdtempSync(join(tmpdir(), 'crossdock-routes-'));
    for (const folder of ['flows', 'definitions']) cpSync(folder, join(home, folder), { recursive: true });
    hub = await startHub(
      join(home, 'data'),
      {
        CROSSDOCK_DATA: join(home, 'data'),
        CROSSDOCK_FLOWS: join(home, 'flows'),
        CROSSDOCK_DEFINITIONS: join(home, 'definitions'),
        CROSSDOCK_RELEASES: join(home, 'releases'),
        CROSSDOCK_PORT: '0',
      },
      ['test/server/whole.ts'],
    );
    password = passwordIn(hub.stdout);
    routes = JSON.parse(/^routes (.+)$/m.exec(hub.stdout)![1]!) as Route[];
    token = ((await (await login(hub.url, password)).json()) as { access_token: string }).access_token;
  });
  after(async () => {
    await hub?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  /** As it is written, and without what `fetch` adds; an answer that goes on is cut off. */
  const ask = (method: string, path: string, headers: Record<string, string> = {}, body = '') =>
    new Promise<Told>((resolve, reject) => {
      const { hostname, port } = new URL(hub.url);
      const length = body && { 'content-length': String(Buffer.byteLength(body)) };
      const asked = request(
        { hostname, port, path, method, headers: { ...headers, ...length } },
        (answer) => {
          let text = '';
          const done = () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text });
          answer.on('data', (chunk: Buffer) => {
            if ((text += chunk.toString()).length > 1000) answer.destroy();
          });
          answer.on('end', done).on('close', done).on('error', done);
          if (String(answer.headers['content-type']).startsWith('text/event-stream')) answer.destroy();
        },
      );
      asked.on('error', reject);
      asked.end(body);
    });

  /** All that a call could change: files, and the rows of the audit but those of logins and of reading, and what the hub prunes by itself. */
  const state = (): string => {
    const hash = createHash('sha256');
    for (const folder of ['flows', 'definitions', 'releases', 'data'])
      for (const file of list(join(home, folder)).filter((one) => /\.(ya?ml|json|jsonata)$/.test(one)))
        hash.update(file).update(readFileSync(file));
    const db = new DatabaseSync(join(home, 'data', 'crossdock.db'), { readOnly: true });
    const rows = db
      .prepare(
        `SELECT sequence FROM audit WHERE act NOT IN ('login', 'data.read')
         AND NOT (act = 'data.prune' AND who = 'hub' AND origin = 'hub')`,
      )
      .all();
    db.close();
    return `${hash.digest('hex')} ${rows.length}`;
  };
  const writing = () => routes.filter(({ method }) => !['GET', 'HEAD', 'OPTIONS'].includes(method));
  const logging = /^\/auth\/(token|x)$/;

  it('is found: of Node-RED, of the tower, of the hub', () => {
    const found = new Set(routes.map(({ method, path }) => `${method} ${path}`));
    for (const one of [
      'POST /flows',
      'POST /inject/:id',
      'POST /settings/user',
      'POST /auth/token',
      'POST /tower/api/files/save',
      'POST /crossdock/releases/approvals',
      'GET /metrics',
    ])
      assert.ok(found.has(one), one);
    assert.ok(routes.length > 150, String(routes.length));
  });

  describe('has security headers', () => {
    const demand = (what: string, { headers, status }: Told): void => {
      const policy = String(headers['content-security-policy']).split('; ');
      for (const name of ['script-src', 'frame-ancestors', 'base-uri', 'form-action'])
        assert.ok(
          policy.some((one) => one.startsWith(`${name} `)),
          `${what} ${status}: ${name}`,
        );
      const [, ...scripts] = policy.find((one) => one.startsWith('script-src'))!.split(' ');
      for (const source of scripts)
        assert.match(source, /^'(self|unsafe-inline|unsafe-eval|none|sha256-\S+)'$/, what);
      const [, ...frames] = policy.find((one) => one.startsWith('frame-ancestors'))!.split(' ');
      assert.ok(["'self'", "'none'"].includes(frames.join()), what);
      assert.equal(headers['x-content-type-options'], 'nosniff', what);
      assert.equal(headers['referrer-policy'], 'no-referrer', what);
      assert.match(String(headers['x-frame-options']), /^(DENY|SAMEORIGIN)$/, what);
      assert.equal(headers['cross-origin-opener-policy'], 'same-origin', what);
      for (const name of ['x-powered-by', 'server', 'set-cookie', 'access-control-allow-origin'])
        assert.equal(headers[name], undefined, `${what}: ${name}`);
    };

    it('with and without a login, where it answers and where it refuses', async () => {
      for (const { method, path } of routes) {
        demand(`${method} ${path}`, await ask(method, path));
        if (method !== 'GET') continue;
        const told = await ask(method, path, { authorization: `Bearer ${token}` });
        demand(`${method} ${path} logged in`, told);
        assert.notEqual(told.status, 401, path);
      }
    });

    it('where there is none, and where a webhook is refused', async () => {
      for (const path of [
        '/hooks/none',
        '/hooks/shopify/orders',
        '/api/none',
        '/none',
        '/%zz',
        '/tower/%zz',
        '/comms',
      ])
        for (const method of ['GET', 'POST', 'OPTIONS', 'TRACE', 'PURGE']) {
          const told = await ask(method, path);
          demand(`${method} ${path}`, told);
          assert.doesNotMatch(told.body, /node_modules|at \w+ \(/, path);
        }
    });
  });

  describe('that changes something', () => {
    /** What a browser sends for a page of another site without asking first. */
    const ambient = () => ({
      origin: elsewhere,
      referer: `${elsewhere}/`,
      cookie: [
        `connect.sid=${token}`,
        `access_token=${token}`,
        `auth-tokens=${token}`,
        `token=${token}`,
      ].join('; '),
      authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`,
    });
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=b', ''];

    it('takes nothing but the token in the header: no cookie, no Basic, no form, no JSON as text', async () => {
      const before = state();
      for (const { method, path } of writing().filter((route) => !logging.test(route.path)))
        for (const type of types)
          for (const [at, body] of [
            [path, '{}'],
            [`${path}?access_token=${token}`, '[]'],
            [path, `{"access_token":"${token}","flows":[]}`],
            [path, `access_token=${token}`],
          ] as const) {
            const headers = { ...ambient(), ...(type && { 'content-type': type }) };
            const { status } = await ask(method, at, headers, body);
            assert.equal(status, 401, `${method} ${at} ${type} ${body}`);
          }
      assert.equal(state(), before);
    });

    it('is not allowed to other sites by what a browser asks before', async () => {
      for (const { path } of routes) {
        const asked = {
          origin: elsewhere,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization, content-type',
        };
        const { headers } = await ask('OPTIONS', path, asked);
        const allowing = Object.keys(headers).filter((name) => name.startsWith('access-control-'));
        assert.deepEqual(allowing, [], path);
      }
    });

    it('takes no other method in its place', async () => {
      const before = state();
      for (const { path } of writing().filter((route) => !logging.test(route.path)))
        for (const header of ['x-http-method-override', 'x-http-method', 'x-method-override'])
          await ask('GET', `${path}?_method=POST`, { ...ambient(), [header]: 'POST' });
      assert.equal(state(), before);
    });

    it('takes of a form with a login JSON only', async () => {
      const own = writing().filter(({ path }) => /^\/(crossdock|tower)\//.test(path));
      assert.ok(own.length > 40);
      const before = state();
      for (const { method, path } of own)
        for (const type of types.slice(0, 3)) {
          const headers = { authorization: `Bearer ${token}`, origin: elsewhere, 'content-type': type };
          const { status } = await ask(method, path, headers, '{}');
          assert.ok(status >= 400, `${method} ${path} ${type}: ${status}`);
        }
      assert.equal(state(), before);
    });

    it('is none of those that read, with a login too', async () => {
      const before = state();
      for (const { path } of routes.filter(({ method }) => method === 'GET'))
        await ask('GET', path, { authorization: `Bearer ${token}` });
      assert.equal(state(), before);
    });

    it('leaves no login behind that a browser sends by itself', async () => {
      const told = await login(hub.url, password);
      assert.equal(told.status, 200);
      assert.equal(told.headers.get('set-cookie'), null);
      assert.equal(told.headers.get('access-control-allow-origin'), null);
    });
  });

  describe('that becomes a websocket', () => {
    /** Undefined where the hub ends it at once. */
    const upgraded = async (path: string, more: Record<string, string> = {}) => {
      const { hostname, port } = new URL(hub.url);
      const headers = {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
        Origin: elsewhere,
        ...more,
      };
      const asked = request({ hostname, port, path, headers }).end();
      const socket = new Promise<NodeJS.ReadWriteStream | undefined>((resolve) => {
        asked.once('upgrade', (_answer, taken) => resolve(taken));
        asked.once('response', () => resolve(undefined)).once('error', () => resolve(undefined));
      });
      return socket;
    };

    it('shows another site nothing: its login is no cookie and no Basic', async () => {
      const cookie = `access_token=${token}; connect.sid=${token}`;
      const basic = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
      assert.equal(await upgraded('/comms', { Authorization: basic }), undefined);
      for (const path of ['/comms', `/comms?access_token=${token}`]) {
        const socket = await upgraded(path, { Cookie: cookie });
        assert.ok(socket, path);
        let shown = '';
        const refused = new Promise<void>((resolve) =>
          socket.on('data', (chunk: Buffer) => {
            shown += chunk.toString('latin1');
            if (/"auth":"fail"/.test(shown)) resolve();
          }),
        );
        socket.write(frame({ subscribe: 'notification/#' }));
        socket.write(frame({ auth: 'no such token' }));
        await refused;
        socket.end();
        assert.doesNotMatch(shown, /topic|notification|debug|runtime-state/);
      }
    });

    it('is not kept open where nobody takes it', async () => {
      for (const path of ['/none', '/hooks/shopify/orders', '/flows'])
        assert.equal(await upgraded(path), undefined, path);
    });
  });
});

/** A masked text frame of a client. */
function frame(said: object): Buffer {
  const text = Buffer.from(JSON.stringify(said));
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]);
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(
        (one) => one.isFile() && !one.parentPath.includes('node_modules') && one.name !== 'sessions.json',
      )
      .map((one) => join(one.parentPath, one.name))
      .toSorted();
  } catch {
    return [];
  }
}
