/** The calls of the work queue: who sees and does what, and what two who decide at once are told. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStores } from '../runtime/stores/profile.ts';
import type { Stores } from '../runtime/stores/stores.ts';
import { letterId } from '../runtime/journal/journal.ts';
import type { IssueCases, IssueList, IssueWhole, Teams } from '../runtime/node-red/tower/issues.ts';
import { openUsers } from '../runtime/node-red/users.ts';
import type { Act } from '../runtime/tower/issue-actions.ts';
import { codes } from '../runtime/errors/codes.ts';
import type { Decision } from '../runtime/reconcile/decisions.ts';
import { reconcile } from '../runtime/reconcile/reconcile.ts';
import { runOf, sealRun, type Run } from '../runtime/reconcile/run.ts';
import { keepRun, type Listed } from '../runtime/reconcile/kept-runs.ts';
import { order, until } from './conformance/kit.ts';
import { letter as letterLike } from './conformance/rows.ts';
import { startHubProcess, type HubProcess } from './e2e/hub-process.ts';
import { login, type Admin } from './e2e/traffic.ts';
import { uninvoiced } from './reconcile-changes.ts';
import { chain, changed, cutOff, factsOf, tolerances } from './reconcile-kit.ts';

const password = 'twelve characters';
const noOdoo = { ODOO_URL: 'http://127.0.0.1:9', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };
const secret = 'Privet Drive 4';

interface Answer<T> {
  status: number;
  body: T & { code?: string; message?: string };
}

describe('the calls of the work queue', function () {
  this.timeout(180_000);
  let hub: HubProcess;
  let stores: Stores;
  const people = new Map<string, Admin>();

  before(async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-queue-'));
    cpSync('flows', join(dataDir, 'flows'), { recursive: true });
    const users = await openUsers(dataDir, () => {});
    await users.set('viewer', password, 'viewer');
    await users.set('ida', password, 'analyst', ['it']);
    await users.set('finn', password, 'operations', ['finance']);
    hub = await startHubProcess(noOdoo, dataDir);
    for (const name of ['viewer', 'ida', 'finn']) people.set(name, await login(hub.url, password, name));
    stores = await openStores({ profile: 'embedded', dataDir, env: {} });
    await saveLetter('SO-1', 'VALUE_UNMAPPED', { map: 'tax', value: 'GST 7%' });
    await saveLetter('SO-2', 'VALUE_UNMAPPED', { map: 'tax', value: 'GST 7%' });
    await saveLetter('SO-3', 'TOTALS_DIFFER', {});
  });
  after(async () => {
    await stores?.close();
    await hub?.stop();
  });

  async function saveLetter(number: string, code: string, facts: Record<string, string>): Promise<void> {
    const data = { source: 'acme', number, street: secret, currency: 'EUR', totals: { gross: '10.10' } };
    const message = { ...order('order.received.v1', number), data };
    const now = new Date().toISOString();
    const place = { queue: 'order-to-odoo', flow: 'order-to-odoo', firstFailed: now, lastFailed: now };
    const reason = `${code} of ${number}`;
    const id = letterId('order-to-odoo', message);
    await stores.journal.saveDeadLetter(letterLike({ id, ...place, message, code, reason, facts }));
  }
  async function call<T>(name: string, path: string, body?: unknown): Promise<Answer<T>> {
    const ask = people.get(name)!;
    const at = `/tower/api/issues${path}`;
    const answer = await (body === undefined ? ask('GET', at) : ask('POST', at, body));
    return { status: answer.status, body: (await answer.json()) as Answer<T>['body'] };
  }
  const list = async (name: string, query = '') => (await call<IssueList>(name, query)).body.rows;
  const act = (name: string, id: string, revision: number, does: Act) =>
    call<IssueWhole>(name, `/${id}/act`, { revision, act: does });

  it('and reconciliations: to everybody, without what single lines say', async () => {
    const given = changed(chain(1), uninvoiced);
    const found = reconcile(factsOf([given]), { cutOff, tolerances });
    const of = { scope: { since: '2026-08-30T00:00:00.000Z', cutOff }, database: 'odoo', tolerances };
    const id = await keepRun(
      stores.journal.documents,
      sealRun(runOf(found, of), generateKeyPairSync('ed25519').privateKey),
    );
    const ask = people.get('viewer')!;
    const get = async (path: string) => (await ask('GET', `/tower/api/reconciliation${path}`)).json();
    const { rows } = (await get('')) as { rows: Listed[] };
    assert.deepEqual([rows[0]!.id, rows[0]!.counts], [id, { missing: 1 }]);
    const run = (await get(`/run?id=${encodeURIComponent(id)}`)) as Run;
    const [one, ...more] = run.breaks;
    assert.deepEqual([one!.class, one!.difference, one!.lines, more], ['missing', '-6', undefined, []]);
    const [issue, ...none] = await list('viewer', '?team=finance&flow=reconciliation');
    assert.deepEqual(
      [issue!.of, issue!.code, issue!.facts['run'], issue!.money, none],
      ['breaks', 'BREAK_MISSING', id, [{ currency: 'EUR', amount: '66' }], []],
    );
    const { rows: cases } = (await call<IssueCases>('viewer', `/${issue!.id}/letters`)).body;
    assert.deepEqual(
      cases.map((row) => row.of === 'break' && [row.id, row.order, row.state]),
      [[one!.id, '#1', 'open']],
    );
    assert.equal((await call('finn', `/${issue!.id}/discard`, { reason: 'away' })).status, 400);
    assert.equal((await act('finn', issue!.id, issue!.revision, { do: 'acknowledge' })).status, 200);
    const post = async (name: string, path: string, body: object) =>
      (await people.get(name)!('POST', `/tower/api/reconciliation${path}`, body)).status;
    assert.equal(await post('viewer', '/explain', { id: one!.id, why: 'I say so' }), 403);
    assert.equal(await post('ida', '/explain', { id: one!.id, why: 'lost on the way' }), 200);
    assert.equal(await post('ida', '/accept', { id: one!.id }), codes.FOUR_EYES.status);
    assert.equal(await post('finn', '/accept', { id: one!.id }), 200);
    const decided = (await get(`/run?id=${encodeURIComponent(id)}`)) as { breaks: Decision[] };
    assert.deepEqual([decided.breaks[0]!.explained.by, decided.breaks[0]!.accepted!.by], ['ida', 'finn']);
    await until(
      'the issue is over',
      async () => (await call<IssueWhole>('viewer', `/${issue!.id}`)).body.issue.state === 'resolved',
    );
    const unknown = (await get('/run?id=x')) as { code: string };
    assert.equal(unknown.code, 'RECONCILIATION_UNKNOWN');
  });

  it('shows the issues of the own teams first, and of others when asked', async () => {
    const [first, ...others] = await list('ida');
    assert.deepEqual(
      [first?.code, first?.count, first?.orders, first?.money, first?.team, first?.tier, others.length],
      ['VALUE_UNMAPPED', 2, 2, [{ currency: 'EUR', amount: '20.2' }], 'it', 'critical', 0],
    );
    const codesOf = (rows: IssueList['rows']) => rows.map(({ code }) => code).toSorted();
    assert.deepEqual(codesOf(await list('finn')), ['TOTALS_DIFFER']);
    for (const [name, query] of [
      ['viewer', ''],
      ['ida', '?team=all'],
      ['finn', '?team=all&partner=acme'],
    ] as const)
      assert.deepEqual(codesOf(await list(name, query)), ['TOTALS_DIFFER', 'VALUE_UNMAPPED']);
    assert.deepEqual(await list('ida', '?team=all&late=yes'), []);
    assert.deepEqual(await list('ida', '?state=muted'), []);
    assert.equal((await call<Teams>('viewer', '/teams')).body.rows.length, 5);
  });

  it('a viewer sees the issue and its letters without their messages, and decides nothing', async () => {
    const [issue] = await list('viewer', '?code=VALUE_UNMAPPED');
    const whole = await call<IssueWhole>('viewer', `/${issue!.id}`);
    const cases = await call<IssueCases>('viewer', `/${issue!.id}/letters`);
    assert.deepEqual([whole.body.issue.count, cases.body.rows.length], [2, 2]);
    assert.doesNotMatch(JSON.stringify([whole.body, cases.body]), new RegExp(secret));
    for (const [path, body] of [
      ['act', { revision: 0, act: { do: 'acknowledge' } }],
      ['discard', { reason: 'x' }],
    ] as const) {
      const { status, body: said } = await call('viewer', `/${issue!.id}/${path}`, body);
      assert.deepEqual([status, said.code], [403, 'PERMISSION_MISSING']);
    }
    assert.equal((await call<IssueWhole>('viewer', `/${issue!.id}`)).body.issue.revision, 0);
  });

  it('of two who decide at once the second is told what the first did', async () => {
    const [issue] = await list('ida');
    const first = await act('ida', issue!.id, 0, { do: 'assign', person: 'ida' });
    assert.deepEqual([first.status, first.body.issue.person, first.body.events[0]?.who], [200, 'ida', 'ida']);
    const second = await act('finn', issue!.id, 0, { do: 'assign', person: 'finn' });
    assert.deepEqual([second.status, second.body.code], [409, 'ISSUE_CHANGED']);
    assert.match(second.body.message!, /ida: assign \(ida\)/);
    const again = await act('finn', issue!.id, first.body.issue.revision, { do: 'note', text: 'I looked' });
    assert.deepEqual([again.body.issue.person, again.body.issue.note], ['ida', 'I looked']);
  });

  it('says what is wrong with a call', async () => {
    const [issue] = await list('ida');
    for (const does of [
      { do: 'mute', reason: 'x' },
      { do: 'mute', reason: '', until: '2999-01-01T00:00:00Z' },
      { do: 'resolve' },
      { do: 'assign', team: 'nobody' },
    ]) {
      const { status, body } = await act('ida', issue!.id, issue!.revision, does as Act);
      assert.deepEqual([status, body.code], [400, 'REQUEST_INVALID'], JSON.stringify(does));
    }
    assert.equal((await call('ida', '/none')).body.code, 'ISSUE_UNKNOWN');
    for (const query of ['?state=gone', '?x=1', `/${issue!.id}/letters?after=x`])
      assert.equal((await call('ida', query)).body.code, 'REQUEST_INVALID', query);
  });

  it('gives up what is open, and then it is resolved', async () => {
    const [issue] = await list('finn');
    const { body } = await call<{ discarded: number }>('finn', `/${issue!.id}/discard`, { reason: 'a test' });
    assert.equal(body.discarded, 1);
    await until('resolved', async () => (await list('finn')).length === 0);
    assert.equal((await call<IssueWhole>('ida', `/${issue!.id}/discard`, { reason: 'x' })).status, 403);
  });
});
