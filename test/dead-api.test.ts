/** The admin API of exceptions: who may do what, and what a page of another site may not. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import bcrypt from 'bcryptjs';
import { partnerOrder } from '../cli/samples.ts';
import { openStores } from '../runtime/stores/profile.ts';
import type { Stores } from '../runtime/stores/stores.ts';
import { letterId, type DeadLetter } from '../runtime/journal/journal.ts';
import type { Role } from '../runtime/node-red/roles.ts';
import { loadRoles } from '../runtime/roles/roles.ts';
import { order } from './conformance/kit.ts';
import { letter as letterLike } from './conformance/rows.ts';
import { startHubProcess, type HubProcess } from './e2e/hub-process.ts';

const password = 'twelve characters';
const item = { sku: 'A', name: 'A', price: '1.00', quantity: 1 };
const noOdoo = { ODOO_URL: 'http://127.0.0.1:9', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };
/** With one by its name of before. */
const everyRole = ['admin', ...loadRoles().roles.keys()];

interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, never> & { code?: string; results?: { code?: string }[] };
}

describe('the API of exceptions', function () {
  this.timeout(180_000);
  let hub: HubProcess;
  let stores: Stores;
  let letter: DeadLetter;
  const tokens = new Map<Role, string>();

  before(async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-api-'));
    cpSync('flows', join(dataDir, 'flows'), { recursive: true });
    const hash = bcrypt.hashSync(password, 4);
    // Each user has the name of the role.
    const users = Object.fromEntries(everyRole.map((role) => [role, { hash, role }]));
    writeFileSync(join(dataDir, 'users.json'), JSON.stringify(users));
    hub = await startHubProcess(noOdoo, dataDir);
    stores = await openStores({ profile: 'embedded', dataDir, env: {} });
    for (const role of everyRole) tokens.set(role, await login(role));
  });
  after(async () => {
    await stores?.close();
    await hub?.stop();
  });
  beforeEach(async () => {
    letter = await save('SO-1');
  });

  async function login(username: string): Promise<string> {
    const form = { client_id: 'node-red-editor', grant_type: 'password', scope: '', username, password };
    const answer = await fetch(`${hub.url}/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(form),
    });
    return ((await answer.json()) as { access_token: string }).access_token;
  }
  async function save(key: string): Promise<DeadLetter> {
    const message = order('order.received.v1', key);
    const id = letterId('order-to-odoo', message);
    const one = letterLike({ id, queue: 'order-to-odoo', flow: 'order-to-odoo', message });
    await stores.journal.saveDeadLetter(one);
    return one;
  }
  const stateOf = async ({ id }: DeadLetter) => (await stores.journal.letters({ ids: [id] }))[0]?.state;

  async function call(path: string, init: RequestInit = {}): Promise<Answer> {
    const answer = await fetch(`${hub.url}/crossdock/dead${path}`, init);
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : {} };
  }
  const bearer = (role: Role) => ({ authorization: `Bearer ${tokens.get(role)}` });
  const get = (role: Role, path: string) => call(path, { headers: bearer(role) });
  const post = (role: Role, path: string, body: unknown) =>
    call(path, {
      method: 'POST',
      headers: { ...bearer(role), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const query = ({ id }: DeadLetter) => `id=${encodeURIComponent(id)}`;

  const allowed: Record<Role, string> = {
    admin: 'read data replay discard',
    it: 'read data replay discard',
    warehouse: 'read data',
    service: 'read data',
    finance: 'read data',
    auditor: '',
    operations: 'read data replay discard',
    analyst: 'read data replay',
    approver: 'read',
    viewer: 'read',
  };
  for (const role of everyRole)
    it(`${role} may ${allowed[role]}, and nothing else`, async () => {
      const may = (what: string): number => (allowed[role]!.split(' ').includes(what) ? 200 : 403);
      const answers: [Answer, number][] = [
        [await get(role, '/groups'), may('read')],
        [await get(role, '/letters'), may('read')],
        [await get(role, `/letter?${query(letter)}`), may('read')],
        [await get(role, `/data?${query(letter)}`), may('data')],
        [await post(role, '/replay', { ids: ['unknown'] }), may('replay')],
        [await post(role, '/discard', { ids: ['unknown'], reason: 'x' }), may('discard')],
      ];
      for (const [{ status, body }, expected] of answers) {
        assert.equal(status, expected);
        if (expected === 403) assert.equal(body.code, 'PERMISSION_MISSING');
      }
      assert.equal(await stateOf(letter), 'open');
    });

  it('operations deploy nothing, but see the flows', async () => {
    const flows = (init: RequestInit) => fetch(`${hub.url}/flows`, init);
    assert.equal((await flows({ headers: bearer('operations') })).status, 200);
    const headers = { ...bearer('operations'), 'content-type': 'application/json' };
    assert.equal((await flows({ method: 'POST', headers, body: '[]' })).status, 401);
  });

  it('nobody gets anything without a valid token in the header', async () => {
    const paths = ['/groups', '/letters', `/letter?${query(letter)}`, `/data?${query(letter)}`];
    const token = tokens.get('admin');
    for (const path of paths) {
      const inAddress = `${path}${path.includes('?') ? '&' : '?'}access_token=${token}`;
      const answers = [
        await call(path),
        await call(path, { headers: { authorization: 'Bearer wrong' } }),
        await call(path, { headers: { authorization: `Basic ${token}` } }),
        await call(inAddress),
      ];
      for (const { status, body } of answers)
        assert.deepEqual([status, body.code], [401, 'LOGIN_MISSING'], path);
    }
    for (const path of ['/replay', '/discard']) {
      const body = JSON.stringify({ ids: [letter.id], reason: 'x', access_token: token });
      const { status } = await call(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      assert.equal(status, 401);
    }
    assert.equal(await stateOf(letter), 'open');
  });

  it('a page of another site can not send it: JSON only, and no permission to ask across sites', async () => {
    const bodies = {
      'text/plain': JSON.stringify({ ids: [letter.id], reason: 'x' }),
      'application/x-www-form-urlencoded': `ids[]=${encodeURIComponent(letter.id)}&reason=x`,
    };
    for (const path of ['/replay', '/discard']) {
      for (const [type, body] of Object.entries(bodies)) {
        const headers = { ...bearer('admin'), 'content-type': type, origin: 'https://evil.example' };
        const answer = await call(path, { method: 'POST', headers, body });
        assert.deepEqual([answer.status, answer.body.code], [400, 'REQUEST_INVALID'], type);
      }
      const asking = await fetch(`${hub.url}/crossdock/dead${path}`, {
        method: 'OPTIONS',
        headers: {
          origin: 'https://evil.example',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type',
        },
      });
      assert.equal(asking.headers.get('access-control-allow-origin'), null);
    }
    assert.equal(await stateOf(letter), 'open');
  });

  it('shows letters without their data, page by page; the data goes to who may repair it', async () => {
    await save('SO-2');
    const first = await get('viewer', '/letters?limit=1&flow=order-to-odoo');
    const { letters, next } = first.body as unknown as { letters: DeadLetter[]; next: string };
    assert.equal(letters.length, 1);
    assert.ok(!('data' in letters[0]!.message));
    assert.equal(first.headers.get('cache-control'), 'no-store');
    const second = await get('viewer', `/letters?limit=1&after=${encodeURIComponent(next)}`);
    assert.notEqual((second.body as unknown as { letters: DeadLetter[] }).letters[0]!.id, letters[0]!.id);
    const one = await get('viewer', `/letter?${query(letter)}`);
    assert.equal((one.body as unknown as DeadLetter).message.id, letter.message.id);
    assert.ok(!('data' in (one.body as unknown as DeadLetter).message));
    assert.deepEqual((await get('analyst', `/data?${query(letter)}`)).body, letter.message.data);
    assert.equal((await get('viewer', '/letter?id=unknown')).body.code, 'LETTER_UNKNOWN');
  });

  it('replays by id and by filter, and the journal says who did it', async () => {
    const { status, body } = await post('operations', '/replay', { ids: [letter.id] });
    assert.deepEqual([status, body.replayed, body.refused], [200, 1, 0]);
    const steps = await stores.journal.trace({ correlationId: letter.message.correlationid });
    assert.match(steps.find(({ outcome }) => outcome === 'replayed')?.detail ?? '', /^by operations$/);
    const other = await save('SO-3');
    const filter = { code: 'VALUE_UNMAPPED', since: '2026-03-01T11:00:00+02:00' };
    const both = await post('analyst', '/replay', { filter, perSecond: 100 });
    assert.equal(both.status, 200);
    assert.ok(Number(both.body.replayed) >= 1);
    assert.notEqual(await stateOf(other), undefined);
    const replayed = await stores.journal.trace({ correlationId: other.message.correlationid });
    assert.match(replayed[0]?.detail ?? '', /^by analyst$/);
  });

  it('replays with other data where that fits the schema', async () => {
    const refused = await post('analyst', '/replay', { ids: [letter.id], data: { number: 'SO-1' } });
    assert.deepEqual([refused.status, refused.body.code], [422, 'SCHEMA_INVALID']);
    assert.equal(await stateOf(letter), 'open');
    const data = JSON.parse(partnerOrder('acme', 'SO-1', [item], new Date())) as object;
    const taken = await post('analyst', '/replay', { ids: [letter.id], data });
    assert.deepEqual([taken.status, taken.body.replayed], [200, 1]);
    const [kept] = await stores.journal.letters({ ids: [letter.id] });
    assert.ok(kept?.decision?.changed?.includes('lines'));
    const several = await post('analyst', '/replay', { ids: [letter.id, 'x'], data: {} });
    assert.equal(several.body.code, 'REQUEST_INVALID');
  });

  it('discards with a reason, by name', async () => {
    assert.equal((await post('operations', '/discard', { ids: [letter.id], reason: '' })).status, 400);
    const { body } = await post('operations', '/discard', { ids: [letter.id], reason: 'a test' });
    assert.equal(body.discarded, 1);
    const [kept] = await stores.journal.letters({ ids: [letter.id] });
    assert.deepEqual(
      [kept?.state, kept?.decision?.by, kept?.decision?.reason],
      ['discarded', 'operations', 'a test'],
    );
    const again = await post('operations', '/replay', { ids: [letter.id] });
    assert.equal(again.body.results?.[0]?.code, 'LETTER_NOT_OPEN');
  });

  it('says what is wrong with a call', async () => {
    for (const body of [
      {},
      { ids: [] },
      { ids: 'x' },
      { filter: {} },
      { filter: { since: 'yesterday' } },
      { ids: ['x'], filter: { code: 'Y' } },
      { ids: ['x'], perSecond: 0 },
      { ids: ['x'], by: 'someone else' },
      { data: {} },
      [],
    ]) {
      const answer = await post('admin', '/replay', body);
      assert.deepEqual([answer.status, answer.body.code], [400, 'REQUEST_INVALID'], JSON.stringify(body));
    }
    for (const path of [
      '/letters?limit=0',
      '/letters?state=gone',
      '/groups?since=2h',
      '/letter',
      '/letters?x=1',
    ])
      assert.equal((await get('admin', path)).body.code, 'REQUEST_INVALID', path);
    const headers = { ...bearer('admin'), 'content-type': 'application/json' };
    const broken = await call('/replay', { method: 'POST', headers, body: '{' });
    assert.deepEqual([broken.status, broken.body.code], [400, 'BODY_NOT_JSON']);
  });
});
