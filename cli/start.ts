/** Starts the hub in this process: stores, flows and webhooks, with the editor unless it is a worker. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { Express } from 'express';
import { keepCheckpoints } from '../runtime/audit/trail/keeper.ts';
import { sealing } from '../runtime/audit/trail/seal.ts';
import { sealedAside, verifiedAside } from '../runtime/audit/trail/thread.ts';
import { openCounter } from '../runtime/catalogue/counter.ts';
import { knowledgeOf } from '../runtime/catalogue/knowledge.ts';
import { hasValue } from '../runtime/environments/environment.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Format } from '../runtime/flow-file/format.ts';
import { createLog, type Log } from '../runtime/log/log.ts';
import type { Hub } from '../runtime/hub/hub.ts';
import { openHub } from '../runtime/hub/open.ts';
import { closeMetadataAddresses } from '../runtime/http/closed-addresses.ts';
import { trustProxies } from '../runtime/intake/client-address.ts';
import { profileOf } from '../runtime/stores/profile.ts';
import { scraping } from '../runtime/metrics/scrape/scrape.ts';
import { authorRoutes } from '../runtime/node-red/author-routes.ts';
import { tellWorkersRefused } from '../runtime/node-red/by-hand.ts';
import { credentialSecret } from '../runtime/hub/credential-secret.ts';
import { deadRoutes } from '../runtime/node-red/dead-routes.ts';
import { watchDeploys } from '../runtime/node-red/deploys.ts';
import { metricsRoute } from '../runtime/node-red/metrics-route.ts';
import { lintRoutes } from '../runtime/node-red/lint-routes.ts';
import { buildPalette } from '../runtime/node-red/palette.ts';
import { processRoutes } from '../runtime/node-red/process-routes.ts';
import { releaseRoutes } from '../runtime/node-red/release-routes.ts';
import { openBook } from '../runtime/node-red/session-book.ts';
import { sessionLimits } from '../runtime/node-red/session-limits.ts';
import { startServer } from '../runtime/node-red/server.ts';
import { trackDeliveries } from '../runtime/node-red/settlement.ts';
import { createStorage } from '../runtime/node-red/storage.ts';
import { releaseSwitcher } from '../runtime/node-red/switcher.ts';
import { keepingIssues } from '../runtime/node-red/tower/issues.ts';
import { mountTower } from '../runtime/node-red/tower/mount.ts';
import { signOnFor } from '../runtime/node-red/sign-on/sign-on.ts';
import { signOnOf } from '../runtime/sign-on/settings.ts';
import { Seen } from '../runtime/intake/seen.ts';
import { warnOfTokens } from '../runtime/node-red/tokens.ts';
import { openUsers } from '../runtime/node-red/users.ts';
import { followRoles } from '../runtime/roles/roles.ts';
import { signingKey, trustedKeys } from '../runtime/signature/keys.ts';
import { membership, type MemberOptions } from '../runtime/release/member.ts';
import { followSuccession } from '../runtime/release/succession.ts';
import { rolling } from '../runtime/release/rolling.ts';
import { openTarget } from '../runtime/release/target.ts';
import { bringingWorkingCopies } from '../runtime/authoring/working.ts';
import { followingSecrets } from '../runtime/secrets/rotation/hub.ts';
import { openReader } from '../runtime/reader/reader.ts';
import { openDrafter } from '../runtime/triage/drafts.ts';
import { draftingOf } from '../runtime/triage/settings.ts';
import { openTracing } from '../runtime/tracing/export/tracing.ts';
import { glassLogins } from '../runtime/alerts/break-glass.ts';
import { watchAlerts } from '../runtime/alerts/watch.ts';
import { overused } from '../runtime/interfaces/use/overused.ts';
import { zoneOfHub } from '../runtime/calendar/calendar.ts';
import { detectedAside } from '../runtime/suspicions/thread.ts';
import { watchSuspicions } from '../runtime/suspicions/watch.ts';
import { countedAside } from '../runtime/figures/thread.ts';
import type { Books } from '../runtime/reconcile/read-hub.ts';
import { reconcilingByTheClock, runByCommand } from '../runtime/reconcile/scheduled.ts';
import { authorOf, testsOf, trialOf } from './authoring.ts';
import {
  dataFolder,
  definitionsFolder,
  ending,
  flowsFolder,
  palette,
  type Places,
  places,
  portOf,
  root,
} from './project.ts';
import { activeSource } from './active-source.ts';
import { takeSources, takeVariables } from './variables.ts';

export interface StartOptions {
  /** Data folder. Default: CROSSDOCK_DATA, else `.crossdock` here. */
  dataDir?: string;
  /** Folder of the flows. Default: CROSSDOCK_FLOWS, else the project's flows. */
  flowsDir?: string;
  /** Port to listen on; 0 for any free one. Default: CROSSDOCK_PORT, else 1880. */
  port?: number;
  /** True to run without editor and admin API, so without users; for the cluster profile only. Default false. */
  worker?: boolean;
  /** True to run without editor and admin API on any profile, for flow tests. Default false. */
  headless?: boolean;
  /** Folder of the definitions. Default: CROSSDOCK_DEFINITIONS, else the project's definitions. */
  definitionsDir?: string;
  /** Where the first start shows the admin's password. */
  announce?: (text: string) => void;
  log?: Log;
}

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
  const { env } = process;
  if (!options.headless) setFlagsFromString(`--heap-growing-percent=${heapGrowth}`);
  const { worker = false } = options;
  const profile = profileOf(env);
  if (worker && profile !== 'cluster')
    throw new CodedError('CONFIG_INVALID', 'A worker needs CROSSDOCK_PROFILE=cluster', { profile });
  const log = options.log ?? createLog();
  const { dataDir, flowsDir, definitionsDir } = { ...places(), ...defined(options) };
  const port = options.port ?? portOf(env['CROSSDOCK_PORT'], 1880);
  definitionsFolder(definitionsDir);
  dataFolder(dataDir);
  const secrets = options.headless ? undefined : await takeSources({ definitionsDir, dataDir }, env);
  const environment = takeVariables({ definitionsDir, dataDir }, env);
  trustProxies(env['CROSSDOCK_TRUSTED_PROXIES']);
  closeMetadataAddresses();
  const host = env['CROSSDOCK_HOST'] ?? '127.0.0.1';
  const drafting = draftingOf(env);
  const userDir = join(dataDir, 'node-red');
  await mkdir(userDir, { recursive: true, mode: 0o700 });

  const { outputsOf, types } = await palette(buildPalette({ nodesDir: join(root, 'nodes'), userDir }));
  const announce = options.announce ?? ((text) => void process.stdout.write(text));
  const own = { flowsDir, definitionsDir };
  const active = activeSource({ own, dataDir, environment, outputsOf, types, env, log, worker });
  const tracing = options.headless ? undefined : await openTracing(env, log);
  const hub = await openHub({
    profile,
    dataDir,
    definitionsDir: ({ journal }) => active.settle(journal.documents),
    env,
    log,
    tracing,
    ...(options.headless && { quiet: true }),
  });
  const { documents, audit } = hub.journal;
  const users = await openUsersHere().catch(async (error: unknown) => {
    await hub.close();
    throw error;
  });
  if (users) warnOfTokens(dataDir, log);
  if (users && !environment.production && active.now() === own) hub.seen = new Seen();
  const deploys = watchDeploys(hub);
  const switcher = releaseSwitcher({ ...active, hub, deploys, dataDir, outputsOf, env });
  const { id } = hub.journal.watched;
  const fleet = { documents, id, log, switcher, rolling: rolling({ documents, id, log }) };
  const target = openTarget({
    ...fleet,
    audit,
    environment,
    trusted: () => trustedKeys(dataDir, env),
    succeeded: async (steps, by) => void (await followSuccession({ dataDir, env, audit }, steps, by)),
  });
  const catalogue = openCounter({
    root,
    where: own,
    ...knowledgeOf({ outputsOf, types }),
    given: (name) => hasValue(environment, env, name),
  });
  const reader = await openReader({ profile, dataDir, env, log });
  const following =
    secrets &&
    followingSecrets({ hub, secrets, dataDir, env, names: environment.secrets ?? [], renews: !worker });
  const scrapes = options.headless ? undefined : scraping(hub, reader);
  const tower = users && {
    hub,
    reader,
    environment,
    here: active,
    users,
    dataDir,
    trial: trialOf(own, env),
    tests: (flow: string, mappings: string) => testsOf({ ...places(), dataDir, ...own }, env, flow, mappings),
    runs: switcher.runs,
    catalogue,
    secrets: following?.list ?? (() => []),
    ...(drafting && {
      drafter: openDrafter(drafting, { documents, issues: hub.journal.issues }, log),
    }),
  };
  const kept = tower && keepingIssues(tower);
  const definitionsNow = (): string => active.now().definitionsDir;
  const alerts =
    tower &&
    watchAlerts({
      hub,
      db: tower.reader.db,
      definitionsDir: definitionsNow,
      given: (name) => env[name],
      ...(following && { secrets: following.list }),
      ...(signOnOf(env) && { breakGlassLogins: (now) => glassLogins(tower.reader.db, now) }),
      figures: () => countedAside({ profile, dataDir, definitionsDir: definitionsNow(), span: 7 }),
      overused: (now) =>
        overused(tower.reader.db, hub, async () => (await active.flows()).flatMap((file) => file.nodes), now),
    });
  const suspecting =
    tower &&
    watchSuspicions({
      hub,
      detect: (now) => detectedAside({ profile, dataDir, now, zone: zoneOfHub(definitionsNow()) }),
    });
  const reconciling =
    tower && reconcilingByTheClock({ hub, definitionsDir: definitionsNow, run: compareBooks });
  const outside =
    tower &&
    keepCheckpoints(audit, () => signingKey(dataDir, env), {
      env,
      log,
      documents,
      aside: (checkpoints) => verifiedAside({ profile, dataDir, checkpoints }),
      seal: sealing(audit, (span) => sealedAside({ profile, dataDir, span })),
    });
  // A hub that cannot sign says so at the start.
  if (outside) await signingKey(dataDir, env);
  const endTower = async (): Promise<void> => {
    scrapes?.end();
    await following?.end();
    await reconciling?.end();
    await alerts?.end();
    await suspecting?.end();
    await kept?.end();
    await outside?.end();
    await reader.close();
  };
  const mountAdmin = (admin: Express): void => {
    admin.use('/crossdock/dead', deadRoutes(hub));
    admin.use('/crossdock/processes', processRoutes(hub));
    admin.use(
      '/crossdock/lint',
      lintRoutes({ ...active, flowsDir: () => active.now().flowsDir, outputsOf, log }),
    );
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
    if (tower) mountTower(admin, tower);
    if (active.now() !== own || environment.production) return;
    const author = authorOf({ ...places(), dataDir, ...own }, { outputsOf, types }, env);
    admin.use('/crossdock/author', authorRoutes(author, { edits: active.edits, audit, log }));
  };
  const untrack = trackDeliveries(hub.deliveries, log);
  try {
    if (active.now() === own) flowsFolder(flowsDir);
    // Settings are configuration: read from where they stand, as any other node-red does.
    const { settings } = (await import(join(root, `settings${ending}`))) as typeof import('../settings.ts');
    const storageModule = createStorage({
      ...active.storage(hub, deploys),
      dataDir,
      format: flowFormat(env['CROSSDOCK_FLOW_FORMAT']),
      outputsOf,
      deployFailed: () => deploys.failed(),
      audit,
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
      ...(users && { users }),
      takeWebhook: hub.intake.take,
      mountAdmin,
      ...(scrapes && { metrics: metricsRoute({ scraping: scrapes, dataDir, env, log }) }),
      ready: () => hub.ready(),
      runs: switcher.runs,
    });
    await deploys.started();
    if (!worker) await target.recover();
    const unfollow = await editing();
    const leave = profile === 'cluster' && !options.headless ? joined() : async () => {};
    return {
      url: server.url,
      hub,
      async stop() {
        unfollow();
        await leave();
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

  /** As of this time, by the definitions that run now. */
  function compareBooks(cutOff: string, signal: AbortSignal, of: Books): Promise<void> {
    const here = { CROSSDOCK_DATA: dataDir, CROSSDOCK_DEFINITIONS: definitionsNow() };
    const script = join(root, 'cli/crossdock.js');
    return runByCommand(script, { ...env, ...here }, hub.journal.documents)(cutOff, signal, of);
  }

  async function openUsersHere() {
    if (worker || options.headless) return undefined;
    const readOnly = environment.production ?? false;
    const definitionsDir = (): string => active.now().definitionsDir;
    const roles = followRoles(definitionsDir);
    const book = openBook(dataDir);
    const here = { readOnly, audit, roles, book, environment: environment.environment };
    return openUsers(dataDir, announce, {
      ...here,
      limits: sessionLimits(env),
      ...signOnFor(env, { ...here, definitionsDir, dataDir, log }),
    });
  }

  async function editing(): Promise<() => void> {
    return users && !environment.production ? active.followByHand(deploys) : () => {};
  }

  /** Makes this process one of the hubs of the store, until the returned function is called. */
  function joined(): () => Promise<void> {
    if (active.authored())
      deploys.each(bringingWorkingCopies({ ...fleet, ...own, failed: tellWorkersRefused }));
    return member({ ...fleet, worker, production: environment.production ?? false });
  }
}

const lookMs = 1000;

function member(options: MemberOptions): () => Promise<void> {
  const { poll, gone } = membership(options);
  const now = (): void =>
    void poll().catch((error: unknown) =>
      options.log.warn({ err: error }, 'What runs here is told to the others later'),
    );
  const timer = setInterval(now, lookMs).unref();
  now();
  return async () => {
    clearInterval(timer);
    await gone().catch(() => {});
  };
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
