/** Five hundred exceptions sent again by a hub that is killed in the middle: each once, and what had landed not at all. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStores, type Stores } from '../../runtime/hub/profile.ts';
import { letterId } from '../../runtime/journal/journal.ts';
import { openUsers } from '../../runtime/node-red/users.ts';
import type { ReplayItem, ReplayView } from '../../runtime/replay/view.ts';
import { order, until } from '../conformance/broker.ts';
import { letter, step } from '../conformance/journal.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';
import { login, type Admin } from './traffic.ts';

const flow = `flow: parcels
version: 1.0.0
summary: Counts each parcel once.
owner: tests
tier: normal
nodes:
  parcels:
    type: event-consume
    broker: !node hub broker
    types:
      - order.received.v1
    concurrency: 20
    to: once
  once:
    type: idempotency-guard
    store: !node claims
    key: event.subject
    to:
      new: done
  done:
    type: drop
    reason: counted
layout:
  parcels: [120, 120]
  once: [300, 120]
  done: [480, 120]
`;
const password = 'twelve characters';
const noOdoo = { ODOO_URL: 'http://127.0.0.1:9', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };
const [all, had] = [500, 50];
const subjectOf = (n: number) => `SO-${1000 + n}`;

describe('a replay of 500 exceptions of which 50 had landed', function () {
  this.timeout(90_000);
  let dataDir: string;
  let hub: HubProcess;
  const admins = new Map<string, Admin>();

  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'crossdock-replays-'));
    mkdirSync(join(dataDir, 'flows'));
    cpSync('flows/connections.yaml', join(dataDir, 'flows', 'connections.yaml'));
    writeFileSync(join(dataDir, 'flows', 'parcels.yaml'), flow);
    const users = await openUsers(dataDir, () => {});
    for (const name of ['anna', 'berta']) await users.set(name, password, 'operations');
    await users.set('victor', password, 'viewer');
    const stores = await openStores({ profile: 'embedded', dataDir, env: {} });
    await Promise.all(Array.from({ length: all }, (_, n) => bury(stores, n)));
    await stores.close();
    await begin();
  });
  after(() => hub?.stop());

  async function begin(): Promise<void> {
    hub = await startHubProcess(noOdoo, dataDir);
    for (const name of ['anna', 'berta', 'victor']) admins.set(name, await login(hub.url, password, name));
  }

  async function bury({ journal }: Stores, n: number): Promise<void> {
    const message = {
      ...order('order.received.v1', subjectOf(n)),
      partitionkey: `shop/${subjectOf(n)}`,
      data: { totals: { gross: '10.00' }, currency: 'EUR' },
    };
    const id = letterId('parcels', message);
    const failed = { code: 'ODOO_FAILED', facts: {}, lastFailed: '2026-03-01T10:00:00.000Z' };
    await journal.bury(
      letter({ id, queue: 'parcels', flow: 'parcels', flowVersion: '1.0.0', message, ...failed }),
    );
    if (n >= had) return;
    const landed = { correlationId: message.correlationid, businessKey: message.subject, flow: 'parcels' };
    await journal.append([
      step({ ...landed, time: '2026-03-01T11:00:00.000Z', outcome: 'landed', reference: 'sale.order/1' }),
    ]);
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
    const asked = { filter: { flow: 'parcels' }, perSecond: 400 };
    assert.equal((await call('victor', 'POST', '', asked))[0], 403);
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
    hub.signal('SIGKILL');
    await hub.exited;
    await begin();
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

    const { journal, close } = await openStores({ profile: 'embedded', dataDir, env: {} });
    for (let n = 0; n < all; n += 1) {
      const trace = await journal.trace({ businessKey: subjectOf(n) });
      const count = trace.filter(({ outcome }) => outcome === 'dropped').length;
      assert.equal(count, n < had ? 0 : 1, `${subjectOf(n)} was counted ${count} times`);
    }
    assert.equal((await journal.letters({ state: 'open', limit: all })).length, had);
    await close();
  });
});
