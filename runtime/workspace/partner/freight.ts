/** The charge for delivery, where a sample tells one amount of it. */
import type { Context } from './context.ts';
import type { Field } from './fields.ts';
import { find } from './find.ts';
import { freight } from './names.ts';
import type { Row } from './row.ts';
import { pathText } from './sample.ts';

export function proposedShipping(field: Field, { seen }: Context): Row {
  const root = seen.leaves.filter(({ list }) => list === 0);
  const isNumber = (value: unknown): boolean => /^\d+([.]\d+)?$/.test(String(value));
  const found =
    find(root, freight, ({ value }) => isNumber(value)) ??
    find(root, { tails: ['freight', 'postage'] }, ({ value }) => isNumber(value));
  if (!found) return { ...field, required: false, state: 'none' };
  const path = pathText(found.leaf.names);
  const needed = /\[\]\.(id|name|price|taxes)$/.test(field.target);
  if (field.target === 'shipping')
    return {
      ...field,
      from: { expression: `$decimal(${path}) != '0' ? $$` },
      state: 'check',
      why: 'freight',
    };
  const from: Record<string, Row['from']> = {
    'shipping[].id': { fixed: 'shipping' },
    'shipping[].name': { fixed: 'Shipping' },
    'shipping[].price': { path },
    'shipping[].taxes': { expression: '[]' },
  };
  const own = from[field.target];
  return { ...field, required: needed, ...(own && { from: own }), state: own ? 'sure' : 'none' };
}
