/** Models of the connected Odoo and their fields; while it is away what was known of them, at the least what the hub itself uses. */
import type { Odoo } from '../odoo/client.ts';
import { models } from '../odoo/sandbox/models.ts';
import type { Choice } from './choice.ts';

interface Names {
  choices: Choice[];
  kept: boolean;
}

const shipped = (names: object): Choice[] =>
  Object.keys(names)
    .toSorted()
    .map((value) => ({ value, title: '' }));

/** By database and model; the models themselves under `''`. */
const known = new Map<string, Choice[]>();

export function odooModels(odoo: Odoo | undefined): Promise<Names> {
  return asked(odoo, '', shipped(models), async (from) => {
    const rows = await from.call<{ model: string; name: string }[]>('ir.model', 'search_read', {
      domain: [['transient', '=', false]],
      fields: ['model', 'name'],
      order: 'model',
    });
    return rows.map(({ model, name }) => ({ value: model, title: name }));
  });
}

export function odooFields(odoo: Odoo | undefined, model: string): Promise<Names> {
  return asked(odoo, model, shipped((models as Record<string, object>)[model] ?? {}), async (from) => {
    const fields = await from.call<Record<string, { string?: string; type?: string }>>(model, 'fields_get', {
      attributes: ['string', 'type'],
    });
    return Object.entries(fields)
      .map(([value, { string = '' }]) => ({ value, title: string }))
      .toSorted((a, b) => a.value.localeCompare(b.value));
  });
}

async function asked(
  odoo: Odoo | undefined,
  model: string,
  least: Choice[],
  ask: (odoo: Odoo) => Promise<Choice[]>,
): Promise<Names> {
  const key = `${odoo?.url ?? ''} ${odoo?.database ?? ''} ${model}`;
  if (!odoo) return { choices: least, kept: true };
  try {
    const choices = await ask(odoo);
    known.set(key, choices);
    return { choices, kept: false };
  } catch {
    return { choices: known.get(key) ?? least, kept: true };
  }
}
