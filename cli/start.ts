/** Starts the hub in this process: stores, flows and webhooks, with the editor unless it is a worker. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { Express } from 'express';
import { applyValues, ownEnvironment } from '../runtime/environments/environment.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Format } from '../runtime/flow-file/format.ts';
import { createLog, type Log } from '../runtime/hub/log.ts';
import { openHub, type Hub } from '../runtime/hub/hub.ts';
import { profileOf } from '../runtime/hub/profile.ts';
import { authorRoutes } from '../runtime/node-red/author-routes.ts';
import { credentialSecret } from '../runtime/node-red/credential-secret.ts';
import { deadRoutes } from '../runtime/node-red/dead-routes.ts';
import { watchDeploys } from '../runtime/node-red/deploys.ts';
import { lintRoutes } from '../runtime/node-red/lint-routes.ts';
import { buildPalette } from '../runtime/node-red/palette.ts';
import { processRoutes } from '../runtime/node-red/process-routes.ts';
import { releaseRoutes } from '../runtime/node-red/release-routes.ts';
import { startServer } from '../runtime/node-red/server.ts';
import { trackDeliveries } from '../runtime/node-red/settlement.ts';
import { createStorage } from '../runtime/node-red/storage.ts';
import { releaseSwitcher } from '../runtime/node-red/switcher.ts';
import { keepingIssues } from '../runtime/node-red/tower/issues.ts';
import { towerRoutes } from '../runtime/node-red/tower/tower.ts';
import { openUsers } from '../runtime/node-red/users.ts';
import { trustedKeys } from '../runtime/release/keys.ts';
import { openTarget, type Target } from '../runtime/release/target.ts';
import { openReader } from '../runtime/tower/reader.ts';
import { authorOf } from './authoring.ts';
import { palette, places, root, type Places } from './project.ts';
import { standing } from './standing.ts';

export interface StartOptions {
  /** Default CROSSDOCK_DATA, else `.crossdock` here. */
  dataDir?: string;
  /** Default CROSSDOCK_FLOWS, else the project's flows. */
  flowsDir?: string;
  /** Default CROSSDOCK_PORT, else 1880; 0 for any free one. */
  port?: number;
  /** Without editor and admin API, so without users; for the cluster profile only. */
  worker?: boolean;
  /** Without editor and admin API, on any profile: for flow tests. */
  headless?: boolean;
  /** Default CROSSDOCK_DEFINITIONS, else the project's definitions. */
  definitionsDir?: string;
  /** Where the first start shows the admin's password. */
  announce?: (text: string) => void;
  log?: Log;
}

/** Percent the heap may grow before it is collected. By itself V8 lets a hub at work double it again and again. */
const heapGrowth = 30;

export interface RunningHub {
  /** Of the editor, where there is one; webhooks are below `/hooks`. */
  url: string;
  hub: Hub;
  /** Takes no new work, waits for the work at hand, then stops. */
  stop(): Promise<void>;
}

export async function startHub(options: StartOptions = {}): Promise<RunningHub> {
  const { env } = process;
  if (!options.headless) setFlagsFromString(`--heap-growing-percent=${heapGrowth}`);
  const { worker = false } = options;
  const profile = profileOf(env);
  if (worker && profile !== 'cluster')
    throw new CodedError('CONFIG_INVALID', 'A worker needs CROSSDOCK_PROFILE=cluster', { profile });
  const log = options.log ?? createLog();
  const { dataDir, flowsDir, definitionsDir } = { ...places(), ...defined(options) };
  const environment = ownEnvironment(join(definitionsDir, 'environments'), env);
  applyValues(environment, env);
  const port = options.port ?? Number(env['CROSSDOCK_PORT'] ?? 1880);
  const host = env['CROSSDOCK_HOST'] ?? '127.0.0.1';
  const userDir = join(dataDir, 'node-red');
  await mkdir(userDir, { recursive: true, mode: 0o700 });

  const { outputsOf, types } = await palette(buildPalette({ nodesDir: join(root, 'nodes'), userDir }));
  const announce = options.announce ?? ((text) => void process.stdout.write(text));
  const users =
    worker || options.headless ? undefined : await openUsers(dataDir, announce, environment.production);
  const own = { flowsDir, definitionsDir };
  const at = standing({ own, dataDir, environment, outputsOf, types, env, log });
  const hub = await openHub({
    profile,
    dataDir,
    definitionsDir: ({ journal }) => at.settle(journal.documents),
    env,
    log,
    ...(options.headless && { quiet: true }),
  });
  const deploys = watchDeploys(hub);
  const target = openTarget({
    documents: hub.journal.documents,
    environment,
    trusted: () => trustedKeys(dataDir, env),
    switcher: releaseSwitcher({ ...at, hub, deploys, dataDir, outputsOf, env }),
    log,
    runs: at.released(),
  });
  const tower = users && {
    hub,
    reader: await openReader({ profile, dataDir, env, log }),
    environment,
    here: at,
  };
  const kept = tower && keepingIssues(tower);
  const endTower = async (): Promise<void> => {
    await kept?.end();
    await tower?.reader.close();
  };
  const mountAdmin = (admin: Express): void => {
    admin.use('/crossdock/dead', deadRoutes(hub));
    admin.use('/crossdock/processes', processRoutes(hub));
    admin.use('/crossdock/lint', lintRoutes({ ...at, flowsDir: () => at.now().flowsDir, outputsOf, log }));
    admin.use(
      '/crossdock/releases',
      releaseRoutes({
        target,
        own,
        environment: environment.environment,
        proposals: hub.journal.proposals,
        values: () => hub.values,
        log,
      }),
    );
    if (tower) admin.use('/tower', towerRoutes(tower));
    if (at.now() !== own || environment.production) return;
    const author = authorOf({ ...places(), dataDir, ...own }, { outputsOf, types }, env);
    admin.use('/crossdock/author', authorRoutes(author, at.edits, log));
  };
  const untrack = trackDeliveries(hub.deliveries, log);
  try {
    // Settings are configuration: read from where they stand, as any other node-red does.
    const { settings } = (await import(join(root, 'settings.ts'))) as typeof import('../settings.ts');
    const storageModule = createStorage({
      ...at.storage(hub, deploys),
      dataDir,
      format: flowFormat(env['CROSSDOCK_FLOW_FORMAT']),
      outputsOf,
      deployFailed: () => deploys.failed(),
      log,
    });
    const adminAuth = users && { adminAuth: users.adminAuth };
    const credential = await credentialSecret(dataDir, log);
    const common = {
      userDir,
      host,
      port,
      editor: users !== undefined,
      credentialSecret: credential,
      storageModule,
    };
    const server = await startServer({
      host,
      port,
      settings: settings({ ...common, ...adminAuth, log }),
      log,
      ...(users && { throttle: users.throttle }),
      takeWebhook: hub.intake.take,
      mountAdmin,
      ready: () => hub.ready(),
    });
    await deploys.started();
    if (!worker) await target.recover();
    const unfollow = await following();
    return {
      url: server.url,
      hub,
      async stop() {
        unfollow();
        await deploys.end();
        await server.stop();
        untrack();
        await endTower();
        await hub.close();
      },
    };
  } catch (error) {
    untrack();
    await endTower();
    await hub.close();
    throw error;
  }

  async function following(): Promise<() => void> {
    if (worker) return follow(target, log);
    return users && !environment.production ? at.followByHand(deploys) : () => {};
  }
}

const followMs = 3000;

/** A worker runs what its hub has switched to. */
function follow(target: Target, log: Log): () => void {
  const timer = setInterval(() => {
    target.follow().catch((error: unknown) => log.error({ err: error }, 'The release could not be followed'));
  }, followMs).unref();
  return () => clearInterval(timer);
}

function defined({ dataDir, flowsDir, definitionsDir }: StartOptions): Partial<Places> {
  return {
    ...(dataDir && { dataDir }),
    ...(flowsDir && { flowsDir }),
    ...(definitionsDir && { definitionsDir }),
  };
}

/** Throws CONFIG_INVALID. */
function flowFormat(named = 'yaml'): Format {
  if (named === 'yaml' || named === 'json') return named;
  throw new CodedError('CONFIG_INVALID', `CROSSDOCK_FLOW_FORMAT is yaml or json, not "${named}"`);
}
