/** Fields of a partner's message that carry money or quantity: each is read by the mapping or ignored for a reason; others stop the message. */
import { existsSync } from 'node:fs';
import Type, { type Static } from 'typebox';
import { readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { ownSchema } from '../schema/schema.ts';

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

/** Throws FIELD_UNKNOWN for the first field that carries money or quantity and is not named. */
export function fieldCheck({ reads, ignores = [] }: Fields): (message: unknown) => void {
  const known = [...reads, ...ignores.flatMap(({ fields }) => fields)].map(pattern);
  const verdicts = new Map<string, boolean>();
  return (message) => {
    for (const [path, value] of numbersOf(message, '')) {
      const fine = verdicts.get(path) ?? known.some((one) => one.test(path));
      if (verdicts.size < 10_000) verdicts.set(path, fine);
      if (!fine)
        throw new CodedError('FIELD_UNKNOWN', `${path} is ${value}, and no file says whether it counts`, {
          field: path,
        });
    }
  };
}

function pattern(path: string): RegExp {
  const parts = path.split('.').map((part) => (part === '**' ? '.+' : part.replaceAll('*', '[^.]*')));
  return new RegExp(`^${parts.join('[.]')}$`);
}

function* numbersOf(value: unknown, path: string): Generator<[string, string]> {
  if (Array.isArray(value)) {
    for (const item of value) yield* numbersOf(item, path);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, child] of Object.entries(value))
      yield* numbersOf(child, path ? `${path}.${name}` : name);
  } else if ((typeof value === 'number' || typeof value === 'string') && counts.test(lastOf(path))) {
    const text = String(value);
    if (decimal.test(text) && Number(text) !== 0) yield [path, text];
  }
}

/** Amounts of a `…_set` are called `amount`; an id is no quantity. */
function lastOf(path: string): string {
  const last = path.slice(path.lastIndexOf('.') + 1);
  return /(^|_)ids?$|Ids?$/.test(last) ? '' : last;
}
