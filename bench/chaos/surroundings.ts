/** What stands around the hub: a proxy that can break before every service, and the stack that restarts them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Profile } from '../../runtime/stores/profile.ts';
import { clusterEnvironment, odooEnvironment } from '../../test/e2e/hub-process.ts';
import { odooProxy, type OdooProxy } from '../../test/http-proxy.ts';
import type { RealServices } from '../../test/real.ts';
import { tcpProxy, type TcpProxy } from '../../test/tcp-proxy.ts';

export type Stored = 'rabbitmq' | 'redis' | 'postgres';

export interface Surroundings {
  services: RealServices;
  /** Connections of the hub to Odoo, and on the cluster profile to each store. */
  connections: Record<'odoo', TcpProxy> & Partial<Record<Stored, TcpProxy>>;
  /** What Odoo answers. */
  answers: OdooProxy;
  /** With it the hub finds the proxies. */
  env: Record<string, string>;
  close(): Promise<void>;
}

const variables: Record<Stored, string> = {
  rabbitmq: 'AMQP_URL',
  redis: 'REDIS_URL',
  postgres: 'DATABASE_URL',
};

export async function surround(profile: Profile, services: RealServices): Promise<Surroundings> {
  const answers = await odooProxy(services.odoo.url);
  const odoo = await tcpProxy(portOf(answers.url));
  const env = odooEnvironment({ ...services.odoo, url: `http://127.0.0.1:${odoo.port}` });
  const connections: Surroundings['connections'] = { odoo };
  if (profile === 'cluster') {
    Object.assign(env, await clusterEnvironment(services));
    for (const [service, variable] of Object.entries(variables) as [Stored, string][]) {
      const proxy = await tcpProxy(portOf(services[service].url));
      connections[service] = proxy;
      env[variable] = withPort(services[service].url, proxy.port);
    }
  }
  return {
    services,
    connections,
    answers,
    env,
    async close() {
      await Promise.all(Object.values(connections).map((proxy) => proxy.close()));
      await answers.close();
    },
  };
}

/** `test/stack` with these arguments. Throws with what it printed. */
export async function stack(...args: string[]): Promise<void> {
  await promisify(execFile)('test/stack', args).catch((error: { stdout?: string; stderr?: string }) => {
    throw new Error(`test/stack ${args.join(' ')} failed: ${error.stdout} ${error.stderr}`, { cause: error });
  });
}

const portOf = (url: string): number => Number(new URL(url).port);

function withPort(url: string, port: number): string {
  const other = new URL(url);
  other.port = String(port);
  return other.href;
}

/** Runs it in a vhost that goes with it: hundreds of queues that nobody uses cost RabbitMQ a tenth of a processor. */
export async function inOwnVhost<T>(
  services: RealServices,
  work: (own: RealServices) => Promise<T>,
): Promise<T> {
  const url = new URL(services.rabbitmq.url);
  const name = `chaos-${Date.now()}`;
  url.pathname = name;
  await stack('rabbitmqctl', '-q', 'add_vhost', name);
  await stack('rabbitmqctl', '-q', 'set_permissions', '-p', name, url.username, '.*', '.*', '.*');
  try {
    return await work({ ...services, rabbitmq: { url: url.href } });
  } finally {
    await stack('rabbitmqctl', '-q', 'delete_vhost', name);
  }
}
