/** Reads the recovery policies of definitions/policies, one file each. */
import { basename } from 'node:path';
import Type from 'typebox';
import { filesEnding, readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { codes } from '../errors/codes.ts';
import { ownSchema } from '../schema/schema.ts';
import type { Policy } from './recover.ts';

const retryable = Object.entries(codes).flatMap(([code, row]) => (row.retryable ? code : []));

const strict = { additionalProperties: false };
const immediate = Type.Integer({ minimum: 0, maximum: 100 });
const delays = Type.Array(Type.Number({ exclusiveMinimum: 0 }), { maxItems: 100 });
const someCodes = Type.Array(Type.Enum(Object.keys(codes)), { uniqueItems: true });
const otherTries = Type.Optional(
  Type.Object({ immediate: Type.Optional(immediate), delays: Type.Optional(delays) }, strict),
);

const schema = ownSchema(
  Type.Object(
    {
      policy: Type.String({ minLength: 1 }),
      summary: Type.String(),
      immediate,
      delays,
      jitter: Type.Number({ minimum: 0, maximum: 1 }),
      outage: someCodes,
      unmendedForHours: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
      suspect: Type.Optional(
        Type.Object({ codes: someCodes, messages: Type.Integer({ minimum: 2, maximum: 1000 }) }, strict),
      ),
      park: Type.Optional(
        Type.Object({ codes: someCodes, forHours: Type.Number({ exclusiveMinimum: 0 }) }, strict),
      ),
      // A code that cannot succeed without a change is never retried, so it has no retries to set.
      codes: Type.Optional(
        Type.Object(Object.fromEntries(retryable.map((code) => [code, otherTries])), strict),
      ),
    },
    strict,
  ),
);

/** Reads all policies of the folder, by name. Throws CodedError CONFIG_INVALID that names file and line. */
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
