/** The journal of the embedded profile: Kysely over the embedded store, its writes in the store's shared commits. */
import {
  Kysely,
  SelectQueryNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type QueryResult,
} from 'kysely';
import type { SQLInputValue } from 'node:sqlite';
import type { Store } from '../sqlite/store.ts';
import type { Journal, Step } from './journal.ts';
import { addCounts, countRows } from './rollups.ts';
import { sqlJournal, stepColumns, toRow } from './sql.ts';
import { stored, text, type Tables } from './tables.ts';

const refuse = () =>
  Promise.reject(new Error('the embedded store commits together: no transactions of one caller'));

/** `close` does not close the store. */
export function embeddedJournal(store: Store): Journal {
  const db = embeddedDb(store);
  const write = (sql: string, rows: readonly SQLInputValue[][], then?: () => void): Promise<void> =>
    stored(() =>
      store.write(() => {
        const statement = store.prepare(sql);
        for (const row of rows) statement.run(...row);
        then?.();
      }),
    );
  const count = store.collect<Step>((steps) => {
    const statement = store.prepare(addCounts);
    for (const row of countRows(steps)) statement.run(...row);
  });
  return {
    ...sqlJournal(db, () => db.destroy()),
    // Asked for at once, not after a turn: so they share a commit with what is asked for beside them.
    append: (steps) =>
      steps.length === 0
        ? Promise.resolve()
        : write(insertStep, steps.map(valuesOf), () => steps.forEach(count)),
    advance: (record, version) => write(advanceRecord, [[text(record), text(version)]]),
    size: async () => store.room().used,
  };
}

/** Its writes are in the shared commits, each by itself. */
export function embeddedDb(store: Store): Kysely<Tables> {
  const connection = connectionTo(store);
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createIntrospector: (kysely) => new SqliteIntrospector(kysely),
      createQueryCompiler: () => new SqliteQueryCompiler(),
      createDriver: () => ({
        init: async () => {},
        acquireConnection: async () => connection,
        beginTransaction: refuse,
        commitTransaction: refuse,
        rollbackTransaction: refuse,
        releaseConnection: async () => {},
        destroy: async () => {},
      }),
    },
  });
}

const insertStep = `INSERT INTO step (${stepColumns.join()}) VALUES (${stepColumns.map(() => '?').join()})`;
function valuesOf(step: Step): SQLInputValue[] {
  const row = toRow(step);
  return stepColumns.map((name) => row[name]);
}

const advanceRecord = `INSERT INTO record_version (record, version) VALUES (?, ?)
  ON CONFLICT (record) DO UPDATE SET version = excluded.version WHERE version < excluded.version`;

function connectionTo(store: Store): DatabaseConnection {
  return {
    async executeQuery<R>({ sql, parameters, query }: CompiledQuery): Promise<QueryResult<R>> {
      const values = parameters as SQLInputValue[];
      if (SelectQueryNode.is(query)) return { rows: store.prepare(sql).all(...values) as R[] };
      const { changes } = await store.write(() => store.prepare(sql).run(...values));
      return { rows: [], numAffectedRows: BigInt(changes) };
    },
    async *streamQuery() {
      throw new Error('the embedded store does not stream');
    },
  };
}
