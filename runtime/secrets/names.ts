/** Which secrets a hub has: those its environment lists. */
import { join } from 'node:path';
import { ownEnvironment } from '../environments/environment.ts';

/** None where there is no project. */
export function secretNames(definitionsDir: string, env: NodeJS.ProcessEnv): readonly string[] {
  try {
    return ownEnvironment(join(definitionsDir, 'environments'), env).secrets ?? [];
  } catch {
    return [];
  }
}
