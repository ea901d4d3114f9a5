/** Reads units of measure in Odoo, to convert between them. */
import Big from 'big.js';
import type { Odoo } from './client.ts';

export interface Scale {
  name: string;
  /** How many of the reference unit one of it is. */
  size: Big;
  /** Only units of the same family can be converted. */
  family: string;
}

type Row = Record<string, unknown>;

/** Reads a uom.uom. Undefined if it was deleted. */
export async function scaleOf(odoo: Odoo, unit: number): Promise<Scale | undefined> {
  const { unitSize, unitFamily } = await odoo.dialect();
  const [row] = await odoo.call<Row[]>('uom.uom', 'search_read', {
    domain: [['id', '=', unit]],
    fields: ['name', unitSize, unitFamily],
  });
  if (!row) return undefined;
  const family = row[unitFamily];
  return {
    name: String(row['name']),
    size: Big(row[unitSize] as number).round(9),
    // In 19 a path of ids such as `1/12/`, which starts with the reference unit; before 19 the category.
    family: Array.isArray(family) ? String(family[0]) : String(family).split('/')[0]!,
  };
}
