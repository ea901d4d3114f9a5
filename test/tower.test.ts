/** The tower on a running hub: what it serves to whom, and that no route of its API forgets to ask who is there. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Router } from 'express';
import { readFileSync } from 'node:fs';
import { shopifyOrder, signed } from '../cli/samples.ts';
import type { Me } from '../runtime/node-red/tower/me.ts';
import type { Role } from '../runtime/node-red/roles.ts';
import { openUsers } from '../runtime/node-red/users.ts';
import { startSandbox, type Sandbox } from '../runtime/odoo/sandbox/sandbox.ts';
import { post, secrets as signing, startHubProcess, type HubProcess } from './e2e/hub-process.ts';
import { login, sendOrders, type Admin } from './e2e/traffic.ts';
import { adminParts, layersOf, ownLayers, type Route } from './server/parts.ts';

const password = 'twelve characters';
/** Stand in the data of every order that is sent. */
const secrets = /12 Harbor Way|robin\.mercer@example\.com/;

/** An order that no try can land: it becomes an exception. */
async function sendUnknownProduct(url: string, number: number): Promise<void> {
  const items = [{ sku: 'NO_SUCH_SKU', name: 'A thing', price: '5.00', quantity: 1 }];
  const body = shopifyOrder(`9007199254${number}`, number, items);
  const sample = signed({ kind: 'valid', partner: 'Shopify', number: String(number) }, body, signing);
  assert.equal((await post(url, sample)).status, 202);
}

describe('the tower', function () {
  this.timeout(180_000);
  let odoo: Sandbox;
  let hub: HubProcess;
  const admins = new Map<Role, Admin>();
  const routes = ownLayers().map(({ route }) => route);
  const ask = async (role: Role, path: string) => (await admins.get(role)!('GET', path)).json();

  before(async () => {
    odoo = await startSandbox();
    const { url: ODOO_URL, database: ODOO_DATABASE, apiKey: ODOO_API_KEY } = odoo;
    hub = await startHubProcess({ ODOO_URL, ODOO_DATABASE, ODOO_API_KEY });
    const users = await openUsers(hub.dataDir, () => {});
    await users.set('viewer', password, 'viewer');
    await users.set('operations', password, 'operations', ['warehouse', 'customer-service']);
    for (const role of ['viewer', 'operations'] as const)
      admins.set(role, await login(hub.url, password, role));
  });
  after(async () => {
    await hub?.stop();
    await odoo?.close();
  });

  /** As it is written: fetch would tidy the path. */
  const raw = (path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
      const { hostname, port } = new URL(hub.url);
      request({ hostname, port, path, headers }, (answer) => {
        let body = '';
        answer.on('data', (chunk: Buffer) => (body += chunk.toString()));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
      })
        .on('error', reject)
        .end();
    });

  describe('serves its pages', () => {
    /** What the page names: its scripts, its style sheet and its icon. */
    const named = async (): Promise<string[]> =>
      [...(await raw('/tower')).body.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path = '']) => path);
    const script = async (): Promise<string> =>
      (await named()).find((path) => path.endsWith('/app.js')) ?? assert.fail('The page has no script');

    it('with a policy that lets nothing in from elsewhere', async () => {
      for (const path of ['/tower', '/tower/', '/tower/orders/order-to-cash/SO%2F1', await script()]) {
        const { status, headers } = await raw(path);
        const policy = String(headers['content-security-policy']);
        assert.equal(status, 200, path);
        for (const one of [
          "default-src 'none'",
          "script-src 'self'",
          "style-src 'self'",
          "connect-src 'self'",
          "frame-ancestors 'none'",
          "base-uri 'none'",
          "form-action 'self'",
        ])
          assert.ok(policy.split('; ').includes(one), `${path}: ${one}`);
        assert.doesNotMatch(policy, /unsafe|https?:|\*/);
        assert.equal(headers['x-content-type-options'], 'nosniff');
        assert.equal(headers['x-frame-options'], 'DENY');
      }
    });

    it('with no script and no style in the page itself', async () => {
      const { body } = await raw('/tower');
      assert.doesNotMatch(body, /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
    });

    it('and every file that one of them names, in few requests', async () => {
      const first = await named();
      assert.ok(first.length <= 5, first.join(' '));
      const known = new Set(first);
      for (const path of known) {
        const { status, headers, body } = await raw(path);
        assert.equal(status, 200, path);
        assert.match(
          String(headers['content-type']),
          path.endsWith('.js') ? /^text\/javascript/ : /^(text\/css|image\/svg)/,
          path,
        );
        if (!path.endsWith('.js')) continue;
        for (const [, target = ''] of body.matchAll(/(?:from|import\()"(\.[^"]+)"/g)) {
          const asked = new URL(target, `http://x${path}`).pathname;
          if (body.includes(`from"${target}"`) && first.includes(path))
            assert.ok(first.includes(asked), asked);
          known.add(asked);
        }
      }
      for (const later of ['sheet', 'editor'])
        assert.ok(
          [...known].some((path) => path.includes(`/${later}-`)),
          later,
        );
    });

    it('and no file beside', async () => {
      const folder = (await script()).replace('app.js', '');
      const outside = [
        '/tower/static/../site.ts',
        '/tower/static/..%2fsite.ts',
        '/tower/static/constructor',
        '/tower/static/__proto__',
        '/tower/static/%00app.js',
        '/tower/static/%zz',
        '/tower/static/older/app.js',
        '/tower/static/',
        ...[
          '',
          '../../site.ts',
          '..%2f..%2fsite.ts',
          'app.ts',
          'kit/api.ts',
          'tsconfig.json',
          'app.js.map',
        ].map((path) => folder + path),
      ];
      for (const path of outside) {
        const { status, headers, body } = await raw(path);
        const isPage = status === 200 && body.startsWith('<!doctype html>');
        assert.ok(
          isPage ? !new URL(path, hub.url).pathname.startsWith('/tower/static') : [400, 404].includes(status),
          `${path}: ${status}`,
        );
        assert.doesNotMatch(body, /openSite|"dependencies"/, path);
        if (!isPage) assert.doesNotMatch(String(headers['cache-control']), /immutable/, path);
      }
    });

    it('and says what is wrong with an address that cannot be read', async () => {
      for (const path of ['/tower/orders/order-to-cash/%zz', '/tower/api/orders/order-to-cash/%zz']) {
        const { status, body } = await raw(path);
        assert.deepEqual(
          [status, (JSON.parse(body) as { code: string }).code],
          [400, 'REQUEST_INVALID'],
          path,
        );
      }
    });

    it('and says 304 to who has them', async () => {
      const path = await script();
      const { headers } = await raw(path);
      const again = await raw(path, { 'if-none-match': String(headers['etag']) });
      assert.deepEqual([again.status, again.body], [304, '']);
    });

    it('and has files kept only where their address changes with them', async () => {
      const caching = async (path: string) => (await raw(path)).headers['cache-control'];
      assert.match(String(await caching(await script())), /immutable/);
      for (const path of ['/tower', '/tower/orders']) assert.equal(await caching(path), 'no-cache');
    });

    it('and leaves / to the editor', async () => {
      assert.match((await raw('/')).body, /red\/red\.min\.js/);
    });
  });

  describe('has an API', () => {
    /** By the name of a field: what answers held, and so what a `:name` in a path can be. */
    const values = new Map<string, Set<string>>();
    it('that takes to a store only what every store can read', async () => {
      const zeros = ['search?q=a%00b', 'orders/order-to-cash/%00', 'issues/%00', 'letters?code=%00'];
      for (const path of [...zeros, 'replays/x/items?after=9999999999'])
        assert.equal((await admins.get('operations')!('GET', `/tower/api/${path}`)).status, 400, path);
    });

    const note = (answer: unknown): void => {
      if (typeof answer !== 'object' || answer === null) return;
      for (const [name, value] of Object.entries(answer)) {
        if (typeof value === 'string') values.set(name, (values.get(name) ?? new Set()).add(value));
        else note(value);
      }
    };
    /** The path with each of the values known, a few of them. */
    const filled = (path: string): string[] => {
      const name = /:(\w+)/.exec(path)?.[1];
      if (!name) return [path];
      const some = [...(values.get(name) ?? ['unknown'])].slice(0, 8);
      return some.flatMap((value) => filled(path.replace(`:${name}`, () => encodeURIComponent(value))));
    };
    const gets = routes.filter(({ method }) => method === 'GET');

    before(async () => {
      await sendOrders(hub.url, [620_001], 1);
      await sendUnknownProduct(hub.url, 620_002);
      const list = async (path: string, name: string) =>
        ((await ask('viewer', path)) as Record<string, Record<string, string>[]>)[name] ?? [];
      for (;;) {
        const letters = await list('/crossdock/dead/letters', 'letters');
        const processes = await list('/crossdock/processes', 'processes');
        note([letters, processes]);
        if (letters.length > 0 && processes.length === 2) break;
        values.clear();
        await sleep(100);
      }
      values.set('code', new Set(['PRODUCT_UNKNOWN']));
      for (const { path } of gets.filter(({ path }) => !path.includes(':'))) note(await ask('viewer', path));
    });

    const unguarded = async (asked: readonly Route[]): Promise<string[]> => {
      const open: string[] = [];
      for (const { method, path } of asked) {
        const answer = await fetch(`${hub.url}${filled(path)[0]}`, { method });
        if (answer.status !== 401) open.push(`${method} ${path}: ${answer.status}`);
      }
      return open;
    };

    it('that answers nobody without a login', async () => {
      assert.ok(routes.length > 0);
      assert.deepEqual(await unguarded(routes), []);
    });

    it('whose routes are all found, also those that forgot to ask', async () => {
      const router = Router();
      router.get('/:id', (_request, response) => void response.end());
      router.post('/', (_request, response) => void response.end());
      const found = layersOf('/tower/api/forgot', router).map(({ route }) => route);
      assert.deepEqual(found, [
        { method: 'GET', path: '/tower/api/forgot/:id' },
        { method: 'POST', path: '/tower/api/forgot' },
      ]);
      // Nobody writes without a login, whatever the route forgets.
      assert.deepEqual(await unguarded(found), ['GET /tower/api/forgot/:id: 404']);
      const nested = Router().use('/in', router);
      assert.throws(() => layersOf('/nested', nested), /router within/);
      const mounted = [...readFileSync('runtime/app/admin.ts', 'utf8').matchAll(/'\/crossdock\/([\w-]+)'/g)];
      assert.deepEqual(mounted.map(([, name]) => name).toSorted(), Object.keys(adminParts).toSorted());
    });

    it('in which a viewer writes nothing', async () => {
      // It says what is wrong with the flows it is sent.
      const ownPassword = '/tower/api/me/password';
      const asks = (route: Route): boolean =>
        gets.includes(route) || ['/crossdock/lint', ownPassword].includes(route.path);
      for (const { method, path } of routes.filter((route) => !asks(route))) {
        const answer = await admins.get('viewer')!(method, filled(path)[0]!, {});
        const { code } = (await answer.json()) as { code?: string };
        assert.deepEqual([answer.status, code], [403, 'PERMISSION_MISSING'], `${method} ${path}`);
      }
    });

    it('in which nobody gives rights who only makes flows', async () => {
      await (await openUsers(hub.dataDir, () => {})).set('analyst', password, 'analyst');
      const analyst = await login(hub.url, password, 'analyst');
      const asked = async (call: string, path: string, text = '') => {
        const files = [{ path, text, revision: '' }];
        const answer = await analyst('POST', `/tower/api/files/${call}`, { files });
        const { code } = (await answer.json()) as { code?: string };
        return `${answer.status} ${code}`;
      };
      for (const name of ['roles', 'sign-on', 'Roles', 'SIGN-ON'])
        for (const call of ['check', 'save'])
          assert.equal(await asked(call, `definitions/${name}.yaml`), '403 PERMISSION_MISSING', name);
      const place = 'definitions/environments/prod.yaml';
      const prod = readFileSync(place, 'utf8');
      const others = [
        prod.replace('production: true', 'production: false'),
        prod.replace('admin: http', 'admin: https'),
        `${prod}approvals: 0\n`,
        `${prod}unsafe: [exec]\n`,
        '',
      ];
      for (const text of others) {
        assert.notEqual(text, prod);
        assert.equal(await asked('check', place, text), '403 PERMISSION_MISSING', text);
      }
      const more = prod.replace('secrets:\n', 'secrets:\n  - NEW_SECRET\n');
      assert.notEqual(more, prod);
      for (const [path, text] of [
        [place, more],
        ['definitions/teams.yaml', ''],
      ] as const)
        assert.doesNotMatch(await asked('check', path, text), /^403/, path);
    });

    it('in which a viewer never sees the data of a message', async () => {
      const [id = ''] = values.get('id') ?? [];
      const data = await ask('operations', `/crossdock/dead/data?id=${encodeURIComponent(id)}`);
      assert.match(JSON.stringify(data), secrets);
      const queries = ['', '?q=620001', '?q=620002', '?called=620001', `?id=${encodeURIComponent(id)}`];
      for (const path of gets.flatMap((route) => filled(route.path))) {
        for (const query of queries) {
          const answer = await admins.get('viewer')!('GET', path + query);
          assert.doesNotMatch(await answer.text(), secrets, path + query);
          assert.notEqual(answer.status, 500, path + query);
        }
      }
    });

    it('that gives the whole of a process and of what runs to who may see it', async () => {
      for (const path of ['/crossdock/processes?called=620001', '/crossdock/releases/running'])
        assert.match(JSON.stringify(await ask('operations', path)), secrets, path);
    });

    it('in which samples and the messages of tests are for those only who may see what partners send', async () => {
      for (const path of ['definitions/samples/x.json', 'definitions/mappings/shopify.order.test.yaml']) {
        const statuses = await Promise.all(
          (['viewer', 'operations'] as const).map(
            async (role) => (await admins.get(role)!('GET', `/tower/api/files/one?path=${path}`)).status,
          ),
        );
        assert.deepEqual(statuses, [403, 200], path);
      }
      const cases = async (role: Role) =>
        ((await ask(role, '/tower/api/studio/one?name=shopify.order')) as { cases: unknown[] }).cases;
      assert.deepEqual(await cases('viewer'), []);
      assert.notDeepEqual(await cases('operations'), []);
    });

    it('that tells who is there, what they may do, and their teams', async () => {
      const me = async (role: Role) => (await ask(role, '/tower/api/me')) as Me;
      assert.deepEqual(await me('viewer'), {
        user: 'viewer',
        permissions: ['crossdock.read'],
        teams: [],
        authored: true,
        idleSeconds: 900,
        mustChoose: false,
        meet: [],
        environment: 'dev',
        production: false,
      });
      const { permissions, teams } = await me('operations');
      assert.deepEqual(teams, ['warehouse', 'customer-service']);
      assert.deepEqual(
        permissions,
        'read data work replay discard settle'.split(' ').map((one) => `crossdock.${one}`),
      );
    });

    it('that answers 304 while nothing has changed, and is kept nowhere', async () => {
      const first = await admins.get('viewer')!('GET', '/tower/api/me');
      const etag = first.headers.get('etag') ?? '';
      assert.equal(first.headers.get('cache-control'), 'no-store');
      // As a browser sends it where a page sets the etag itself.
      const headers = { 'if-none-match': etag, 'cache-control': 'no-cache' };
      const again = await admins.get('viewer')!('GET', '/tower/api/me', undefined, headers);
      assert.deepEqual([again.status, await again.text()], [304, '']);
      const other = await admins.get('operations')!('GET', '/tower/api/me');
      assert.notEqual(other.headers.get('etag'), etag);
    });

    it('that says of an unknown call that there is none', async () => {
      const answer = await admins.get('viewer')!('GET', '/tower/api/nothing/here');
      const { code } = (await answer.json()) as { code: string };
      assert.deepEqual([answer.status, code], [404, 'ROUTE_UNKNOWN']);
    });
  });
});
