/** Finds the rights in Odoo that the user of the hub lacks, by asking Odoo. */
import { CodedError } from '../../errors/coded-error.ts';
import type { Odoo } from '../client.ts';
import type { Dialect } from '../versions/dialect.ts';
import { together, type Needs, type Right } from './needs.ts';

export interface Lacking {
  model: string;
  /** The rights that are missing. Empty if Odoo has no such model. */
  rights: Right[];
}

/** Parallel calls: an Odoo that just came back has other users to serve. */
const atOnce = 4;

/**
 * Returns the missing rights on models; rules on single records are not checked. Throws what a call throws while Odoo
 * is away.
 */
export async function lackingRights(odoo: Odoo, needs: Iterable<Needs>): Promise<Lacking[]> {
  const [major, dialect] = await Promise.all([odoo.version(), odoo.dialect()]);
  const asked = [...together(needs)]
    .filter(([model]) => isOf(dialect, model))
    .map(([model, rights]) => [model, rightsIn(dialect, model, rights)] as const);
  const found: Lacking[] = [];
  for (let from = 0; from < asked.length; from += atOnce) {
    const some = asked.slice(from, from + atOnce);
    found.push(...(await Promise.all(some.map((one) => lackingOf(odoo, major, one)))).flat());
  }
  return found;
}

/** Throws CodedError ODOO_ACCESS that names all missing rights, or what a call to Odoo throws. */
export async function demandRights(odoo: Odoo, needs: Iterable<Needs>): Promise<void> {
  const lacking = await lackingRights(odoo, needs);
  if (lacking.length === 0) return;
  throw new CodedError('ODOO_ACCESS', `The user of the hub lacks rights in Odoo: ${inWords(lacking)}`, {
    rights: lacking.map(({ model, rights }) => `${model}:${rights.join('+') || 'absent'}`).join(' '),
  });
}

export function inWords(lacking: readonly Lacking[]): string {
  return lacking
    .map(({ model, rights }) =>
      rights.length === 0 ? `Odoo has no ${model} (is its app installed?)` : `${rights.join(', ')} ${model}`,
    )
    .join('; ');
}

async function lackingOf(
  odoo: Odoo,
  major: number,
  [model, rights]: readonly [string, ReadonlySet<Right>],
): Promise<Lacking[]> {
  try {
    const missing: Right[] = [];
    for (const right of rights) if (!(await may(odoo, major, model, right))) missing.push(right);
    return missing.length > 0 ? [{ model, rights: missing }] : [];
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    if (error.code === 'ODOO_NOT_FOUND') return [{ model, rights: [] }];
    // Odoo does not answer the question; the first message will show it.
    if (error.code === 'ODOO_REFUSED') return [];
    throw error;
  }
}

async function may(odoo: Odoo, major: number, model: string, right: Right): Promise<boolean> {
  const answer =
    major >= 18
      ? await odoo.call(model, 'has_access', { ids: [], operation: right })
      : await odoo.call(model, 'check_access_rights', { operation: right, raise_exception: false });
  return answer === true;
}

/** If a count is a stock.inventory, only Odoo itself writes stock.quant, so the hub needs to read it only. */
function rightsIn({ inventories }: Dialect, model: string, rights: ReadonlySet<Right>): ReadonlySet<Right> {
  return inventories && model === 'stock.quant' ? rights.intersection(new Set<Right>(['read'])) : rights;
}

/** Models of lots and counts differ between versions: true if this Odoo has the model. */
function isOf({ lotModel, inventories }: Dialect, model: string): boolean {
  if (model === 'stock.lot' || model === 'stock.production.lot') return model === lotModel;
  return inventories || !model.startsWith('stock.inventory');
}
