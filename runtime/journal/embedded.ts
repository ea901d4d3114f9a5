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
import type { Journal } from './journal.ts';
import { sqlJournal } from './sql.ts';
import type { Tables } from './tables.ts';

const refuse = () =>
  Promise.reject(new Error('the embedded store commits together: no transactions of one caller'));

/** `close` does not close the store. */
export function embeddedJournal(store: Store): Journal {
  const connection = connectionTo(store);
  const db = new Kysely<Tables>({
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
  return sqlJournal(db, () => db.destroy());
}

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
