/** The figures of the business: each is what a recount of the rows says, on both stores; none without something to count. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Calendar } from '../runtime/calendar/calendar.ts';
import { figures, spans, type Figure, type Known } from '../runtime/figures/figures.ts';
import { indicatorNames } from '../runtime/figures/indicators.ts';
import { loadObjectives } from '../runtime/figures/objectives.ts';
import { countedAside, figuresKept } from '../runtime/figures/thread.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import { postgresJournal } from '../runtime/journal/postgres.ts';
import type { Tables } from '../runtime/journal/tables.ts';
import { lintObjectives } from '../runtime/lint/objectives.ts';
import { loadProcesses } from '../runtime/process/definition.ts';
import { storeKeys } from '../runtime/seal/keys.ts';
import { sealing } from '../runtime/seal/plugin.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { openReader, type Reader } from '../runtime/reader/reader.ts';
import { en } from '../runtime/tower/web/texts/en.ts';
import { recount, type Rows } from './figures-recount.ts';
import { seeding } from './figures-seed.ts';
import { describeReal } from './real.ts';

const now = new Date('2026-06-17T14:30:00.000Z');
const { seed, slowSince } = seeding(now);
const definition = loadProcesses('definitions').get('order-to-cash')!;
const calendar: Calendar = {
  calendar: 'standard',
  summary: 'All',
  timezone: 'UTC',
  workdays: ['mon', 'tue', 'wed', 'thu', 'fri'],
};
const known: Known = {
  objectives: loadObjectives('definitions')!,
  calendars: new Map([['standard', calendar]]),
  processes: new Set(['order-to-cash']),
};
type Ask = (sql: string) => Promise<unknown[]>;

async function rowsOf(ask: Ask): Promise<Rows> {
  const of = async (sql: string) => (await ask(sql)) as never[];
  return {
    process: await of('SELECT process, body FROM process'),
    dead_letter: await of(
      'SELECT partner, subject, message, state, unsettled, first_failed FROM dead_letter',
    ),
    rollup: await of("SELECT bucket, flow, outcome, partner, count FROM rollup WHERE width = '5min'"),
    reconciliation: await of("SELECT id, body FROM document WHERE kind = 'reconciliation'"),
    promotion: await of("SELECT body FROM document WHERE kind = 'promotion'"),
    taken: await of("SELECT body FROM document WHERE kind = 'event-kept'"),
    lastTaken: await of("SELECT body FROM document WHERE kind = 'event-last'"),
    changes: await of("SELECT id, body FROM document WHERE kind = 'newest-event'"),
  };
}

function toldOf({ hits, count, left, medianS, p90S, line, by }: Figure) {
  const parts = Object.entries(by).map(([side, all]) => [
    side,
    Object.fromEntries(all.filter(({ count }) => count > 0).map((one) => [one.name, [one.hits, one.count]])),
  ]);
  const times = {
    ...(medianS !== undefined && { median: medianS }),
    ...(p90S !== undefined && { p90: p90S }),
  };
  return { hits, count, left, ...times, line, by: Object.fromEntries(parts) as object };
}

function sameAsRecounted(open: () => { db: Kysely<Tables>; ask: Ask }): void {
  for (const span of spans)
    it(`over ${span} days all are what a recount of the rows says`, async () => {
      const { db, ask } = open();
      const [found, rows] = [await figures(db, known, span, now), await rowsOf(ask)];
      const again = recount(rows, span, now.getTime());
      assert.equal(found.days.length, span);
      assert.deepEqual(
        found.figures.map(({ indicator }) => indicator),
        indicatorNames,
      );
      for (const figure of found.figures) {
        const { indicator, value, hits, count } = figure;
        assert.deepEqual(toldOf(figure), again[indicator], indicator);
        assert.equal(value, hits / count, indicator);
        assert.ok(count > 4 && hits > 0 && hits < count, `${indicator}: ${hits} of ${count} show nothing`);
      }
    });

  it('names the release that made orders wait, and how to put back the one before', async () => {
    const { figures: all } = await figures(open().db, known, 30, now);
    const worse = all.flatMap(({ indicator, worse }) => worse.map((one) => ({ indicator, ...one })));
    assert.deepEqual(
      worse.map(({ indicator, version, since, before, rollback }) => [
        indicator,
        version,
        since,
        before.version,
        rollback,
      ]),
      [['order-acceptance', '2026.6.1', slowSince.toISOString(), '2026.5.2', true]],
    );
    const [{ before, after } = worse[0]!] = worse;
    assert.ok(before.count >= 30 && after.count >= 30 && after.value! < before.value! - 0.1);
  });
}

describe('figures: embedded', () => {
  let dir: string;
  let reader: Reader;
  let file: DatabaseSync;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-figures-'));
    const store = openStore(join(dir, 'crossdock.db'));
    const journal = embeddedJournal(store);
    await seed(journal, definition);
    await journal.close();
    store.close();
    reader = await openReader({ profile: 'embedded', dataDir: dir, env: {} });
    file = new DatabaseSync(join(dir, 'crossdock.db'), { readOnly: true });
  });
  after(async () => {
    await reader.close();
    file.close();
    rmSync(dir, { recursive: true });
  });
  sameAsRecounted(() => ({ db: reader.db, ask: async (sql) => file.prepare(sql).all() }));

  it('are counted in a thread of their own, once for all who ask', async () => {
    let counts = 0;
    const kept = figuresKept((span) => {
      counts += 1;
      return countedAside({ profile: 'embedded', dataDir: dir, definitionsDir: 'definitions', span });
    });
    const [one, other] = await Promise.all([kept(7), kept(7)]);
    assert.equal(one, other);
    assert.equal(counts, 1);
    assert.deepEqual([one.days.length, one.figures.length], [7, indicatorNames.length]);
    const nowhere = {
      profile: 'embedded' as const,
      dataDir: dir,
      definitionsDir: dir,
      span: 7 as const,
    };
    assert.deepEqual((await countedAside(nowhere)).figures, []);
  });

  it('are not measurable, never 0, where there is nothing to count', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'crossdock-figures-'));
    const store = openStore(join(empty, 'crossdock.db'));
    await embeddedJournal(store).close();
    store.close();
    const nothing = await openReader({ profile: 'embedded', dataDir: empty, env: {} });
    try {
      const missing = async (more: Partial<Known> = {}) =>
        (await figures(nothing.db, { ...known, ...more }, 7, now)).figures.map((one) => {
          assert.deepEqual(
            [one.value, one.met, one.count, one.line.every((value) => value === null)],
            [null, null, 0, true],
          );
          return one.missing;
        });
      const told = await missing();
      assert.deepEqual(
        indicatorNames.map((name, at) => [name, told[at]]),
        indicatorNames.map((name) => [
          name,
          { 'inventory-lag': 'lag', 'reconciliation-breaks': 'reconciliation' }[name as string] ?? 'nothing',
        ]),
      );
      const gone = await missing({ processes: new Set() });
      assert.deepEqual([...new Set(gone)].toSorted(), ['lag', 'nothing', 'process', 'reconciliation']);
      const requested = known.objectives.all.map((one) =>
        one.date ? { ...one, date: 'requested' as const } : one,
      );
      const asked = await missing({ objectives: { ...known.objectives, all: requested } });
      assert.equal(asked[indicatorNames.indexOf('otif')], 'requested');
    } finally {
      await nothing.close();
      rmSync(empty, { recursive: true });
    }
  });
});

describeReal(['postgres'], 'figures: postgres', ({ postgres }) => {
  const { url } = postgres!;
  const schema = `test_${randomUUID().slice(0, 8)}`;
  let pool: pg.Pool;
  let db: Kysely<Tables>;
  before(async function () {
    this.timeout(180_000);
    const journal = await postgresJournal({ url, schema });
    await seed(journal, definition);
    await journal.close();
    pool = new pg.Pool({ connectionString: url, options: `-c search_path=${schema}`, max: 2 });
    db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }), ...sealing(storeKeys(), 'postgres') });
  });
  after(async () => {
    await pool.query(`DROP SCHEMA ${schema} CASCADE`);
    await db.destroy();
  });
  sameAsRecounted(() => ({ db, ask: async (sql) => (await pool.query(sql)).rows as unknown[] }));
});

describe('objectives', () => {
  let dir: string;
  const project = readFileSync('definitions/objectives.yaml', 'utf8');
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'crossdock-objectives-'))));
  afterEach(() => rmSync(dir, { recursive: true }));
  const write = (from: string, to: string) => {
    assert.ok(project.includes(from), from);
    writeFileSync(join(dir, 'objectives.yaml'), project.replace(from, to));
  };

  const wrong: Record<string, [string, string, RegExp]> = {
    'a target that is no share': ['target: 98%', 'target: 98', /objectives\.yaml:\d+.*target/],
    'a figure there is not': ['order-ageing:', 'order-age:', /objectives\.yaml:\d+.*order-age/],
    'no limit where one is needed': [', within: 4h }', ' }', /order-acceptance has a limit of time/],
    'a limit where none is': ['target: 1% }', 'target: 1%, within: 1h }', /webhook-refusals has no limit/],
    'no date where one is needed': [', date: promised', '', /otif goes by a date/],
    'a calendar that changes nothing': [
      'within: 4h }',
      'within: 4h, calendar: standard }',
      /counts no business days/,
    ],
  };
  for (const [title, [from, to, message]] of Object.entries(wrong))
    it(`are refused with ${title}`, () => {
      write(from, to);
      assert.throws(() => loadObjectives(dir), { code: 'CONFIG_INVALID', message });
    });

  it('are linted for teams, calendars and processes that there are not', () => {
    write('owner: customer-service', 'owner: sales');
    assert.deepEqual(
      lintObjectives(dir).map(({ code, node }) => [code, node]),
      [['OBJECTIVE_UNKNOWN', 'process']],
    );
    assert.deepEqual(lintObjectives('definitions'), []);
  });

  it('have their formula and their basis in words, each', () => {
    for (const name of indicatorNames)
      for (const part of ['title', 'formula', 'basis'] as const)
        assert.ok(en.figures[`${name}.${part}`], name);
    const docs = readFileSync('docs/operations/figures.md', 'utf8');
    for (const name of indicatorNames) assert.ok(docs.includes(en.figures[`${name}.formula`]), name);
  });
});
