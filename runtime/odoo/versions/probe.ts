/** Asks an Odoo what it has, for its number does not say it: a hosted one is between two versions. */
import { CodedError } from '../../errors/coded-error.ts';
import type { Transport } from '../protocol/protocol.ts';
import { dialectOf, telling, type Dialect } from './dialect.ts';
import { majors } from './names.ts';
import { fieldOf, versionsOf, type Field } from './table.ts';

type Known = Record<string, Field>;

/**
 * One call a model, all at once. Of a model that cannot be asked (an app that is not installed, a right that is missing) the
 * table of names tells by the version. Throws what a call throws when Odoo is away.
 */
export async function probe(call: Transport, major: number): Promise<Dialect> {
  const asked = Object.entries(telling).map(
    async ([model, fields]) => [model, await fieldsOf(call, model, fields)] as const,
  );
  const found = new Map(await Promise.all(asked));
  return dialectOf((model, name) => {
    const known = found.get(model);
    return known ? known[name] : fieldOf(major, model, name);
  });
}

/** Undefined where it cannot be told. A model that only some versions have says by its absence which one this is. */
async function fieldsOf(
  call: Transport,
  model: string,
  fields: readonly string[],
): Promise<Known | undefined> {
  try {
    const args = { allfields: fields, attributes: ['type', 'required'] };
    return (await call(model, 'fields_get', args)) as Known;
  } catch (error) {
    if (!(error instanceof CodedError) || !isOfModel.has(error.code)) throw error;
    const always = versionsOf(model, fields[0]!)?.length === majors.length;
    return error.code === 'ODOO_NOT_FOUND' && !always ? {} : undefined;
  }
}

const isOfModel = new Set<string>(['ODOO_NOT_FOUND', 'ODOO_ACCESS', 'ODOO_REFUSED']);
