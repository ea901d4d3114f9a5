/** Seals anew what is not sealed with the key of now, while the hub runs: in pages, and once more is safe at any time. */
import type { Kysely } from 'kysely';
import type { Journal } from './journal.ts';
import { pages } from './pages.ts';
import { stored } from './tables.ts';
import { folded } from '../names/names.ts';
import { keyKind, openedColumn, sealedColumn, sealedTables } from '../seal/columns.ts';
import type { StoreKeys } from '../seal/keys.ts';
import { keyIds } from './known-keys.ts';
import { isPersonal, sealedAlias } from '../seal/names.ts';
import { isBlind, keyIdOf } from '../seal/seal.ts';

type Row = Record<string, string | number | null>;
type AnyTable = Kysely<Record<string, Row>>;

/** Texts by the id of their key; `clear` are those that are not sealed. */
export type Standing = Record<string, Record<string, number>>;

export interface Rekeyed {
  /** Texts that were sealed anew, or opened for good, by table. */
  done: Record<string, number>;
  /** Texts that changed at that moment, and were left to the next run. */
  left: number;
  /** Keys that seal nothing any more. */
  gone: string[];
}

const PAGE = 200;
const PASSES = 4;
const clear = 'clear';

/** By what a table is gone through. */
const orderOf: Record<string, readonly string[]> = {
  step: ['time', 'seq'],
  alias: ['folded', 'kind', 'leads', 'process', 'key'],
  message: ['seq'],
};

/** What stands there, as it stands there. */
const rawOf = ({ upkeep }: Pick<Journal, 'upkeep'>) => upkeep.db.withoutPlugins() as unknown as AnyTable;

/** The embedded broker's queues are in the same file. */
const tablesOf = ({ upkeep: { space } }: Pick<Journal, 'upkeep'>): string[] =>
  Object.keys(sealedTables).filter((table) => space || table !== 'message');

/** Throws STORE_UNAVAILABLE. */
export async function standing(journal: Pick<Journal, 'upkeep'>): Promise<Standing> {
  const found: Standing = {};
  for (const table of tablesOf(journal)) {
    const counts: Record<string, number> = {};
    for await (const rows of pagesOf(rawOf(journal), table))
      for (const { id } of rows.flatMap((row) => textsOf(table, row))) counts[id] = (counts[id] ?? 0) + 1;
    found[table] = counts;
  }
  return found;
}

/** To the key of now, or to none. Throws STORE_KEY_MISSING and STORE_TAMPERED at the first text that it cannot open. */
export async function rekey(
  journal: Pick<Journal, 'upkeep' | 'documents'>,
  keys: StoreKeys,
  pause: () => Promise<void> = () => new Promise(setImmediate),
): Promise<Rekeyed> {
  const result: Rekeyed = { done: {}, left: 0, gone: [] };
  let changed = true;
  // A hub that still has the old key writes with it: a key is forgotten when a whole pass finds nothing to do.
  for (let pass = 0; changed && pass < PASSES; pass += 1)
    changed = await onePass(journal, keys, result, pause);
  if (!changed) result.gone = await forgetKeys(journal, keys);
  await journal.upkeep.clean();
  return result;
}

/** Whether there was anything to do. */
async function onePass(
  journal: Pick<Journal, 'upkeep'>,
  keys: StoreKeys,
  result: Rekeyed,
  pause: () => Promise<void>,
): Promise<boolean> {
  const db = rawOf(journal);
  let any = false;
  result.left = 0;
  for (const table of tablesOf(journal))
    for await (const rows of pagesOf(db, table)) {
      // Asked for at once: in the embedded store a page is one commit.
      const done = await Promise.all(
        rows.map((row) => (table === 'alias' ? renamed(db, keys, row) : resealed(db, keys, table, row))),
      );
      for (const { changed, missed } of done) {
        any ||= changed + missed > 0;
        if (changed > 0) result.done[table] = (result.done[table] ?? 0) + changed;
        result.left += missed;
      }
      await pause();
    }
  return any;
}

/** Of what one row was, so many texts changed; those that somebody else changed meanwhile were missed. */
interface Done {
  changed: number;
  missed: number;
}

async function resealed(db: AnyTable, keys: StoreKeys, table: string, row: Row): Promise<Done> {
  const { key } = sealedTables[table]!;
  const place = key.map((name) => String(row[name]));
  const now = textsOf(table, row).flatMap(({ column, text, id }) => {
    if (id === (keys.current?.id ?? clear)) return [];
    const after = sealedColumn(keys, table, column, place, openedColumn(keys, table, column, place, text));
    return after === text ? [] : [[column, after] as const];
  });
  if (now.length === 0) return { changed: 0, missed: 0 };
  const before = now.map(([column]) => [column, row[column]!] as const);
  const own = [...new Set([...key, ...(orderOf[table] ?? [])])].map((name) => [name, row[name]!] as const);
  const { numUpdatedRows } = await stored(() =>
    db
      .updateTable(table)
      .set(Object.fromEntries(now))
      .where((x) => x.and([...own, ...before].map(([name, value]) => x(name, '=', value))))
      .executeTakeFirst(),
  );
  return numUpdatedRows > 0n ? { changed: now.length, missed: 0 } : { changed: 0, missed: now.length };
}

/** A name is found by what stands for it: under another key that is another row. */
async function renamed(db: AnyTable, keys: StoreKeys, row: Row): Promise<Done> {
  const before = row as unknown as Record<'kind' | 'folded' | 'value', string>;
  const value = isBlind(before.folded)
    ? openedColumn(keys, 'alias', 'value', [before.folded], before.value)
    : before.value;
  const after = sealedAlias(keys, {
    ...before,
    value,
    folded: isBlind(before.folded) ? folded(value) : before.folded,
  });
  if (after.folded === before.folded) return { changed: 0, missed: 0 };
  await stored(async () => {
    await db
      .insertInto('alias')
      .values(after as unknown as Row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await db
      .deleteFrom('alias')
      .where((x) => x.and(orderOf['alias']!.map((name) => x(name, '=', row[name]!))))
      .execute();
  });
  return { changed: 1, missed: 0 };
}

/** After a pass that found nothing to do: what is sealed is sealed with the key of now. */
async function forgetKeys(
  { documents }: Pick<Journal, 'documents'>,
  { current }: StoreKeys,
): Promise<string[]> {
  const gone = (await keyIds(documents)).filter((id) => id !== current?.id);
  for (const id of gone) await documents.drop(keyKind, id);
  return gone;
}

/** With the key of each. What would never be sealed is not among them. */
function textsOf(table: string, row: Row): { column: string; text: string; id: string }[] {
  if (table === 'document' && row['kind'] === keyKind) return [];
  const { folded, kind } = row as Record<string, string>;
  if (table === 'alias' && !isBlind(folded!) && !isPersonal({ kind: kind!, folded: folded! })) return [];
  return sealedTables[table]!.columns.flatMap((column) => {
    const text = row[column];
    return typeof text === 'string' && text !== '' ? [{ column, text, id: keyIdOf(text) ?? clear }] : [];
  });
}

function pagesOf(db: AnyTable, table: string): AsyncGenerator<Row[]> {
  const { key, columns } = sealedTables[table]!;
  const order = orderOf[table] ?? key;
  const others = table === 'alias' ? ['time'] : [];
  const names = [...new Set([...order, ...key, ...columns, ...others])];
  return pages<Row, Row>(async (last, limit) => {
    let query = db.selectFrom(table).select(names);
    if (last)
      query = query.where((x) =>
        order.length === 1
          ? x(order[0]!, '>', last[order[0]!]!)
          : x(
              x.refTuple(...(order as [string, string])),
              '>',
              x.tuple(...(order.map((name) => last[name]) as [string, string])),
            ),
      );
    for (const name of order) query = query.orderBy(name);
    return (await stored(() => query.limit(limit).execute())) as Row[];
  }, PAGE);
}
