/** Where flows are made: what changed, its tests, cutting releases, and sending them to other hubs. */
import { join } from 'node:path';
import type { NodeFacts } from '../diff/diff.ts';
import { environmentNamed, loadEnvironments } from '../environments/environment.ts';
import type { Project } from '../lint/project.ts';
import { bundleText, type Bundle } from '../release/bundle.ts';
import { cutRelease, proposal, type Proposal } from './cut.ts';
import { signingKey } from '../signature/keys.ts';
import type { Promotion } from '../promotion/promotion.ts';
import { listReleases, readRelease } from '../release/releases.ts';
import { ask } from '../release/remote.ts';
import { successionOf } from '../release/succession.ts';

export interface TestEvidence {
  passed: number;
  failed: number;
  /** Names of those that fail, with the first difference. */
  failures: string[];
}

/** Who changed a flow last, and when (ISO time). */
export interface Edit {
  flow: string;
  by: string;
  at: string;
}

export interface AuthorOptions {
  dataDir: string;
  flowsDir: string;
  definitionsDir: string;
  releasesDir: string;
  facts: NodeFacts;
  project(): Project;
  /** Runs the tests of mappings and flows. */
  test(): Promise<TestEvidence>;
  env: NodeJS.ProcessEnv;
}

export interface Cut {
  by: string;
  version?: string | undefined;
  note?: string | undefined;
}

export interface Author {
  proposal(): Promise<Proposal>;
  test(): Promise<TestEvidence>;
  cut(how: Cut): Promise<Bundle>;
  /** The newest first. */
  releases(): Promise<Bundle[]>;
  /** Names of the environments a release can be sent to. */
  targets(): string[];
  send(version: string, to: string, by: string, overrideReason?: string): Promise<Promotion>;
}

export function openAuthor(options: AuthorOptions): Author {
  const { dataDir, definitionsDir, releasesDir, facts, test, env } = options;
  const environments = join(definitionsDir, 'environments');
  return {
    test,
    proposal: () => proposal({ ...options, project: options.project() }),
    async cut(how) {
      const key = await signingKey(dataDir, env);
      const succession = await successionOf(dataDir);
      return cutRelease({
        ...options,
        ...how,
        project: options.project(),
        facts,
        key,
        succession,
        now: new Date(),
      });
    },
    releases: () => listReleases(releasesDir),
    targets: () =>
      [...loadEnvironments(environments).values()]
        .filter(({ admin, token }) => admin && token && env[token])
        .map(({ environment }) => environment),
    async send(version, to, by, overrideReason) {
      const bundle = bundleText(await readRelease(releasesDir, version));
      const body = { bundle, by, ...(overrideReason && { glass: overrideReason }) };
      return ask<Promotion>(environmentNamed(environments, to), env, 'POST', 'releases/promotions', body);
    },
  };
}
