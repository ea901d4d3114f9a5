/** Each act of the audit, done, has its row; and each way to change or read something has an act, or a reason for none. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acts, type Act } from '../runtime/audit/acts.ts';
import { cutting, sending } from '../runtime/authoring/audited.ts';
import { seal } from '../runtime/audit/trail/seal.ts';
import { sealOf } from '../runtime/audit/trail/steps.ts';
import { callWays, commandWays, hubWays, isWithout, type Way } from '../runtime/audit/ways.ts';
import { replayOne } from '../runtime/dead/replay.ts';
import { openStores } from '../runtime/stores/profile.ts';
import type { Stores } from '../runtime/stores/stores.ts';
import type { DeadLetter } from '../runtime/journal/journal.ts';
import { readingData } from '../runtime/node-red/audit-read.ts';
import { openUsers } from '../runtime/node-red/users.ts';
import { acceptAudited, explainAudited } from '../runtime/reconcile/decisions.ts';
import { keepAudited } from '../runtime/reconcile/keep-audited.ts';
import { reconcile } from '../runtime/reconcile/reconcile.ts';
import { runOf, sealRun } from '../runtime/reconcile/run.ts';
import { bundleText, sealBundle, type Bundle } from '../runtime/release/bundle.ts';
import { keyId } from '../runtime/signature/signature.ts';
import { publicPem } from '../runtime/signature/keys.ts';
import type { Promotion } from '../runtime/promotion/promotion.ts';
import { openTarget } from '../runtime/release/target.ts';
import { commands } from '../cli/commands.ts';
import { manual } from '../cli/manual.ts';
import { until } from './conformance/kit.ts';
import { letter, step, untold } from './conformance/rows.ts';
import { post, startHubProcess, type HubProcess } from './e2e/hub-process.ts';
import { login, order, type Admin } from './e2e/traffic.ts';
import { chain, cutOff, factsOf, tolerances } from './reconcile-kit.ts';
import { ownLayers } from './server/parts.ts';

const { privateKey: key } = generateKeyPairSync('ed25519');
const password = 'twelve characters';
const noOdoo = { ODOO_URL: 'http://127.0.0.1:9', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };

describe('the ways of the audit', () => {
  const routes = ownLayers().map(({ route: { method, path }, handlers }) => ({
    way: `${method} ${path}`,
    reads: handlers.includes(readingData),
  }));

  it('name every call that changes something or shows data, and none that there is not', () => {
    const due = routes.filter(({ way, reads }) => reads || !way.startsWith('GET ')).map(({ way }) => way);
    assert.ok(due.length > 60);
    assert.deepEqual(
      due.filter((way) => !Object.hasOwn(callWays, way)),
      [],
      'calls without an act: name it, or why there is none, in runtime/audit/ways.ts',
    );
    const known = new Set(routes.map(({ way }) => way));
    const named = Object.keys(callWays).filter((way) => /\/(tower|crossdock)\//.test(way));
    assert.deepEqual(
      named.filter((way) => !known.has(way)),
      [],
    );
    for (const { way, reads } of routes)
      if (reads) assert.ok(!isWithout(callWays[way]!), `${way} shows data`);
  });

  it('name every command and every word after it, and none that there is not', () => {
    const free = new Set(['completion']);
    const due = Object.keys(commands).flatMap((name) => [
      name,
      ...(free.has(name) ? [] : (manual[name]?.words ?? []).map((word) => `${name} ${word}`)),
    ]);
    const named = Object.keys(commandWays).filter((name) => !name.includes('--'));
    assert.deepEqual(named.toSorted(), due.toSorted());
  });

  it('lead to every act', () => {
    const all = new Set([...Object.values(callWays), ...Object.values(commandWays)].flatMap(actsOf));
    assert.deepEqual(
      acts.filter((act) => !all.has(act) && !hubWays.includes(act)),
      [],
    );
  });
});

function actsOf(way: Way): readonly Act[] {
  return isWithout(way) ? [] : way;
}

/** What needs a provider, or what the hub does by itself once a secret is another one: these tests look at the row. */
const elsewhere = {
  'login.break-glass': 'test/sign-on-login.test.ts',
  logout: 'test/sign-on-login.test.ts',
  'secret.change': 'test/secrets.test.ts',
  'secret.renew': 'test/secrets-odoo.test.ts',
  'secret.end': 'test/secrets-odoo.test.ts',
} as const;

describe('an act of the audit', function () {
  this.timeout(240_000);
  let dir: string;
  let hub: HubProcess;
  let admin: Admin;
  let stores: Stores;
  let letters: DeadLetter[];
  const env = (): Record<string, string> => ({
    ...noOdoo,
    CROSSDOCK_DEFINITIONS: join(dir, 'definitions'),
    CROSSDOCK_RELEASES: join(dir, 'releases'),
  });

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-ways-'));
    for (const part of ['flows', 'definitions']) cpSync(part, join(dir, part), { recursive: true });
    const users = await openUsers(dir, () => {});
    await users.set('root', password, 'admin');
    stores = await openStores({ profile: 'embedded', dataDir: dir, env: {} });
    letters = ['one', 'two', 'three', 'four'].map((id) => letter({ id, queue: 'order-to-odoo' }));
    for (const one of letters) await stores.journal.saveDeadLetter(one);
    await stores.broker.declare('order-to-odoo', ['order.received.v1']);
    hub = await startHubProcess(env(), dir);
    admin = await login(hub.url, password, 'root');
  });
  after(async () => {
    await hub?.stop(true);
    await stores?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  /** A command of this hub, or of another folder. */
  const run = (line: string, more: Record<string, string> = {}) => {
    const told = spawnSync(process.execPath, ['cli/crossdock.js', ...line.split(' ')], {
      encoding: 'utf8',
      env: {
        ...process.env,
        ...env(),
        CROSSDOCK_PROFILE: 'embedded',
        CROSSDOCK_DATA: dir,
        CROSSDOCK_FLOWS: join(dir, 'flows'),
        ...more,
      },
    });
    return `${told.stdout}${told.stderr}`;
  };
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await admin(method, path, body);
    return (await answer.json().catch(() => ({}))) as T;
  };
  const api = <T = unknown>(path: string, body: unknown) => call<T>('POST', `/tower/api${path}`, body);
  const idOf = (n: number): string => letters[n]!.id;
  let plan = '';

  const digest = `sha256:${'a'.repeat(64)}`;
  const breakOne = { id: 'b', left: { amount: '1' }, right: { amount: '2' } } as never;
  /** It waits for an approval: nothing is switched. */
  const target = () =>
    openTarget({
      documents: stores.journal.documents,
      audit: stores.journal.audit,
      environment: { environment: 'prod', summary: 'x', production: true, approvals: 1 },
      trusted: async () => new Map([[keyId(createPublicKey(key)), createPublicKey(key)]]),
      switcher: { check: () => {} },
      now: () => new Date('2026-05-05T12:00:00.000Z'),
    } as never);
  const bundle = (): string => {
    const evidence = { tests: { passed: 1, failed: 0 }, lint: { errors: 0, warnings: 0 } };
    const said = { name: 'crossdock', version: '1.0.0', created: '2026-05-05T12:00:00Z', author: 'anna' };
    const manifest = { ...said, changelog: [], names: [], types: [], evidence };
    return bundleText(sealBundle(manifest, new Map([['flows/a.yaml', '1']]), key));
  };

  /** Each does it as a person or the hub does. Some are refused: the row stands all the same. */
  const proofs: Record<Exclude<Act, keyof typeof elsewhere>, () => unknown> = {
    login: () => login(hub.url, 'a wrong password', 'root').catch(() => {}),
    'user.add': () => run('user add wanda', { CROSSDOCK_PASSWORD: password }),
    'user.change': () => run('user disable wanda'),
    'token.make': () => run('token metrics --scope metrics'),
    'session.end': () => run('user end wanda'),
    'token.rotate': () => run('token rotate metrics'),
    'token.end': () => run('token end metrics'),
    'key.rotate': () => run('secrets rotate signing-key'),
    'secret.reload': () => run('secrets reload'),
    'secret.rotate': () =>
      run('secrets rotate woocommerce', { WOOCOMMERCE_WEBHOOK_SECRETS: 'the-first-one' }),
    'key.trust': () => {
      const pem = join(dir, 'other.pem');
      writeFileSync(pem, publicPem(generateKeyPairSync('ed25519').privateKey));
      return run(`release trust ${pem}`);
    },
    'data.read': () => call('GET', `/tower/api/letters/data?id=${idOf(0)}`),
    'letter.replay': () => api('/letters/replay', { id: idOf(0), lastFailed: letters[0]!.lastFailed }),
    'letter.edit': () =>
      replayOne(stores, letters[1]!, { by: 'olga', edit: { data: { other: true }, changed: ['other'] } }),
    'letter.discard': () =>
      api('/letters/discard', { id: idOf(2), lastFailed: letters[2]!.lastFailed, reason: 'sent twice' }),
    'message.rerun': async () => {
      const { body } = await post(hub.url, order(4711));
      return run(`rerun ${body.id}`);
    },
    'replay.plan': async () => (plan = (await api<{ id: string }>('/replays', { ids: [idOf(3)] })).id),
    'replay.run': () => api(`/replays/${plan}/run`, {}),
    'replay.approve': () => api(`/replays/${plan}/approve`, {}),
    'replay.steer': () => api(`/replays/${plan}/pause`, {}),
    'issue.act': () => api('/issues/x/act', { revision: 0, act: { do: 'acknowledge' } }),
    'suspicion.judge': () => run('suspicions useful nothing'),
    'triage.draft': () => api('/triage/x/draft', { language: 'en' }),
    'value.add': () =>
      api('/mend/proposals', { map: 'tax', value: 'T9', source: '', article: '', to: '15%' }),
    'value.withdraw': () => api('/mend/withdraw', { id: 'x' }),
    'file.save': () =>
      api('/files/save', {
        files: [{ path: 'definitions/mappings/nothing.jsonata', text: '$', revision: '' }],
      }),
    'flow.deploy': async () => {
      const flows = await call<object>('GET', '/flows');
      return admin('POST', '/flows', flows, { 'node-red-deployment-type': 'full' });
    },
    'editor.act': () => admin('POST', '/inject/nothing', {}),
    'partner.send': () => api('/new-partner/send', { name: 'acme', path: '/acme', body: '{}' }),
    'release.cut': () =>
      cutting(
        stores.journal.audit,
        { cut: async () => ({ manifest: { version: '1.3.0' }, digest }) as Bundle },
        { by: 'anna', note: '' },
      ),
    'release.send': () =>
      sending(
        stores.journal.audit,
        { send: async () => ({}) as Promotion },
        { version: '1.3.0', to: 'prod', by: 'anna' },
      ),
    'release.promote': () => target().promote({ bundle: bundle(), by: 'ben' }),
    'release.break-glass': () =>
      target().promote({ bundle: bundle(), by: 'ben', overrideReason: 'the shop is down' }),
    'release.approve': () => target().approve('x', 'carla'),
    'release.rollback': () => call('POST', '/crossdock/releases/rollback', { by: 'ben' }),
    'reconcile.run': () => {
      const found = reconcile(factsOf([chain(1)]), { cutOff, tolerances });
      const scope = { since: '2026-08-30T00:00:00.000Z', cutOff };
      const sealed = sealRun(runOf(found, { scope, database: 'odoo', tolerances }), key);
      return keepAudited(stores.journal, sealed, 'ida');
    },
    'reconcile.explain': () =>
      explainAudited(stores.journal, breakOne, { by: 'ida', why: 'lost' }, new Date()),
    'reconcile.accept': () => acceptAudited(stores.journal, breakOne, 'finn', new Date()),
    'process.act': async () => {
      const row = { process: 'order-to-cash', key: 'shop/1', number: '1', state: 'running', attention: 0 };
      await stores.journal.processes.add({ ...row, ...untold, due: null, body: '{}' } as never);
      return api('/orders/order-to-cash/shop%2F1/actions', { action: 'pause' });
    },
    'steps.seal': async () => {
      await stores.journal.append([step({ time: new Date(Date.now() - 3 * 3_600_000).toISOString() })]);
      return seal(
        stores.journal.audit,
        (span) => sealOf(stores.journal.upkeep.db, { ...span, from: '2000-01-01T00:00:00.000Z' }),
        new Date(),
      );
    },
    'data.erase': () => run('erase --customer nobody@example.com'),
    'data.prune': () => run('prune'),
    'data.backup': () => run(`backup ${join(dir, 'hub.tar')}`),
    'data.rekey': () => {
      const key = Buffer.alloc(32, 7).toString('base64');
      run('store rekey', { CROSSDOCK_STORE_KEY: key });
      return run('store rekey', { CROSSDOCK_STORE_OLD_KEYS: key });
    },
    'data.restore': async () => {
      const dataDir = join(dir, 'restored');
      const places = { CROSSDOCK_DEFINITIONS: join(dataDir, 'd'), CROSSDOCK_FLOWS: join(dataDir, 'f') };
      run(`restore ${join(dir, 'hub.tar')}`, { CROSSDOCK_DATA: dataDir, ...places });
      const restored = await openStores({ profile: 'embedded', dataDir, env: {} });
      const rows = await restored.journal.audit.after(0, 10, { act: 'data.restore' });
      await restored.close();
      return rows;
    },
    'audit.verify': () => run('audit verify'),
    'audit.export': () => call('GET', '/tower/api/audit/export?format=csv'),
  };

  for (const [act, file] of Object.entries(elsewhere))
    it(`${act} has its row in ${file}`, () =>
      assert.match(readFileSync(file, 'utf8'), new RegExp(`['" ]${act}['" ]`)));

  for (const act of Object.keys(proofs) as (keyof typeof proofs)[])
    it(`${act} has its row`, async () => {
      const { sequence } = await stores.journal.audit.last();
      const told = await Promise.resolve(proofs[act]()).catch((error: unknown) => error);
      const here = await stores.journal.audit.after(sequence, 100, { act });
      // Of another store.
      const rows = act === 'data.restore' ? (told as typeof here) : here;
      assert.ok(rows.length > 0, JSON.stringify(told)?.slice(0, 500));
    });

  it('is in the hands of nobody, whatever their role: there is no call that changes or deletes a row', async () => {
    const { sequence, hash } = await stores.journal.audit.last();
    for (const method of ['DELETE', 'PUT', 'PATCH', 'POST'])
      for (const path of ['', '/', '/row?sequence=1', '/row/1', '/1', '/chain', '/export'])
        assert.equal((await admin(method, `/tower/api/audit${path}`, {})).status, 404, `${method} ${path}`);
    const text = readFileSync(join(dir, 'definitions/retention.yaml'), 'utf8');
    const path = 'definitions/retention.yaml';
    const { revision } = await call<{ revision: string }>('GET', `/tower/api/files/one?path=${path}`);
    const shorter = text.replace(/^audit: for ever/m, 'audit: 1 days');
    assert.notEqual(shorter, text);
    await api('/files/save', { files: [{ path, text: shorter, revision }] });
    const [saved] = await stores.journal.audit.after(sequence, 1);
    assert.deepEqual([saved!.act, saved!.object, saved!.previous], ['file.save', `file/${path}`, hash]);
    run('prune');
    assert.equal((await stores.journal.audit.after(0, 1))[0]?.sequence, 1);
    writeFileSync(join(dir, path), text);
  });

  it('says who deployed what from where, and that a command showed data', async () => {
    const newest = async (act: Act) => (await stores.journal.audit.newest(1, { act }))[0]!;
    const { who, from, object } = await newest('flow.deploy');
    assert.deepEqual([who, from.replace('::ffff:', '')], ['root', 'http 127.0.0.1 POST /flows']);
    assert.match(object, /^(flow\/|no flow changed)/);
    assert.equal((await newest('editor.act')).who, 'root');
    const { sequence } = await stores.journal.audit.last();
    assert.match(run(`dead show ${idOf(0)}`), /one/);
    const [shown] = await stores.journal.audit.after(sequence, 1);
    assert.deepEqual(
      [shown!.act, shown!.object, shown!.from],
      ['data.read', 'letter/one', 'command dead show'],
    );
  });

  it('has one row for a login that the brake on guessing refuses, not one for each', async () => {
    const { sequence } = await stores.journal.audit.last();
    for (let n = 0; n < 8; n += 1) await login(hub.url, 'a wrong password', 'wanda').catch(() => {});
    await until('the brake is told', async () => {
      const rows = await stores.journal.audit.after(sequence, 100, { act: 'login' });
      return rows.some(({ reason }) => reason === 'RATE_LIMITED');
    });
    const rows = await stores.journal.audit.after(sequence, 100, { act: 'login', outcome: 'failed' });
    assert.deepEqual(
      rows.map(({ object, reason }) => `${object} ${reason}`),
      [...Array.from({ length: 4 }, () => 'user/wanda LOGIN_MISSING'), 'user/wanda RATE_LIMITED'],
    );
  });
});
