/** The recovery policies of definitions/policies, one file each. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { parse } from 'yaml';
import { CodedError } from '../errors/coded-error.ts';
import type { Policy } from './recover.ts';

const schema = Type.Object(
  {
    policy: Type.String({ minLength: 1 }),
    summary: Type.String(),
    delays: Type.Array(Type.Number({ exclusiveMinimum: 0 }), { minItems: 1 }),
    jitter: Type.Number({ minimum: 0, maximum: 1 }),
    outage: Type.Array(Type.String()),
  },
  { additionalProperties: false },
);

/** Policies by name. Throws CONFIG_INVALID with the file when one is not of the form. */
export function loadPolicies(directory: string): Map<string, Policy> {
  const files = readdirSync(directory).filter((file) => file.endsWith('.yaml'));
  const policies = files.map((file): [string, Policy] => {
    const policy: unknown = parse(readFileSync(join(directory, file), 'utf8'));
    const [error] = Value.Errors(schema, policy);
    if (error) {
      throw new CodedError('CONFIG_INVALID', `${file}${error.instancePath}: ${error.message}`, { file });
    }
    return [(policy as Policy).policy, policy as Policy];
  });
  return new Map(policies);
}
