/** Where a hub stands: what its addresses are, which secrets it must be given, and what may be done to it. */
import { basename } from 'node:path';
import Type, { type Static } from 'typebox';
import { filesEnding, readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { ownSchema } from '../schema/schema.ts';
import { environmentName } from './environment-name.ts';

const closed = { additionalProperties: false };
const variable = '^[A-Za-z_][A-Za-z0-9_]*$';
const time = Type.String({ format: 'date-time' });

const EnvironmentFile = Type.Object(
  {
    environment: Type.String({ pattern: '^[a-z][a-z0-9-]*$' }),
    summary: Type.String({ minLength: 1 }),
    /** Its editor only reads, and what is promoted to it needs an approval. */
    production: Type.Optional(Type.Boolean()),
    /** Where its admin API answers, for those that promote to it. */
    admin: Type.Optional(Type.String({ pattern: '^https?://' })),
    /** The variable that holds the token for it. */
    token: Type.Optional(Type.String({ pattern: variable })),
    /** What `${NAME}` in a flow stands for here, where the process has no variable of that name. */
    values: Type.Optional(Type.Record(Type.String({ pattern: variable }), Type.String())),
    /** Names of variables that are set from outside and never stand in a file. */
    secrets: Type.Optional(Type.Array(Type.String({ pattern: variable }))),
    /** Node types that run code or commands and are allowed here. */
    unsafe: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
    /** Approved: a flow runs here only where each of its interfaces is approved in definitions/interfaces.yaml. */
    interfaces: Type.Optional(Type.Enum(['any', 'approved'])),
    /** Approvals a promotion needs: by default one in production, else none. */
    approvals: Type.Optional(Type.Integer({ minimum: 0, maximum: 5 })),
    /** Times in which nothing is promoted. */
    freeze: Type.Optional(
      Type.Array(Type.Object({ from: time, until: time, reason: Type.String({ minLength: 1 }) }, closed)),
    ),
    /** What one person alone may send again in a replay; more needs a second one. */
    replay: Type.Optional(
      Type.Object(
        {
          /** Default 200. */
          letters: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
          /** In any one currency; no limit when left out. */
          amount: Type.Optional(Type.String({ pattern: '^[0-9]+([.][0-9]+)?$' })),
        },
        closed,
      ),
    ),
    /** How long a release may run that was promoted without its approvals. */
    breakGlassHours: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 72 })),
  },
  closed,
);

export type Environment = Static<typeof EnvironmentFile>;

const schema = ownSchema(EnvironmentFile);

/** By name. Throws CodedError CONFIG_INVALID that names file and line. */
export function loadEnvironments(dir: string): Map<string, Environment> {
  const found = filesEnding(dir, '.yaml').map((file): [string, Environment] => {
    const environment = readYaml<Environment>(file, schema);
    const name = environment.environment;
    if (`${name}.yaml` !== basename(file))
      throw new CodedError('CONFIG_INVALID', `${file} is ${name}; both names must be the same`, { file });
    return [name, environment];
  });
  return new Map(found);
}

/** The one of that name. Throws CodedError CONFIG_INVALID. */
export function ownEnvironment(dir: string, env: NodeJS.ProcessEnv): Environment {
  return environmentNamed(dir, environmentName(env));
}

/** Throws CodedError CONFIG_INVALID that names the environments there are. */
export function environmentNamed(dir: string, name: string): Environment {
  const all = loadEnvironments(dir);
  const found = all.get(name);
  if (found) return found;
  const names = [...all.keys()].join(', ') || 'none';
  throw new CodedError('CONFIG_INVALID', `There is no environment ${name} in ${dir}; there are: ${names}`);
}

/** Gives the process the values of its environment where it has none of its own. */
export function applyValues({ values = {} }: Environment, env: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(values)) env[name] ||= value;
}

/** Also a value that the environment leaves empty on purpose. */
export function hasValue({ values = {} }: Environment, env: NodeJS.ProcessEnv, name: string): boolean {
  return Boolean(env[name]) || values[name] !== undefined;
}

export function approvalsOf({ approvals, production }: Environment): number {
  return approvals ?? (production ? 1 : 0);
}
