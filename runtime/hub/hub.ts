/** Everything a node can ask the runtime for. One hub a process. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Broker } from '../broker/broker.ts';
import { loadCatalogue, type Catalogue } from '../events/catalogue.ts';
import type { Guard } from '../guard/guard.ts';
import { intakeRouter, type Intake, type Refusal } from '../intake/routes.ts';
import type { Journal } from '../journal/journal.ts';
import { loadPolicies } from '../recovery/policies.ts';
import type { Policy } from '../recovery/recover.ts';
import { loadValueMaps, type ValueMaps } from '../values/value-maps.ts';
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
  /** The consuming nodes of the running flows. */
  consumers: Set<Pausable>;
  /** Takes no new work and waits, half a minute at the most, for the work at hand. What is not done then is given back. */
  pause(): Promise<void>;
  /** Takes work again: the flows run. */
  resume(): void;
  /** Throws the first coded reason why the hub cannot take a message now. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export interface Pausable {
  /** Resolves when what was taken has its verdict. */
  pause(): Promise<void>;
  resume(): void;
}

const drainMs = 30_000;

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
  const stores = await openStores({ ...options, hub: true });
  const intake = intakeRouter({
    answerTimeoutMs: 310_000,
    onRefused: (refusal) => noteRefusal(stores.journal, log, refusal),
  });
  void intake.pause();
  const consumers = new Set<Pausable>();
  current = {
    log,
    profile,
    definitionsDir,
    ...stores,
    deliveries: new Deliveries(),
    intake,
    catalogue,
    values,
    policies,
    consumers,
    async pause() {
      const working = [intake.pause(), ...[...consumers].map((consumer) => consumer.pause())];
      const late = AbortSignal.timeout(drainMs);
      const over = new Promise<void>((resolve) => late.addEventListener('abort', () => resolve()));
      await Promise.race([Promise.allSettled(working), over]);
    },
    resume() {
      for (const consumer of consumers) consumer.resume();
      intake.resume();
    },
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

/** What the intake refused before any flow saw it. */
function noteRefusal(journal: Journal, log: Logger, { id, route, answer, error }: Refusal): void {
  if (answer.code === 'INTERNAL') log.error({ id, err: error.cause ?? error }, error.message);
  const step = {
    time: new Date().toISOString(),
    correlationId: id,
    businessKey: '',
    step: route ?? 'intake',
    flow: 'intake',
    flowVersion: '0',
    outcome: 'refused' as const,
    code: answer.code,
    detail: error.row.owner === 'sender' ? error.message : error.row.meaning,
  };
  journal
    .append([step])
    .catch((cause: unknown) => log.error({ id, err: cause }, 'A refusal was not journaled'));
}
