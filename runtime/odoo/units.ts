/** Units of measure in Odoo: how many of one are in another. */
import Big from 'big.js';
import type { Odoo } from './client.ts';

export interface Scale {
  name: string;
  /** How many of the smallest reference one of it is. */
  size: Big;
  /** Only units of one family can be converted. */
  family: string;
}

type Row = Record<string, unknown>;

/** Of uom.uom. Undefined when it was deleted. */
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
    // A path of ids up to 19's reference unit, `1/12/`; before, the category.
    family: Array.isArray(family) ? String(family[0]) : String(family).split('/')[0]!,
  };
}
