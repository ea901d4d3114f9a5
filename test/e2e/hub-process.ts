/** The hub as its users run it: `crossdock start` in a process of its own, with data and flows of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { connect } from 'amqplib';
import type { Secrets, Sample } from '../../cli/samples.ts';
import { partitionQueues } from '../../runtime/broker/amqp-queues.ts';
import type { RealServices } from '../real.ts';
import { withLeastUser } from './least-user.ts';

export interface HubProcess {
  url: string;
  /** Of admin, where this start made it. */
  password: string;
  dataDir: string;
  flowsDir: string;
  /** Everything it logged. */
  log(): string;
  /** At once, without waiting. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
  /** The exit code; null after SIGKILL. */
  exited: Promise<number | null>;
  /** By SIGTERM; with its files unless they are to be kept for another start. */
  stop(keep?: boolean): Promise<void>;
}

export const secrets: Secrets = {
  shopify: 'e2e-shopify-secret',
  woocommerce: 'e2e-woocommerce-secret',
  partner: `whsec_${Buffer.from('e2e-partner-secret-of-32-bytes!!').toString('base64')}`,
};

/** Of the project's flows. */
export const queues = [
  'order-capture.shopify',
  'order-capture.woocommerce',
  'order-capture.partner',
  'order-to-odoo',
];

/** Those an order of a shop passes: all of them make RabbitMQ keep 760 queues, and lose a tenth of a processor. */
export const orderFlows = ['shopify-intake', 'order-capture', 'order-to-odoo', 'order-changes-to-odoo'];

export interface HubPlace {
  /** `crossdock start`, or a worker. */
  command?: 'start' | 'work';
  /** Default below the data directory, filled from the project's at the first start. */
  flowsDir?: string;
  /** Of the project's, beside the connections; by default all of them. */
  flows?: readonly string[];
  /** What it is run under: `prlimit --nofile=64`. */
  under?: readonly string[];
}

export async function startHubProcess(
  env: Record<string, string>,
  data?: string,
  { command = 'start', flowsDir: given, flows, under = [] }: HubPlace = {},
): Promise<HubProcess> {
  const dataDir = data ?? mkdtempSync(join(tmpdir(), 'crossdock-e2e-'));
  const flowsDir = given ?? join(dataDir, 'flows');
  if (!existsSync(flowsDir)) copyFlows(flowsDir, flows);
  const [program = process.execPath, ...args] = [...under, process.execPath, 'cli/crossdock.js', command];
  const child = spawn(program, args, {
    env: {
      ...process.env,
      SHOPIFY_WEBHOOK_SECRETS: secrets.shopify,
      WOOCOMMERCE_WEBHOOK_SECRETS: `an-older-secret ${secrets.woocommerce}`,
      PARTNER_WEBHOOK_SECRETS: secrets.partner,
      WAREHOUSE_WEBHOOK_SECRETS: secrets.partner,
      PAYMENT_WEBHOOK_SECRETS: secrets.partner,
      STRIPE_WEBHOOK_SECRETS: secrets.partner,
      SUPPLIER_WEBHOOK_SECRETS: secrets.partner,
      EDI_WEBHOOK_SECRETS: secrets.partner,
      EDI_GATEWAY_URL: 'http://127.0.0.1:65530',
      EDI_GATEWAY_KEY: 'e2e-gateway-key',
      SHOPIFY_ADMIN_URL: 'http://127.0.0.1:65530',
      SHOPIFY_ADMIN_TOKEN: 'e2e-shop-token',
      AMAZON_WEBHOOK_SECRETS: secrets.partner,
      AMAZON_API_URL: 'http://127.0.0.1:65530',
      AMAZON_API_CREDENTIALS: 'e2e:key',
      AMAZON_TOKEN_URL: 'http://127.0.0.1:65530',
      EASYPOST_WEBHOOK_SECRETS: secrets.partner,
      FINANCE_API_URL: 'http://127.0.0.1:65530',
      FINANCE_API_TOKEN: 'e2e:key',
      CRM_API_URL: 'http://127.0.0.1:65530',
      CRM_API_TOKEN: 'e2e:key',
      TAX_API_URL: 'http://127.0.0.1:65530',
      TAX_API_ACCOUNT: 'e2e:key',
      CROSSDOCK_DATA: dataDir,
      CROSSDOCK_FLOWS: flowsDir,
      CROSSDOCK_PORT: '0',
      ...(await withLeastUser(env)),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The hub ended with ${code}: ${log.slice(-3000)}`)));
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      const found = /webhooks below (\S+)\/hooks/.exec(out)?.[1];
      if (found) resolve(found);
    });
  });
  return {
    url,
    password: /with the password (\S+)/.exec(out)?.[1] ?? '',
    dataDir,
    flowsDir,
    log: () => log,
    signal: (name) => void child.kill(name),
    exited,
    async stop(keep = false) {
      child.kill('SIGTERM');
      await exited;
      if (!keep) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** All of the project's, or these and the connections. */
export function copyFlows(to: string, flows?: readonly string[]): void {
  const names = flows && new Set(['connections', ...flows].map((name) => `${name}.yaml`));
  cpSync('flows', to, {
    recursive: true,
    filter: (file) => !names || file === 'flows' || names.has(basename(file)),
  });
}

/** Of a hub's own copy of the project. What is to be replaced must be there, and only the first is. */
export function editFile(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  writeFileSync(
    file,
    text.replace(from, () => to),
  );
}

export function odooEnvironment({
  url,
  database,
  login,
  apiKey,
}: RealServices['odoo']): Record<string, string> {
  return { ODOO_URL: url, ODOO_DATABASE: database, ODOO_LOGIN: login, ODOO_API_KEY: apiKey };
}

/** Nothing of an earlier run waits in the queues of the flows. */
export async function clusterEnvironment(
  services: Pick<RealServices, 'rabbitmq' | 'redis' | 'postgres'>,
): Promise<Record<string, string>> {
  const connection = await connect(services.rabbitmq.url);
  for (const queue of queues.flatMap(partitionQueues)) {
    const channel = await connection.createChannel();
    channel.on('error', () => {});
    await channel.purgeQueue(queue).catch(() => {});
    await channel.close().catch(() => {});
  }
  await connection.close();
  return {
    CROSSDOCK_PROFILE: 'cluster',
    AMQP_URL: services.rabbitmq.url,
    REDIS_URL: services.redis.url,
    DATABASE_URL: services.postgres.url,
  };
}

export interface Answered {
  status: number;
  retryAfter: string | null;
  body: { code: string; message: string; id: string };
}

export async function post(
  url: string,
  { path, headers, body }: Pick<Sample, 'path' | 'headers' | 'body'>,
): Promise<Answered> {
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: new Uint8Array(body) });
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    body: (await response.json()) as Answered['body'],
  };
}
