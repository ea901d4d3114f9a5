/** Instances of processes, by process and business key: one row each, replaced only while nobody else has. */
import type { Kysely } from 'kysely';
import { DEFAULT_LIMIT, stored, type Tables } from './tables.ts';

export interface ProcessRow {
  process: string;
  key: string;
  /** What people call it: the order number. */
  number: string;
  state: string;
  /** ISO 8601, UTC: when to look at it again though nothing comes. */
  due: string | null;
  /** JSON. */
  body: string;
  /** Grows by one with each change. */
  revision: number;
}

export interface ProcessQuery {
  process?: string;
  state?: string;
  /** By number or key. */
  called?: string;
  dueBefore?: string;
  limit?: number;
}

export interface Processes {
  get(process: string, key: string): Promise<ProcessRow | undefined>;
  /** False when there is one already. */
  add(row: Omit<ProcessRow, 'revision'>): Promise<boolean>;
  /** Durable when it resolves; false when the row is not of this revision any more. */
  replace(row: ProcessRow): Promise<boolean>;
  /** The last due first, then by key. */
  list(query?: ProcessQuery): Promise<ProcessRow[]>;
}

export function sqlProcesses(db: Kysely<Tables>): Processes {
  return {
    get: (process, key) =>
      stored(() =>
        db
          .selectFrom('process')
          .selectAll()
          .where('process', '=', process)
          .where('key', '=', key)
          .executeTakeFirst(),
      ),
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
    list: ({ process, state, called, dueBefore, limit = DEFAULT_LIMIT } = {}) =>
      stored(() => {
        let query = db.selectFrom('process').selectAll();
        if (process) query = query.where('process', '=', process);
        if (state) query = query.where('state', '=', state);
        if (called) query = query.where((or) => or.or([or('number', '=', called), or('key', '=', called)]));
        if (dueBefore) query = query.where('due', '<', dueBefore);
        return query.orderBy('due').orderBy('key').limit(limit).execute();
      }),
  };
}
