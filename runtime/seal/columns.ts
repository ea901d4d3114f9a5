/** Which columns of the stores are sealed, and by what their rows are known. */
import type { StoreKeys } from './keys.ts';
import { isBlind, isSealed, openText, placeText, sealText } from './seal.ts';

/** Documents that are never sealed: the keys are known before anything is opened. */
export const keyKind = 'store-key';

interface SealedTable {
  /** Never changes, and is text. */
  key: readonly string[];
  columns: readonly string[];
}

export const sealedTables: Readonly<Record<string, SealedTable>> = {
  step: { key: ['time', 'correlation_id', 'flow', 'step'], columns: ['message', 'detail'] },
  dead_letter: { key: ['id'], columns: ['message', 'reason', 'first_reason', 'facts', 'decision'] },
  dead_letter_failure: { key: ['letter', 'time', 'code'], columns: ['detail'] },
  document: { key: ['kind', 'id'], columns: ['body'] },
  process: { key: ['process', 'key'], columns: ['body', 'asks'] },
  issue: { key: ['id'], columns: ['why', 'facts', 'reason', 'note'] },
  issue_event: { key: ['issue', 'id'], columns: ['detail'] },
  replay_plan: { key: ['id'], columns: ['body'] },
  alias: { key: ['folded'], columns: ['value'] },
  /** Of the embedded broker. */
  message: { key: ['queue', 'source', 'id'], columns: ['body'] },
};

/** The columns of these tables whose texts may be sealed. */
export function sealedIn(tables: Iterable<string>): Set<string> {
  const columns = [...tables].flatMap((table) =>
    Object.hasOwn(sealedTables, table) ? sealedTables[table]!.columns : [],
  );
  return new Set(columns);
}

/** Of a name it is known where what it is found by was read too. */
export function mayBeSealed(column: string, { folded }: Readonly<Record<string, unknown>>): boolean {
  return column !== 'value' || typeof folded !== 'string' || isBlind(folded);
}

export function isForSealing(table: string, row: readonly string[]): boolean {
  if (table === 'document') return row[0] !== keyKind;
  // What names a person is blind; order numbers are searched by their beginning.
  if (table === 'alias') return isBlind(row[0]!);
  return true;
}

/** Type and time of a message: figures and the broker read them in SQL. */
const messages = new Set(['message.body', 'dead_letter.message']);

function besideOf(table: string, column: string, text: string): Record<string, string> {
  if (!messages.has(`${table}.${column}`)) return {};
  try {
    const { type, time } = JSON.parse(text) as Record<string, unknown>;
    return { ...(typeof type === 'string' && { type }), ...(typeof time === 'string' && { time }) };
  } catch {
    return {};
  }
}

/** As it is written: sealed where there is a key, and nothing is where nothing was. */
export function sealedColumn(
  { current }: StoreKeys,
  table: string,
  column: string,
  row: readonly string[],
  text: string,
): string {
  if (!current || text === '' || !isForSealing(table, row)) return text;
  return sealText(current, { table, column, row }, text, besideOf(table, column, text));
}

/** As it may stand there: in clear, or under one of the keys. */
export function formsOf(
  keys: StoreKeys,
  table: string,
  column: string,
  row: readonly string[],
  text: string,
): string[] {
  const sealed = [...keys.all.values()].map((current) =>
    sealedColumn({ ...keys, current }, table, column, row, text),
  );
  return [...new Set([text, ...sealed])];
}

/** A whole row of a table, as it is written. */
export function sealedRow<Row extends object>(keys: StoreKeys | undefined, table: string, row: Row): Row {
  if (!keys?.current) return row;
  const { key, columns } = sealedTables[table]!;
  const all = row as Record<string, unknown>;
  const place = key.map((name) => String(all[name]));
  const sealed = columns.flatMap((column) => {
    const text = all[column];
    return typeof text === 'string' ? [[column, sealedColumn(keys, table, column, place, text)]] : [];
  });
  return { ...row, ...(Object.fromEntries(sealed) as object) };
}

/** Throws STORE_KEY_MISSING and STORE_TAMPERED. */
export function openedColumn(
  keys: StoreKeys | undefined,
  table: string,
  column: string,
  row: readonly string[],
  text: string,
): string {
  if (!isSealed(text)) return text;
  return openText(keys ?? { all: new Map() }, placeText({ table, column, row }), text);
}
