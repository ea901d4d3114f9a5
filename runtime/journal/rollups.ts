/**
 * The steps counted in buckets of time: of five minutes with each commit; hours and days are folded from them later, for
 * written with the steps they would cost each commit three times as much.
 */
import { sql, type Kysely, type RawBuilder } from 'kysely';
import { bounds, fiveMinutesOf, histogramColumns, type Width } from './schema/buckets.ts';
import type { Step } from './step.ts';
import { arrays, stored, text, type Into, type Tables } from './tables.ts';

export interface Rollups {
  /**
   * Makes hours and days anew of what they are made of. A fold replaces what it made before, so that it can be done
   * again, by two at once, and after one that was broken off.
   */
  fold(now: Date): Promise<void>;
  /**
   * Takes away what is older than this ISO time, a bucket at a time, and tells of each how many rows that were; a dry run
   * only tells. What has not been folded yet stays.
   */
  prune(table: Counting, width: Width, before: string, dryRun?: boolean): AsyncGenerator<PrunedBucket>;
}

export interface PrunedBucket {
  gone: number;
  /** ISO time at which the bucket began. */
  oldest: string;
}

export type Counting = 'rollup' | 'gauge';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const lengthMs = { hour: HOUR_MS, day: DAY_MS };
const madeOf = { hour: '5min', day: 'hour' } as const;
const foldedInto = { '5min': 'hour', hour: 'day', day: undefined } as const;
/** A step is written when its work ends, which is at most an hour after its time; clocks differ a little. */
const LATE_MS = 2 * HOUR_MS;

const keys = {
  rollup: ['flow', 'step', 'outcome', 'partner'],
  gauge: ['name', 'subject'],
} as const;
const figures = {
  rollup: {
    count: 'sum',
    total_ms: 'sum',
    ...Object.fromEntries(histogramColumns.map((one) => [one, 'sum'])),
  },
  gauge: { samples: 'sum', total: 'sum', most: 'max' },
} as const;

const primary = (table: Counting) => ['width', 'bucket', ...keys[table], 'writer'].join(', ');
const columns = (table: Counting) => `${primary(table)}, ${Object.keys(figures[table]).join(', ')}`;

/** What stands there is replaced by a fold, and added to by what is counted. */
function onConflict(table: Counting, how: 'replace' | 'add'): string {
  const set = Object.entries(figures[table]).map(([column, combine]) => {
    if (how === 'replace') return `${column} = excluded.${column}`;
    if (combine === 'sum') return `${column} = ${table}.${column} + excluded.${column}`;
    return `${column} = CASE WHEN excluded.${column} > ${table}.${column} THEN excluded.${column} ELSE ${table}.${column} END`;
  });
  return `ON CONFLICT (${primary(table)}) DO UPDATE SET ${set.join(', ')}`;
}

/** Of the name of a partner, as it is counted. */
const LONGEST = 100;

/** Of one bucket, flow, step, outcome and partner. */
export interface Counted {
  /** ISO time at which it begins. */
  bucket: string;
  flow: string;
  step: string;
  outcome: string;
  partner: string;
  count: number;
  totalMs: number;
  /** As `bounds`, of the steps that tell how long they took. */
  histogram: number[];
}

export function countsOf(steps: readonly Step[]): Counted[] {
  const all = new Map<string, Counted>();
  for (const { time, durationMs, partner = '', ...more } of steps) {
    const [flow, step, outcome] = [text(more.flow), text(more.step), more.outcome];
    const known = {
      bucket: fiveMinutesOf(time),
      flow,
      step,
      outcome,
      partner: text(partner).slice(0, LONGEST),
    };
    const key = Object.values(known).join('\0');
    const one = all.get(key) ?? { ...known, count: 0, totalMs: 0, histogram: bounds.map(() => 0) };
    all.set(key, one);
    one.count += 1;
    if (durationMs === undefined) continue;
    one.totalMs += durationMs;
    one.histogram[bounds.findIndex((bound) => durationMs <= bound)]! += 1;
  }
  return [...all.values()];
}

/** For one row of counts; with one writer for all. */
export const addCounts = `INSERT INTO rollup (${columns('rollup')})
  VALUES ('5min', ?, ?, ?, ?, ?, '', ?, ?, ${histogramColumns.map(() => '?').join(', ')}) ${onConflict('rollup', 'add')}`;

/** The counts of these steps, a row of values for `addCounts` each. */
export function countRows(steps: readonly Step[]): (string | number)[][] {
  return countsOf(steps).map(({ histogram, ...row }) => [
    ...(Object.values(row) as (string | number)[]),
    ...histogram,
  ]);
}

/** PostgreSQL: the counts of these steps. */
export function countsInto(steps: readonly Step[], writer: string): Into {
  const rows = countRows(steps);
  const named = ['bucket', ...keys.rollup];
  const counted = Object.keys(figures.rollup);
  const types = [
    ...named.map(() => 'text'),
    ...counted.map((one) => (one === 'total_ms' ? 'float8' : 'bigint')),
  ];
  return {
    text: (before) => `INSERT INTO rollup (${columns('rollup')})
      SELECT '5min', ${[...named, `$${before + types.length + 1}::text`, ...counted].join(', ')}
      FROM unnest(${arrays(types, before)}) AS new (${[...named, ...counted].join(', ')}) ${onConflict('rollup', 'add')}`,
    values: [...types.map((_type, at) => rows.map((row) => row[at])), writer],
  };
}

/** `writer`: as in its rows. Where it is not empty there are several, whose rows become one when their time is over. */
export function sqlRollups(db: Kysely<Tables>, writer: string): Rollups {
  return {
    fold: (now) =>
      stored(async () => {
        for (const table of ['rollup', 'gauge'] as const) {
          if (writer) await joinWriters(db, table, now);
          await foldInto(db, 'hour', table, now);
          await foldInto(db, 'day', table, now);
        }
      }),
    prune: (table, width, before, dryRun = false) => prune(db, table, width, before, dryRun),
  };
}

/** The buckets that there are: when the first begins, from one time until another, and the last. */
function bucketsOf(db: Kysely<Tables>, table: Counting, width: Width) {
  async function outermost(which: 'min' | 'max', from: string, until: string): Promise<string | undefined> {
    const found = await db
      .selectFrom(table)
      .select((x) => x.fn[which]('bucket').as('bucket'))
      .where('width', '=', width)
      .where('bucket', '>=', from)
      .where('bucket', '<', until)
      .executeTakeFirst();
    return found?.bucket ?? undefined;
  }
  return {
    first: (from: string, until: string) => outermost('min', from, until),
    last: (until = '9999') => outermost('max', '', until),
  };
}

async function foldInto(
  db: Kysely<Tables>,
  width: 'hour' | 'day',
  table: Counting,
  now: Date,
): Promise<void> {
  const end = iso(now.getTime() + lengthMs[width]);
  // Where there is none yet, from the first on.
  const newest = await bucketsOf(db, table, width).last(end);
  const again = newest && Math.min(Date.parse(newest), now.getTime()) - LATE_MS;
  const parts = bucketsOf(db, table, madeOf[width]);
  for (let from = again ? beginOf(width, iso(again)) : ''; ;) {
    const next = await parts.first(from, end);
    if (next === undefined) return;
    const bucket = beginOf(width, next);
    from = iso(Date.parse(bucket) + lengthMs[width]);
    await foldOne(width, table, bucket, from).execute(db);
  }
}

function foldOne(width: 'hour' | 'day', table: Counting, bucket: string, end: string): RawBuilder<unknown> {
  return sql`INSERT INTO ${sql.raw(`${table} (${columns(table)})`)}
    SELECT ${sql.lit(width)}, ${bucket}, ${sql.raw(together(table))} FROM ${sql.raw(table)}
    WHERE width = ${sql.lit(madeOf[width])} AND bucket >= ${bucket} AND bucket < ${end}
    GROUP BY ${sql.raw(keys[table].join(', '))} ORDER BY ${sql.raw(keys[table].join(', '))}
    ${sql.raw(onConflict(table, 'replace'))}`;
}

/** Of processes that are gone rows would stay for two weeks. */
async function joinWriters(db: Kysely<Tables>, table: Counting, now: Date): Promise<void> {
  const [from, until] = [3, 1].map((hours) => iso(now.getTime() - hours * HOUR_MS));
  const each = ['bucket', ...keys[table]].join(', ');
  const joined = sql`WITH gone AS (DELETE FROM ${sql.raw(table)} WHERE width = '5min' AND bucket >= ${from}
      AND bucket < ${until} AND writer <> '' RETURNING *)
    INSERT INTO ${sql.raw(`${table} (${columns(table)})`)} SELECT '5min', bucket, ${sql.raw(together(table))}
    FROM gone GROUP BY ${sql.raw(each)} ORDER BY ${sql.raw(each)} ${sql.raw(onConflict(table, 'add'))}`;
  await joined.execute(db);
}

async function* prune(
  db: Kysely<Tables>,
  table: Counting,
  width: Width,
  before: string,
  dryRun: boolean,
): AsyncGenerator<PrunedBucket> {
  const into = foldedInto[width];
  const folded = into && ((await bucketsOf(db, table, into).last()) ?? '');
  const until = folded !== undefined && folded < before ? folded : before;
  const buckets = bucketsOf(db, table, width);
  for (let from = ''; ;) {
    const bucket = await buckets.first(from, until);
    if (bucket === undefined) return;
    yield { gone: await (dryRun ? rowsOf : removed)(db, table, width, bucket), oldest: bucket };
    // The next there is.
    from = `${bucket} `;
  }
}

async function rowsOf(db: Kysely<Tables>, table: Counting, width: Width, bucket: string): Promise<number> {
  const query = db.selectFrom(table).select((x) => x.fn.countAll().as('n'));
  const found = await query.where('width', '=', width).where('bucket', '=', bucket).executeTakeFirst();
  return Number(found?.n ?? 0);
}

async function removed(db: Kysely<Tables>, table: Counting, width: Width, bucket: string): Promise<number> {
  const query = db.deleteFrom(table).where('width', '=', width).where('bucket', '=', bucket);
  return Number((await query.executeTakeFirst()).numDeletedRows);
}

/** Adds rows of one sample each. */
export const addSample = onConflict('gauge', 'add');

/** Of several rows one, of no writer: what follows width and bucket. */
function together(table: Counting): string {
  const sums = Object.entries(figures[table]).map(([column, combine]) => `${combine}(${column})`);
  return [...keys[table], "''", ...sums].join(', ');
}

/** The beginning of the hour or day of an ISO time. */
function beginOf(width: 'hour' | 'day', time: string): string {
  return width === 'hour' ? `${time.slice(0, 13)}:00:00.000Z` : `${time.slice(0, 10)}T00:00:00.000Z`;
}

const iso = (ms: number): string => new Date(ms).toISOString();
