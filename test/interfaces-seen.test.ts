/** When interfaces were used last, from the counts of steps; and those that are used after their sunset. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { causesOf } from '../runtime/alerts/causes.ts';
import type { CodedError } from '../runtime/errors/coded-error.ts';
import { createLog } from '../runtime/log/log.ts';
import { openStores } from '../runtime/stores/profile.ts';
import type { Stores } from '../runtime/stores/stores.ts';
import { refusalNotes } from '../runtime/hub/refusals.ts';
import { refused } from '../runtime/intake/answer.ts';
import { deriveInterfaces, type Known } from '../runtime/interfaces/derive.ts';
import { refuseRetired } from '../runtime/interfaces/edges.ts';
import type { Entry } from '../runtime/interfaces/file.ts';
import { lastSeen } from '../runtime/interfaces/use/last-seen.ts';
import { listed } from '../runtime/interfaces/use/listed.ts';
import { overused } from '../runtime/interfaces/use/overused.ts';
import { until } from './conformance/kit.ts';
import { openReader, type Reader } from '../runtime/reader/reader.ts';

const now = new Date('2027-03-10T12:00:00Z');
const HOUR = 3_600_000;
const nobody: Known = { catalogue: { types: [], get: () => assert.fail() }, partners: { edi: [] } };
const nodes = ['new', 'hourly', 'daily', 'yearly', 'never'].map((name) => ({
  id: name,
  type: 'webhook-in',
  z: 'tab',
  name: `from ${name}`,
  path: `/${name}`,
}));
const tab = { id: 'tab', type: 'tab', label: 'intake-of-tests', env: [] };
const derived = deriveInterfaces([tab, ...nodes] as never, nobody);

describe('when an interface was seen', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-seen-'));
  let stores: Stores;
  let reader: Reader;

  before(async () => {
    stores = await openStores({ profile: 'embedded', dataDir, env: {} });
    const came = (name: string, hoursAgo: number, outcome: 'accepted' | 'refused' = 'accepted') => ({
      time: new Date(now.getTime() - hoursAgo * HOUR).toISOString(),
      correlationId: `${name}-${hoursAgo}`,
      businessKey: '',
      step: outcome === 'accepted' ? `from ${name}` : `/hooks/${name}`,
      flow: outcome === 'accepted' ? 'intake-of-tests' : 'intake',
      flowVersion: '1',
      outcome,
    });
    await stores.journal.append([
      came('yearly', 300 * 24),
      came('daily', 10 * 24),
      came('daily', 20 * 24),
      came('hourly', 30),
    ]);
    await stores.journal.rollups.fold(now);
    await stores.journal.append([came('new', 0.1), came('gone', 1, 'refused'), came('slash/', 2, 'refused')]);
    reader = await openReader({ profile: 'embedded', dataDir, env: {} });
  });
  after(async () => {
    await reader.close();
    await stores.close();
    rmSync(dataDir, { recursive: true });
  });

  it('is told to five minutes, the hour and the day; never is nothing', async () => {
    const seen = await lastSeen(reader.db, derived, now);
    assert.deepEqual(Object.fromEntries(seen), {
      'webhook/new': '2027-03-10T11:50:00.000Z',
      'webhook/hourly': '2027-03-09T06:00:00.000Z',
      'webhook/daily': '2027-02-28T00:00:00.000Z',
      'webhook/yearly': '2026-05-14T00:00:00.000Z',
    });
  });

  it('of a retired webhook is when it was refused last', async () => {
    const entries = new Map([['webhook/gone', { state: 'retired' } as Entry]]);
    const [gone] = await listed(reader.db, [], entries, now);
    assert.equal(gone?.seen, '2027-03-10T11:00:00.000Z');
    assert.equal(gone.overused, false);
  });

  it('is read again of the last three days only, within the hour', async () => {
    const reads: unknown[] = [];
    const db = {
      selectFrom: (table: 'rollup') => (reads.push(table), reader.db.selectFrom(table)),
    } as typeof reader.db;
    const first = await lastSeen(db, derived, now);
    assert.deepEqual([...first], [...(await lastSeen(reader.db, derived, now))]);
    assert.equal(reads.splice(0).length, 5);
    assert.deepEqual(await lastSeen(db, derived, now), first);
    assert.equal(reads.splice(0).length, 2);
    await lastSeen(db, derived, new Date(now.getTime() + 3_600_000));
    assert.equal(reads.length, 5);
  });

  it('of one whose path ends in a slash is when it was refused, before and after it is retired', async () => {
    const node = { ...nodes[0]!, name: 'of nobody', path: '/slash/' };
    const [one] = deriveInterfaces([tab, node] as never, nobody);
    const seen = await lastSeen(reader.db, [one!], now);
    assert.deepEqual([...seen], [['webhook/slash', '2027-03-10T10:00:00.000Z']]);
  });

  it('of a retired webhook goes on when its flow is gone', async () => {
    const entries = new Map([
      ['webhook/past/:shop', { state: 'retired' } as Entry],
      // What is only off is counted by nobody.
      ['webhook/gone', { state: 'live' } as Entry],
    ]);
    const note = refusalNotes(stores.journal, createLog({ level: 'silent' }));
    try {
      refuseRetired(entries, '/hooks/past/berlin');
      assert.fail('it was taken');
    } catch (error) {
      note({ id: 'i', method: 'POST', ip: '', error: error as CodedError, answer: refused(error, 'i') });
    }
    const seen = async () =>
      new Map((await listed(reader.db, [], entries, new Date())).map((one) => [one.id, one.seen]));
    await until('it was seen', async () => (await seen()).get('webhook/past/:shop') !== undefined);
    assert.equal(
      (await listed(reader.db, [], entries, now)).find(({ id }) => id === 'webhook/gone')?.seen,
      undefined,
    );
  });

  it('after its sunset is an alert for its owner, as long as it goes on', async () => {
    const over = (state: Entry['state'], sunset: string) => ({ owner: 'it', state, sunset }) as Entry;
    const entries = new Map([
      ['webhook/new', over('deprecated', '2027-03-01')],
      // Not used since yesterday.
      ['webhook/daily', over('deprecated', '2027-02-01')],
      ['webhook/hourly', over('live', '2027-02-01')],
      ['webhook/never', over('deprecated', '2027-02-01')],
    ]);
    const flows = () => Promise.resolve([tab, ...nodes] as never);
    let reads = 0;
    const db = {
      selectFrom: (table: 'rollup') => ((reads += 1), reader.db.selectFrom(table)),
    } as typeof reader.db;
    const found = await overused(db, { ...nobody, interfaces: entries }, flows, now);
    assert.equal(reads, 2, 'no further back than a day is of use');
    assert.deepEqual(found, [{ id: 'webhook/new', owner: 'it', tier: 'standard', sunset: '2027-03-01' }]);
    const causes = causesOf(
      {
        health: { away: {}, queues: [], outages: [], consumers: [], hubs: [], store: {} },
        rates: [],
        overused: found,
        tierOf: () => 'standard',
        teamOf: () => '',
      },
      now,
    );
    assert.deepEqual(
      causes.map(({ id, team, what }) => [id, team, what]),
      [['interface/webhook/new', 'it', 'webhook/new is still used; its sunset was 2027-03-01.']],
    );
  });

  it('is asked of no flow and no store where nothing is over its sunset', async () => {
    const unread = () => assert.fail('the flows were read');
    const entries = new Map([['webhook/new', { state: 'deprecated', sunset: '2027-03-10' } as Entry]]);
    assert.deepEqual(await overused(undefined as never, { ...nobody, interfaces: entries }, unread, now), []);
  });
});
