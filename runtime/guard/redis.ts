/** The guard of the cluster profile, on Redis. Each transition is one Lua script. */
import { randomUUID } from 'node:crypto';
import { Redis, type Callback, type Result } from 'ioredis';
import type { Logger } from 'pino';
import { CodedError } from '../errors/coded-error.ts';
import { followed } from '../secrets/following.ts';
import { oneWriteATurn } from '../sockets/one-write.ts';
import type { ClaimResult, Guard } from './guard.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    guardClaim(
      key: string,
      fingerprint: string,
      token: string,
      leaseMs: number,
      callback?: Callback<[string, (string | number)?]>,
    ): Result<[string, (string | number)?], Context>;
    guardCommit(
      key: string,
      token: string,
      result: string,
      keepMs: number,
      callback?: Callback<number>,
    ): Result<number, Context>;
    guardRelease(key: string, token: string, callback?: Callback<number>): Result<number, Context>;
  }
}

/** A claim is a hash with fingerprint and token; with a result it is done. The lease is the expiry of the key. */
const scripts = {
  guardClaim: `
    local seen = redis.call('HMGET', KEYS[1], 'fingerprint', 'result')
    if seen[1] then
      if seen[1] ~= ARGV[1] then return {'conflict'} end
      if seen[2] then return {'done', seen[2]} end
      return {'in-flight', redis.call('PTTL', KEYS[1])}
    end
    redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'token', ARGV[2])
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
    return {'new'}`,
  guardCommit: `
    local held = redis.call('HMGET', KEYS[1], 'token', 'result')
    if held[1] ~= ARGV[1] or held[2] then return 0 end
    redis.call('HSET', KEYS[1], 'result', ARGV[2])
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
    return 1`,
  guardRelease: `
    local held = redis.call('HMGET', KEYS[1], 'token', 'result')
    if held[1] ~= ARGV[1] or held[2] then return 0 end
    redis.call('DEL', KEYS[1])
    return 1`,
};

export interface RedisGuardOptions {
  /** `redis://[:password@]host:port[/db]` */
  url: string;
  /** Returns the current address, if it can change. Its user and password are used for the next connection. */
  now?: () => string;
  /** Prefix of every key. Default `crossdock:`. */
  prefix?: string;
  log?: Logger;
  /** Time limit of one command, in ms. Default 3000. */
  timeoutMs?: number;
}

/**
 * Connects, and reconnects later by itself. Throws CodedError STORE_UNAVAILABLE if Redis does not answer the first
 * time.
 */
export async function redisGuard(options: RedisGuardOptions): Promise<Guard> {
  const { prefix = 'crossdock:' } = options;
  const { redis, unfollow } = await connected(options);
  const claimKey = (key: string) => `${prefix}claim:${key}`;
  return {
    async claim({ key, fingerprint, leaseMs }): Promise<ClaimResult> {
      const token = randomUUID();
      const [state, more] = await call(() =>
        redis.guardClaim(claimKey(key), fingerprint, token, Math.ceil(leaseMs)),
      );
      if (state === 'new') return { state, claim: { key, token } };
      if (state === 'done') return { state, result: JSON.parse(String(more)) };
      if (state === 'in-flight') return { state, retryAfterMs: Math.max(1, Number(more)) };
      return { state: 'conflict' };
    },

    async commit({ key, token }, result, keepMs) {
      const json = JSON.stringify(result ?? null);
      return (await call(() => redis.guardCommit(claimKey(key), token, json, Math.ceil(keepMs)))) === 1;
    },

    async release({ key, token }) {
      return (await call(() => redis.guardRelease(claimKey(key), token))) === 1;
    },

    async ready() {
      await call(() => redis.ping());
    },

    async close() {
      unfollow();
      // A clean QUIT needs a live connection.
      await redis.quit().catch(() => redis.disconnect());
    },
  };
}

/** The first time after a tenth of a second, then ever later, at the latest after one. */
export const reconnectAfterMs = (attempt: number): number => Math.min(100 * attempt, 1000);

/** `unfollow`: ends that its user and password are those of now. */
async function connected(options: RedisGuardOptions): Promise<{ redis: Redis; unfollow: () => void }> {
  const { url, log, timeoutMs = 3000 } = options;
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    // A transition whose answer was lost may have been made. The caller, not the client, decides whether to repeat it.
    maxRetriesPerRequest: 0,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    retryStrategy: reconnectAfterMs,
  });
  const unfollow = followed(options.now ?? (() => url), () => {
    // An invalid address gives no access; the check of settings reports it.
    const { username = '', password = '' } = URL.parse(options.now!()) ?? {};
    redis.options.username = decodeURIComponent(username);
    redis.options.password = decodeURIComponent(password);
  });
  redis.on('connect', () => oneWriteATurn(redis.stream));
  let reason: unknown;
  redis.on('error', (error: Error) => {
    reason = error;
    log?.warn({ err: error }, 'Redis connection');
  });
  for (const [name, lua] of Object.entries(scripts)) redis.defineCommand(name, { numberOfKeys: 1, lua });

  try {
    await redis.connect();
  } catch (error) {
    redis.disconnect();
    unfollow();
    // `connect` only says that the connection is closed. The reason came as an event before.
    throw unavailable(reason ?? error);
  }
  return { redis, unfollow };
}

async function call<T>(command: () => Promise<T>): Promise<T> {
  try {
    return await command();
  } catch (error) {
    throw unavailable(error);
  }
}

function unavailable(cause: unknown): CodedError {
  return new CodedError('STORE_UNAVAILABLE', 'Redis cannot be reached', {}, { cause });
}
