/** Steps counted in buckets of time: what the rollups say is what a recount of the steps says, on both stores. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { countsOf } from '../runtime/journal/rollups.ts';
import { bounds, fiveMinutesOf, histogramColumns, percentile } from '../runtime/journal/schema/buckets.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import type { Outcome, Step } from '../runtime/journal/step.ts';
import { postgresJournal } from '../runtime/journal/postgres.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { step } from './conformance/rows.ts';
import { describeReal } from './real.ts';

type Row = Record<string, unknown>;

interface Kept {
  open(): Promise<Journal>;
  ask(sql: string): Promise<Row[]>;
  /** Opens the journal in another process. */
  opening: string;
}

const DAY_MS = 24 * 3_600_000;
const noon = new Date('2026-03-10T12:00:00.000Z');
const ago = (ms: number) => new Date(noon.getTime() - ms).toISOString();

/** Of all kinds, spread over some days before noon. */
function someSteps(howMany: number): Step[] {
  const outcomes: Outcome[] = ['landed', 'retrying', 'accepted'];
  return Array.from({ length: howMany }, (_, at) =>
    step({
      time: ago(at * 7_654_321),
      flow: `flow ${at % 3}`,
      step: `step ${at % 2}`,
      outcome: outcomes[at % 3]!,
      partner: ['shopify', 'acme\0', undefined][at % 3] as string,
      ...(at % 4 > 0 && { durationMs: (at * 37) % 70_000 }),
    }),
  );
}

/** By bucket of this many characters of the time: how many, how long, and how many of each length. */
function counted(rows: Row[], of: (time: string) => string): Map<string, number[]> {
  const all = new Map<string, number[]>();
  for (const { time, flow, step, outcome, duration_ms: ms } of rows) {
    const key = [of(String(time)), flow, step, outcome].join('/');
    const sums = all.get(key) ?? [0, 0, ...bounds.map(() => 0)];
    all.set(key, sums);
    sums[0]! += 1;
    if (ms === null) continue;
    sums[1]! += Number(ms);
    sums[2 + bounds.filter((bound) => Number(ms) > bound).length]! += 1;
  }
  return all;
}

async function rolled({ ask }: Kept, width: string): Promise<Map<string, number[]>> {
  const sums = ['count', 'total_ms', ...histogramColumns].map((one) => `sum(${one}) AS ${one}`);
  const rows = await ask(
    `SELECT bucket, flow, step, outcome, ${sums.join()} FROM rollup WHERE width = '${width}' GROUP BY bucket, flow, step, outcome`,
  );
  return new Map(
    rows.map(({ bucket, flow, step, outcome, ...figures }) => [
      [bucket, flow, step, outcome].join('/'),
      Object.values(figures).map(Number),
    ]),
  );
}

const ofHour = (time: string) => `${time.slice(0, 13)}:00:00.000Z`;
const ofDay = (time: string) => `${time.slice(0, 10)}T00:00:00.000Z`;
const sorted = (all: Map<string, number[]>) => [...all].toSorted(([a], [b]) => (a < b ? -1 : 1));

async function equalsRecount(kept: Kept, width: string, of: (time: string) => string): Promise<void> {
  const steps = await kept.ask('SELECT time, flow, step, outcome, duration_ms FROM step');
  assert.deepEqual(sorted(await rolled(kept, width)), sorted(counted(steps, of)));
}

function rollupsConformance(kept: Kept): void {
  let opened: Journal[];
  const open = async (): Promise<Journal> => {
    const one = await kept.open();
    opened.push(one);
    return one;
  };
  beforeEach(() => (opened = []));
  afterEach(() => Promise.all(opened.map((one) => one.close())));

  it('equal a recount of the steps, which several write at once', async () => {
    const journals = await Promise.all([open(), open(), open()]);
    const steps = someSteps(1500);
    await Promise.all(
      steps.map((one, at) => journals[at % 3]!.append(at % 10 === 0 ? [one, ...steps.slice(0, 9)] : [one])),
    );
    await journals[0]!.append(steps);
    await equalsRecount(kept, '5min', fiveMinutesOf);
    const partners = await kept.ask('SELECT DISTINCT partner FROM rollup ORDER BY partner');
    assert.deepEqual(
      partners.map(({ partner }) => partner),
      ['', 'acme', 'shopify'],
    );
  });

  it('equal a recount after kill -9', async () => {
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `${kept.opening}
      let done = 0;
      const write = async (name) => {
        for (let at = 0; ; at += 1) {
          const common = { time: new Date().toISOString(), correlationId: name, businessKey: '', flow: 'f' + at % 3, flowVersion: '1' };
          await journal.append([
            { ...common, step: 'in', outcome: 'accepted', durationMs: at % 900 }, { ...common, step: 'out', outcome: 'published' },
          ]);
          if ((done += 2) >= 2000 && !process.exitCode) console.log(done), process.exitCode = 1;
        }
      };
      for (let at = 0; at < 16; at += 1) void write('c' + at);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    await open();
    const [{ n } = {}] = await kept.ask('SELECT count(*) AS n FROM step');
    assert.ok(Number(n) >= 2000);
    await equalsRecount(kept, '5min', fiveMinutesOf);
  });

  it('are folded into hours and days, once more with what came late, and by two at once', async () => {
    const [journal, other] = [await open(), await open()];
    await journal.append(someSteps(200));
    const fold = async () => {
      await Promise.all([journal.rollups.fold(noon), other.rollups.fold(noon)]);
      await equalsRecount(kept, 'hour', ofHour);
      await equalsRecount(kept, 'day', ofDay);
    };
    await fold();
    await fold();
    await other.append(
      [0, 60_000, 3_500_000, 7_100_000].map((ms) => step({ time: ago(ms), partner: 'shopify' })),
    );
    await fold();
    await equalsRecount(kept, '5min', fiveMinutesOf);
  });

  it('are folded after a pause of days, also of hours that had begun before it', async () => {
    const journal = await open();
    const before = new Date(noon.getTime() - 9 * DAY_MS);
    const times = [-90, -30, -1].map((minutes) =>
      new Date(before.getTime() + minutes * 60_000).toISOString(),
    );
    await journal.append(times.map((time) => step({ time })));
    await journal.rollups.fold(before);
    await journal.append(
      [...times, new Date(before.getTime() + 60_000).toISOString()].map((time) => step({ time })),
    );
    await journal.append([step({ time: ago(0) })]);
    await journal.rollups.fold(noon);
    await equalsRecount(kept, 'hour', ofHour);
    await equalsRecount(kept, 'day', ofDay);
  });

  it('go when they are older than they are to be kept, and not before they are folded', async () => {
    const journal = await open();
    const days = [1, 13, 15, 89, 91, 1094, 1096];
    await journal.append(days.map((n) => step({ time: ago(n * DAY_MS) })));
    for (const n of [15, 1])
      await journal.watched.sample(ago(n * DAY_MS), [{ name: 'waiting', subject: 'q', value: 7 }]);
    const befores = [14, 90, 1095].map((n) => ago(n * DAY_MS)) as [string, string, string];
    const prune = async (dryRun: boolean): Promise<number> => {
      let gone = 0;
      for (const table of ['rollup', 'gauge'] as const)
        for (const [at, width] of (['5min', 'hour', 'day'] as const).entries())
          for await (const bucket of journal.rollups.prune(table, width, befores[at]!, dryRun))
            gone += bucket.gone;
      return gone;
    };
    assert.equal(await prune(false), 0);
    await journal.rollups.fold(noon);
    assert.equal(await prune(true), 10);
    assert.equal(await prune(false), 10);
    assert.equal(await prune(false), 0);
    const left = async (width: string) =>
      (await kept.ask(`SELECT bucket FROM rollup WHERE width = '${width}' ORDER BY bucket DESC`)).map(
        ({ bucket }) => Math.round((noon.getTime() - Date.parse(String(bucket))) / DAY_MS),
      );
    assert.deepEqual(await left('5min'), [1, 13]);
    assert.deepEqual(await left('hour'), [1, 13, 15, 89]);
    assert.deepEqual((await left('day')).length, 6);
  });

  it('of samples keep the most of what was seen, and forget hubs that were not seen for an hour', async () => {
    const [journal, other] = [await open(), await open()];
    const sample = (one: Journal, value: number) =>
      one.watched.sample(ago(0), [
        { name: 'waiting', subject: 'q', value },
        { name: 'oldest', subject: 'q', value: 1 },
      ]);
    for (const value of [3, 9, 6]) await sample(journal, value);
    await sample(other, 5);
    await journal.rollups.fold(noon);
    const rows = await kept.ask(
      "SELECT samples, total, most FROM gauge WHERE width = 'day' AND name = 'waiting'",
    );
    assert.deepEqual(
      rows.map((row) => Object.values(row).map(Number)),
      [[4, 23, 9]],
    );

    await journal.watched.here(ago(2 * 3_600_000), '1');
    assert.equal((await journal.watched.hubs(ago(3 * 3_600_000))).length, 1);
    await journal.watched.here(ago(0), '2');
    const hubs = await journal.watched.hubs('');
    assert.deepEqual(
      hubs.map((one) => ({ ...one })),
      [{ id: journal.watched.id, seen: ago(0), body: '2' }],
    );
    await journal.watched.gone();
    assert.deepEqual(await journal.watched.hubs(''), []);
  });
}

describe('rollups: how steps are counted', () => {
  it('by five minutes, flow, step, outcome and partner', () => {
    const at = (time: string, more: Partial<Step> = {}) => step({ time: `2026-03-01T${time}Z`, ...more });
    const found = countsOf([
      at('10:04:59.999'),
      at('10:05:00.000', { durationMs: 5 }),
      at('10:09:59.999', { durationMs: 6.5 }),
      at('10:07:00.000', { partner: 'x'.repeat(120), durationMs: 1e9 }),
      at('10:07:00.000', { partner: `${'x'.repeat(100)}y` }),
    ]);
    assert.deepEqual(
      found.map(({ bucket, partner, count, totalMs, histogram }) => [
        bucket.slice(11, 16),
        partner.length,
        count,
        totalMs,
        histogram.map((n, index) => (n ? index : '')).join(''),
      ]),
      [
        ['10:00', 0, 1, 0, ''],
        ['10:05', 0, 2, 11.5, '01'],
        ['10:05', 100, 2, 1e9, '13'],
      ],
    );
  });

  it('and how long 95 of 100 took is told from the histogram', () => {
    const of = (...counts: number[]) => bounds.map((_, at) => counts[at] ?? 0);
    assert.equal(percentile(of(), 95), undefined);
    assert.equal(percentile(of(100), 95), 4.75);
    assert.equal(percentile(of(0, 0, 90, 10), 95), 20 + 30 / 2);
    assert.equal(percentile(of(...bounds.map((_, at) => (at === 13 ? 10 : 0))), 95), 60_000);
  });
});

describe('rollups: embedded', () => {
  let dir: string;
  const file = () => join(dir, 'crossdock.db');
  before(() => (dir = mkdtempSync(join(tmpdir(), 'crossdock-rollups-'))));
  afterEach(() => {
    rmSync(dir, { recursive: true });
    dir = mkdtempSync(join(tmpdir(), 'crossdock-rollups-'));
    kept.opening = opening();
  });
  after(() => rmSync(dir, { recursive: true }));

  const opening = () => `
    const { openStore } = await import(${JSON.stringify(import.meta.resolve('../runtime/sqlite/store.ts'))});
    const { embeddedJournal } = await import(${JSON.stringify(import.meta.resolve('../runtime/journal/embedded.ts'))});
    const journal = embeddedJournal(openStore(${JSON.stringify(dir && file())}));`;
  const kept: Kept = {
    async open() {
      const store = openStore(file());
      const inner = embeddedJournal(store);
      return { ...inner, close: () => inner.close().then(() => store.close()) };
    },
    async ask(sql) {
      const db = new DatabaseSync(file());
      try {
        return db.prepare(sql).all();
      } finally {
        db.close();
      }
    },
    opening: '',
  };
  before(() => (kept.opening = opening()));
  rollupsConformance(kept);

  it('cost one row a flow, step and outcome of a commit', async () => {
    const store = openStore(file());
    const written: string[] = [];
    const prepare: typeof store.prepare = (sql) => {
      const statement = store.prepare(sql);
      const run = (...values: never[]) => (written.push(sql), statement.run(...values));
      return { run } as unknown as typeof statement;
    };
    const journal = embeddedJournal({ ...store, prepare });
    await Promise.all(
      someSteps(60).map((one) => journal.append([{ ...one, time: ago(0), flow: 'f', step: 's' }])),
    );
    assert.equal(written.filter((sql) => sql.startsWith('INSERT INTO step')).length, 60);
    assert.equal(written.filter((sql) => sql.startsWith('INSERT INTO rollup')).length, 3);
    await journal.close();
    store.close();
  });

  it('count nothing of what is undone, and all that shares its commit', async () => {
    const store = openStore(file());
    const journal = embeddedJournal(store);
    const undone = store.together(() =>
      Promise.all([
        journal.append([step({ flow: 'undone' })]),
        store.write(() => {
          throw new Error('refused');
        }),
      ]),
    );
    const others = [journal.append([step({ flow: 'a' })]), journal.append([step({ flow: 'a' })])];
    await assert.rejects(undone, /refused/);
    await Promise.all(others);
    const rows = await kept.ask('SELECT flow, count FROM rollup');
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [{ flow: 'a', count: 2 }],
    );
    await journal.close();
    store.close();
  });
});

describeReal(['postgres'], 'rollups: PostgreSQL', ({ postgres }) => {
  const { url } = postgres!;
  const schema = `test_${randomUUID().slice(0, 8)}`;
  let pool: pg.Pool;
  before(() => (pool = new pg.Pool({ connectionString: url, max: 2, options: `-c search_path=${schema}` })));
  afterEach(() => pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`));
  after(() => pool.end());

  const kept: Kept = {
    open: () => postgresJournal({ url, schema }),
    ask: async (sql) => (await pool.query<Row>(sql)).rows,
    opening: `
      const { postgresJournal } = await import(${JSON.stringify(import.meta.resolve('../runtime/journal/postgres.ts'))});
      const journal = await postgresJournal({ url: ${JSON.stringify(url)}, schema: '${schema}' });`,
  };
  rollupsConformance(kept);

  it('have rows of each hub, which become one when their time is over', async () => {
    const journals = await Promise.all([kept.open(), kept.open(), kept.open()]);
    const steps = [0, 2, 2].map((hours) => step({ time: ago(hours * 3_600_000) }));
    await Promise.all(journals.map((one) => one.append(steps)));
    const writers = async () =>
      (
        await kept.ask(
          "SELECT bucket, count(*) AS n FROM rollup WHERE width = '5min' GROUP BY bucket ORDER BY bucket",
        )
      ).map(({ n }) => Number(n));
    assert.deepEqual(await writers(), [3, 3]);
    const late = Array.from({ length: 50 }, () => journals[0]!.append(steps));
    await Promise.all([...late, ...journals.map(({ rollups }) => rollups.fold(noon))]);
    await journals[1]!.rollups.fold(noon);
    assert.deepEqual(await writers(), [1, 3]);
    await equalsRecount(kept, '5min', fiveMinutesOf);
    await equalsRecount(kept, 'hour', ofHour);
    await Promise.all(journals.map((one) => one.close()));
  });
});
