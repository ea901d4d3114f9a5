/** The variables of a hub, for the hub itself and for the commands that do what it does. */
import { join } from 'node:path';
import { applyValues, ownEnvironment, type Environment } from '../runtime/environments/environment.ts';
import { secretNames } from '../runtime/secrets/names.ts';
import { secretsOf, type Secrets } from '../runtime/secrets/secrets.ts';
import { applySecrets } from '../runtime/secrets/secret-file.ts';
import type { Places } from './project.ts';

/** Adds variables that are not set: the values of the environment, and outside production the secrets typed in before. Throws CONFIG_INVALID. */
export function takeVariables(
  { definitionsDir, dataDir }: Pick<Places, 'definitionsDir' | 'dataDir'>,
  env: NodeJS.ProcessEnv = process.env,
): Environment {
  const environment = ownEnvironment(join(definitionsDir, 'environments'), env);
  applyValues(environment, env);
  if (!environment.production) applySecrets(dataDir, env);
  return environment;
}

/** Reads secrets from files, a folder or a command into the environment. To be called before anything else reads the environment. */
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
