/** The order of the rows of a table. */

interface SortColumn<Row> {
  id: string;
  value(row: Row): string | number | undefined;
}

/** `order` is the id of a column, with `-` before it from the largest down; as it came where there is none. */
export function sortedBy<Row>(
  rows: readonly Row[],
  columns: readonly SortColumn<Row>[],
  order: string,
): readonly Row[] {
  const down = order.startsWith('-');
  const column = columns.find(({ id }) => id === order.replace(/^-/, ''));
  if (!column) return rows;
  const sorted = rows.toSorted((one, two) => compared(column.value(one), column.value(two)));
  return down ? sorted.toReversed() : sorted;
}

/** Text by its numbers too, so that S9 comes before S10; what is missing comes first. */
function compared(one: string | number | undefined, two: string | number | undefined): number {
  if (one === two) return 0;
  if (one === undefined) return -1;
  if (two === undefined) return 1;
  if (typeof one === 'number' && typeof two === 'number') return one - two;
  return String(one).localeCompare(String(two), undefined, { numeric: true });
}
