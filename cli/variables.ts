/** The variables of a hub, for the hub itself and for the commands that do what it does. */
import { join } from 'node:path';
import { applyValues, ownEnvironment, type Environment } from '../runtime/environments/environment.ts';
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
