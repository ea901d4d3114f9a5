/** Applies a stock count in Odoo 14, as a stock.inventory that is created once, started and validated. */
import { CodedError } from '../../errors/coded-error.ts';
import type { Odoo } from '../client.ts';
import { ensure, plain } from '../load.ts';

export interface Counted {
  product: number;
  /** Id of the uom.uom: the product's own unit. */
  uom: number;
  lot?: number;
  quantity: string;
}

interface Inventory {
  state: string;
  line_ids: number[];
}

const model = 'stock.inventory';

/**
 * Safe to call again: a validated count is not applied again, so later moves stay. `externalId` is that of the count.
 * Throws CodedError ODOO_REFUSED if Odoo asks a person, ODOO_NOT_FOUND if the count was deleted, or what a call to Odoo
 * throws.
 */
export async function countByInventory(
  odoo: Odoo,
  { externalId, name, location }: { externalId: string; name: string; location: number },
  lines: readonly Counted[],
): Promise<{ id: number; state: string; repeated: boolean }> {
  const rows = lines.map(({ product, uom, lot, quantity }): Record<string, string> => ({
    'line_ids/product_id/.id': String(product),
    'line_ids/product_uom_id/.id': String(uom),
    'line_ids/location_id/.id': String(location),
    'line_ids/prod_lot_id/.id': lot === undefined ? '' : String(lot),
    'line_ids/product_qty': quantity,
  }));
  const head = { id: externalId, name, 'location_ids/.id': String(location) };
  const [first, ...more] = rows;
  const [outcome] = await ensure(odoo, model, [{ externalId, rows: [{ ...head, ...first }, ...more] }]);
  if (outcome!.status === 'rejected') throw outcome!.reason;
  const id = outcome!.value;
  const before = await read(odoo, id);
  if (before.state === 'done') return { id, state: before.state, repeated: true };
  if (before.state === 'draft') await odoo.call(model, 'action_start', { ids: [id], context: plain });
  // The stock in Odoo may have changed since an earlier attempt created the count.
  await odoo.call('stock.inventory.line', 'action_refresh_quantity', {
    ids: before.line_ids,
    context: plain,
  });
  const answer = await odoo.call(model, 'action_validate', { ids: [id], context: plain });
  const { state } = await read(odoo, id);
  if (state === 'done') return { id, state, repeated: false };
  const title = String((answer as { name?: unknown } | null)?.name ?? 'it says nothing');
  throw new CodedError('ODOO_REFUSED', `Odoo asks a person about ${name}: ${title}`, { about: name });
}

async function read(odoo: Odoo, id: number): Promise<Inventory> {
  const [row] = await odoo.call<Inventory[]>(model, 'search_read', {
    domain: [['id', '=', id]],
    fields: ['state', 'line_ids'],
  });
  if (row) return row;
  throw new CodedError('ODOO_NOT_FOUND', 'The count was deleted in Odoo', { id });
}
