/**
 * All tests, in groups with a mocha each, to which all arguments go. Two run side by side, and more while the processors idle, as
 * many tests mostly wait. With CROSSDOCK_CHECK_14 set, test/check-14 is a group.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { importsOf } from './imported.ts';

/** What test/reporter.cjs adds as a line to the file in CROSSDOCK_TEST_RESULT. */
interface Result {
  passes: number;
  failures: number;
  pending: number;
  files: { path: string; seconds: number; passes: number; pending: number }[];
  /** The file of each failure. */
  failed: string[];
  /** The report's end: what failed, and how. */
  end: string;
}

interface Group {
  name: string;
  seconds: number;
  /** Undefined where mocha did not come to its end. */
  result: Result | undefined;
  code: number | null;
}

/** Kills PostgreSQL, RabbitMQ and Redis, which are one for all, Odoo's own database among them: nothing that needs them may run beside it. */
const shaking = join('test', 'e2e', 'chaos.test.ts');
const uses = {
  stores: /(?:describeReal|real)\(\s*\[?[^)\]]*'(?:postgres|rabbitmq|redis)'/,
  odoo: /(?:describeReal|real)\(\s*\[?[^)\]]*'odoo'/,
  hub: /hub-process\.ts'/,
};
/** They name services for those who import them. */
const forOthers = [join('test', 'real.ts'), join('test', 'e2e', 'least-user.ts')];

/** The file says so, or a file of test/ that it imports. */
function says(file: string, what: RegExp, seen = new Set<string>(forOthers)): boolean {
  if (seen.has(file) || !existsSync(file)) return false;
  seen.add(file);
  if (what.test(readFileSync(file, 'utf8'))) return true;
  return importsOf(file).some((path) => path.startsWith('test') && says(path, what, seen));
}

function groupOf(file: string): 'shaking' | 'stores' | 'odoo' | 'hub' | 'rest' {
  if (file === shaking) return 'shaking';
  for (const name of ['stores', 'odoo', 'hub'] as const) if (says(file, uses[name])) return name;
  return 'rest';
}

const { report } = createRequire(import.meta.url)('./reporter.cjs') as { report(result: Result): void };
const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
const folder = mkdtempSync(join(tmpdir(), 'crossdock-tests-'));
const cache = resolve('node_modules', '.cache', 'crossdock-tests');

/** What it prints comes at its end. */
function run(name: string, [program, ...args]: Command, env: NodeJS.ProcessEnv = {}): Promise<Group> {
  const path = join(folder, `${name}.json`);
  const started = performance.now();
  const child = spawn(program, args, {
    // Without the cache each mocha takes the types out of all files again.
    env: { NODE_COMPILE_CACHE: cache, ...process.env, ...env, CROSSDOCK_TEST_RESULT: path },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      process.stdout.write(printed);
      const seconds = Math.round((performance.now() - started) / 1000);
      resolve({ name, seconds, result: resultAt(path), code });
    });
  });
}

/** Of all mochas of a group. */
function resultAt(path: string): Result | undefined {
  if (!existsSync(path)) return undefined;
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return summed(lines.map((line) => JSON.parse(line) as Result));
}

function summed(results: readonly Result[]): Result {
  const sum = (of: (result: Result) => number): number => results.reduce((total, one) => total + of(one), 0);
  return {
    passes: sum(({ passes }) => passes),
    failures: sum(({ failures }) => failures),
    pending: sum(({ pending }) => pending),
    files: results.flatMap(({ files }) => files),
    failed: results.flatMap(({ failed }) => failed),
    end: results.map(({ end }) => end).join('\n'),
  };
}

/** What a group says of itself; one that broke off without saying so has a failure more. */
function resultOf({ name, seconds, result: said, code }: Group): Result {
  const result = said ?? summed([]);
  const broke = result.failures === 0 && (code !== 0 || said === undefined);
  const how = broke ? `broke off, exit code ${code ?? 'none'}, ` : '';
  const failures = result.failures + (broke ? 1 : 0);
  return { ...result, failures, end: `${name}: ${how}${seconds} s\n${result.end}` };
}

type Command = readonly [string, ...string[]];

const files = Object.groupBy(globSync('test/**/*.test.ts').toSorted(), groupOf);

interface Part {
  name: string;
  command: Command;
  env?: NodeJS.ProcessEnv;
  /** Undefined for one that needs nothing. */
  needs?: 'services' | 'odoo' | 'copy of Odoo' | 'stores';
}

/** The files of a group, or of one of several parts of it, so small that all lanes end together. */
function tests(
  name: keyof typeof files,
  more: Omit<Part, 'name' | 'command'> = {},
  part = 0,
  parts = 1,
): Part {
  const own = (files[name] ?? []).filter((_, index) => index % parts === part);
  const named = parts === 1 ? name : `${name} ${part + 1} of ${parts}`;
  return { name: named, command: [process.execPath, mocha, ...process.argv.slice(2), ...own], ...more };
}

function parts(name: keyof typeof files, count: number): Part[] {
  return Array.from({ length: count }, (_, part) => tests(name, {}, part, count));
}

/** What the parts of a service need first: where services are required, that they are started; then what kills them must have ended. */
const ready = new Set<Part['needs']>([undefined]);
const copy = { CROSSDOCK_ODOO_COPY: '1' };
const older14 = 'Odoo 14';
const waiting: Part[] = [
  tests('shaking', { needs: 'services' }),
  tests('odoo', { needs: 'odoo' }, 0, 2),
  tests('odoo', { needs: 'copy of Odoo', env: copy }, 1, 2),
  tests('stores', { needs: 'stores', env: copy }),
  ...(process.env['CROSSDOCK_CHECK_14']
    ? [{ name: older14, command: [join('test', 'check-14')] } as const]
    : []),
  ...parts('hub', 8),
  ...parts('rest', 4),
];
const started =
  process.env['CROSSDOCK_REAL'] === 'required'
    ? once(spawn(join('test', 'stack'), ['up'], { stdio: 'inherit' }), 'close')
    : Promise.resolve();
void started.then(() => ready.add('services'));

const running = new Map<Part, Promise<void>>();
const ended: Group[] = [];

async function begin(part: Part): Promise<void> {
  console.log(`Begun: ${part.name}`);
  ended.push(await run(part.name, part.command, part.env));
  running.delete(part);
  if (part.needs === 'services')
    for (const service of ['odoo', 'copy of Odoo', 'stores'] as const) ready.add(service);
}

const always = 2;
const atMost = 5;
/** So long it takes until it shows what a part needs of the processors. */
const LOOK_MS = 10_000;

async function runAll(): Promise<void> {
  for (let idle = 0; waiting.length > 0 || running.size > 0;) {
    const hasRoom = running.size < always || (running.size < atMost && idle > 0.3);
    const next = hasRoom ? waiting.find(({ needs }) => ready.has(needs)) : undefined;
    if (next) {
      waiting.splice(waiting.indexOf(next), 1);
      running.set(next, begin(next));
      if (running.size < always) continue;
    }
    const before = times();
    await Promise.race([sleep(LOOK_MS), ...running.values()]);
    idle = idleSince(before);
  }
}

interface Times {
  idle: number;
  all: number;
}

/** Of all processors, since they were started, in milliseconds. */
function times(): Times {
  const each = cpus().map(({ times: one }) => one);
  const sum = (of: (one: (typeof each)[number]) => number): number =>
    each.reduce((total, one) => total + of(one), 0);
  return {
    idle: sum(({ idle }) => idle),
    all: sum(({ user, nice, sys, idle, irq }) => user + nice + sys + idle + irq),
  };
}

function idleSince(before: Times): number {
  const now = times();
  return (now.idle - before.idle) / Math.max(1, now.all - before.all);
}

/**
 * Parts side by side make a machine so slow that a limit of time may be missed. The files of at most three failures are run again, with
 * nothing beside them; the report names them, for each is a defect, of the test at the least.
 */
async function again(first: Result): Promise<Result> {
  const { failures, failed } = first;
  const isTests =
    failures === failed.length && ended.every(({ name, code }) => name !== older14 || code === 0);
  if (failures === 0 || failures > 3 || !isTests) return first;
  const paths = [...new Set(failed)];
  const group = await run('again', [process.execPath, mocha, ...process.argv.slice(2), ...paths]);
  const second = resultOf(group);
  const end = `${first.end}\nRun again, with nothing beside: ${paths.join(', ')}\n${second.end}`;
  const before = first.files.filter(({ path }) => paths.includes(path));
  const sum = (of: 'passes' | 'pending'): number => before.reduce((total, file) => total + file[of], 0);
  // What is skipped the second time has not passed.
  if (group.code !== 0 || second.pending > sum('pending')) return { ...first, end };
  const passes = first.passes - sum('passes') + second.passes;
  return { ...first, passes, failures: 0, end: `${end}\n${failures} failed beside others and passed alone.` };
}

await runAll();
const result = await again(summed(ended.map(resultOf)));
rmSync(folder, { recursive: true });
report(result);
process.exitCode = result.failures === 0 ? 0 : 1;
