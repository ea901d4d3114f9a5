/** The recovery policies of definitions/policies, one file each. */
import { basename } from 'node:path';
import Type from 'typebox';
import { filesEnding, readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { codes } from '../errors/codes.ts';
import { compileSchema } from '../schema/schema.ts';
import type { Policy } from './recover.ts';

const retryable = Object.entries(codes).flatMap(([code, row]) => (row.retryable ? code : []));

const schema = compileSchema(
  Type.Object(
    {
      policy: Type.String({ minLength: 1 }),
      summary: Type.String(),
      delays: Type.Array(Type.Number({ exclusiveMinimum: 0 }), { minItems: 1 }),
      jitter: Type.Number({ minimum: 0, maximum: 1 }),
      outage: Type.Array(Type.Enum(retryable)),
    },
    { additionalProperties: false },
  ),
);

/** Policies by name. Throws CodedError CONFIG_INVALID that names file and line. */
export function loadPolicies(directory: string): Map<string, Policy> {
  const policies = filesEnding(directory, '.yaml').map((file): [string, Policy] => {
    const policy = readYaml<Policy>(file, schema);
    if (`${policy.policy}.yaml` !== basename(file)) {
      const message = `${file} calls its policy ${policy.policy}; both names must be the same`;
      throw new CodedError('CONFIG_INVALID', message, { file });
    }
    return [policy.policy, policy];
  });
  return new Map(policies);
}
