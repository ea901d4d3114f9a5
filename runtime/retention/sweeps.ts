/** What goes, table by table: how the old rows are found in pages, which of them stay, and how a page goes. */
import { sql, type Kysely } from 'kysely';
import type { Envelope } from '../envelope/envelope.ts';
import type { Upkeep } from '../journal/upkeep.ts';
import type { Tables } from '../journal/tables.ts';
import { sealedRow } from '../seal/columns.ts';
import { storeKeys } from '../seal/keys.ts';
import { isEnded, type Needed } from './needed.ts';
import { replays } from './replays.ts';
import { before, type Retention } from './rules.ts';
import { PAGE, type Rows } from './rows.ts';

/** What a write is meant to take: in the embedded profile a webhook waits as long. How many rows that is, the store shows. */
const WRITE_MS = 5;
const few = 10;

export interface Page {
  /** How many of its rows went, or would go. */
  gone: number;
  /** Of those: an ISO time or day. */
  oldest: string | undefined;
}

export interface Sweep {
  table: string;
  /** What it is for people: `steps`, `documents order-kept`. */
  what: string;
  /** ISO 8601, UTC. */
  before: string;
  pages(dryRun: boolean): AsyncGenerator<Page>;
}

export function sweepsOf({ db, months }: Upkeep, keep: Retention, needed: Needed, now: Date): Sweep[] {
  const whole = before(now, keep.steps);
  const stepsBefore = months ? `${whole.slice(0, 7)}-01` : whole;
  return [
    sweep(messages(db, before(now, keep.messages))),
    sweep(payloads(db, before(now, keep.payloads))),
    sweep(letters(db, before(now, keep.letters))),
    sweep(replays(db, before(now, keep.letters))),
    ...[...keep.documents].flatMap(([kind, { days, ids }]) =>
      days === undefined ? [] : [sweep(documents(db, kind, ids, before(now, days), needed))],
    ),
    sweep(versions(db, before(now, keep.versions), needed)),
    sweep(processes(db, before(now, keep.processes), needed)),
    sweep(names(db, stepsBefore, needed)),
    months
      ? wholeMonths(months, sweep(steps(db, stepsBefore, needed)), needed)
      : sweep(steps(db, stepsBefore, needed)),
  ];
}

function sweep<Row>(rows: Rows<Row>): Sweep {
  const { table, what } = rows;
  return {
    table,
    what,
    before: rows.before,
    async *pages(dryRun) {
      let inOneWrite = few;
      for (let after: Row | undefined; ;) {
        const page = await rows.page(after);
        const going = page.filter((row) => !rows.stays?.(row));
        const oldest = going[0] && rows.age(going[0]);
        if (dryRun || going.length === 0) yield { gone: going.length, oldest };
        else
          for (let at = 0; at < going.length;) {
            const some = going.slice(at, (at += inOneWrite));
            const begun = performance.now();
            const gone = await rows.remove(some);
            inOneWrite = nextSize(inOneWrite, performance.now() - begun);
            yield { gone, oldest };
          }
        if (page.length < PAGE) return;
        after = page.at(-1);
      }
    },
  };
}

/** At most twice as many, at least half: one write that waited for others says little. */
function nextSize(size: number, tookMs: number): number {
  const factor = Math.min(2, Math.max(0.5, WRITE_MS / tookMs));
  return Math.min(PAGE, Math.max(few, Math.round(size * factor)));
}

/** Where steps are kept by month, months go first; then what is left of their time elsewhere. */
function wholeMonths(months: NonNullable<Upkeep['months']>, rest: Sweep, needed: Needed): Sweep {
  return {
    ...rest,
    async *pages(dryRun) {
      if (!dryRun)
        for (const month of await months.before(rest.before))
          yield { gone: await months.drop(month, [...needed.transactions]), oldest: undefined };
      yield* rest.pages(dryRun);
    },
  };
}

/** Still so when a row goes. The row is found by its key: by an index of times all that is older would be gone through. */
function older(column: 'decided' | 'day' | 'updated', until: string) {
  return sql<boolean>`${sql.ref(column)} || '' < ${until}`;
}

type StepRow = { seq?: number; time: string; correlation_id: string };

function stepsAfter(db: Kysely<Tables>, until: string, after: StepRow | undefined) {
  let query = db.selectFrom('step').select(['seq', 'time', 'correlation_id']).where('time', '<', until);
  if (after)
    query = query
      .where('time', '>=', after.time)
      .where((x) => x(x.refTuple('time', 'seq'), '>', x.tuple(after.time, after.seq!)));
  return query.orderBy('time').orderBy('seq').limit(PAGE);
}

/** Their number alone finds no partition. */
const between = (rows: readonly StepRow[]) => [rows[0]!.time, rows.at(-1)!.time] as const;
const numbers = (rows: readonly StepRow[]) => rows.map(({ seq }) => seq!);

function steps(db: Kysely<Tables>, until: string, needed: Needed): Rows<StepRow> {
  return {
    table: 'step',
    what: 'steps',
    before: until,
    page: (after) => stepsAfter(db, until, after).execute(),
    age: ({ time }) => time,
    stays: ({ correlation_id }) => needed.transactions.has(correlation_id),
    async remove(rows) {
      const [first, last] = between(rows);
      const query = db.deleteFrom('step').where('time', '>=', first).where('time', '<=', last);
      const { numDeletedRows } = await query.where('seq', 'in', numbers(rows)).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

function messages(db: Kysely<Tables>, until: string): Rows<StepRow> {
  return {
    table: 'step',
    what: 'kept messages',
    before: until,
    page: (after) => stepsAfter(db, until, after).where('message', 'is not', null).execute(),
    age: ({ time }) => time,
    async remove(rows) {
      const [first, last] = between(rows);
      const query = db
        .updateTable('step')
        .set({ message: null })
        .where('time', '>=', first)
        .where('time', '<=', last)
        .where('message', 'is not', null);
      const { numUpdatedRows } = await query.where('seq', 'in', numbers(rows)).executeTakeFirst();
      return Number(numUpdatedRows);
    },
  };
}

type LetterRow = { id: string; decided: string | null };

/** Decided about before this time. */
function decided(db: Kysely<Tables>, until: string, after: LetterRow | undefined) {
  let query = db.selectFrom('dead_letter').where('decided', '<', until);
  if (after)
    query = query.where((x) => x(x.refTuple('decided', 'id'), '>', x.tuple(after.decided, after.id)));
  return query.orderBy('decided').orderBy('id').limit(PAGE);
}

/** The envelope stays: by it the letter is known, and its transaction found. */
function payloads(db: Kysely<Tables>, until: string): Rows<LetterRow & { message: string }> {
  return {
    table: 'dead_letter',
    what: 'data of exceptions',
    before: until,
    page: (after) =>
      decided(db, until, after)
        .select(['id', 'decided', 'message'])
        // Word for word as in the partial index, or it is not used.
        .where('emptied', '=', sql.lit(0 as const))
        .execute(),
    age: ({ decided }) => decided!,
    async remove(rows) {
      const values = rows.map(({ id, decided, message }) => {
        const empty = JSON.stringify({ ...(JSON.parse(message) as Envelope), data: null });
        const written = sealedRow(storeKeys(), 'dead_letter', { id, message: empty });
        return sql`(${id}, ${decided}, ${written.message})`;
      });
      const update = sql`UPDATE dead_letter SET message = now.column3, emptied = 1
        FROM (VALUES ${sql.join(values)}) AS now WHERE id = now.column1 AND decided = now.column2`;
      return Number((await update.execute(db)).numAffectedRows);
    },
  };
}

function letters(db: Kysely<Tables>, until: string): Rows<LetterRow> {
  return {
    table: 'dead_letter',
    what: 'exceptions',
    before: until,
    page: (after) => decided(db, until, after).select(['id', 'decided']).execute(),
    age: ({ decided }) => decided!,
    async remove(rows) {
      const ids = rows.map(({ id }) => id);
      // First what hangs on them: should it end in between, the next run finds the letters again.
      await db.deleteFrom('dead_letter_failure').where('letter', 'in', ids).execute();
      await namesOf(db, 'letter').where('process', '=', '').where('key', 'in', ids).execute();
      const query = db.deleteFrom('dead_letter').where('id', 'in', ids).where(older('decided', until));
      return Number((await query.executeTakeFirst()).numDeletedRows);
    },
  };
}

function namesOf(db: Kysely<Tables>, leads: 'letter' | 'process') {
  return db.deleteFrom('alias').where('leads', '=', leads);
}

type NameRow = Pick<Tables['alias'], 'folded' | 'kind' | 'key' | 'time'>;

/** Of transactions whose last step goes. */
function names(db: Kysely<Tables>, until: string, needed: Needed): Rows<NameRow> {
  return {
    table: 'alias',
    what: 'names of transactions',
    before: until,
    page(after) {
      let query = db
        .selectFrom('alias')
        .select(['folded', 'kind', 'key', 'time'])
        // Word for word as in the partial index, or it is not used.
        .where('leads', '=', sql.lit('transaction' as const))
        .where('time', '<', until)
        .where((x) =>
          x.not(
            x.exists(
              x
                .selectFrom('step')
                .select('seq')
                .whereRef('correlation_id', '=', 'alias.key')
                .where('step.time', '>=', until),
            ),
          ),
        );
      if (after)
        query = query.where((x) =>
          x(
            x.refTuple('time', 'folded', 'kind', 'key'),
            '>',
            x.tuple(after.time, after.folded, after.kind, after.key),
          ),
        );
      return query.orderBy('time').orderBy('folded').orderBy('kind').orderBy('key').limit(PAGE).execute();
    },
    age: ({ time }) => time,
    stays: ({ key }) => needed.transactions.has(key),
    async remove(rows) {
      const keys = sql.join(rows.map(({ folded, kind, key }) => sql`(${folded}, ${kind}, ${key})`));
      const { numDeletedRows } = await db
        .deleteFrom('alias')
        .where('leads', '=', 'transaction')
        .where(sql<boolean>`(folded, kind, key) IN (VALUES ${keys})`)
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

function documents(
  db: Kysely<Tables>,
  kind: string,
  ids: string | undefined,
  until: string,
  needed: Needed,
): Rows<{ id: string; day: string }> {
  const fits = ids === undefined ? () => true : like(ids);
  return {
    table: 'document',
    what: `documents ${kind}`,
    before: until,
    page(after) {
      let query = db
        .selectFrom('document')
        .select(['id', 'day'])
        .where('kind', '=', kind)
        .where('day', '<', until.slice(0, 10));
      if (after) query = query.where((x) => x(x.refTuple('day', 'id'), '>', x.tuple(after.day, after.id)));
      return query.orderBy('day').orderBy('id').limit(PAGE).execute();
    },
    age: ({ day }) => day,
    stays: ({ id }) => !fits(id) || needed.names(id),
    async remove(rows) {
      const { numDeletedRows } = await db
        .deleteFrom('document')
        .where('kind', '=', kind)
        .where(
          'id',
          'in',
          rows.map(({ id }) => id),
        )
        .where(older('day', until.slice(0, 10)))
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

/** A message that waits is compared with versions that landed after it. */
function versions(db: Kysely<Tables>, until: string, needed: Needed): Rows<{ record: string; day: string }> {
  const { waitingSince = until } = needed;
  const day = (waitingSince < until ? waitingSince : until).slice(0, 10);
  return {
    table: 'record_version',
    what: 'versions',
    before: day,
    page(after) {
      let query = db.selectFrom('record_version').select(['record', 'day']).where('day', '<', day);
      if (after)
        query = query.where((x) => x(x.refTuple('day', 'record'), '>', x.tuple(after.day, after.record)));
      return query.orderBy('day').orderBy('record').limit(PAGE).execute();
    },
    age: (row) => row.day,
    stays: ({ record }) => needed.names(record),
    async remove(rows) {
      const records = rows.map(({ record }) => record);
      const query = db.deleteFrom('record_version').where('record', 'in', records).where(older('day', day));
      return Number((await query.executeTakeFirst()).numDeletedRows);
    },
  };
}

type ProcessRow = { process: string; key: string; number: string; updated: string | null };

function processes(db: Kysely<Tables>, until: string, needed: Needed): Rows<ProcessRow> {
  return {
    table: 'process',
    what: 'ended processes',
    before: until,
    page(after) {
      let query = db
        .selectFrom('process')
        .select(['process', 'key', 'number', 'updated'])
        .where(isEnded)
        .where('updated', '<', until);
      if (after)
        query = query.where((x) =>
          x(x.refTuple('updated', 'process', 'key'), '>', x.tuple(after.updated, after.process, after.key)),
        );
      return query.orderBy('updated').orderBy('process').orderBy('key').limit(PAGE).execute();
    },
    age: ({ updated }) => updated!,
    stays: ({ key, number }) => needed.names(key) || (number !== '' && needed.names(number)),
    async remove(rows) {
      const keys = sql<boolean>`(process, key) IN (VALUES ${sql.join(rows.map(({ process, key }) => sql`(${process}, ${key})`))})`;
      await namesOf(db, 'process').where(keys).execute();
      const { numDeletedRows } = await db
        .deleteFrom('process')
        .where(keys)
        .where(isEnded)
        .where(older('updated', until))
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

/** `*` is any text. */
function like(pattern: string): (id: string) => boolean {
  const parts = pattern.split('*').map((part) => RegExp.escape(part));
  const whole = new RegExp(`^${parts.join('.*')}$`, 's');
  return (id) => whole.test(id);
}
