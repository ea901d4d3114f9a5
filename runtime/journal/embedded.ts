/** The journal of the embedded profile: Kysely over the embedded store, its writes in the store's shared commits. */
import { Kysely, SelectQueryNode, SqliteAdapter, type CompiledQuery, type QueryResult } from 'kysely';
import type { SQLInputValue } from 'node:sqlite';
import type { Store } from '../sqlite/store.ts';
import { auditColumns, fromRow, nextRows } from './audit.ts';
import { aliasColumns, aliasesOf } from './aliases.ts';
import type { AuditEntry } from '../audit/acts.ts';
import type { AuditRow, Link } from '../audit/chain.ts';
import { dialect } from './dialect.ts';
import type { Journal } from './journal.ts';
import type { Step } from './step.ts';
import { addCounts, countRows } from './rollups.ts';
import { storeKeys, type StoreKeys } from '../seal/keys.ts';
import { sealing } from '../seal/plugin.ts';
import { sqlJournal, stepColumns, toRow } from './sql.ts';
import { dayOf, stored, text, type AliasTable, type Tables } from './tables.ts';

/** Else Kysely lets each question wait for the commit of the one before, and no two writes share one. */
const manyAtOnce: SqliteAdapter = Object.defineProperty(new SqliteAdapter(), 'supportsMultipleConnections', {
  value: true,
});

/** `close` does not close the store. */
export function embeddedJournal(store: Store, { clock = () => new Date() } = {}): Journal {
  const keys = storeKeys();
  const db = new Kysely<Tables>({
    dialect: { ...dialect('sqlite', queriesOf(store)), createAdapter: () => manyAtOnce },
    ...sealing(keys, 'sqlite'),
  });
  const run = (sql: string, runs: readonly SQLInputValue[][]): void => {
    const statement = store.prepare(sql);
    for (const values of runs) statement.run(...values);
  };
  const write = (work: () => void): Promise<void> => stored(() => store.write(work));
  const count = store.collect<Step>((steps) => run(addCounts, countRows(steps)));
  return {
    ...sqlJournal(db, () => db.destroy(), {
      upkeep: { space: store.space, clean: () => store.space.clean() },
      clock,
      keys,
      addToAudit: (entry) => store.write(() => addToAudit(store, entry, clock())),
    }),
    // Asked for at once, not after a turn: so they share a commit with what is asked for beside them.
    append: (steps) =>
      steps.length === 0
        ? Promise.resolve()
        : write(() => {
            run(
              insertStep,
              steps.map((step) => valuesOf(step, keys)),
            );
            run(insertAlias, aliasesOf(steps, keys).map(aliasValues));
            steps.forEach(count);
          }),
    advance: (record, version) =>
      write(() => run(advanceRecord, [[text(record), text(version), dayOf(clock())]])),
    size: async () => store.room().used,
  };
}

const insertStep = `INSERT INTO step (${stepColumns.join()}) VALUES (${stepColumns.map(() => '?').join()})`;
function valuesOf(step: Step, keys: StoreKeys | undefined): SQLInputValue[] {
  const row = toRow(step, keys);
  return stepColumns.map((name) => row[name]);
}

const insertAlias = `INSERT INTO alias (${aliasColumns.join()}) VALUES (${aliasColumns.map(() => '?').join()})
  ON CONFLICT DO NOTHING`;
const aliasValues = (row: AliasTable): SQLInputValue[] => aliasColumns.map((name) => row[name]);

const advanceRecord = `INSERT INTO record_version (record, version, day) VALUES (?, ?, ?)
  ON CONFLICT (record) DO UPDATE SET version = excluded.version, day = excluded.day WHERE version < excluded.version`;

const lastOfAudit = 'SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1';
const insertAudit = `INSERT INTO audit (${auditColumns.join()}) VALUES (${auditColumns.map(() => '?').join()})`;

/** In a transaction that began as a writer: no other process has another end of the chain. */
function addToAudit(store: Store, entry: AuditEntry, now: Date): AuditRow {
  const last = store.prepare(lastOfAudit).get() as Link | undefined;
  const [row] = nextRows(last, [entry], now);
  store.prepare(insertAudit).run(...auditColumns.map((name) => row![name]));
  return fromRow(row!);
}

/** A write is in the store's shared commits. */
function queriesOf(store: Store) {
  return async <R>({ sql, parameters, query }: CompiledQuery): Promise<QueryResult<R>> => {
    const values = parameters as SQLInputValue[];
    if (SelectQueryNode.is(query)) return { rows: store.prepare(sql).all(...values) as R[] };
    const { changes } = await store.write(() => store.prepare(sql).run(...values));
    return { rows: [], numAffectedRows: BigInt(changes) };
  };
}
