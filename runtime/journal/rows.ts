/** Rows that many ask for close together, by their key, are one query. */
import { gathered } from '../limits/gathered.ts';
import { stored } from './tables.ts';

const KEYS_IN_ONE_QUERY = 500;

/** `read` is given all values of each column of the keys, and gives the rows that have them: also more than were asked for. */
export function rowsByKey<Column extends string, Row extends Record<Column, string | null>>(
  columns: readonly Column[],
  read: (valuesOf: (column: Column) => string[]) => Promise<readonly Row[]>,
): (key: Record<Column, string>) => Promise<Row | undefined> {
  const textOf = (one: Record<Column, string | null>) => JSON.stringify(columns.map((column) => one[column]));
  return gathered<Record<Column, string>, Row | undefined>({
    most: KEYS_IN_ONE_QUERY,
    run: (asked) =>
      stored(async () => {
        const rows = await read((column) => [...new Set(asked.map((one) => one[column]))]);
        const found = new Map(rows.map((row) => [textOf(row), row]));
        return asked.map((one) => found.get(textOf(one)));
      }),
  });
}
