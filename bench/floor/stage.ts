/** How the floors count a message once and store it durably, written by hand for the one purpose. */
import { DatabaseSync } from 'node:sqlite';
import { connect, type ConfirmChannel } from 'amqplib';
import { Redis } from 'ioredis';
import { prefix } from '../services.ts';

export interface Stage {
  /** False when the key was there before. The message is durable when it resolves. */
  store(key: string, make: () => Promise<Buffer>): Promise<boolean>;
}

/** The queue into which the floors publish. */
export const floorQueue = `${prefix}_floor`;

/** Redis for the keys, a quorum queue with confirms for the messages. */
export async function clusterStage(amqp: string, redisUrl: string): Promise<Stage> {
  const redis = new Redis(redisUrl);
  const connection = await connect(amqp, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue(floorQueue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  return {
    async store(key, make) {
      if ((await redis.set(`${prefix}_floor:${key}`, '1', 'EX', 2_592_000, 'NX')) === null) return false;
      try {
        await publish(channel, floorQueue, await make());
        return true;
      } catch (error) {
        await redis.del(`${prefix}_floor:${key}`);
        throw error;
      }
    },
  };
}

export function publish(channel: ConfirmChannel, queue: string, content: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    channel.publish('', queue, content, { persistent: true, mandatory: true }, (error) =>
      error ? reject(error as Error) : resolve(),
    );
  });
}

/** One SQLite file; what comes within one turn shares a commit. */
export function embeddedStage(file: string): Stage {
  const db = new DatabaseSync(file);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  db.exec('CREATE TABLE seen (key TEXT PRIMARY KEY) WITHOUT ROWID; CREATE TABLE message (body BLOB)');
  const seen = db.prepare('INSERT OR IGNORE INTO seen VALUES (?)');
  const message = db.prepare('INSERT INTO message VALUES (?)');
  let waiting: {
    key: string;
    body: Buffer;
    resolve: (fresh: boolean) => void;
    reject: (e: unknown) => void;
  }[] = [];
  const commit = (): void => {
    const batch = waiting;
    waiting = [];
    try {
      db.exec('BEGIN IMMEDIATE');
      const fresh = batch.map(({ key, body }) => {
        if (seen.run(key).changes === 0) return false;
        message.run(body);
        return true;
      });
      db.exec('COMMIT');
      batch.forEach(({ resolve }, at) => resolve(fresh[at]!));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };
  return {
    async store(key, make) {
      const body = await make();
      return new Promise((resolve, reject) => {
        if (waiting.length === 0) setImmediate(commit);
        waiting.push({ key, body, resolve, reject });
      });
    },
  };
}
