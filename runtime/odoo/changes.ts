/**
 * What changed in Odoo: sweeps by write_date with an overlap, for a transaction commits later than the time it writes.
 * A record is told of again when what is read of it differs from what was told. No I/O but Odoo's.
 */
import { createHash } from 'node:crypto';
import type { Odoo } from './client.ts';
import { plain } from './load.ts';

export interface Watched {
  model: string;
  fields: readonly string[];
  domain?: readonly unknown[];
}

/** Where the next sweep begins; kept by who sweeps. */
export interface Cursor {
  /** `2026-11-25 09:58:02`, UTC, as Odoo writes it. */
  since: string;
  /** What was told within the overlap: by record id, the time it was written and a mark of what it said. */
  told: Record<string, [writeDate: string, mark: string]>;
}

export interface Change {
  model: string;
  id: number;
  writeDate: string;
  /** The same state of the record has the same mark. */
  mark: string;
  values: Record<string, unknown>;
}

const page = 500;

export function cursorAt(time: Date): Cursor {
  return { since: odooTime(time), told: {} };
}

/**
 * Changes since the cursor, each record once, the first written first; what is noted in it meanwhile counts. Throws what a
 * call to Odoo throws.
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
    // Odoo shows whole seconds: a second with more records than a page takes a larger page.
    const last = String(rows.at(-1)!['write_date']);
    if (last === from || fresh === 0) limit *= 2;
    from = last;
  }
}

/** When something written at `last` is told, with what is older than the overlap forgotten. */
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
