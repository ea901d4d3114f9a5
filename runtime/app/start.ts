/** Starts the hub in this process: stores, flows and webhooks, with the editor unless it is a worker. */
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { CodedError } from '../errors/coded-error.ts';
import type { Format } from '../flow-file/format.ts';
import { credentialSecret } from '../hub/credential-secret.ts';
import type { Hub } from '../hub/hub.ts';
import { openHub } from '../hub/open.ts';
import { Seen } from '../intake/seen.ts';
import { watchDeploys, type Deploys } from '../node-red/deploys.ts';
import { metricsRoute } from '../node-red/metrics-route.ts';
import { buildPalette } from '../node-red/palette.ts';
import { startServer, type RunningServer } from '../node-red/server.ts';
import { openBook } from '../node-red/session-book.ts';
import { sessionLimits } from '../node-red/session-limits.ts';
import { trackDeliveries } from '../node-red/settlement.ts';
import { signOnFor } from '../node-red/sign-on/sign-on.ts';
import { createStorage } from '../node-red/storage.ts';
import { warnOfTokens } from '../node-red/tokens.ts';
import { openUsers, type Users } from '../node-red/users.ts';
import { followRoles } from '../roles/roles.ts';
import { openTracing } from '../tracing/export/tracing.ts';
import { activeSource } from './active-source.ts';
import { mountAdmin } from './admin.ts';
import { fleetOf, type Fleet } from './fleet.ts';
import { hereOf, type Base, type Here, type StartOptions } from './here.ts';
import { ending, flowsFolder, palette, root } from './project.ts';
import { openTower } from './tower.ts';

/** Percent the heap may grow before it is collected. By itself V8 lets a hub at work double it again and again. */
const heapGrowth = 30;

export interface RunningHub {
  /** Address of the editor, where there is one; webhooks are below `/hooks`. */
  url: string;
  hub: Hub;
  /** Stops the hub: it takes no new work, waits for the work at hand, then ends. */
  stop(): Promise<void>;
}

export async function startHub(options: StartOptions = {}): Promise<RunningHub> {
  if (!options.headless) setFlagsFromString(`--heap-growing-percent=${heapGrowth}`);
  const here = await hereOf(options);
  const { worker, headless, profile, log, environment, own } = here;
  const base = await open(here);
  const { active, hub } = base;
  const users = await usersOf(base).catch(async (error: unknown) => {
    await hub.close();
    throw error;
  });
  if (users) warnOfTokens(here.dataDir, log);
  if (users && !environment.production && active.now() === own) hub.seen = new Seen();
  const deploys = watchDeploys(hub);
  const fleet = fleetOf(base, deploys);
  const beside = await openTower(base, users, fleet.runs);
  const untrack = trackDeliveries(hub.deliveries, log);
  const end = async (): Promise<void> => {
    untrack();
    await beside.end();
    await hub.close();
  };
  try {
    const server = await serve(base, { users, deploys, fleet, beside });
    await deploys.started();
    if (!worker) await fleet.target.recover();
    const unfollow = users && !environment.production ? await active.followByHand(deploys) : () => {};
    const leave = profile === 'cluster' && !headless ? fleet.join() : async () => {};
    return {
      url: server.url,
      hub,
      async stop() {
        unfollow();
        await leave();
        await deploys.end();
        await server.stop();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** The palette, what is to run, and the hub over its stores. */
async function open(here: Here): Promise<Base> {
  const { profile, dataDir, userDir, env, log, headless } = here;
  const { outputsOf, types } = await palette(buildPalette({ nodesDir: join(root, 'nodes'), userDir }));
  const active = activeSource({ ...here, outputsOf, types });
  const tracing = headless ? undefined : await openTracing(env, log);
  const hub = await openHub({
    profile,
    dataDir,
    definitionsDir: ({ journal }) => active.settle(journal.documents),
    env,
    log,
    tracing,
    ...(headless && { quiet: true }),
  });
  return { ...here, outputsOf, types, active, hub };
}

/** Undefined where there is no editor to log in to. */
async function usersOf(base: Base): Promise<Users | undefined> {
  const { hub, active, worker, headless, environment, dataDir, announce, env, log } = base;
  if (worker || headless) return undefined;
  const readOnly = environment.production ?? false;
  const definitionsDir = (): string => active.now().definitionsDir;
  const roles = followRoles(definitionsDir);
  const book = openBook(dataDir);
  const { audit } = hub.journal;
  const here = { readOnly, audit, roles, book, environment: environment.environment };
  return openUsers(dataDir, announce, {
    ...here,
    limits: sessionLimits(env),
    ...signOnFor(env, { ...here, definitionsDir, dataDir, log }),
  });
}

interface Served {
  users: Users | undefined;
  deploys: Deploys;
  fleet: Fleet;
  beside: Awaited<ReturnType<typeof openTower>>;
}

/** Node-RED with the flows, the webhooks, and the admin API where there are users. */
async function serve(base: Base, { users, deploys, fleet, beside }: Served): Promise<RunningServer> {
  const { hub, active, own, dataDir, userDir, host, port, env, log } = base;
  const { tower, scrapes } = beside;
  if (active.now() === own) flowsFolder(own.flowsDir);
  // Settings are configuration: read from where they stand, as any other node-red does.
  const { settings } = (await import(join(root, `settings${ending}`))) as typeof import('../../settings.ts');
  const storageModule = storageOf(base, deploys);
  const common = {
    userDir,
    host,
    port,
    editor: users !== undefined,
    credentialSecret: await credentialSecret(dataDir, log),
    storageModule,
  };
  return startServer({
    host,
    port,
    settings: settings({ ...common, ...(users && { adminAuth: users.adminAuth }), log }),
    log,
    ...(users && { users }),
    takeWebhook: hub.intake.take,
    mountAdmin: (admin) => mountAdmin(base, fleet, tower, admin),
    ...(scrapes && { metrics: metricsRoute({ scraping: scrapes, dataDir, env, log }) }),
    ready: () => hub.ready(),
    runs: fleet.runs,
  });
}

function storageOf({ active, hub, dataDir, env, outputsOf, log }: Base, deploys: Deploys) {
  return createStorage({
    ...active.storage(hub, deploys),
    dataDir,
    format: flowFormat(env['CROSSDOCK_FLOW_FORMAT']),
    outputsOf,
    deployFailed: () => deploys.failed(),
    audit: hub.journal.audit,
    log,
  });
}

/** Throws CONFIG_INVALID. */
function flowFormat(named = 'yaml'): Format {
  if (named === 'yaml' || named === 'json') return named;
  throw new CodedError('CONFIG_INVALID', `CROSSDOCK_FLOW_FORMAT is yaml or json, not "${named}"`);
}
