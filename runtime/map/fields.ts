/** Fields of a partner's message that carry money or quantity: each is read by the mapping or ignored for a reason; others stop the message. */
import { existsSync } from 'node:fs';
import Type, { type Static } from 'typebox';
import { readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { ownSchema, type Json } from '../schema/schema.ts';

/** `line_items.price`: below every item of a list. `*` is any part of a name, `**` any way down. */
const Path = Type.String({ pattern: '^[\\w*-]+([.][\\w*-]+)*$' });
const FieldsFile = Type.Object(
  {
    reads: Type.Array(Path),
    ignores: Type.Optional(
      Type.Array(
        Type.Object(
          { fields: Type.Array(Path, { minItems: 1 }), why: Type.String({ minLength: 1 }) },
          { additionalProperties: false },
        ),
      ),
    ),
  },
  { additionalProperties: false },
);

const schema = ownSchema(FieldsFile);

export type Fields = Static<typeof FieldsFile>;

/** By its name, and a number that is not zero. */
const counts =
  /(amount|balance|charge|cost|credit|deposit|discount|dut(y|ies)|fee|paid|price|qty|quantity|refund|shipping|tax|tip|total)/i;
const decimal = /^[+-]?\d+([.]\d+)?$/;

/** Of `<mapping>.fields.yaml`; undefined where there is none. Throws CodedError CONFIG_INVALID. */
export function readFields(file: string): Fields | undefined {
  return existsSync(file) ? readYaml<Fields>(file, schema) : undefined;
}

/** Where a field stands, below every item of a list; what is known of it counts for all messages. */
interface Field {
  path: string;
  below: Map<string, Field>;
  /** Whether a number there has to be named, and is not. */
  isUnknown: boolean;
}

/** More fields are looked at anew each time. */
const mostFields = 10_000;

/** Throws FIELD_UNKNOWN for the first field that carries money or quantity and is not named. */
export function fieldCheck({ reads, ignores = [] }: Fields): (message: unknown) => void {
  const known = [...reads, ...ignores.flatMap(({ fields }) => fields)].map(pattern);
  const root = fieldOf('');
  let count = 0;
  return (message) => check(message, root);

  function fieldOf(path: string): Field {
    const isUnknown = counts.test(lastOf(path)) && !known.some((one) => one.test(path));
    return { path, below: new Map(), isUnknown };
  }

  function fieldIn(above: Field, name: string): Field {
    const field = fieldOf(above.path ? `${above.path}.${name}` : name);
    if ((count += 1) <= mostFields) above.below.set(name, field);
    return field;
  }

  function check(value: unknown, field: Field): void {
    if (Array.isArray(value)) {
      for (const item of value) check(item, field);
    } else if (typeof value === 'object' && value !== null) {
      for (const name of Object.keys(value))
        check((value as Json)[name], field.below.get(name) ?? fieldIn(field, name));
    } else if (field.isUnknown && isAmount(value)) {
      const message = `${field.path} is ${String(value)}, and no file says whether it counts`;
      throw new CodedError('FIELD_UNKNOWN', message, { field: field.path });
    }
  }
}

function isAmount(value: unknown): boolean {
  if (typeof value !== 'number' && typeof value !== 'string') return false;
  const text = String(value);
  return decimal.test(text) && Number(text) !== 0;
}

function pattern(path: string): RegExp {
  const parts = path.split('.').map((part) => (part === '**' ? '.+' : part.replaceAll('*', '[^.]*')));
  return new RegExp(`^${parts.join('[.]')}$`);
}

/** Amounts of a `…_set` are called `amount`; an id is no quantity. */
function lastOf(path: string): string {
  const last = path.slice(path.lastIndexOf('.') + 1);
  return /(^|_)ids?$|Ids?$/.test(last) ? '' : last;
}
