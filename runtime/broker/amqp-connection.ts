/** A connection to RabbitMQ that comes back by itself after it was lost. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect, type AmqpConnectionManager } from 'amqp-connection-manager';
import type { Logger } from 'pino';
import { oneWriteATurn } from '../sockets/one-write.ts';

const FIRST_WAIT_S = 0.2;
const LONGEST_WAIT_S = 1;

/** Waits 0.2 s after a lost connection, then longer up to 1 s while the broker stays away. */
export function reconnecting(
  url: string | (() => string),
  name: string,
  log: Logger | undefined,
): AmqpConnectionManager {
  const findServers = () => Promise.resolve(typeof url === 'function' ? url() : url);
  const connection = connect(undefined, {
    findServers,
    heartbeatIntervalInSeconds: 5,
    reconnectTimeInSeconds: FIRST_WAIT_S,
    connectionOptions: {
      noDelay: true,
      keepAlive: true,
      timeout: 5000,
      clientProperties: { connection_name: name },
    },
  });
  connection.on('connect', ({ connection: opened }) => {
    oneWriteATurn((opened as unknown as { connection: { stream: Socket } }).connection.stream);
    connection.reconnectTimeInSeconds = FIRST_WAIT_S;
  });
  connection.on('connectFailed', () => {
    connection.reconnectTimeInSeconds = Math.min(2 * connection.reconnectTimeInSeconds, LONGEST_WAIT_S);
  });
  connection.on('disconnect', ({ err }) => log?.warn({ err, connection: name }, 'RabbitMQ connection lost'));
  return connection;
}

export async function firstConnect(connection: AmqpConnectionManager, timeoutMs: number): Promise<void> {
  if (connection.isConnected()) return;
  let reason: unknown;
  connection.on('connectFailed', ({ err }) => (reason = err));
  try {
    await once(connection, 'connect', { signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    throw reason ?? error;
  }
}
