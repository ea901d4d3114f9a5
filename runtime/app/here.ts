/** What a hub is started with: its folders and settings, checked before anything is opened. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../errors/coded-error.ts';
import type { Hub } from '../hub/hub.ts';
import { closeMetadataAddresses } from '../http/closed-addresses.ts';
import { trustProxies } from '../intake/client-address.ts';
import { createLog, type Log } from '../log/log.ts';
import { profileOf } from '../stores/profile.ts';
import { draftingOf } from '../triage/settings.ts';
import type { ActiveSource } from './active-source.ts';
import { dataFolder, definitionsFolder, places, portOf, type Palette, type Places } from './project.ts';
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

export type Here = Awaited<ReturnType<typeof hereOf>>;

/** What all that a hub is composed of may need: what it is started with, its nodes, what it runs, and its stores. */
export interface Base extends Here, Pick<Palette, 'outputsOf' | 'types'> {
  active: ActiveSource;
  hub: Hub;
}

/** Throws CONFIG_INVALID. Adds to the environment of the process what is kept elsewhere. */
export async function hereOf(options: StartOptions) {
  const { env } = process;
  const { worker = false, headless = false } = options;
  const profile = profileOf(env);
  if (worker && profile !== 'cluster')
    throw new CodedError('CONFIG_INVALID', 'A worker needs CROSSDOCK_PROFILE=cluster', { profile });
  const log = options.log ?? createLog();
  const { dataDir, flowsDir, definitionsDir } = { ...places(), ...defined(options) };
  const port = options.port ?? portOf(env['CROSSDOCK_PORT'], 1880);
  definitionsFolder(definitionsDir);
  dataFolder(dataDir);
  const secrets = headless ? undefined : await takeSources({ definitionsDir, dataDir }, env);
  const environment = takeVariables({ definitionsDir, dataDir }, env);
  trustProxies(env['CROSSDOCK_TRUSTED_PROXIES']);
  closeMetadataAddresses();
  const host = env['CROSSDOCK_HOST'] ?? '127.0.0.1';
  const drafting = draftingOf(env);
  const userDir = join(dataDir, 'node-red');
  await mkdir(userDir, { recursive: true, mode: 0o700 });
  const announce = options.announce ?? ((text: string) => void process.stdout.write(text));
  const own = { flowsDir, definitionsDir };
  return {
    env,
    worker,
    headless,
    profile,
    log,
    host,
    port,
    announce,
    dataDir,
    userDir,
    own,
    environment,
    secrets,
    drafting,
  };
}

function defined({ dataDir, flowsDir, definitionsDir }: StartOptions): Partial<Places> {
  return {
    ...(dataDir && { dataDir }),
    ...(flowsDir && { flowsDir }),
    ...(definitionsDir && { definitionsDir }),
  };
}
