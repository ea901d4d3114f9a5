/** The audit as a file that leaves the hub: a row a line, as JSON or as CSV. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { CodedError } from '../../errors/coded-error.ts';
import { csv } from '../../tower/web/shared/csv.ts';
import type { AuditRow } from '../chain.ts';

const fields = [
  'sequence',
  'time',
  'who',
  'from',
  'act',
  'object',
  'outcome',
  'before',
  'after',
  'reason',
  'previous',
  'hash',
] as const satisfies readonly (keyof AuditRow)[];
const columns = fields.map((text) => ({ text, value: (row: AuditRow) => row[text] }));

export function jsonLine(row: AuditRow): string {
  return `${JSON.stringify(row)}\n`;
}

/** The heading with the first row. */
export function csvLine(row: AuditRow, first: boolean): string {
  return csv(columns, [row], first);
}

/** Of a file of JSON lines. Throws CONFIG_INVALID for a line that is none. */
export async function* rowsOfFile(file: string): AsyncGenerator<AuditRow> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    number += 1;
    if (line !== '') yield rowOf(line, `${file}:${number}`);
  }
}

function rowOf(line: string, place: string): AuditRow {
  try {
    const row = JSON.parse(line) as AuditRow;
    if (Number.isInteger(row.sequence) && typeof row.hash === 'string') return row;
  } catch {
    // Said below.
  }
  throw new CodedError('CONFIG_INVALID', `${place} is no row of an audit: take crossdock audit export`);
}
