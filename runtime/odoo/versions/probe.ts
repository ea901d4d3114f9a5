/** Asks an Odoo which fields it has. Its version number does not tell that: a hosted Odoo is between two versions. */
import { CodedError } from '../../errors/coded-error.ts';
import type { Transport } from '../protocol/protocol.ts';
import { dialectOf, telling, type Dialect } from './dialect.ts';
import { majors } from './names.ts';
import { fieldOf, versionsOf, type Field } from './table.ts';

type Known = Record<string, Field>;

/**
 * Makes one call for each model, all in parallel. If a model cannot be read (app not installed, right missing), uses
 * the table of names by version. Throws what a call throws while Odoo is away.
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

/**
 * Reads the fields of a model. Undefined if that is not possible. If only some versions have the model, its absence
 * counts as an answer: no fields.
 */
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
