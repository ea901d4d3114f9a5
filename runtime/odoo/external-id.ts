/** External ids: the hub's names for records in Odoo, unique there by a constraint of the database. */
import type { Odoo } from './client.ts';

/** `externalId('shopify', 'order', '1001', 'line', '7')` is `shopify.order_1001_line_7`. Different parts never meet. */
export function externalId(source: string, ...parts: string[]): string {
  return `${source}.${parts.map(encoded).join('_')}`;
}

/** Only letters, digits and `-` stay; any other byte becomes `_` and two hex digits. */
function encoded(part: string): string {
  return part.replace(/[^A-Za-z0-9-]/gu, (char) =>
    [...new TextEncoder().encode(char)].map((byte) => `_${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

/** Database ids by external id, in one call; what Odoo does not know is missing. */
export async function findExternal(odoo: Odoo, model: string, ids: string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const halves = ids.map((id) => [id.slice(0, id.indexOf('.')), id.slice(id.indexOf('.') + 1)] as const);
  const rows = await odoo.call<{ module: string; name: string; res_id: number }[]>(
    'ir.model.data',
    'search_read',
    {
      domain: [
        ['model', '=', model],
        ['module', 'in', [...new Set(halves.map(([module]) => module))]],
        ['name', 'in', [...new Set(halves.map(([, name]) => name))]],
      ],
      fields: ['module', 'name', 'res_id'],
    },
  );
  return new Map(rows.map(({ module, name, res_id: id }) => [`${module}.${name}`, id]));
}
