/** What a warehouse says that it has: a CSV file of its count, with SKU, lot, quantity and the time it is as of. */
import { CodedError } from '../errors/coded-error.ts';
import { decoded, sheetOf } from '../tower/web/shared/sheet.ts';
import { text } from './decimal.ts';

export interface CountedStock {
  warehouse: string;
  sku: string;
  /** Empty where it tells none. */
  lot: string;
  quantity: string;
  /** ISO 8601, UTC. */
  asOf: string;
}

const columns = {
  sku: ['sku', 'article', 'item'],
  quantity: ['quantity', 'qty', 'on hand', 'on_hand'],
  asOf: ['as-of', 'as of', 'as_of', 'asof'],
  lot: ['lot', 'serial', 'batch'],
  warehouse: ['warehouse', 'location'],
} as const;
type Column = keyof typeof columns;

/** `warehouse`: of rows that name none. Throws CodedError STATEMENT_INVALID that names the line. */
export function readStatement(bytes: Uint8Array, warehouse: string): CountedStock[] {
  const file = decoded(bytes);
  if (!file) throw invalid('it is no text');
  const { rows, wrong = [] } = sheetOf(file.text);
  const [head, ...lines] = rows;
  if (wrong[0]) throw invalid(`line ${wrong[0].line} has a quote that is not closed, or stands astray`);
  if (!head) throw invalid('it is empty');
  const at = placesOf(head.cells);
  const seen = new Map<string, number>();
  return lines.map(({ line, cells }) => {
    const cell = (name: Column): string => cells[at[name] ?? -1]?.trim() ?? '';
    const [sku, quantity, asOf] = [cell('sku'), cell('quantity'), timeOf(cell('asOf'))];
    if (sku === '') throw invalid(`line ${line} names no SKU`);
    if (!/^-?\d{1,12}([.]\d{1,6})?$/.test(quantity)) throw invalid(`line ${line}: the quantity is no number`);
    if (!asOf) throw invalid(`line ${line}: as-of is no time such as 2026-11-28 or 2026-11-28T18:00Z`);
    const one = {
      warehouse: cell('warehouse') || warehouse,
      sku,
      lot: cell('lot'),
      quantity: text(quantity),
      asOf,
    };
    const key = JSON.stringify([one.warehouse, sku, one.lot]);
    const before = seen.get(key);
    if (before !== undefined) throw invalid(`lines ${before} and ${line} are of the same article and lot`);
    seen.set(key, line);
    return one;
  });
}

function placesOf(cells: readonly string[]): Partial<Record<Column, number>> {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  const places = Object.fromEntries(
    Object.entries(columns).flatMap(([column, called]) => {
      const at = names.findIndex((name) => called.some((one) => one === name));
      return at < 0 ? [] : [[column, at]];
    }),
  ) as Partial<Record<Column, number>>;
  const missing = (['sku', 'quantity', 'asOf'] as const).filter((name) => places[name] === undefined);
  if (missing.length === 0) return places;
  throw invalid(`its first line names no column ${missing.map((name) => columns[name][0]).join(', ')}`);
}

/** A day alone is its beginning, in UTC, as of a cut-off. */
function timeOf(said: string): string | undefined {
  if (!/^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.]\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/.test(said))
    return undefined;
  const zoned = /[T ].*(?:Z|[+-]\d\d:\d\d)$/.test(said) ? said : `${said}${said.length > 10 ? 'Z' : ''}`;
  const at = Date.parse(zoned.replace(' ', 'T'));
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

function invalid(why: string): CodedError {
  return new CodedError('STATEMENT_INVALID', `This is no statement of stock: ${why}`);
}
