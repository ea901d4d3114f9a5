/** Names that may be of a person, such as an email: found by who knows them whole, and read by nobody. */
import { sealedRow } from './columns.ts';
import type { StoreKeys } from './keys.ts';
import { blind } from './seal.ts';

/** A number is of nobody. What a partner wrote where a word of a list was expected may be anything. */
export function isPersonal({ kind, folded }: { kind: string; folded: string }): boolean {
  if (folded.includes('@') || kind === 'partner value') return true;
  return kind !== 'SKU' && !/\p{N}/u.test(folded);
}

/** As it is written. */
export function sealedAlias<Row extends { kind: string; folded: string; value: string }>(
  keys: StoreKeys | undefined,
  row: Row,
): Row {
  if (!keys?.current || !isPersonal(row)) return row;
  return sealedRow(keys, 'alias', { ...row, folded: blind(keys.current, row.folded) });
}

/** By which a name stands there: as it is, or blind under one of the keys. */
export function searchedBy(keys: StoreKeys | undefined, folded: string): string[] {
  if (!keys) return [folded];
  return [folded, ...[...keys.all.values()].map((key) => blind(key, folded))];
}
