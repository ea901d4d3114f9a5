/** What people and machines read of a hub, beside its messages: the tower, its metrics, and its secrets. */
import { openCounter } from '../catalogue/counter.ts';
import { knowledgeOf } from '../catalogue/knowledge.ts';
import { hasValue } from '../environments/environment.ts';
import { scraping } from '../metrics/scrape/scrape.ts';
import type { Tower } from '../node-red/tower/tower.ts';
import type { Users } from '../node-red/users.ts';
import { openReader, type Reader } from '../reader/reader.ts';
import type { Runs } from '../release/fleet.ts';
import { followingSecrets, type FollowedSecrets } from '../secrets/rotation/hub.ts';
import { openDrafter } from '../triage/drafts.ts';
import { testsOf, trialOf } from './authoring.ts';
import type { Base } from './here.ts';
import { places, root } from './project.ts';
import { watching } from './watches.ts';

/** A hub without users has no tower, and watches nothing by the clock. */
export async function openTower(base: Base, users: Users | undefined, runs: () => Runs) {
  const { hub, profile, dataDir, env, log, secrets, environment, headless, worker } = base;
  const catalogue = catalogueOf(base);
  const reader = await openReader({ profile, dataDir, env, log });
  const following =
    secrets &&
    followingSecrets({ hub, secrets, dataDir, env, names: environment.secrets ?? [], renews: !worker });
  const scrapes = headless ? undefined : scraping(hub, reader);
  const tower = users && towerOf(base, { users, runs, catalogue, reader, following });
  const endWatching = tower && (await watching(base, tower, following));
  return {
    tower,
    scrapes,
    async end(): Promise<void> {
      scrapes?.end();
      await following?.end();
      await endWatching?.();
      await reader.close();
    },
  };
}

interface Parts extends Pick<Tower, 'users' | 'catalogue'> {
  reader: Reader;
  runs: () => Runs;
  following: FollowedSecrets | undefined;
}

function towerOf(base: Base, { following, ...parts }: Parts): Tower {
  const { hub, active, environment, own, dataDir, env, drafting, log } = base;
  const { documents, issues } = hub.journal;
  return {
    ...parts,
    hub,
    environment,
    here: active,
    dataDir,
    trial: trialOf(own, env),
    tests: (flow, mappings) => testsOf({ ...places(), dataDir, ...own }, env, flow, mappings),
    secrets: following?.list ?? (() => []),
    ...(drafting && { drafter: openDrafter(drafting, { documents, issues }, log) }),
  };
}

function catalogueOf({ own, outputsOf, types, environment, env }: Base) {
  return openCounter({
    root,
    where: own,
    ...knowledgeOf({ outputsOf, types }),
    given: (name) => hasValue(environment, env, name),
  });
}
