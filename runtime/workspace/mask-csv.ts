/** The cells of CSV whose first line names its columns. Without such a line nobody knows what is about a person. */
import { wordsOf } from './partner/names.ts';
import { flat, type Piece, type Pieces } from './mask-pieces.ts';
import { kindOf } from './personal.ts';

interface Cell {
  value: string;
  raw: string;
}

/** At least half of the columns are called by one of these, or as something personal is. */
const usual = new Set(
  `id no nr number nummer order orders auftrag bestellung bestellnummer line position pos item sku article artikel
  artikelnummer ean gtin barcode product produkt name title titel bezeichnung description beschreibung qty quantity count
  menge anzahl unit einheit uom price preis einzelpreis net netto gross brutto total summe sum amount betrag tax steuer
  mwst vat rate currency wahrung date datum time zeit created updated status state country land code type typ kind
  customer kunde kundennummer reference ref referenz shipping versand weight gewicht stuck discount rabatt invoice rechnung
  payment zahlung warehouse lager store shop channel region company tags notes quantity`.split(/\s+/),
);

export function csvPieces(text: string): Pieces | undefined {
  const first = text.slice(0, text.search(/\r?\n/));
  const [by, count] = [';', ',', '\t', '|']
    .map((one) => [one, first.split(one).length - 1] as const)
    .toSorted((a, b) => b[1] - a[1])[0]!;
  if (count === 0 || first === '') return undefined;
  const rows = rowsOf(text, by)?.filter(({ cells }) => cells.length > 1 || cells[0]!.raw !== '');
  const [header, ...others] = rows ?? [];
  if (!header || others.length === 0 || !isHeader(header.cells)) return undefined;
  if (others.some(({ cells }) => cells.length !== header.cells.length)) return undefined;
  const columns = header.cells.map(({ value }) => value.trim());
  const all: Piece[] = others.flatMap(({ cells }, row) =>
    cells.map(({ value }, at) => ({
      names: flat(columns[at]!),
      path: `/${row + 1}/${columns[at]}`,
      value,
    })),
  );
  const head = header.cells.map(({ raw }) => raw).join(by) + header.end;
  return {
    all,
    render: (values) =>
      head +
      others
        .map(({ cells, end }, row) => {
          const made = cells.map(({ value, raw }, at) => {
            const next = values[row * columns.length + at]!;
            return next === value ? raw : written(next, raw.startsWith('"'), by);
          });
          return made.join(by) + end;
        })
        .join(''),
  };
}

function isHeader(cells: readonly Cell[]): boolean {
  const names = cells.map(({ value }) => value.trim());
  const told = names.filter(
    (name) =>
      kindOf(flat(name), 'x') !== undefined ||
      wordsOf(name.normalize('NFD').replaceAll(/\p{M}/gu, '')).some((word) => usual.has(word)),
  );
  const isName = (name: string): boolean => /^[\p{L}_#][^@"\r\n]{0,59}$/u.test(name);
  return names.every(isName) && new Set(names).size === names.length && told.length * 2 >= names.length;
}

interface Line {
  cells: Cell[];
  /** Its line end. */
  end: string;
}

/** Undefined where a quote is not closed, or something stands behind one. */
function rowsOf(text: string, by: string): Line[] | undefined {
  const separator = by === '|' ? String.raw`\|` : by;
  const plain = String.raw`[^"\r\n${separator}][^\r\n${separator}]*`;
  const cell = new RegExp(String.raw`("(?:[^"]|"")*"|${plain}|)(${separator}|\r?\n|$)`, 'y');
  const rows: Line[] = [];
  let cells: Cell[] = [];
  for (let at = 0; ; at = cell.lastIndex) {
    cell.lastIndex = at;
    const [, raw, end] = cell.exec(text) ?? [];
    if (raw === undefined || end === undefined) return undefined;
    cells.push({ raw, value: raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw });
    if (end === by) continue;
    rows.push({ cells, end });
    cells = [];
    if (end === '' || cell.lastIndex >= text.length) return rows;
  }
}

function written(value: string, isQuoted: boolean, by: string): string {
  return isQuoted || value.includes(by) || /["\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
