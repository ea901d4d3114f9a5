/** Closes channels and connections, also those whose connection is lost meanwhile: amqplib's own close never ends then. */
import { setTimeout as delay } from 'node:timers/promises';

const LIMIT_MS = 2000;

export async function closed(one: { close(): Promise<unknown> } | undefined): Promise<void> {
  const closing = one?.close().catch(() => {});
  await Promise.race([closing, delay(LIMIT_MS, undefined, { ref: false })]);
}
