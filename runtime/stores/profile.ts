/** Opens broker, guard and journal of the profile that the environment names. */
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { embeddedBroker } from '../broker/embedded.ts';
import { CodedError } from '../errors/coded-error.ts';
import { embeddedGuard, freeClaims } from '../guard/embedded.ts';
import { embeddedJournal } from '../journal/embedded.ts';
import type { Journal } from '../journal/journal.ts';
import { checkKeys } from '../journal/known-keys.ts';
import { openStore, type Store } from '../sqlite/store.ts';
import { together, type Stores } from './stores.ts';

/** Bytes: a second or two. */
const REWRITTEN_AT_START = 256 * 1024 * 1024;

export type Profile = 'embedded' | 'cluster';

export interface OpenStores {
  profile: Profile;
  /** The embedded profile keeps `crossdock.db` here. */
  dataDir: string;
  env: NodeJS.ProcessEnv;
  log?: Logger;
  /** The one hub that works with the embedded store, not a command beside it. */
  hub?: boolean;
}

/** `CROSSDOCK_PROFILE`, embedded when unset. Throws CodedError CONFIG_INVALID. */
export function profileOf(env: NodeJS.ProcessEnv): Profile {
  const profile = env['CROSSDOCK_PROFILE'] || 'embedded';
  if (profile === 'embedded' || profile === 'cluster') return profile;
  throw new CodedError('CONFIG_INVALID', `CROSSDOCK_PROFILE is embedded or cluster, not "${profile}"`, {
    setting: 'CROSSDOCK_PROFILE',
  });
}

/**
 * Throws CodedError CONFIG_INVALID that names every address that is missing, malformed or does not answer
 * within 5 s, and STORE_KEY_MISSING where the store is sealed with another key. Nothing stays open then.
 */
export async function openStores(options: OpenStores): Promise<Stores> {
  const stores = await openedStores(options);
  await withItsKeys(stores.journal, stores);
  return stores;
}

async function withItsKeys(journal: Journal, opened: { close(): Promise<void> }): Promise<void> {
  try {
    await checkKeys(journal.documents);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function openedStores({ profile, dataDir, env, log, hub }: OpenStores): Promise<Stores> {
  if (profile === 'cluster') return (await cluster()).openCluster(env, log);
  const common = log ? { log } : {};
  const limitMb = positive(env, 'CROSSDOCK_STORE_LIMIT_MB');
  const store = openStore(join(dataDir, 'crossdock.db'), { ...common, ...(limitMb && { limitMb }) });
  if (hub) await begin(store, log);
  const guard = embeddedGuard(store, { hub: hub ?? false });
  const stores = together(embeddedBroker(store, common), guard, embeddedJournal(store), () => store.close());
  const disk = async () => {
    const { bavail, bsize } = await statfs(dataDir);
    return bavail * bsize;
  };
  return { ...stores, room: store.room, disk, atOnce: store.together };
}

/** Before anything is freed: what another hub has at work is not free. Throws CONFIG_INVALID while another hub works here. */
async function begin(store: Store, log: Logger | undefined): Promise<void> {
  try {
    store.lock();
    await freeClaims(store);
    shrinkFromNowOn(store, log);
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** A file of before free pages could leave it is written anew while it is small; a large one when somebody asks for it. */
function shrinkFromNowOn({ space, room }: Store, log: Logger | undefined): void {
  if (space.shrinks) return;
  if (room().used <= REWRITTEN_AT_START) space.rewrite();
  else
    log?.warn(
      'The file of the store never becomes smaller: stop the hub and run crossdock prune --rewrite once',
    );
}

/** A setting that is a whole number above 0; undefined when unset. Throws CodedError CONFIG_INVALID. */
export function positive(env: NodeJS.ProcessEnv, setting: string): number | undefined {
  const text = env[setting];
  if (!text) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CodedError('CONFIG_INVALID', `${setting} is a whole number above 0`, { setting });
}

/** The journal alone, so that it can be read while the broker is away. Throws CodedError CONFIG_INVALID and STORE_KEY_MISSING. */
export async function openJournal(options: OpenStores): Promise<Journal> {
  const journal = await openedJournal(options);
  await withItsKeys(journal, journal);
  return journal;
}

async function openedJournal({ profile, dataDir, env }: OpenStores): Promise<Journal> {
  if (profile === 'embedded') {
    const store = openStore(join(dataDir, 'crossdock.db'));
    const journal = embeddedJournal(store);
    return { ...journal, close: () => journal.close().then(() => store.close()) };
  }
  return (await cluster()).openClusterJournal(env);
}

/** Open while the work runs. Throws what `openJournal` and the work throw. */
export async function withJournalOf<Result>(
  stores: OpenStores,
  work: (journal: Journal) => Promise<Result>,
): Promise<Result> {
  const journal = await openJournal(stores);
  try {
    return await work(journal);
  } finally {
    await journal.close();
  }
}

/** Its drivers are read only where they are used. */
function cluster(): Promise<typeof import('./cluster.ts')> {
  return import('./cluster.ts');
}
