/** Finds the lines of a sale order that the hub wrote, and removes those that the current message no longer has. */
import { CodedError } from '../../errors/coded-error.ts';
import type { Odoo } from '../client.ts';
import type { LoadRecord } from '../load.ts';

/** Returns the ids of those lines that the hub wrote, by external id. Lines that a person added are left out. */
export async function ownLines(
  odoo: Odoo,
  lines: readonly number[],
  orderExternalId: string,
): Promise<Map<string, number>> {
  const named = await odoo.call<{ module: string; name: string; res_id: number }[]>(
    'ir.model.data',
    'search_read',
    {
      domain: [
        ['model', '=', 'sale.order.line'],
        ['res_id', 'in', lines],
      ],
      fields: ['module', 'name', 'res_id'],
    },
  );
  return new Map(
    named
      .map(({ module, name, res_id: id }): [string, number] => [`${module}.${name}`, id])
      .filter(([externalId]) => externalId.startsWith(`${orderExternalId}_`)),
  );
}

/** Removes lines of a quotation that `record` no longer has. `load` adds and changes lines but removes none. */
export async function removeStaleLines(odoo: Odoo, order: number, record: LoadRecord): Promise<void> {
  const wanted = new Set(record.rows.map((row) => row['order_line/id']));
  const lines = await odoo.call<{ id: number }[]>('sale.order.line', 'search_read', {
    domain: [['order_id', '=', order]],
    fields: ['id'],
  });
  const ids = lines.map(({ id }) => id);
  const own = await ownLines(odoo, ids, record.externalId);
  const stale = [...own].filter(([externalId]) => !wanted.has(externalId));
  if (stale.length === 0) return;
  try {
    await odoo.call('sale.order.line', 'unlink', { ids: stale.map(([, id]) => id) });
  } catch (error) {
    // Another writer removed the lines or confirmed the order: the totals read next will show it.
    if (!(error instanceof CodedError) || error.row.retryable) throw error;
  }
}
