/** Environments side by side: which names each has, and which of them this hub lacks. What a secret holds is never read. */
import { join } from 'node:path';
import { loadEnvironments, type Environment } from '../environments/environment.ts';
import { readFiles } from '../flow-file/disk.ts';
import type { Folders } from './draft.ts';

export interface EnvironmentRows {
  /** Of this hub. */
  here: string;
  environments: Pick<Environment, 'environment' | 'summary' | 'admin' | 'production'>[];
  names: {
    name: string;
    /** By environment, where it has the name: in its file, or as a secret from outside. */
    in: Record<string, 'value' | 'secret'>;
    /** This hub has a value. */
    given: boolean;
    /** A flow names it. */
    asked: boolean;
  }[];
}

export async function environmentRows(
  { flowsDir, definitionsDir }: Folders,
  here: string,
  env: NodeJS.ProcessEnv,
): Promise<EnvironmentRows> {
  const all = [...loadEnvironments(join(definitionsDir, 'environments')).values()];
  const asked = new Set(
    [...(await readFiles(flowsDir)).values()].flatMap((text) =>
      [...text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g)].map(([, name]) => name!),
    ),
  );
  const listed = all.flatMap(({ values = {}, secrets = [] }) => [...Object.keys(values), ...secrets]);
  const has = ({ values = {}, secrets = [] }: Environment, name: string) =>
    Object.hasOwn(values, name) ? 'value' : secrets.includes(name) ? 'secret' : undefined;
  return {
    here,
    environments: all.map(({ environment, summary, admin, production }) => ({
      environment,
      summary,
      ...(admin !== undefined && { admin }),
      ...(production !== undefined && { production }),
    })),
    names: [...new Set([...listed, ...asked])].toSorted().map((name) => ({
      name,
      in: Object.fromEntries(
        all.flatMap((one) => {
          const found = has(one, name);
          return found ? [[one.environment, found] as const] : [];
        }),
      ),
      given: Boolean(env[name]),
      asked: asked.has(name),
    })),
  };
}
