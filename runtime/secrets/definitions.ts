/** What each secret is for, who renews it, and when it ends: definitions/secrets.yaml. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { readYaml } from '../definitions/read-yaml.ts';
import { ownSchema } from '../schema/schema.ts';

const closed = { additionalProperties: false };
const days = Type.String({ pattern: '^[1-9][0-9]{0,3} days?$' });
const word = Type.String({ minLength: 1 });
const Told = Type.Object(
  {
    /** A team of definitions/ownership.yaml. */
    owner: word,
    what: word,
    /** Counted from when its value was seen first. */
    maxAge: Type.Optional(days),
    /** The last day on which it holds. */
    ends: Type.Optional(Type.String({ format: 'date' })),
  },
  closed,
);
const File = Type.Object(
  { warn: days, secrets: Type.Record(Type.String({ pattern: '^[A-Z][A-Z0-9_]*$' }), Told) },
  closed,
);
const schema = ownSchema(File);

export interface SecretRules {
  warnDays: number;
  of: Readonly<Record<string, { owner: string; what: string; maxAgeDays?: number; ends?: string }>>;
}

const none: SecretRules = { warnDays: 14, of: {} };

/** Nothing is known of them where there is no file. Throws CodedError CONFIG_INVALID that names file and line. */
export function loadSecretRules(definitionsDir: string): SecretRules {
  const path = join(definitionsDir, 'secrets.yaml');
  if (!existsSync(path)) return none;
  const { warn, secrets } = readYaml<Static<typeof File>>(path, schema);
  const of = Object.entries(secrets).map(([name, { owner, what, maxAge, ends }]) => [
    name,
    { owner, what, ...(maxAge && { maxAgeDays: daysOf(maxAge) }), ...(ends && { ends }) },
  ]);
  return { warnDays: daysOf(warn), of: Object.fromEntries(of) as SecretRules['of'] };
}

/** What the file says now, read where it is another one; where it is wrong, what it said before. `wrong` hears that once. */
export function followingRules(
  wrong: (error: unknown) => void,
): (definitionsDir: string) => Promise<SecretRules> {
  let rules = none;
  let read = '';
  return async (definitionsDir) => {
    const file = join(definitionsDir, 'secrets.yaml');
    const { mtimeMs, size, ino } = await stat(file).catch(() => ({ mtimeMs: 0, size: 0, ino: 0 }));
    const mark = [file, mtimeMs, size, ino].join(' ');
    if (mark === read) return rules;
    read = mark;
    try {
      rules = loadSecretRules(definitionsDir);
    } catch (error) {
      wrong(error);
    }
    return rules;
  };
}

function daysOf(text: string): number {
  return Number(text.split(' ')[0]);
}
