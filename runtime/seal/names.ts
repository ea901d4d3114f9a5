/** Names that are of a person, such as an email: found by who knows them whole, and read by nobody. */
import { sealedRow } from './columns.ts';
import type { StoreKeys } from './keys.ts';
import { blind } from './seal.ts';

/** Of what is searched for: only an email can be told by its form. */
export function isPersonal(folded: string): boolean {
  return folded.includes('@');
}

/** As it is written. */
export function sealedAlias<Row extends { folded: string; value: string }>(
  keys: StoreKeys | undefined,
  row: Row,
): Row {
  if (!keys?.current || !isPersonal(row.folded)) return row;
  return sealedRow(keys, 'alias', { ...row, folded: blind(keys.current, row.folded) });
}

/** By which a name stands there: as it is, or blind under one of the keys. */
export function searchedBy(keys: StoreKeys | undefined, folded: string): string[] {
  if (!keys || !isPersonal(folded)) return [folded];
  return [folded, ...[...keys.all.values()].map((key) => blind(key, folded))];
}
