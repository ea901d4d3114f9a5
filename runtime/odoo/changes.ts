/**
 * Finds changes in Odoo with sweeps by write_date. Sweeps overlap, because a transaction commits later than the time it
 * writes. A record is reported again if the fields that are read differ from what was reported.
 */
import { createHash } from 'node:crypto';
import type { Odoo } from './client.ts';
import { plain } from './load.ts';

export interface Watched {
  model: string;
  fields: readonly string[];
  domain?: readonly unknown[];
}

/** Where the next sweep starts. The caller stores it. */
export interface Cursor {
  /** UTC time in Odoo's format, such as `2026-11-25 09:58:02`. */
  since: string;
  /** What was reported within the overlap, by record id: the time of the write and the mark of the values. */
  told: Record<string, [writeDate: string, mark: string]>;
}

export interface Change {
  model: string;
  id: number;
  writeDate: string;
  /** Equal for equal states of the record. */
  mark: string;
  values: Record<string, unknown>;
}

const page = 500;

export function cursorAt(time: Date): Cursor {
  return { since: odooTime(time), told: {} };
}

/**
 * Yields changes since the cursor in the order they were written, each state of a record once. What the caller adds to
 * `cursor.told` meanwhile is respected. Throws what a call to Odoo throws.
 */
export async function* changesSince(odoo: Odoo, watched: Watched, cursor: Cursor): AsyncGenerator<Change> {
  const { model, domain = [], fields } = watched;
  const seen = new Set<string>();
  let from = cursor.since;
  let limit = page;
  for (;;) {
    const rows = await odoo.call<Record<string, unknown>[]>(model, 'search_read', {
      domain: [...domain, ['write_date', '>=', from]],
      fields: ['write_date', ...fields],
      order: 'write_date, id',
      limit,
      context: plain,
    });
    let fresh = 0;
    for (const row of rows) {
      const change = changeOf(model, row);
      const key = `${change.id}/${change.mark}`;
      if (seen.has(key)) continue;
      seen.add(key);
      fresh += 1;
      if (cursor.told[String(change.id)]?.[1] !== change.mark) yield change;
    }
    if (rows.length < limit) return;
    // Odoo returns whole seconds. If one second has more records than a page, the page is made larger.
    const last = String(rows.at(-1)!['write_date']);
    if (last === from || fresh === 0) limit *= 2;
    from = last;
  }
}

/** Returns the cursor after a change written at `last`, without entries older than the overlap. */
export function movedTo({ since, told }: Cursor, last: string, overlapMs: number): Cursor {
  const overlap = odooTime(new Date(Date.parse(`${last.replace(' ', 'T')}Z`) - overlapMs));
  const next = overlap > since ? overlap : since;
  return { since: next, told: Object.fromEntries(Object.entries(told).filter(([, [date]]) => date >= next)) };
}

function changeOf(model: string, { id, write_date: writeDate, ...values }: Record<string, unknown>): Change {
  const mark = createHash('sha256')
    .update(JSON.stringify([writeDate, values]))
    .digest('hex')
    .slice(0, 16);
  return { model, id: Number(id), writeDate: String(writeDate), mark, values };
}

function odooTime(time: Date): string {
  return time.toISOString().slice(0, 19).replace('T', ' ');
}
