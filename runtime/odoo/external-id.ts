/** External ids: the hub's names for records in Odoo, unique there by a constraint of the database. */
import { storable } from '../envelope/text.ts';
import type { Odoo } from './client.ts';

/**
 * `externalId('shopify', 'order', '1001', 'line', '7')` is `shopify.order_1001_line_7`. Different parts never give the same id.
 * Throws CodedError TEXT_INVALID.
 */
export function externalId(source: string, ...parts: string[]): string {
  return `${source}.${parts.map(encoded).join('_')}`;
}

/** A part in the form an external id takes: letters, digits and `-` stay; any other byte becomes `_` and two hex digits. */
function encoded(part: string): string {
  return storable(part, 'An id').replace(/[^A-Za-z0-9-]/gu, (char) =>
    [...new TextEncoder().encode(char)].map((byte) => `_${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

/** Database ids by external id, in one call, of records of one or more models; what Odoo does not know is missing. */
export async function findExternal(
  odoo: Odoo,
  model: string | readonly string[],
  ids: readonly string[],
): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const halves = ids.map((id) => [id.slice(0, id.indexOf('.')), id.slice(id.indexOf('.') + 1)] as const);
  const rows = await odoo.call<{ module: string; name: string; res_id: number }[]>(
    'ir.model.data',
    'search_read',
    {
      domain: [
        typeof model === 'string' ? ['model', '=', model] : ['model', 'in', model],
        ['module', 'in', [...new Set(halves.map(([module]) => module))]],
        ['name', 'in', [...new Set(halves.map(([, name]) => name))]],
      ],
      fields: ['module', 'name', 'res_id'],
    },
  );
  return new Map(rows.map(({ module, name, res_id: id }) => [`${module}.${name}`, id]));
}

/** The partner and its id of a record that `externalId(source, kind, id)` names; undefined when none does. */
export async function partsOf(
  odoo: Odoo,
  model: string,
  record: number,
  kind: string,
): Promise<{ source: string; id: string } | undefined> {
  const rows = await odoo.call<{ module: string; name: string }[]>('ir.model.data', 'search_read', {
    domain: [
      ['model', '=', model],
      ['res_id', '=', record],
    ],
    fields: ['module', 'name'],
  });
  const named = rows.find(({ name }) => name.startsWith(`${kind}_`));
  return named && { source: named.module, id: decodedPart(named.name.slice(kind.length + 1)) };
}

/** The part as it was before it stood in an external id. */
export function decodedPart(part: string): string {
  const bytes = part.replace(/[^A-Za-z0-9_-]/g, '').replaceAll(/_([0-9a-f]{2})/g, '%$1');
  return decodeURIComponent(bytes);
}
