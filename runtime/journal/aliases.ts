/** The names that steps bring, as rows: written in the commit of their steps. */
import { folded, onlyNames, type Name } from '../names/names.ts';
import { sealedAlias } from '../seal/names.ts';
import type { StoreKeys } from '../seal/keys.ts';
import type { DeadLetter } from './journal.ts';
import type { Step } from './step.ts';
import { arrays, text, type AliasTable, type Into } from './tables.ts';

export const aliasColumns = ['folded', 'kind', 'leads', 'process', 'key', 'value', 'time'] as const;

/** PostgreSQL. */
export function aliasesInto(rows: readonly AliasTable[]): Into {
  const types = aliasColumns.map(() => 'text');
  return {
    text: (
      before,
    ) => `INSERT INTO alias (${aliasColumns.join()}) SELECT * FROM unnest(${arrays(types, before)})
      ON CONFLICT DO NOTHING`,
    values: aliasColumns.map((column) => rows.map((one) => one[column])),
  };
}

/** Always in the same order: two that write the same names do not wait for each other in a circle. */
export function aliasesOf(steps: readonly Step[], keys: StoreKeys | undefined): AliasTable[] {
  const rows = steps.flatMap(({ names = [], about, correlationId, time }) => {
    const place = about
      ? { leads: 'process' as const, ...about }
      : { leads: 'transaction' as const, process: '', key: correlationId };
    return names.map((name) => aliasOf(name, place, time, keys));
  });
  return rows.length < 2 ? rows : rows.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

/** What its message is called, and what it could not find. */
export function aliasesOfLetter(
  { id, message, facts, lastFailed }: DeadLetter,
  names: readonly Name[],
  keys: StoreKeys | undefined,
): AliasTable[] {
  const { sku, value, map } = facts;
  const article = sku ?? (map === 'product' ? value : undefined);
  const all = [
    { kind: 'exception', value: message.subject },
    { kind: 'event', value: message.id },
    ...(article === undefined ? [] : [{ kind: 'SKU', value: String(article) }]),
    ...(value === undefined || map === 'product' ? [] : [{ kind: 'partner value', value: String(value) }]),
    ...names,
  ];
  const place = { leads: 'letter' as const, process: '', key: id };
  return onlyNames(all).map((name) => aliasOf(name, place, lastFailed, keys));
}

function aliasOf(
  { kind, value }: Name,
  { leads, process, key }: Pick<AliasTable, 'leads' | 'process' | 'key'>,
  time: string,
  keys: StoreKeys | undefined,
): AliasTable {
  const own = { folded: folded(value), kind, leads, process, key: text(key), value: text(value), time };
  return sealedAlias(keys, own);
}

const placeOf = (row: AliasTable) => `${row.folded}\n${row.kind}\n${row.leads}\n${row.process}\n${row.key}`;
