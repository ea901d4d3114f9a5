/** Proposals of other hubs, where flows are made: they are taken over here, and go back to them in a release. */
import { environmentNamed, loadEnvironments, type Environment } from '../environments/environment.ts';
import { asCoded, CodedError } from '../errors/coded-error.ts';
import type { ProposalRow } from '../journal/tables.ts';
import { ask } from '../release/remote.ts';
import { mend, type Mended, type Mending } from './mend.ts';

export interface OfEnvironment {
  environment: string;
  proposals: ProposalRow[];
  /** Why they are not known, in a sentence. */
  away?: string;
}

/** Of each other environment than `own` that this hub has an address and a token for. */
export function elsewhere(dir: string, own: string, env: NodeJS.ProcessEnv): Promise<OfEnvironment[]> {
  const others = [...loadEnvironments(dir).values()].filter(
    ({ environment, admin, token }) => environment !== own && admin && token && env[token],
  );
  return Promise.all(
    others.map(async (environment) => {
      const name = environment.environment;
      try {
        return { environment: name, proposals: await waitingIn(environment, env) };
      } catch (error) {
        return { environment: name, proposals: [], away: asCoded(error).message };
      }
    }),
  );
}

/** Writes it into the file here. Throws PROPOSAL_UNKNOWN where it waits no longer, and what `mend` throws. */
export async function takeOver(
  mending: Mending,
  { dir, env, environment, id }: { dir: string; env: NodeJS.ProcessEnv; environment: string; id: string },
  by: string,
): Promise<Mended> {
  const waiting = await waitingIn(environmentNamed(dir, environment), env);
  const found = waiting.find((one) => one.id === id);
  if (!found)
    throw new CodedError('PROPOSAL_UNKNOWN', `${environment} has no such proposal that waits`, { id });
  const { map, value, source, article, target, factor } = found;
  return mend(mending, { map, value, source, article, to: target, factor: factor ?? undefined }, by);
}

async function waitingIn(environment: Environment, env: NodeJS.ProcessEnv): Promise<ProposalRow[]> {
  return (await ask<{ rows: ProposalRow[] }>(environment, env, 'GET', 'releases/proposals')).rows;
}
