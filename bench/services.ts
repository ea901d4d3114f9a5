/** Where the real services are: those of test/stack. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { Redis } from 'ioredis';
import pg from 'pg';
import { partitionQueues } from '../runtime/broker/amqp-queues.ts';

export interface Services {
  odoo: { url: string; database: string; apiKey: string };
  postgres: { url: string };
  rabbitmq: { url: string };
  redis: { url: string };
}

/** Everything the benches store in shared services is under it. */
export const prefix = process.env['BENCH_PREFIX'] ?? 'bench';

/** Throws when test/stack was not started. */
export function services(): Services {
  const { CROSSDOCK_STACK_DIR: dir, XDG_CACHE_HOME: cache = join(homedir(), '.cache') } = process.env;
  const file = join(dir ?? join(cache, 'crossdock', 'stack'), 'stack.json');
  if (!existsSync(file)) throw new Error(`This bench needs the real services: test/stack up (no ${file})`);
  return JSON.parse(readFileSync(file, 'utf8')) as Services;
}

export function clusterEnvironment(): Record<string, string> {
  const { rabbitmq, redis, postgres } = services();
  return {
    CROSSDOCK_PROFILE: 'cluster',
    CROSSDOCK_PREFIX: prefix,
    AMQP_URL: rabbitmq.url,
    REDIS_URL: redis.url,
    DATABASE_URL: postgres.url,
  };
}

/** Removes what an earlier bench left in the services: the named queues, the keys and the schema. */
export async function clean(queues: readonly string[], of = prefix): Promise<void> {
  const { rabbitmq, redis, postgres } = services();
  const connection = await connect(rabbitmq.url);
  const channel = await connection.createChannel();
  for (const queue of queues.map((name) => `${of}_${name}`))
    for (const one of [queue, ...partitionQueues(queue)]) await channel.deleteQueue(one);
  await connection.close();
  const keys = new Redis(redis.url, { maxRetriesPerRequest: 0 });
  for await (const found of keys.scanStream({ match: `${of}_*`, count: 1000 }))
    if (found.length > 0) await keys.unlink(...(found as string[]));
  await keys.quit();
  const journal = new pg.Client({ connectionString: postgres.url });
  await journal.connect();
  await journal.query(`DROP SCHEMA IF EXISTS ${of}_crossdock CASCADE`);
  await journal.end();
}
