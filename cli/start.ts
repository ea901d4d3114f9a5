/** Starts the hub in this process: stores, flows and webhooks, with the editor unless it is a worker. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { applyValues, ownEnvironment } from '../runtime/environments/environment.ts';
import type { FlowFiles, Format } from '../runtime/flow-file/format.ts';
import { createLog, type Log } from '../runtime/hub/log.ts';
import { openHub, readDefinitions, type Hub } from '../runtime/hub/hub.ts';
import { profileOf } from '../runtime/hub/profile.ts';
import { credentialSecret } from '../runtime/node-red/credential-secret.ts';
import { lintFlows, logFindings, refuseErrors, type Finding } from '../runtime/lint/lint.ts';
import { openProject, type Project } from '../runtime/lint/project.ts';
import { deadRoutes } from '../runtime/node-red/dead-routes.ts';
import { lintRoutes } from '../runtime/node-red/lint-routes.ts';
import { watchDeploys } from '../runtime/node-red/deploys.ts';
import { buildPalette } from '../runtime/node-red/palette.ts';
import { releaseRoutes } from '../runtime/node-red/release-routes.ts';
import { startServer } from '../runtime/node-red/server.ts';
import { trackDeliveries } from '../runtime/node-red/settlement.ts';
import { createStorage } from '../runtime/node-red/storage.ts';
import { releaseSwitcher, unpack, type Place } from '../runtime/node-red/switcher.ts';
import { openUsers } from '../runtime/node-red/users.ts';
import type { Bundle } from '../runtime/release/bundle.ts';
import { trustedKeys } from '../runtime/release/keys.ts';
import { openTarget, runningRelease, type Target } from '../runtime/release/target.ts';
import { palette, places, root, type Places } from './project.ts';

export interface StartOptions {
  /** Default CROSSDOCK_DATA, else `.crossdock` here. */
  dataDir?: string;
  /** Default CROSSDOCK_FLOWS, else the project's flows. */
  flowsDir?: string;
  /** Default CROSSDOCK_PORT, else 1880; 0 for any free one. */
  port?: number;
  /** Without editor and admin API, so without users; for the cluster profile only. */
  worker?: boolean;
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
  setFlagsFromString(`--heap-growing-percent=${heapGrowth}`);
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
  const users = worker ? undefined : await openUsers(dataDir, announce, environment.production);
  const project = (dir: string): Project => openProject(dir, types, env, environment);
  const own = { flowsDir, definitionsDir };
  let place: Place = own;
  let released: Bundle | undefined;
  const hub = await openHub({
    profile,
    dataDir,
    async definitionsDir({ journal }) {
      released = await runningRelease(journal.documents);
      if (released) place = await unpack(released, dataDir);
      return place.definitionsDir;
    },
    env,
    log,
  });
  const findings = (files: FlowFiles): Finding[] =>
    lintFlows(files, outputsOf, project(place.definitionsDir));
  const deploys = watchDeploys(hub);
  const move = (to: Place): void => void (place = to);
  const switcher = releaseSwitcher({ hub, deploys, dataDir, outputsOf, project, own, move, env });
  const target = openTarget({
    documents: hub.journal.documents,
    environment,
    trusted: () => trustedKeys(dataDir, env),
    switcher,
    log,
    runs: released?.digest,
  });
  const untrack = trackDeliveries(hub.deliveries, log);
  try {
    // Settings are configuration: read from where they stand, as any other node-red does.
    const { settings } = (await import(join(root, 'settings.ts'))) as typeof import('../settings.ts');
    const storageModule = createStorage({
      flowsDir: () => place.flowsDir,
      dataDir,
      format: flowFormat(env['CROSSDOCK_FLOW_FORMAT']),
      outputsOf,
      check(flows, files) {
        if (place !== own)
          throw new CodedError(
            'RELEASE_RUNNING',
            'This hub runs a release: change flows where they are made',
          );
        refuseErrors(findings(files));
        deploys.check(flows);
      },
      loaded: (files) => logFindings(findings(files), log),
      async beforeDeploy() {
        await deploys.begin();
        if (hub.definitionsDir !== place.definitionsDir)
          Object.assign(hub, readDefinitions(place.definitionsDir));
      },
      deployFailed: () => deploys.failed(),
      log,
    });
    const secret = await credentialSecret(dataDir, log);
    const server = await startServer({
      host,
      port,
      settings: settings({
        userDir,
        host,
        port,
        ...(users && { adminAuth: users.adminAuth }),
        editor: !worker,
        credentialSecret: secret,
        storageModule,
        log,
      }),
      log,
      ...(users && { throttle: users.throttle }),
      mountIntake: (app) => void app.use(hub.intake.router),
      mountAdmin(admin) {
        admin.use('/crossdock/dead', deadRoutes(hub));
        admin.use(
          '/crossdock/lint',
          lintRoutes({ flowsDir: () => place.flowsDir, outputsOf, findings, log }),
        );
        const { environment: name } = environment;
        admin.use('/crossdock/releases', releaseRoutes({ target, own, environment: name, log }));
      },
      ready: () => hub.ready(),
    });
    if (!worker) await target.recover();
    const following = worker ? follow(target, log) : undefined;
    return {
      url: server.url,
      hub,
      async stop() {
        clearInterval(following);
        await deploys.end();
        await server.stop();
        untrack();
        await hub.close();
      },
    };
  } catch (error) {
    untrack();
    await hub.close();
    throw error;
  }
}

const followMs = 3000;

/** A worker runs what its hub has switched to. */
function follow(target: Target, log: Log): NodeJS.Timeout {
  return setInterval(() => {
    target.follow().catch((error: unknown) => log.error({ err: error }, 'The release could not be followed'));
  }, followMs).unref();
}

function defined({ dataDir, flowsDir }: StartOptions): Partial<Places> {
  return { ...(dataDir && { dataDir }), ...(flowsDir && { flowsDir }) };
}

/** Throws CONFIG_INVALID. */
function flowFormat(named = 'yaml'): Format {
  if (named === 'yaml' || named === 'json') return named;
  throw new CodedError('CONFIG_INVALID', `CROSSDOCK_FLOW_FORMAT is yaml or json, not "${named}"`);
}
