/** The cluster profile's back ends: RabbitMQ, Redis and PostgreSQL at the addresses of the environment. */
import type { Logger } from 'pino';
import { rabbitBroker } from '../broker/rabbitmq.ts';
import { sealOf } from '../broker/seal.ts';
import { CodedError } from '../errors/coded-error.ts';
import { redisGuard } from '../guard/redis.ts';
import type { Journal } from '../journal/journal.ts';
import { postgresJournal } from '../journal/postgres.ts';
import { together, type Stores } from './profile.ts';

export async function openCluster(env: NodeJS.ProcessEnv, log: Logger | undefined): Promise<Stores> {
  const common = log ? { log } : {};
  const own = prefixOf(env);
  const seal = sealOf(env);
  const opened = await Promise.allSettled([
    open(env, 'AMQP_URL', /^amqps?:$/, (url) => rabbitBroker({ url, prefix: own, seal, ...common })),
    open(env, 'REDIS_URL', /^rediss?:$/, (url) => redisGuard({ url, prefix: `${own}crossdock:`, ...common })),
    open(env, 'DATABASE_URL', /^postgres(ql)?:$/, (url) =>
      postgresJournal({ url, schema: schemaOf(env), ...common }),
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
    return await open(env, 'DATABASE_URL', /^postgres(ql)?:$/, (url) =>
      postgresJournal({ url, schema: schemaOf(env) }),
    );
  } catch (error) {
    throw new CodedError('CONFIG_INVALID', (error as Error).message, { profile: 'cluster' });
  }
}

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
