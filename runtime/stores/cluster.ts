/** The cluster profile's back ends: RabbitMQ, Redis and PostgreSQL at the addresses of the environment. */
import { connect as connectAmqp } from 'amqplib';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { Logger } from 'pino';
import { rabbitBroker } from '../broker/rabbitmq.ts';
import { sealOf } from '../broker/seal.ts';
import { CodedError } from '../errors/coded-error.ts';
import { redisGuard } from '../guard/redis.ts';
import type { Journal } from '../journal/journal.ts';
import { postgresJournal } from '../journal/postgres.ts';
import { together, type Stores } from './stores.ts';

export async function openCluster(env: NodeJS.ProcessEnv, log: Logger | undefined): Promise<Stores> {
  const common = log ? { log } : {};
  const own = prefixOf(env);
  const seal = sealOf(env);
  const opened = await Promise.allSettled([
    open(env, 'AMQP_URL', protocols.AMQP_URL, (_url, now) =>
      rabbitBroker({ url: now, prefix: own, seal, ...common }),
    ),
    open(env, 'REDIS_URL', protocols.REDIS_URL, (url, now) =>
      redisGuard({ url, now, prefix: `${own}crossdock:`, ...common }),
    ),
    open(env, 'DATABASE_URL', protocols.DATABASE_URL, (url, now) =>
      postgresJournal({ url, now, schema: schemaOf(env), ...common }),
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

/** Throws CodedError CONFIG_INVALID. */
export async function openClusterJournal(env: NodeJS.ProcessEnv): Promise<Journal> {
  try {
    return await open(env, 'DATABASE_URL', protocols.DATABASE_URL, (url) =>
      postgresJournal({ url, schema: schemaOf(env) }),
    );
  } catch (error) {
    throw new CodedError('CONFIG_INVALID', (error as Error).message, { profile: 'cluster' });
  }
}

/** Whether a new connection could be made by the address of now. Throws CodedError CONFIG_INVALID, without the address. */
export async function tryLogin(env: NodeJS.ProcessEnv, setting: StoreSetting): Promise<void> {
  try {
    await open(env, setting, protocols[setting], logins[setting]);
  } catch (error) {
    throw new CodedError('CONFIG_INVALID', (error as Error).message, { setting });
  }
}

export type StoreSetting = keyof typeof protocols;

const protocols = { AMQP_URL: /^amqps?:$/, REDIS_URL: /^rediss?:$/, DATABASE_URL: /^postgres(ql)?:$/ };
const loginMs = 4000;
const logins: Record<StoreSetting, (url: string) => Promise<void>> = {
  AMQP_URL: async (url) => (await connectAmqp(url, { timeout: loginMs })).close(),
  async REDIS_URL(url) {
    const redis = new Redis(url, { lazyConnect: true, connectTimeout: loginMs, retryStrategy: () => null });
    let reason: unknown;
    redis.on('error', (error: Error) => (reason = error));
    try {
      await redis.connect();
    } catch (error) {
      throw reason ?? error;
    } finally {
      redis.disconnect();
    }
  },
  async DATABASE_URL(url) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: loginMs });
    client.on('error', () => {});
    try {
      await client.connect();
    } finally {
      await client.end().catch(() => {});
    }
  },
};

/** Of the journal in PostgreSQL. Throws CodedError CONFIG_INVALID. */
export function schemaOf(env: NodeJS.ProcessEnv): string {
  return `${prefixOf(env)}crossdock`;
}

/** `CROSSDOCK_PREFIX` keeps hubs apart that share services. Throws CodedError CONFIG_INVALID. */
export function prefixOf(env: NodeJS.ProcessEnv): string {
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
  connect: (url: string, now: () => string) => Promise<T>,
): Promise<T> {
  const url = env[setting];
  if (!url) throw new Error(`${setting} is not set`);
  if (!URL.canParse(url) || !protocol.test(new URL(url).protocol))
    throw new Error(`${setting} is not an address of the right kind`);
  try {
    return await connect(url, () => env[setting] ?? url);
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
