/** The thread that reads the chain, once: it reads the store by itself, and ends. */
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Kysely } from 'kysely';
import { allRows, auditReader } from '../../journal/audit.ts';
import { dialect } from '../../journal/dialect.ts';
import type { Tables } from '../../journal/tables.ts';
import { answer } from '../../reader/aside.ts';
import type { Wanted } from './thread.ts';
import { verifyChain } from './verify.ts';

/** In this thread, not in one of its own again: a million rows need not be handed over. */
function here(file: string): Kysely<Tables> {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 2000 });
  return new Kysely<Tables>({
    dialect: dialect(
      'sqlite',
      async <R>({ sql, parameters }: { sql: string; parameters: readonly unknown[] }) => ({
        rows: db.prepare(sql).all(...(parameters as SQLInputValue[])) as R[],
      }),
    ),
  });
}

await answer((db, { profile, dataDir, checkpoints }: Wanted) =>
  verifyChain(
    allRows(auditReader(profile === 'embedded' ? here(join(dataDir, 'crossdock.db')) : db)),
    checkpoints,
  ),
);
