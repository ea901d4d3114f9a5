/** A file as a spreadsheet saves it: its bytes as text, and its text as rows. Loaded when a CSV is given. */
import { CsvError, parse } from 'csv-parse/browser/esm/sync';

export interface Row {
  /** Of the file, from 1. */
  line: number;
  cells: string[];
}

export interface Sheet {
  rows: Row[];
  /** Why what follows could not be read. */
  wrong?: Wrong[];
}

export interface Wrong {
  line: number;
  why: WrongWhy;
  field?: string;
}

export type WrongWhy =
  | 'noHeader'
  | 'unknownColumn'
  | 'twice'
  | 'openQuote'
  | 'strayQuote'
  | 'cells'
  | 'letters'
  | 'newLine'
  | 'missing'
  | 'double'
  | 'several'
  | 'badDate'
  | 'badFactor'
  | 'backward';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** Undefined: this is no text, or in letters nobody can tell. */
export function decoded(bytes: Uint8Array): { text: string; encoding: Encoding } | undefined {
  for (const encoding of encodingsOf(bytes)) {
    const text = read(bytes, encoding);
    // No text has other controls than these, and Windows-1252 gives some for a byte it does not know.
    if (text !== undefined) return /(?![\t\n\r])\p{Cc}/u.test(text) ? undefined : { text, encoding };
  }
  return undefined;
}

/** As the mark at its beginning says; else Windows-1252 where it is no UTF-8, as Excel saves in Western Europe. */
function encodingsOf([first, second]: Uint8Array): Encoding[] {
  if (first === 0xff && second === 0xfe) return ['utf-16le'];
  if (first === 0xfe && second === 0xff) return ['utf-16be'];
  return ['utf-8', 'windows-1252'];
}

function read(bytes: Uint8Array, encoding: Encoding): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Comma, semicolon or tab: what Excel's own `sep=;` says, else whichever the first line has most of. */
export function sheetOf(given: string): Sheet {
  const text = given.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  const lines = text.split('\n');
  const said = /^"?sep=(.)"?$/i.exec(lines[0]?.trimEnd() ?? '')?.[1];
  const first = lines.find((line) => line.trim() !== '') ?? '';
  const delimiter =
    said ?? [',', ';', '\t'].toSorted((a, b) => first.split(b).length - first.split(a).length)[0]!;
  const rows: Row[] = [];
  try {
    parse(said === undefined ? text : text.replace(/^.*/, ''), {
      delimiter,
      record_delimiter: '\n',
      relax_column_count: true,
      on_record(cells: string[], { lines: end }) {
        const line = end - cells.join('').split('\n').length + 1;
        if (cells.some((cell) => cell.trim() !== '')) rows.push({ line, cells });
        return null;
      },
    });
    return { rows };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { rows, wrong: [faultOf(error, lines, rows)] };
  }
}

function faultOf({ code, lines: at }: CsvError, lines: readonly string[], rows: readonly Row[]): Wrong {
  if (code !== 'CSV_QUOTE_NOT_CLOSED') return { line: Number(at), why: 'strayQuote' };
  // The parser names the end of the file; what is to be mended is where it begins.
  const { line = 0, cells = [] } = rows.at(-1) ?? {};
  const after = line + cells.join('').split('\n').length - 1;
  const next = lines.findIndex((text, index) => index >= after && text.trim() !== '');
  return { line: next + 1, why: 'openQuote' };
}
