/** Instances of processes, by process and business key: one row each, replaced only while nobody else has. */
import { sql, type Kysely } from 'kysely';
import { CodedError } from '../errors/coded-error.ts';
import { rowsByKey } from './rows.ts';
import type { InstanceState } from '../process/state.ts';
import { DEFAULT_LIMIT, stored, type Tables, type ProcessRow } from './tables.ts';

/** A place in the list: neither process nor key ever changes. */
export type ProcessPlace = Pick<ProcessRow, 'process' | 'state' | 'key'>;

/** All that is given has to fit. */
export interface ProcessQuery {
  process?: string;
  /** A word that is no state finds nothing. */
  state?: string;
  /** Only those somebody has to look at. */
  attention?: boolean;
  /** Those that follow this one. */
  after?: ProcessPlace;
  /** Default 200. */
  limit?: number;
}

export interface Processes {
  /** Those asked for close together are one query. */
  get(process: string, key: string): Promise<ProcessRow | undefined>;
  /** False when there is one already. */
  add(row: Omit<ProcessRow, 'revision'>): Promise<boolean>;
  /** Durable when it resolves; false when the row is not of this revision any more. */
  replace(row: ProcessRow): Promise<boolean>;
  /** Those to be looked at before this ISO time, the first 200; the longest due first. */
  due(process: string, before: string): Promise<ProcessRow[]>;
  /** By number or key, of this process or of any. */
  called(name: string, process?: string): Promise<ProcessRow[]>;
  /** By process, within it by state and key from the last to the first: what runs comes before what is done. */
  list(query?: ProcessQuery): Promise<ProcessRow[]>;
}

export function sqlProcesses(db: Kysely<Tables>): Processes {
  const rows = db.selectFrom('process').selectAll();
  const get = rowsByKey(['process', 'key'], (each) =>
    rows.where('process', 'in', each('process')).where('key', 'in', each('key')).execute(),
  );
  return {
    get: (process, key) => get({ process, key }),
    add: (row) =>
      stored(async () => {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('process')
          .values({ ...row, revision: 1 })
          .onConflict((conflict) => conflict.columns(['process', 'key']).doNothing())
          .executeTakeFirst();
        return numInsertedOrUpdatedRows === 1n;
      }),
    replace: ({ process, key, revision, ...rest }) =>
      stored(async () => {
        const { numUpdatedRows } = await db
          .updateTable('process')
          .set({ ...rest, revision: revision + 1 })
          .where('process', '=', process)
          .where('key', '=', key)
          .where('revision', '=', revision)
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      }),
    due: (process, before) =>
      stored(() =>
        rows
          .where('process', '=', process)
          .where('due', '<', before)
          .orderBy('due')
          .orderBy('key')
          .limit(DEFAULT_LIMIT)
          .execute(),
      ),
    called: (name, process) => stored(() => called(db, name, process)),
    list: (query = {}) => stored(() => list(db, query)),
  };
}

/** The names of all processes, from this one on: one jump in the index each. */
async function* names(db: Kysely<Tables>, from = ''): AsyncGenerator<string> {
  for (let [beyond, name] = ['>=' as '>=' | '>', from]; ; beyond = '>') {
    const next = db
      .selectFrom('process')
      .select((x) => x.fn.min('process').as('name'))
      .where('process', beyond, name);
    const found = (await next.executeTakeFirst())?.name;
    if (!found) return;
    yield (name = found);
  }
}

async function called(db: Kysely<Tables>, name: string, process?: string): Promise<ProcessRow[]> {
  const processes = process === undefined ? await Array.fromAsync(names(db)) : [process];
  if (processes.length === 0) return [];
  const of = db.selectFrom('process').selectAll().where('process', 'in', processes);
  // `number = … or key = …` would read all instances of the process.
  return of
    .where('key', '=', name)
    .union(of.where('number', '=', name))
    .orderBy('process')
    .orderBy('key')
    .limit(DEFAULT_LIMIT)
    .execute();
}

async function list(
  db: Kysely<Tables>,
  { process, after, limit = DEFAULT_LIMIT, ...filter }: ProcessQuery,
): Promise<ProcessRow[]> {
  const found: ProcessRow[] = [];
  for await (const one of process === undefined ? names(db, after?.process) : [process]) {
    const from = after?.process === one ? { after } : {};
    found.push(...(await page(db, one, { ...filter, ...from, limit: limit - found.length })));
    if (found.length >= limit) break;
  }
  return found;
}

async function page(
  db: Kysely<Tables>,
  process: string,
  { state, attention, after, limit }: ProcessQuery & { limit: number },
) {
  let query = db.selectFrom('process').selectAll().where('process', '=', process);
  if (state !== undefined) query = query.where('state', '=', state as InstanceState);
  // Word for word as in the partial index, or it is not used.
  if (attention) query = query.where('attention', '=', sql.lit(1 as const));
  if (after && state !== undefined) query = query.where('key', '<', after.key);
  else if (after)
    query = query.where((x) => x(x.refTuple('state', 'key'), '<', x.tuple(after.state, after.key)));
  return query.orderBy('state', 'desc').orderBy('key', 'desc').limit(limit).execute();
}

/** As text, for the next page. */
export function placeText({ process, state, key }: ProcessPlace): string {
  return `${process}/${state}/${key}`;
}

/** Throws CodedError REQUEST_INVALID. */
export function placeOf(text: string): ProcessPlace {
  const [, process, state, key] = /^([^/]+)\/([^/]+)\/(.+)$/s.exec(text) ?? [];
  if (process === undefined || state === undefined || key === undefined)
    throw new CodedError('REQUEST_INVALID', `${text} is no place in the list of processes`);
  return { process, state: state as InstanceState, key };
}
