/** Rows as a CSV file that spreadsheets open without running anything in it. */
import { stringify } from 'csv-stringify/browser/esm/sync';

interface CsvColumn<Row> {
  text: string;
  value(row: Row): string | number | undefined;
}

export function csv<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[], heading = true): string {
  const lines = rows.map((row) => columns.map(({ value }) => value(row)));
  return stringify(heading ? [columns.map(({ text }) => text), ...lines] : lines, {
    record_delimiter: 'windows',
    quote_record_delimiter: true,
    escape_formulas: true,
    // A number stays a number.
    cast: {
      string: (text) => (/^-\d+(\.\d+)?$/.test(text) ? { value: text, escape_formulas: false } : text),
    },
  });
}
