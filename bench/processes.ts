/** Starts what is measured, each in a process of its own: the hub as its users run it, floors and load. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStores, profileOf } from '../runtime/stores/profile.ts';
import { secret } from './orders.ts';

export interface Running {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

export interface HubOptions {
  env: Record<string, string>;
  /** Flow files: a function changes the text of that file in flows/, a text is a flow of the bench's own. */
  flows: Record<string, string | ((text: string) => string)>;
  /** Queues that collect although no flow consumes them. */
  collecting?: Record<string, string[]>;
  /** `work`: without editor, beside others. Default `start`. */
  command?: 'start' | 'work';
  /** The checkout whose code and flows run. Default this one. */
  checkout?: string;
  /** Before the first start, for what must be there already. */
  prepare?(dataDir: string): Promise<void>;
}

/** No Odoo: nothing that is measured with it reaches for one. */
const noOdoo = { ODOO_URL: 'http://127.0.0.1:9', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };

/** The rate limit would measure itself. */
export const unlimited = (flow: string): string =>
  flow.replace('path: /shopify/orders', 'path: /shopify/orders\n    perSecond: 100000');

/** Where the floors have 64 messages at work, so has the hub. */
const concurrent = (connections: string): string => connections.replace('concurrency: 16', 'concurrency: 64');

export const unchanged = (flow: string): string => flow;

export async function startHub({
  env,
  flows,
  collecting = {},
  command = 'start',
  checkout = '.',
  prepare,
}: HubOptions): Promise<Running> {
  const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-bench-'));
  const flowsDir = join(dataDir, 'flows');
  mkdirSync(flowsDir);
  for (const [file, flow] of Object.entries({ 'connections.yaml': concurrent, ...flows }))
    writeFileSync(
      join(flowsDir, file),
      typeof flow === 'string' ? flow : flow(readFileSync(join(checkout, 'flows', file), 'utf8')),
    );
  // Another checkout's journal is not opened by this one.
  if (Object.keys(collecting).length > 0) await collect(dataDir, env, collecting);
  await prepare?.(dataDir);
  const whole = {
    ...noOdoo,
    ...env,
    SHOPIFY_WEBHOOK_SECRETS: secret,
    CROSSDOCK_DATA: dataDir,
    CROSSDOCK_FLOWS: flowsDir,
    CROSSDOCK_PORT: '0',
  };
  const profiling = (process.env['BENCH_HUB_ARGS'] ?? '').split(' ').filter(Boolean);
  const args = [...profiling, 'cli/crossdock.ts', command];
  const running = await start(args, whole, /(?:editor at|webhooks below) (\S+?),?(?:\/hooks)?\s/, checkout);
  return {
    ...running,
    async stop() {
      await running.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function collect(
  dataDir: string,
  env: Record<string, string>,
  queues: Record<string, string[]>,
): Promise<void> {
  const stores = await openStores({ profile: profileOf(env), dataDir, env });
  for (const [queue, types] of Object.entries(queues)) {
    const handle = () => Promise.reject(new Error('only declared'));
    await (await stores.broker.consume({ queue, types, concurrency: 1, handle })).stop();
  }
  await stores.close();
}

/** Runs a script of the bench until it says its URL. */
export function startFloor(script: string, env: Record<string, string>): Promise<Running> {
  return start([`bench/floor/${script}.ts`], env, /listens at (\S+)/);
}

/** Runs a script of the bench to its end; what it prints is JSON. */
export async function ask<Answer>(script: string, question: object): Promise<Answer> {
  const child = spawn(process.execPath, [`bench/${script}.ts`, JSON.stringify(question)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`bench/${script}.ts ended with ${code}`);
  return JSON.parse(out) as Answer;
}

async function start(
  args: string[],
  env: Record<string, string>,
  announced: RegExp,
  cwd = '.',
): Promise<Running> {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const url = await announcement(child, announced);
  return {
    url,
    pid: child.pid!,
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

function announcement(child: ChildProcess, announced: RegExp): Promise<string> {
  let out = '';
  let log = '';
  child.stderr!.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-5000)));
  child.once('exit', (code) => {
    if (code) process.stderr.write(log);
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`It ended with ${code}: ${log}`)));
    child.stdout!.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      const found = announced.exec(out)?.[1];
      if (found) resolve(found);
    });
  });
}
