/** Rows of Odoo by the thousand, in few calls: ids in parts, answers in pages. */
import type { Odoo } from '../odoo/client.ts';

type Domain = readonly unknown[];

/** Ids a call at the most, and rows an answer. */
const most = { ids: 1000, rows: 5000 };

export interface Read {
  model: string;
  fields: readonly string[];
  domain?: Domain;
  context?: Record<string, unknown>;
}

/** All that fit, by id. */
export async function readAll<Row extends { id: number }>(odoo: Odoo, read: Read): Promise<Row[]> {
  const { model, fields, domain = [], context } = read;
  const found: Row[] = [];
  for (let after = 0; ; after = found.at(-1)!.id) {
    const page = await odoo.call<Row[]>(model, 'search_read', {
      domain: [...domain, ['id', '>', after]],
      fields: ['id', ...fields],
      order: 'id',
      limit: most.rows,
      context: { active_test: false, ...context },
    });
    found.push(...page);
    if (page.length < most.rows) return found;
  }
}

/** Those whose field is one of these values, each once, by id. */
export async function readWhere<Row extends { id: number }>(
  odoo: Odoo,
  read: Read,
  field: string,
  values: Iterable<number | string>,
): Promise<Row[]> {
  const all = [...new Set(values)].toSorted((a, b) => (a < b ? -1 : 1));
  const found = new Map<number, Row>();
  for (let at = 0; at < all.length; at += most.ids) {
    const domain = [[field, 'in', all.slice(at, at + most.ids)], ...(read.domain ?? [])];
    for (const row of await readAll<Row>(odoo, { ...read, domain })) found.set(row.id, row);
  }
  return [...found.values()].toSorted((a, b) => a.id - b.id);
}
