/** Kysely where this project itself runs the queries: one at a time, outside of transactions. */
import {
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
} from 'kysely';

const parts = {
  sqlite: {
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
  postgres: {
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
} satisfies Record<string, Omit<Dialect, 'createDriver'>>;

const refuse = () => Promise.reject(new Error('no transactions of one caller'));

export function dialect(
  of: keyof typeof parts,
  executeQuery: DatabaseConnection['executeQuery'],
  destroy: () => Promise<void> = async () => {},
): Dialect {
  const connection: DatabaseConnection = {
    executeQuery,
    async *streamQuery() {
      throw new Error('nothing is streamed');
    },
  };
  return {
    ...parts[of],
    createDriver: () => ({
      init: async () => {},
      acquireConnection: async () => connection,
      beginTransaction: refuse,
      commitTransaction: refuse,
      rollbackTransaction: refuse,
      releaseConnection: async () => {},
      destroy,
    }),
  };
}
