/** Opens a hub: its stores, its definitions, and what it does by itself. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { mappedReleases } from '../dead/mapped.ts';
import { sweepParked } from '../dead/release.ts';
import { intakeRouter } from '../intake/routes.ts';
import { refuseRetired } from '../interfaces/edges.ts';
import { openFigures } from '../metrics/figures.ts';
import { backlog } from '../limits/backlog.ts';
import { gate } from '../limits/gate.ts';
import { loadLimits, of } from '../limits/limits.ts';
import { shares } from '../limits/shares.ts';
import { roomFor } from '../limits/store-room.ts';
import { credentialSecret } from './credential-secret.ts';
import { drivingReplays } from './replays.ts';
import { daily } from '../retention/daily.ts';
import { markKey } from '../odoo/order/print.ts';
import { publishing } from '../broker/publishing.ts';
import type { Tracing } from '../tracing/span.ts';
import { setCurrentHub } from './current.ts';
import { Deliveries } from './deliveries.ts';
import { queuesFirst } from './queues.ts';
import { openStores, positive, type Profile } from '../stores/profile.ts';
import type { Stores } from '../stores/stores.ts';
import { telling } from './watch.ts';
import { missingSettings } from './missing.ts';
import { watchedTargets } from './targets.ts';
import { refusalNotes } from './refusals.ts';
import { readDefinitions } from './definitions.ts';
import type { Hub, Consuming } from './hub.ts';

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
      await endUpkeep();
      if (profile === 'cluster') await stores.journal.watched.gone().catch(() => {});
      await stores.close();
      await tracing?.close();
      setCurrentHub(undefined);
    },
  };
  const endUpkeep = startUpkeep(hub);
  setCurrentHub(hub);
  return hub;
}

/** What runs beside the messages: retention, released messages, replays. Gives what ends it. */
function startUpkeep(hub: Hub): () => Promise<void> {
  const release = mappedReleases(hub, hub.log);
  const makeMonths = makingMonths(hub);
  const pruning = daily(hub);
  const tell = telling(hub);
  const sweeping = setInterval(() => {
    sweep(hub);
    makeMonths();
    pruning.poll();
    tell();
    void release(hub.values);
  }, sweepMs).unref();
  const replaying = drivingReplays(hub);
  return async () => {
    clearInterval(sweeping);
    await replaying.stop();
    await pruning.stop();
  };
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
