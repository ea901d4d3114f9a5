/** What pages read, beside what messages need: a connection of its own that only reads, with a limit of time. */
import { join } from 'node:path';
import { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Profile } from '../stores/profile.ts';
import type { Tables } from '../journal/tables.ts';
import { storeKeys } from '../seal/keys.ts';
import { sealing } from '../seal/plugin.ts';
import { readingThread } from './thread.ts';

export interface Reader {
  /** For SELECTs: nothing can be written through it. Throws STORE_UNAVAILABLE, also when a question takes too long. */
  db: Kysely<Tables>;
  close(): Promise<void>;
}

export interface ReaderOptions {
  profile: Profile;
  /** Where the embedded store lives. */
  dataDir: string;
  env: NodeJS.ProcessEnv;
  log?: Logger;
  /** Of a question. Default 5000. */
  timeoutMs?: number;
}

/** When the store is open and its schema is made. Throws CodedError CONFIG_INVALID. */
export async function openReader(options: ReaderOptions): Promise<Reader> {
  const { profile, dataDir, env, log, timeoutMs = 5000 } = options;
  const common = { timeoutMs, ...(log && { log }) };
  const dialect =
    profile === 'embedded'
      ? readingThread(join(dataDir, 'crossdock.db'), common)
      : (await import('./pool.ts')).readingPool(env, common);
  const of = profile === 'embedded' ? 'sqlite' : 'postgres';
  const db = new Kysely<Tables>({ dialect, ...sealing(storeKeys(), of) });
  return { db, close: () => db.destroy() };
}
