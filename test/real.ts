/** Finds the real services test/stack has started, and skips loudly, or fails on request, where one is missing. */
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface RealServices {
  /** JSON-2 and RPC take the API key; a person logs in with the password. */
  odoo: { url: string; database: string; login: string; password: string; apiKey: string; version: string };
  /** An empty database of its own, not Odoo's; the role may create more. */
  postgres: { url: string };
  rabbitmq: { url: string };
  redis: { url: string };
  chromium: { path: string };
  /** Of Prometheus: checks rules and metrics. */
  promtool: { path: string };
  /** The front door of deploy/. */
  nginx: { path: string };
}

export type ServiceName = keyof RealServices;

const required = process.env['CROSSDOCK_REAL'] === 'required';
/** The Odoo that the tests take: of the stack itself, or one beside it (`test/stack up --odoo 14`). */
const beside = process.env['CROSSDOCK_ODOO'];
const services = await findServices();

/** The addresses of a service that answers; undefined where there is none. */
export function real<S extends ServiceName>(service: S): RealServices[S] | undefined {
  return services[service];
}

/** That of `test/stack up --odoo N`, by its version; undefined where it does not answer. */
export async function odooBeside(version: string): Promise<RealServices['odoo'] | undefined> {
  const { odoo } = read(join(stackDir(), ...(version === '19' ? [] : [`odoo-${version}`]), 'stack.json'));
  return odoo && (await answers(odoo.url)) ? odoo : undefined;
}

/**
 * A suite that needs real services. Where one is missing its body is not run and one skipped test
 * says so; with CROSSDOCK_REAL=required that test fails instead.
 */
export function describeReal<const S extends ServiceName>(
  names: readonly S[],
  title: string,
  body: (this: Mocha.Suite, r: Pick<RealServices, S>) => void,
): void {
  const missing = names.filter((name) => !services[name]);
  describe(title, function () {
    if (missing.length === 0) return body.call(this, services as Pick<RealServices, S>);
    const told = `SKIPPED (no ${missing.join(', ')}): ${title}; start with test/stack up${beside ? ` --odoo ${beside}` : ''}`;
    if (required) {
      it(`needs ${missing.join(', ')}`, () => {
        throw new Error(`CROSSDOCK_REAL=required, but ${told}`);
      });
    } else {
      it(told);
    }
  });
}

async function findServices(): Promise<Partial<RealServices>> {
  const path = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  const promtool = process.env['PROMTOOL'] ?? onPath('promtool');
  // of the administrator, so not always on the path of others
  const nginx = process.env['NGINX'] ?? onPath('nginx') ?? '/usr/sbin/nginx';
  const found: Partial<RealServices> = {
    ...(existsSync(path) && { chromium: { path } }),
    ...(promtool && existsSync(promtool) && { promtool: { path: promtool } }),
    ...(existsSync(nginx) && { nginx: { path: nginx } }),
  };
  const stack = addresses();
  // after a restart of the machine the file is there and the services are not
  const up = await Promise.all(
    Object.entries(stack).map(async ([name, service]) =>
      (await answers(service.url)) ? [[name, service]] : [],
    ),
  );
  return { ...found, ...Object.fromEntries(up.flat()) };
}

/** With the name of another database of Odoo, where the stack made one. */
type Addresses = Partial<Pick<RealServices, 'postgres' | 'rabbitmq' | 'redis'>> & {
  odoo?: RealServices['odoo'] & { copy?: string };
};

function addresses(): Addresses {
  const { odoo, ...stores } = read(join(stackDir(), 'stack.json'));
  const chosen = beside ? read(join(stackDir(), `odoo-${beside}`, 'stack.json')).odoo : odoo;
  const copy = process.env['CROSSDOCK_ODOO_COPY'] === '1' ? chosen?.copy : undefined;
  return { ...stores, ...(chosen && { odoo: { ...chosen, ...(copy && { database: copy }) } }) };
}

/** Empty where nothing was started. */
function read(file: string): Addresses {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Addresses) : {};
}

function onPath(program: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, program)).find((file) => existsSync(file));
}

function stackDir(): string {
  const { CROSSDOCK_STACK_DIR, XDG_CACHE_HOME } = process.env;
  return CROSSDOCK_STACK_DIR || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'crossdock', 'stack');
}

function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2000, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
