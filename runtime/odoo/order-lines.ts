/** Lines of a quotation that an earlier attempt wrote and the corrected message no longer has. */
import { CodedError } from '../errors/coded-error.ts';
import type { Odoo } from './client.ts';
import type { LoadRecord } from './load.ts';

/** `load` adds and changes lines and takes none away. Lines a person added have no external id of ours and stay. */
export async function removeStaleLines(odoo: Odoo, order: number, record: LoadRecord): Promise<void> {
  const wanted = new Set(record.rows.map((row) => row['order_line/id']));
  const lines = await odoo.call<{ id: number }[]>('sale.order.line', 'search_read', {
    domain: [['order_id', '=', order]],
    fields: ['id'],
  });
  const named = await odoo.call<{ module: string; name: string; res_id: number }[]>(
    'ir.model.data',
    'search_read',
    {
      domain: [
        ['model', '=', 'sale.order.line'],
        ['res_id', 'in', lines.map(({ id }) => id)],
      ],
      fields: ['module', 'name', 'res_id'],
    },
  );
  const stale = named.filter(({ module, name }) => {
    const externalId = `${module}.${name}`;
    return externalId.startsWith(`${record.externalId}_`) && !wanted.has(externalId);
  });
  if (stale.length === 0) return;
  try {
    await odoo.call('sale.order.line', 'unlink', { ids: stale.map(({ res_id: id }) => id) });
  } catch (error) {
    // Another writer took them away, or confirmed the order: the totals read next tell.
    if (!(error instanceof CodedError) || error.row.retryable) throw error;
  }
}
