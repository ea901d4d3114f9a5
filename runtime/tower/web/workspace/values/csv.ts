/** Rows of a sheet read against a value map: what would change, and what is wrong in which line. */
import type { Sheet, Wrong } from '../../shared/sheet.ts';

export interface Entry {
  from: string;
  to: string;
  factor?: string;
  article?: string;
  source?: string;
  since?: string;
  until?: string;
}

export const fields = ['from', 'to', 'factor', 'article', 'source', 'since', 'until'] as const;
export type EntryField = (typeof fields)[number];

export interface Imported {
  entries: Entry[];
  added: Entry[];
  /** In place of an entry for the same. */
  changed: { before: Entry; after: Entry }[];
  same: number;
  wrong: Wrong[];
}

/** What makes two entries the same one. */
const keys = ['from', 'source', 'article', 'since'] as const;

/** A column that the sheet does not have changes nothing. */
export function imported(entries: readonly Entry[], { rows, wrong = [] }: Sheet): Imported {
  const result: Imported = { entries: [...entries], added: [], changed: [], same: 0, wrong: [...wrong] };
  const [head, ...lines] = rows;
  const names = head?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
  while (names.at(-1) === '') names.pop();
  const fault = faultOfHead(names);
  if (fault) return { ...result, wrong: [{ line: head?.line ?? 1, ...fault }, ...wrong] };
  const columns = names as EntryField[];
  const keyOf = (entry: Entry): string =>
    JSON.stringify(keys.filter((key) => columns.includes(key)).map((key) => entry[key] ?? ''));
  const places = Map.groupBy(entries.keys(), (at) => keyOf(entries[at]!));
  const seen = new Set<string>();
  for (const { cells, line } of lines) {
    const given = cellsOf(columns, cells);
    const key = keyOf(given);
    const [place, ...others] = places.get(key) ?? [];
    const after = overwritten(place === undefined ? undefined : entries[place], given, columns);
    const why =
      faultOfCells(columns, cells) ??
      faultOf(after) ??
      (seen.has(key) ? { why: 'double' as const } : others.length > 0 && { why: 'several' as const });
    seen.add(key);
    if (why) result.wrong.push({ line, ...why });
    else put(result, after, place);
  }
  result.wrong.sort((a, b) => a.line - b.line);
  return result;
}

type Why = Omit<Wrong, 'line'>;

function faultOfHead(names: readonly string[]): Why | undefined {
  if (!names.includes('from') || !names.includes('to')) return { why: 'noHeader' };
  const unknown = names.find((name) => !fields.includes(name as EntryField));
  if (unknown !== undefined) return { why: 'unknownColumn', field: unknown };
  const twice = names.find((name, at) => names.indexOf(name) < at);
  return twice === undefined ? undefined : { why: 'twice', field: twice };
}

function faultOfCells(columns: readonly EntryField[], cells: readonly string[]): Why | undefined {
  // A spreadsheet may end each row with cells that are empty.
  const more = cells.slice(columns.length).some((cell) => cell.trim() !== '');
  if (more || cells.length < columns.length) return { why: 'cells' };
  const field = (pattern: RegExp): EntryField | undefined =>
    columns.find((_, at) => pattern.test(cells[at] ?? ''));
  const broken = field(/\uFFFD/);
  if (broken) return { why: 'letters', field: broken };
  const long = field(/\n/);
  return long && { why: 'newLine', field: long };
}

function put(result: Imported, after: Entry, at: number | undefined): void {
  const before = at === undefined ? undefined : result.entries[at];
  if (at === undefined || !before) {
    result.entries.push(after);
    result.added.push(after);
  } else if (fields.every((field) => before[field] === after[field])) result.same += 1;
  else {
    result.entries[at] = after;
    result.changed.push({ before, after });
  }
}

function cellsOf(columns: readonly EntryField[], cells: readonly string[]): Entry {
  const given = columns.map((name, at) => [name, unescaped(cells[at] ?? '').trim()] as const);
  return { from: '', to: '', ...Object.fromEntries(given) };
}

/** An empty cell takes away what was there. */
function overwritten(before: Entry | undefined, given: Entry, columns: readonly EntryField[]): Entry {
  const after = { ...before, ...given };
  for (const name of columns) if (after[name] === '' && name !== 'from' && name !== 'to') delete after[name];
  return after;
}

/** The mark that keeps a spreadsheet from running it. */
const unescaped = (text: string): string => (/^'[=+\-@\t\r]/.test(text) ? text.slice(1) : text);

function faultOf(entry: Entry): Why | undefined {
  const missing = (['from', 'to'] as const).find((field) => entry[field] === '');
  if (missing) return { why: 'missing', field: missing };
  const day = (['since', 'until'] as const).find((field) => entry[field] && !isDay(entry[field]));
  if (day) return { why: 'badDate', field: day };
  if (entry.factor && !/^(?=.*[1-9])\d{1,9}(\.\d{1,6})?$/.test(entry.factor)) return { why: 'badFactor' };
  if (entry.since && entry.until && entry.until < entry.since) return { why: 'backward' };
  return undefined;
}

const isDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
