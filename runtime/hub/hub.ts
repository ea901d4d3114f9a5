/** Everything a node can ask the runtime for. One hub a process. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Broker } from '../broker/broker.ts';
import { loadCatalogue, type Catalogue } from '../events/catalogue.ts';
import type { Guard } from '../guard/guard.ts';
import { intakeRouter, type Intake } from '../intake/routes.ts';
import type { Journal } from '../journal/journal.ts';
import { loadPolicies } from '../recovery/policies.ts';
import type { Policy } from '../recovery/recover.ts';
import { loadValueMaps, type ValueMaps } from '../values/values.ts';
import { Deliveries } from './deliveries.ts';
import { openStores, type Profile } from './profile.ts';

export interface Hub {
  log: Logger;
  profile: Profile;
  definitionsDir: string;
  broker: Broker;
  guard: Guard;
  journal: Journal;
  deliveries: Deliveries;
  intake: Intake;
  catalogue: Catalogue;
  values: ValueMaps;
  policies: Map<string, Policy>;
  /** Throws the first coded reason why the hub cannot take a message now. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export interface HubOptions {
  profile: Profile;
  /** Where the embedded store lives. */
  dataDir: string;
  definitionsDir: string;
  env: NodeJS.ProcessEnv;
  log: Logger;
}

let current: Hub | undefined;

/** The hub of this process. Throws when none is open. */
export function currentHub(): Hub {
  if (!current) throw new Error('No hub is open');
  return current;
}

/** Opens the hub; from then on it is the current one. Throws CONFIG_INVALID naming what is missing or unreachable. */
export async function openHub(options: HubOptions): Promise<Hub> {
  const { profile, definitionsDir, log } = options;
  const definitions = (kind: string): string => join(definitionsDir, kind);
  const catalogue = loadCatalogue(definitions('events'));
  const values = loadValueMaps(definitions('values'));
  const policies = loadPolicies(definitions('policies'));
  const stores = await openStores(options);
  current = {
    log,
    profile,
    definitionsDir,
    ...stores,
    deliveries: new Deliveries(),
    intake: intakeRouter({ log }),
    catalogue,
    values,
    policies,
    async ready() {
      await Promise.all([stores.broker.ready(), stores.guard.ready(), stores.journal.ready()]);
    },
    async close() {
      await stores.close();
      current = undefined;
    },
  };
  return current;
}
