/** Opens broker, guard and journal of the profile that the environment names. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { embeddedBroker } from '../broker/embedded.ts';
import { rabbitBroker } from '../broker/rabbitmq.ts';
import type { Broker } from '../broker/broker.ts';
import { CodedError } from '../errors/coded-error.ts';
import { embeddedGuard, freeClaims } from '../guard/embedded.ts';
import { redisGuard } from '../guard/redis.ts';
import type { Guard } from '../guard/guard.ts';
import { embeddedJournal } from '../journal/embedded.ts';
import { postgresJournal } from '../journal/postgres.ts';
import type { Journal } from '../journal/journal.ts';
import { openStore, type Room } from '../sqlite/store.ts';

export type Profile = 'embedded' | 'cluster';

export interface Stores {
  broker: Broker;
  guard: Guard;
  journal: Journal;
  /** Of the embedded store. */
  room?: () => Room;
  /** Drains the broker first; what its handlers still do reaches guard and journal. */
  close(): Promise<void>;
}

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
 * within 5 s. Nothing stays open then.
 */
export async function openStores({ profile, dataDir, env, log, hub }: OpenStores): Promise<Stores> {
  if (profile === 'cluster') return openCluster(env, log);
  const common = log ? { log } : {};
  const limitMb = positive(env, 'CROSSDOCK_STORE_LIMIT_MB');
  const store = openStore(join(dataDir, 'crossdock.db'), { ...common, ...(limitMb && { limitMb }) });
  if (hub) await freeClaims(store);
  const stores = together(embeddedBroker(store, common), embeddedGuard(store), embeddedJournal(store), () =>
    store.close(),
  );
  return { ...stores, room: store.room };
}

/** A setting that is a whole number above 0; undefined when unset. Throws CodedError CONFIG_INVALID. */
export function positive(env: NodeJS.ProcessEnv, setting: string): number | undefined {
  const text = env[setting];
  if (!text) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CodedError('CONFIG_INVALID', `${setting} is a whole number above 0`, { setting });
}

/** The journal alone, so that it can be read while the broker is away. Throws CodedError CONFIG_INVALID. */
export async function openJournal({ profile, dataDir, env }: OpenStores): Promise<Journal> {
  if (profile === 'embedded') {
    const store = openStore(join(dataDir, 'crossdock.db'));
    const journal = embeddedJournal(store);
    return { ...journal, close: () => journal.close().then(() => store.close()) };
  }
  try {
    return await open(env, 'DATABASE_URL', /^postgres(ql)?:$/, (url) => postgresJournal({ url }));
  } catch (error) {
    throw new CodedError('CONFIG_INVALID', (error as Error).message, { profile });
  }
}

async function openCluster(env: NodeJS.ProcessEnv, log: Logger | undefined): Promise<Stores> {
  const common = log ? { log } : {};
  const own = prefixOf(env);
  const opened = await Promise.allSettled([
    open(env, 'AMQP_URL', /^amqps?:$/, (url) => rabbitBroker({ url, prefix: own, ...common })),
    open(env, 'REDIS_URL', /^rediss?:$/, (url) => redisGuard({ url, prefix: `${own}crossdock:`, ...common })),
    open(env, 'DATABASE_URL', /^postgres(ql)?:$/, (url) =>
      postgresJournal({ url, schema: `${own}crossdock`, ...common }),
    ),
  ]);
  const [broker, guard, journal] = opened;
  if (broker.status === 'fulfilled' && guard.status === 'fulfilled' && journal.status === 'fulfilled')
    return together(broker.value, guard.value, journal.value, () => {});
  const reasons: string[] = [];
  for (const one of opened) {
    if (one.status === 'fulfilled') await one.value.close();
    else reasons.push((one.reason as Error).message);
  }
  throw new CodedError('CONFIG_INVALID', `The cluster profile cannot start: ${reasons.join('; ')}`, {
    profile: 'cluster',
  });
}

/** `CROSSDOCK_PREFIX` keeps hubs apart that share services. Throws CodedError CONFIG_INVALID. */
function prefixOf(env: NodeJS.ProcessEnv): string {
  const prefix = env['CROSSDOCK_PREFIX'] ?? '';
  if (/^([a-z][a-z0-9_]{0,29})?$/.test(prefix)) return prefix && `${prefix}_`;
  throw new CodedError(
    'CONFIG_INVALID',
    'CROSSDOCK_PREFIX is a small letter, then small letters, digits and _',
    {
      setting: 'CROSSDOCK_PREFIX',
    },
  );
}

/** Rejects with a sentence that names the setting and, without user and password, its address. */
async function open<T>(
  env: NodeJS.ProcessEnv,
  setting: string,
  protocol: RegExp,
  connect: (url: string) => Promise<T>,
): Promise<T> {
  const url = env[setting];
  if (!url) throw new Error(`${setting} is not set`);
  if (!URL.canParse(url) || !protocol.test(new URL(url).protocol))
    throw new Error(`${setting} is not an address of the right kind`);
  try {
    return await connect(url);
  } catch (error) {
    throw new Error(`${setting}: ${new URL(url).host || 'the host'} ${why(error)}`, { cause: error });
  }
}

/** The cause in words of our own: drivers' messages can quote the address with its password. */
function why(error: unknown): string {
  if (error instanceof CodedError && error.code === 'CONFIG_INVALID') return error.message;
  const text = causes(error)
    .map((cause) => `${(cause as { code?: unknown }).code ?? ''} ${cause.message}`)
    .join(' ');
  if (/ECONNREFUSED/.test(text)) return 'refuses the connection';
  if (/ENOTFOUND|EAI_AGAIN/.test(text)) return 'is not a known host';
  if (/28P01|28000|WRONGPASS|NOAUTH|ACCESS.REFUSED|password/i.test(text)) return 'refuses the login';
  // amqplib's words for a vhost that is missing or closed to the user.
  if (/3D000|Expected ConnectionOpenOk/.test(text)) return 'has no such database or vhost';
  return 'does not answer';
}

function causes(error: unknown): Error[] {
  if (!(error instanceof Error)) return [];
  const inner = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return [error, ...[error.cause, ...inner].flatMap(causes)];
}

function together(broker: Broker, guard: Guard, journal: Journal, end: () => void): Stores {
  return {
    broker,
    guard,
    journal,
    async close() {
      await broker.close();
      await Promise.all([guard.close(), journal.close()]);
      end();
    },
  };
}
