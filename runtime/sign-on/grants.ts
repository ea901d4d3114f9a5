/** Who gets in by what the provider says of them, and as what: definitions/sign-on.yaml. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { readYaml } from '../definitions/read-yaml.ts';
import { whenChanged } from '../definitions/when-changed.ts';
import { CodedError } from '../errors/coded-error.ts';
import { ownSchema } from '../schema/schema.ts';

const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1 });

const File = Type.Object(
  {
    /** `groups`, or a path: `realm_access.roles`. */
    claim: word,
    /** Asked of the provider, beside openid. */
    scopes: Type.Array(Type.String({ pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]+$' })),
    grants: Type.Array(
      Type.Object(
        {
          /** As the provider writes it, capitals too. */
          value: word,
          role: word,
          teams: Type.Optional(Type.Array(Type.String({ pattern: '^[a-z][a-z0-9-]*$' }))),
        },
        closed,
      ),
    ),
  },
  closed,
);
const schema = ownSchema(File);

export type Rules = Static<typeof File>;
export type Claims = Readonly<Record<string, unknown>>;

export interface Grant {
  role: string;
  teams: readonly string[];
}

export const signOnFile = 'sign-on.yaml';

/** Undefined where there is no file. Throws CodedError CONFIG_INVALID that names file and line. */
export function loadRules(definitionsDir: string): Rules | undefined {
  const path = join(definitionsDir, signOnFile);
  return existsSync(path) ? readYaml<Rules>(path, schema) : undefined;
}

/** Throws CONFIG_INVALID where there is no file: then nobody gets in. */
export function demandRules(definitionsDir: string): Rules {
  const rules = loadRules(definitionsDir);
  if (!rules)
    throw new CodedError('CONFIG_INVALID', `definitions/${signOnFile} says who gets in, and is not there`);
  return rules;
}

/** As they stand now. What cannot be used is used by nobody: nobody knows then who may be in. */
export function followRules(definitionsDir: () => string): () => Rules {
  return whenChanged(
    () => join(definitionsDir(), signOnFile),
    () => demandRules(definitionsDir()),
  );
}

/** The role is that of the first grant that matches, the teams those of all; undefined where none does. */
export function grantOf({ claim, grants }: Rules, claims: Claims): Grant | undefined {
  const values = wordsOf(claimAt(claim, claims));
  const matching = grants.filter(({ value }) => values.includes(value));
  const [first] = matching;
  return first && { role: first.role, teams: [...new Set(matching.flatMap(({ teams = [] }) => teams))] };
}

/** Some providers give a claim the name of an address, dots and all. */
export function claimAt(claim: string, claims: Claims): unknown {
  if (Object.hasOwn(claims, claim)) return claims[claim];
  let at: unknown = claims;
  for (const part of claim.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Claims)[part];
  }
  return at;
}

function wordsOf(value: unknown): readonly string[] {
  return [value].flat().filter((one): one is string => typeof one === 'string');
}
