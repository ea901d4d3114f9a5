/** Everything a node can ask the runtime for. One hub a process. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { CodedError } from '../errors/coded-error.ts';
import type { Broker } from '../broker/broker.ts';
import { mappedReleases } from '../dead/mapped.ts';
import { sweepParked } from '../dead/release.ts';
import { loadAuthority, type Authority } from '../authority/authority.ts';
import { calendarsFor, type Calendar } from '../calendar/calendar.ts';
import { loadDocumentTypes, type DocumentTypes } from '../edi/document-types.ts';
import { loadCatalogue, type Catalogue } from '../events/catalogue.ts';
import type { Guard } from '../guard/guard.ts';
import { intakeRouter, type Intake } from '../intake/routes.ts';
import { refuseRetired } from '../interfaces/edges.ts';
import { loadInterfaces, type Entries } from '../interfaces/file.ts';
import type { Journal } from '../journal/journal.ts';
import { openFigures, type Figures } from '../metrics/figures.ts';
import { backlog, type Backlog, type ConsumedQueue } from '../limits/backlog.ts';
import { gate, type Gate } from '../limits/gate.ts';
import { loadLimits, of, type Limits, type Tier } from '../limits/limits.ts';
import { shares } from '../limits/shares.ts';
import { roomFor } from '../limits/store-room.ts';
import type { Outage } from '../recovery/circuit.ts';
import { loadOwnership, type Ownership } from '../ownership/ownership.ts';
import { credentialSecret } from '../node-red/credential-secret.ts';
import type { Odoo } from '../odoo/client.ts';
import { loadPartners, type Partners } from '../partners/partners.ts';
import { loadProcesses, type ProcessDefinition } from '../process/definition.ts';
import { loadPolicies } from '../recovery/policies.ts';
import type { Policy } from '../recovery/recover.ts';
import { drivingReplays } from '../replay/hub.ts';
import { daily } from '../retention/daily.ts';
import { loadRetention, type Retention } from '../retention/rules.ts';
import { markKey } from '../suspicions/print.ts';
import { loadValueMaps, type ValueMaps } from '../values/value-maps.ts';
import { publishing } from '../tracing/publish.ts';
import type { Tracing } from '../tracing/span.ts';
import type { Seen } from '../workspace/seen.ts';
import { setCurrentHub } from './current.ts';
import { Deliveries } from './deliveries.ts';
import { queuesFirst } from './queues.ts';
import { openStores, positive, type Profile } from './profile.ts';
import type { Stores } from './stores.ts';
import { telling } from './watch.ts';
import { missingSettings, type Missing } from './missing.ts';
import { watchedTargets, type Targets } from './targets.ts';
import { refusalNotes } from './refusals.ts';

export interface Hub {
  log: Logger;
  profile: Profile;
  definitionsDir: string;
  broker: Broker;
  guard: Guard;
  journal: Journal;
  /** Of the embedded store. */
  room?: NonNullable<Stores['room']>;
  disk?: NonNullable<Stores['disk']>;
  atOnce?: NonNullable<Stores['atOnce']>;
  /** What an event that is published now waits for. */
  held(): Promise<void> | undefined;
  deliveries: Deliveries;
  intake: Intake;
  catalogue: Catalogue;
  authority: Authority;
  values: ValueMaps;
  partners: Partners;
  documentTypes: DocumentTypes;
  policies: Map<string, Policy>;
  processes: Map<string, ProcessDefinition>;
  ownership: Ownership;
  /** What definitions/interfaces.yaml says of each. */
  interfaces: Entries;
  /** What is counted while it works. */
  figures: Figures;
  /** Of the flows that run, by name. */
  tiers: Map<string, Tier>;
  calendars: Map<string, Calendar>;
  /** Undefined: nothing goes. */
  retention: Retention | undefined;
  limits: Limits;
  /** Before a message from a queue is worked on. */
  work: Gate;
  /** Before an event is published. */
  backlog: Backlog;
  /** Variables that the running flows lack. */
  missing: Missing;
  /** The consuming nodes of the running flows. */
  consumers: Set<Consuming>;
  /** What the running flows reach, as far as it has never worked. */
  targets: Targets;
  /** The Odoo connections of the running flows. */
  odoos: Set<Odoo>;
  /** The last webhooks, where flows are made. */
  seen?: Seen;
  /** Where traces are sent. */
  tracing?: Tracing;
  /** Of the marks that are kept of orders. */
  markKey(): Promise<Buffer>;
  /** Nodes that begin work by themselves, at a time or by looking, do not. */
  quiet: boolean;
  /** Takes no new work and waits, half a minute at the most, for the work at hand. What is not done then is given back. */
  pause(): Promise<void>;
  /** Flows start: an event is published when all their queues are there, with the next `resume`. */
  hold(): void;
  /** Takes work again when the queues of the flows are there. A `pause` before that ends it. */
  resume(): Promise<void>;
  /** Throws the first coded reason why the hub cannot take a message now. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** A consuming node of the running flows. */
export interface Consuming extends ConsumedQueue {
  flowVersion: string;
  readonly state: ConsumerState;
  /** Resolves when what was taken has its verdict. */
  pause(): Promise<void>;
  resume(): void;
}

export type ConsumerState =
  | { is: 'consuming' | 'paused' }
  | ({ is: 'outage' } & Outage) // its messages wait for the target
  | { is: 'failed'; error: CodedError }; // tries again by itself

const drainMs = 30_000;
const sweepMs = 15_000;

export interface HubOptions {
  profile: Profile;
  /** Where the embedded store lives. */
  dataDir: string;
  /** Known once the stores are open where a release decides it. */
  definitionsDir: string | ((stores: Stores) => Promise<string>);
  env: NodeJS.ProcessEnv;
  log: Logger;
  /** Default false. */
  quiet?: boolean;
  /** It ends with the hub. */
  tracing?: Tracing | undefined;
}

/** Opens the hub; from then on it is the current one. Throws CONFIG_INVALID naming what is missing or unreachable. */
export async function openHub(options: HubOptions): Promise<Hub> {
  const stores = await openStores({ ...options, hub: true });
  try {
    const { definitionsDir: dir } = options;
    return await workWith(stores, options, typeof dir === 'string' ? dir : await dir(stores));
  } catch (error) {
    await stores.close();
    throw error;
  }
}

/** What flows look up in the definitions while they run. */
export type Definitions = Pick<
  Hub,
  | 'definitionsDir'
  | 'catalogue'
  | 'authority'
  | 'values'
  | 'partners'
  | 'documentTypes'
  | 'policies'
  | 'processes'
  | 'ownership'
  | 'interfaces'
  | 'calendars'
  | 'retention'
>;

/** Throws CodedError CONFIG_INVALID that names file and line. */
export function readDefinitions(definitionsDir: string): Definitions {
  const documentTypes = loadDocumentTypes(join(definitionsDir, 'edi'));
  const processes = loadProcesses(definitionsDir);
  return {
    definitionsDir,
    catalogue: loadCatalogue(join(definitionsDir, 'events')),
    authority: loadAuthority(definitionsDir),
    values: loadValueMaps(join(definitionsDir, 'values')),
    partners: loadPartners(
      join(definitionsDir, 'partners'),
      (standard, type) => documentTypes.get(standard, type)?.reads !== undefined,
    ),
    documentTypes,
    policies: loadPolicies(join(definitionsDir, 'policies')),
    ownership: loadOwnership(definitionsDir),
    interfaces: loadInterfaces(definitionsDir),
    processes,
    calendars: calendarsFor(definitionsDir, processes),
    retention: loadRetention(definitionsDir),
  };
}

async function workWith(stores: Stores, options: HubOptions, definitionsDir: string): Promise<Hub> {
  const { profile, log, tracing } = options;
  const definitions = readDefinitions(definitionsDir);
  // Limits shape what the hub is made of: other ones count from the next start on.
  const limits = loadLimits(join(definitionsDir, 'limits.yaml'));
  const deliveries = positive(options.env, 'CROSSDOCK_CONCURRENCY') ?? limits.deliveries;
  const { broker, room } = stores;
  const queues = queuesFirst(broker, log);
  const figures = openFigures(() => hub);
  const intake = intakeRouter({
    answerTimeoutMs: 310_000,
    requests: shares(limits.requests, of(limits, 'requests')),
    bodies: shares(limits.bodies * 1024 * 1024, of(limits, 'requests')),
    ...(room && { admit: roomFor(room, of(limits, 'store')) }),
    missed: (path) => refuseRetired(hub.interfaces, path),
    onAnswer: figures.answered,
    onRefused: refusalNotes(stores.journal, log),
  });
  void intake.pause();
  const consumers = new Set<Consuming>();
  let key: Promise<Buffer> | undefined;
  const hub: Hub = {
    log,
    profile,
    ...definitions,
    ...stores,
    broker: { ...broker, publish: tracing ? publishing(queues.publish) : queues.publish },
    deliveries: new Deliveries(),
    intake,
    figures,
    tiers: new Map(),
    markKey: () => (key ??= credentialSecret(options.dataDir, log).then(markKey)),
    limits,
    work: gate(shares(deliveries, of(limits, 'deliveries')), of(limits, 'turns')),
    backlog: backlog({
      consumed: () => consumers,
      async depth(queue) {
        const { ready, delayed, unsettled } = await broker.depth(queue);
        return ready + delayed + unsettled;
      },
      limits: of(limits, 'backlog'),
    }),
    missing: missingSettings(log),
    consumers,
    targets: watchedTargets(log, options.quiet ?? false),
    odoos: new Set(),
    quiet: options.quiet ?? false,
    ...(tracing && { tracing }),
    held: queues.held,
    hold: () => queues.hold(),
    async pause() {
      queues.release();
      const working = [intake.pause(), ...[...consumers].map((consumer) => consumer.pause())];
      const late = AbortSignal.timeout(drainMs);
      const over = new Promise<void>((resolve) => late.addEventListener('abort', () => resolve()));
      await Promise.race([Promise.allSettled(working), over]);
    },
    resume: () =>
      queues.declare([...consumers], () => {
        for (const consumer of consumers) consumer.resume();
        intake.resume();
      }),
    async ready() {
      queues.ready();
      hub.missing.ready();
      hub.targets.ready();
      await Promise.all([stores.broker.ready(), stores.guard.ready(), stores.journal.ready()]);
    },
    async close() {
      clearInterval(sweeping);
      await replaying.stop();
      await pruning.stop();
      if (profile === 'cluster') await stores.journal.watched.gone().catch(() => {});
      await stores.close();
      await tracing?.close();
      setCurrentHub(undefined);
    },
  };
  const release = mappedReleases(hub, log);
  const makeMonths = makingMonths(hub);
  const pruning = daily(hub);
  const tell = telling(hub);
  const sweeping = setInterval(() => {
    sweep(hub);
    makeMonths();
    pruning.look();
    tell();
    void release(hub.values);
  }, sweepMs).unref();
  const replaying = drivingReplays(hub);
  setCurrentHub(hub);
  return hub;
}

/** Once an hour: the next months have their room. */
function makingMonths({ journal, log }: Hub): () => void {
  let next = 0;
  return () => {
    if (Date.now() < next) return;
    next = Date.now() + 3_600_000;
    journal
      .ahead(new Date())
      .catch((error: unknown) => log.warn({ err: error }, 'The months to come are made later'));
  };
}

/** Parked messages whose time is over wait for a person from now on. */
function sweep(hub: Hub): void {
  sweepParked(hub, new Date()).catch((error: unknown) =>
    hub.log.warn({ err: error }, 'Parked messages are looked through later'),
  );
}
