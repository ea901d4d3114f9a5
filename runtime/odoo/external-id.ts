/** External ids are the hub's names for records in Odoo. A database constraint there keeps them unique. */
import { storable } from '../envelope/text.ts';
import type { Odoo } from './client.ts';

/**
 * Makes an external id: `externalId('shopify', 'order', '1001', 'line', '7')` is `shopify.order_1001_line_7`. Different
 * parts never give the same id. Throws CodedError TEXT_INVALID.
 */
export function externalId(source: string, ...parts: string[]): string {
  return `${source}.${parts.map(encoded).join('_')}`;
}

/** Encodes a part: letters, digits and `-` stay, any other byte becomes `_` and two hex digits. */
function encoded(part: string): string {
  return storable(part, 'An id').replace(/[^A-Za-z0-9-]/gu, (char) =>
    [...new TextEncoder().encode(char)].map((byte) => `_${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

/** Looks up database ids by external id, in one call for one or more models. Unknown external ids are left out. */
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

/** Returns the source and id of a record that `externalId(source, kind, id)` names, or undefined if it has none. */
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

/** Reverses the encoding of a part in an external id. */
export function decodedPart(part: string): string {
  const bytes = part.replace(/[^A-Za-z0-9_-]/g, '').replaceAll(/_([0-9a-f]{2})/g, '%$1');
  return decodeURIComponent(bytes);
}
