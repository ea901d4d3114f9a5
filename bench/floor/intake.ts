/** The intake written by hand: node:http, signature, counted once, mapped inline or stored as it came, durably, 202. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secret } from '../orders.ts';
import { map } from './map.ts';
import { clusterStage, embeddedStage } from './stage.ts';

const { AMQP_URL: amqp, REDIS_URL: redis, FLOOR_MAPS: maps } = process.env;
const stage =
  amqp && redis
    ? await clusterStage(amqp, redis)
    : embeddedStage(join(mkdtempSync(join(tmpdir(), 'bench-floor-')), 'floor.db'));

async function take(body: Buffer, signature: string): Promise<number> {
  const expected = createHmac('sha256', secret).update(body).digest();
  const given = Buffer.from(signature, 'base64');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 401;
  const order = JSON.parse(body.toString('utf8')) as { id: number };
  const make = async (): Promise<Buffer> =>
    maps === 'no' ? body : Buffer.from(JSON.stringify(await map(order)));
  return (await stage.store(String(order.id), make)) ? 202 : 200;
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    take(Buffer.concat(chunks), String(request.headers['x-shopify-hmac-sha256'])).then(
      (status) => response.writeHead(status, { 'content-length': 0 }).end(),
      () => response.writeHead(503, { 'content-length': 0 }).end(),
    );
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`listens at http://127.0.0.1:${port}\n`);
});
process.once('SIGTERM', () => process.exit(0));
