/** The variables of a hub, for the hub itself and for the commands that do what it does. */
import { join } from 'node:path';
import { applyValues, ownEnvironment, type Environment } from '../runtime/environments/environment.ts';
import { secretNames } from '../runtime/secrets/names.ts';
import { secretsOf, type Secrets } from '../runtime/secrets/secrets.ts';
import { applySecrets } from '../runtime/workspace/secret-file.ts';
import type { Places } from './project.ts';

/** Adds what is not set: the values of the environment, and outside production the secrets that were typed in. Throws CONFIG_INVALID. */
export function takeVariables(
  { definitionsDir, dataDir }: Pick<Places, 'definitionsDir' | 'dataDir'>,
  env: NodeJS.ProcessEnv = process.env,
): Environment {
  const environment = ownEnvironment(join(definitionsDir, 'environments'), env);
  applyValues(environment, env);
  if (!environment.production) applySecrets(dataDir, env);
  return environment;
}

/** Secrets from files, a folder or a command, read into the environment; to be called before all else that reads it. */
export function takeSources(
  { definitionsDir, dataDir }: Pick<Places, 'definitionsDir' | 'dataDir'>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Secrets> {
  return secretsOf({
    env,
    dataDir,
    names: env['CROSSDOCK_SECRETS_COMMAND'] ? secretNames(definitionsDir, env) : [],
  });
}
