/** Logins and tokens end when their user changes, and nobody locks another out. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Role } from '../runtime/node-red/roles.ts';
import { idOf } from '../runtime/node-red/session-book.ts';
import { endToken, listTokens, makeToken, ownerOf, rotateToken } from '../runtime/node-red/tokens.ts';
import { openUsers, type Users } from '../runtime/node-red/users.ts';
import { until } from './conformance/kit.ts';
import { login, passwordIn, startHub, type Hub } from './server/start.ts';

const password = 'twelve characters';

describe('logins', function () {
  this.timeout(60_000);
  let dir: string;
  let hub: Hub;
  let users: Users;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-sessions-'));
    hub = await startHub(dir);
    users = await openUsers(dir, () => {});
  });
  after(async () => {
    await hub.stop();
    rmSync(dir, { recursive: true });
  });

  const tokenOf = async (name: string, by = password): Promise<string> => {
    const answer = await login(hub.url, by, name);
    assert.equal(answer.status, 200);
    return ((await answer.json()) as { access_token: string }).access_token;
  };
  const ask = (token: string, path: string, method = 'GET', body?: object): Promise<Response> =>
    fetch(hub.url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
  const made = async (name: string, role: Role): Promise<string> => {
    await users.set(name, password, role);
    return tokenOf(name);
  };
  const page = async (token: string): Promise<{ closed: Promise<unknown> }> => {
    const socket = new WebSocket(`${hub.url.replace('http', 'ws')}/comms`);
    await once(socket, 'open');
    socket.send(JSON.stringify({ auth: token }));
    const [first] = (await once(socket, 'message')) as [MessageEvent<string>];
    assert.deepEqual(JSON.parse(first.data), { auth: 'ok' });
    return { closed: once(socket, 'close') };
  };

  describe('in the audit', () => {
    const store = () => new DatabaseSync(join(dir, 'crossdock.db'));
    const last = (count: number) => {
      const db = store();
      const rows = db
        .prepare('SELECT who, origin, act, outcome FROM audit ORDER BY sequence DESC LIMIT ?')
        .all(count);
      db.close();
      return rows.map((row) => Object.values(row).join(' ')).toReversed();
    };

    it('stand with their address, those that failed too', async () => {
      await made('anna', 'viewer');
      assert.equal((await login(hub.url, 'a wrong password', 'anna')).status, 403);
      assert.equal((await login(hub.url, 'a wrong password', 'nobody')).status, 403);
      assert.deepEqual(last(3), [
        'anna http 127.0.0.1 POST /auth/token login done',
        'anna http 127.0.0.1 POST /auth/token login failed',
        'unknown http 127.0.0.1 POST /auth/token login failed',
      ]);
    });

    it('have a row, or are refused with a code', async () => {
      await users.set('carl', password, 'viewer');
      const db = store();
      db.exec('ALTER TABLE audit RENAME TO gone');
      // As often as a wrong password may be tried: these tries do not count.
      for (let count = 0; count < 3; count += 1)
        assert.equal((await login(hub.url, password, 'carl')).status, 503);
      const refused = await login(hub.url, password, 'carl');
      db.exec('ALTER TABLE gone RENAME TO audit');
      db.close();
      assert.equal(refused.status, 503);
      assert.equal(((await refused.json()) as { code: string }).code, 'STORE_UNAVAILABLE');
      assert.equal((await login(hub.url, password, 'carl')).status, 200);
    });
  });

  const changes: [string, () => Promise<void>][] = [
    ['a role was taken', () => users.set('anna', password, 'viewer')],
    ['another password was given', () => users.set('anna', 'another dozen characters', 'analyst')],
    ['the user was disabled', async () => void (await users.change('anna', { disabled: true }))],
    ['the user was removed', async () => edit('anna', undefined)],
  ];
  const edit = (name: string, user: object | undefined): void => {
    const file = join(dir, 'users.json');
    const all = JSON.parse(readFileSync(file, 'utf8')) as Record<string, object>;
    writeFileSync(file, JSON.stringify({ ...all, [name]: user && { ...all[name], ...user } }));
  };
  for (const [what, change] of changes) {
    it(`are over once ${what}, those of open pages too`, async () => {
      const token = await made('anna', 'analyst');
      const { closed } = await page(token);
      assert.equal((await ask(token, '/flows')).status, 200);
      await change();
      // No call of theirs is needed.
      await closed;
      for (const path of ['/flows', '/settings']) assert.equal((await ask(token, path)).status, 401, path);
    });
  }

  it('count in the header only, so that none lives on elsewhere', async () => {
    const token = await made('anna', 'analyst');
    for (const changed of [false, true]) {
      if (changed) await users.set('anna', password, 'viewer');
      const inAddress = encodeURIComponent(token);
      for (const path of [`/flows?access_token=${inAddress}`, `/settings?access_token[]=${inAddress}`]) {
        const answer = await fetch(hub.url + path);
        assert.equal(answer.status, 401, path);
        assert.equal(((await answer.json()) as { code: string }).code, 'LOGIN_MISSING');
      }
      const inBody = JSON.stringify({ access_token: token });
      assert.match(await raw(`GET /flows`, inBody), /^HTTP\/1\.1 401 /);
      assert.match(await raw('POST /auth/revoke', inBody), /^HTTP\/1\.1 401 /);
    }
  });

  /** `fetch` sends no body with a GET. */
  async function raw(start: string, body: string): Promise<string> {
    const { hostname, port } = new URL(hub.url);
    const socket = connect(Number(port), hostname);
    const head = `Host: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
    socket.write(`${start} HTTP/1.1\r\n${head}\r\n\r\n${body}`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return answer.toString();
  }

  it('may less at once where a role was taken by hand', async () => {
    const token = await made('anna', 'analyst');
    const flows = (await (await ask(token, '/flows')).json()) as object[];
    assert.equal((await ask(token, '/flows', 'POST', flows)).status, 204);
    edit('anna', { role: 'viewer' });
    assert.equal((await ask(token, '/flows', 'POST', flows)).status, 401);
    assert.equal((await ask(token, '/flows')).status, 200);
    // What was lost comes back with the next login only.
    edit('anna', { role: 'analyst' });
    assert.equal((await ask(token, '/flows', 'POST', flows)).status, 401);
    assert.equal((await ask(await tokenOf('anna'), '/flows', 'POST', flows)).status, 204);
  });

  it('of before a restart are over as well', async () => {
    const [anna, bert] = [await made('anna', 'analyst'), await made('bert', 'analyst')];
    await hub.stop();
    await users.set('anna', password, 'analyst');
    hub = await startHub(dir);
    assert.deepEqual([(await ask(anna, '/flows')).status, (await ask(bert, '/flows')).status], [401, 200]);
  });

  it('of before a restart that were to last longer than logins may now are over, and not listed', async () => {
    const token = await made('anna', 'analyst');
    const { idleSeconds } = users.limits;
    const shorter = await openUsers(dir, () => {}, { limits: { idleSeconds, maximumSeconds: 3600 } });
    const listed = async (by: Users) => (await by.sessions()).some(({ id }) => id === idOf(token));
    assert.deepEqual([await listed(users), await listed(shorter)], [true, false]);
    await hub.stop();
    hub = await startHub(dir, { MAXIMUM_SECONDS: '3600' });
    assert.equal((await ask(token, '/flows')).status, 401);
    assert.equal((await ask(await tokenOf('anna'), '/flows')).status, 200);
    await hub.stop();
    hub = await startHub(dir);
  });

  it('begin when they did, however long they may last now', async () => {
    const [anna, bert] = [await made('anna', 'analyst'), await made('bert', 'analyst')];
    const hour = 3600_000;
    const began = Date.now() - 2 * hour;
    const kept = join(dir, 'sessions-used.json');
    const noted = (token: string) => existsSync(kept) && readFileSync(kept, 'utf8').includes(idOf(token));
    await until('both are noted', () => noted(anna) && noted(bert));
    await hub.stop();
    const change = (file: string, of: (all: Record<string, object>) => void): void => {
      const all = JSON.parse(readFileSync(file, 'utf8')) as Record<string, object>;
      of(all);
      writeFileSync(file, JSON.stringify(all));
    };
    change(kept, ({ sessions = {} }) => {
      for (const one of [anna, bert]) Object.assign(sessions, { [idOf(one)]: { used: Date.now(), began } });
    });
    // Ended an hour ago, of a time when they lasted an hour and a half longer.
    change(join(dir, 'sessions.json'), (all) => {
      for (const one of [anna, bert]) Object.assign(all[one]!, { expires: Date.now() + 7.5 * hour });
    });
    edit('anna', { since: new Date(Date.now() - hour).toISOString() });
    edit('bert', { since: new Date(began - hour).toISOString() });
    hub = await startHub(dir);
    assert.deepEqual([(await ask(anna, '/flows')).status, (await ask(bert, '/flows')).status], [401, 200]);
    await hub.stop();
    // They may last an hour now, and bert's would end in half of one.
    change(join(dir, 'sessions.json'), (all) => {
      Object.assign(all[bert]!, { expires: Date.now() + hour / 2 });
    });
    const { idleSeconds } = users.limits;
    const shorter = await openUsers(dir, () => {}, { limits: { idleSeconds, maximumSeconds: 3600 } });
    assert.ok(!(await shorter.sessions()).some(({ user }) => user === 'bert'));
    hub = await startHub(dir, { MAXIMUM_SECONDS: '3600' });
    assert.equal((await ask(bert, '/flows')).status, 401);
    await hub.stop();
    hub = await startHub(dir);
  });

  it('leave nothing in a cache', async () => {
    const token = await made('anna', 'analyst');
    for (const path of ['/flows', '/settings', '/nodes', '/settings/user'])
      assert.equal((await ask(token, path)).headers.get('cache-control'), 'no-store', path);
  });

  it('are asked for before a body is read', async () => {
    const { hostname, port } = new URL(hub.url);
    const expired = await made('anna', 'analyst');
    await users.set('anna', password, 'analyst');
    for (const header of ['', 'Authorization: Bearer nobody\r\n', `Authorization: Bearer ${expired}\r\n`])
      for (const start of ['POST /flows', 'PUT /flow/x', 'POST /import', 'DELETE /nodes/x']) {
        const socket = connect(Number(port), hostname);
        socket.write(
          `${start} HTTP/1.1\r\nHost: x\r\n${header}Content-Type: application/json\r\nContent-Length: 4000000\r\n\r\n[`,
        );
        const [answer] = (await once(socket, 'data')) as [Buffer];
        socket.destroy();
        assert.match(answer.toString(), /^HTTP\/1\.1 401 /, start);
        assert.match(answer.toString(), /LOGIN_MISSING/);
      }
  });

  it('are not locked out by others at the same address', async () => {
    await users.set('anna', password, 'analyst');
    const names = Array.from({ length: 34 }, (_, at) => `nobody-${at}`);
    for (const name of names) assert.ok([403, 429].includes((await login(hub.url, 'a guess', name)).status));
    await tokenOf('admin', passwordIn(hub.stdout) || first);
    await tokenOf('anna');
  });
  let first = '';
  before(() => (first = passwordIn(hub.stdout)));
});

describe('tokens of scripts and other hubs', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'crossdock-tokens-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  it('cut for a person, as long as that person may', async () => {
    const users = await openUsers(dir, () => {});
    await users.set('anna', password, 'analyst');
    const cuts = await makeToken(dir, 'ci', 'cut', 'anna');
    const { author, permissions } = (await ownerOf(dir, cuts, users.user))!;
    assert.equal(author, 'anna');
    assert.deepEqual(permissions, ['crossdock.read', 'crossdock.cut']);
    await users.set('anna', password, 'viewer');
    assert.equal(await ownerOf(dir, cuts, users.user), null);
  }).timeout(60_000);

  it('of the scope cut are none without a person, and no other token is for one', async () => {
    await assert.rejects(makeToken(dir, 'ci', 'cut'), { code: 'CONFIG_INVALID' });
    await assert.rejects(makeToken(dir, 'ci', 'promote', 'anna'), { code: 'CONFIG_INVALID' });
    const promotes = await makeToken(dir, 'dev-hub', 'promote');
    const { permissions } = (await ownerOf(dir, promotes))!;
    assert.ok(!permissions.includes('crossdock.cut') && !permissions.includes('crossdock.approve'));
  });

  it('expire, and those of before go on without end', async () => {
    const kept = () => JSON.parse(readFileSync(join(dir, 'tokens.json'), 'utf8')) as Record<string, object>;
    const made = await makeToken(dir, 'prom', 'metrics', { days: 1, in: 'prod' });
    assert.ok(await ownerOf(dir, made, undefined, 'prod'));
    assert.equal(await ownerOf(dir, made, undefined, 'test'), null);
    assert.deepEqual(
      (await listTokens(dir)).map(({ name, state }) => [name, state]),
      [['prom', 'soon']],
    );
    const edited = (change: object) =>
      writeFileSync(join(dir, 'tokens.json'), JSON.stringify({ prom: { ...kept()['prom'], ...change } }));
    edited({ expires: new Date(Date.now() - 1000).toISOString() });
    assert.equal(await ownerOf(dir, made, undefined, 'prod'), null);
    assert.equal((await listTokens(dir))[0]?.state, 'expired');
    edited({ expires: undefined, made: undefined });
    assert.ok(await ownerOf(dir, made, undefined, 'prod'));
    assert.equal((await listTokens(dir))[0]?.state, 'endless');
    for (const days of [0, 367, 1.5])
      await assert.rejects(makeToken(dir, 'x', 'read', { days }), { code: 'CONFIG_INVALID' });
    await assert.rejects(makeToken(dir, 'rotate', 'read'), { code: 'CONFIG_INVALID' });
  });

  it('are rotated with an overlap, ended at once, and say when they were used', async () => {
    const first = await makeToken(dir, 'dev-hub', 'promote');
    assert.equal((await listTokens(dir))[0]?.used, undefined);
    const second = await rotateToken(dir, 'dev-hub');
    const names = await Promise.all([first, second].map(async (one) => (await ownerOf(dir, one))?.username));
    assert.deepEqual(names, ['token:dev-hub', 'token:dev-hub']);
    const [listed] = await listTokens(dir);
    assert.ok(listed?.used && listed.overlap);
    const third = await rotateToken(dir, 'dev-hub', { hours: 0 });
    const known = await Promise.all(
      [first, second, third].map(async (one) => (await ownerOf(dir, one)) !== null),
    );
    assert.deepEqual(known, [false, false, true]);
    await endToken(dir, 'dev-hub');
    assert.equal(await ownerOf(dir, third), null);
    await assert.rejects(rotateToken(dir, 'dev-hub'), { code: 'TOKEN_UNKNOWN' });
    assert.ok(!readFileSync(join(dir, 'tokens.json'), 'utf8').includes('cd_'));
  });
});
