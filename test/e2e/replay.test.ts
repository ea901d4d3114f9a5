/** Five hundred exceptions sent again by a hub that is killed in the middle: each once, and what had landed not at all. */
import assert from 'node:assert/strict';
import type { ReplayItem, ReplayView } from '../../runtime/replay/view.ts';
import { until } from '../conformance/kit.ts';
import { replayHub, subjectOf, type ReplayHub } from './replay-hub.ts';
import { login, type Admin } from './traffic.ts';

const [all, had] = [500, 50];

describe('a replay of 500 exceptions of which 50 had landed', function () {
  this.timeout(360_000);
  let world: ReplayHub;
  const admins = new Map<string, Admin>();

  before(async () => {
    world = await replayHub({ letters: all, landed: had });
    await enter();
  });
  after(() => world?.hub.stop());

  async function enter(): Promise<void> {
    for (const name of ['anna', 'berta', 'victor'])
      admins.set(name, await login(world.hub.url, world.password, name));
  }

  async function call<T>(
    name: string,
    method: 'GET' | 'POST',
    path: string,
    body?: object,
  ): Promise<[number, T]> {
    const answer = await admins.get(name)!(method, `/tower/api/replays${path}`, body);
    return [answer.status, (await answer.json()) as T];
  }

  it('names the 50, needs a second person, survives kill -9, and sends each of the others once', async () => {
    const asked = { filter: { flow: 'parcels', code: 'ODOO_FAILED' }, perSecond: 400 };
    assert.equal((await call('victor', 'POST', '', asked))[0], 403);
    const beside = await world.stores();
    const [{ issue } = { issue: '' }] = await beside.journal.issues.letters();
    await beside.close();
    const [, ofIssue] = await call<ReplayView>('anna', 'POST', '', { filter: { issue } });
    assert.deepEqual([ofIssue.letters > 0, ofIssue.of.startsWith('parcels, ODOO_')], [true, true]);
    assert.equal((await call('anna', 'POST', '', { filter: { issue }, ids: ['x'] }))[0], 400);
    const [, plan] = await call<ReplayView>('anna', 'POST', '', asked);
    assert.deepEqual(
      plan.groups.map(({ verdict, letters, money }) => [verdict, letters, money]),
      [
        ['safe', all - had, { EUR: '4500.00' }],
        ['landed', had, { EUR: '500.00' }],
      ],
    );
    assert.deepEqual(plan.versions, [{ flow: 'parcels', was: '1.0.0', now: '1.0.0', letters: all }]);
    const [, { rows }] = await call<{ rows: ReplayItem[] }>(
      'victor',
      'GET',
      `/${plan.id}/items?verdict=landed`,
    );
    assert.deepEqual(
      rows.map(({ subject }) => subject).toSorted(),
      Array.from({ length: had }, (_, n) => subjectOf(n)),
    );

    const [, run] = await call<ReplayView>('anna', 'POST', `/${plan.id}/run`, {});
    assert.deepEqual([run.state, run.run?.needs], ['approval', ['letters']]);
    const [status, refusal] = await call<{ code: string }>('anna', 'POST', `/${plan.id}/approve`, {});
    assert.deepEqual([status, refusal.code], [403, 'FOUR_EYES']);
    await call('berta', 'POST', `/${plan.id}/approve`, {});

    const look = async (): Promise<ReplayView> => (await call<ReplayView>('victor', 'GET', `/${plan.id}`))[1];
    await until('it is in the middle', async () => (await look()).counts.landed >= 100, 30_000);
    world.hub.signal('SIGKILL');
    await world.hub.exited;
    await world.again();
    await enter();
    const { counts } = await look();
    assert.ok(counts.landed >= 100 && counts.landed < all - had, JSON.stringify(counts));
    await until('it is done', async () => (await look()).state === 'done', 60_000);
    assert.deepEqual((await look()).counts, {
      waiting: 0,
      running: 0,
      landed: all - had,
      failed: 0,
      refused: 0,
      cancelled: 0,
    });

    const { journal, close } = await world.stores();
    for (let n = 0; n < all; n += 1) {
      const trace = await journal.trace({ businessKey: subjectOf(n) });
      const count = trace.filter(({ outcome }) => outcome === 'dropped').length;
      assert.equal(count, n < had ? 0 : 1, `${subjectOf(n)} was counted ${count} times`);
    }
    assert.equal((await journal.letters({ state: 'open', code: 'ODOO_FAILED', limit: all })).length, had);
    await close();
  });
});
