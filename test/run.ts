/**
 * All tests, in two lanes side by side: what uses the services of test/stack, and the rest. Arguments go to each mocha.
 * With CROSSDOCK_CHECK_14 set, test/check-14 follows the rest.
 */
import { spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';

/** What test/reporter.cjs adds as a line to the file in CROSSDOCK_TEST_RESULT. */
interface Result {
  passes: number;
  failures: number;
  pending: number;
  /** By file. */
  seconds: [string, number][];
  /** The report's end: what failed, and how. */
  end: string;
}

interface Lane {
  name: string;
  seconds: number;
  /** Undefined where mocha did not come to its end. */
  result: Result | undefined;
  code: number | null;
  /** What it printed, where that was held back. */
  printed: string;
}

/** They are one for all: what kills one of them must not meet what needs it. */
const ofServices = /(?:describeReal|real)\(\s*\[?[^)\]]*'(?:odoo|postgres|rabbitmq|redis)'/;
const imported = /from '(\.[^']+\.ts)'/g;

/** The file says so, or a file of test/ that it imports. */
function usesServices(file: string, seen = new Set<string>()): boolean {
  if (seen.has(file) || file === join('test', 'real.ts') || !existsSync(file)) return false;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  if (ofServices.test(text)) return true;
  return [...text.matchAll(imported)]
    .map(([, path]) => normalize(join(dirname(file), path!)))
    .some((path) => path.startsWith('test') && usesServices(path, seen));
}

const { report } = createRequire(import.meta.url)('./reporter.cjs') as { report(result: Result): void };
const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
const folder = mkdtempSync(join(tmpdir(), 'crossdock-tests-'));

function run(name: string, [program, ...args]: readonly [string, ...string[]], live = false): Promise<Lane> {
  const path = join(folder, `${name}.json`);
  const started = performance.now();
  const child = spawn(program, args, {
    env: { ...process.env, CROSSDOCK_TEST_RESULT: path },
    stdio: ['ignore', live ? 'inherit' : 'pipe', live ? 'inherit' : 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (printed += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      const seconds = Math.round((performance.now() - started) / 1000);
      resolve({ name, seconds, result: resultAt(path), code, printed });
    });
  });
}

/** Of all mochas of a lane. */
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
    seconds: results.flatMap(({ seconds }) => seconds),
    end: results.map(({ end }) => end).join('\n'),
  };
}

/** What a lane says of itself; one that broke off without saying so has a failure more. */
function resultOf({ name, seconds, result: said, code }: Lane): Result {
  const result = said ?? summed([]);
  const broke = result.failures === 0 && (code !== 0 || said === undefined);
  const how = broke ? `broke off, exit code ${code ?? 'none'}, ` : '';
  const failures = result.failures + (broke ? 1 : 0);
  return { ...result, failures, end: `${name}: ${how}${seconds} s\n${result.end}` };
}

const all = globSync('test/**/*.test.ts').toSorted();
const files = Object.groupBy(all, (file) => (usesServices(file) ? 'services' : 'rest'));
const tests = (name: 'services' | 'rest', live = false): Promise<Lane> =>
  run(name, [process.execPath, mocha, ...process.argv.slice(2), ...(files[name] ?? [])], live);

async function restAndOlder(): Promise<Lane[]> {
  const rest = await tests('rest');
  return process.env['CROSSDOCK_CHECK_14']
    ? [rest, await run('Odoo 14', [join('test', 'check-14')])]
    : [rest];
}

const lanes = (await Promise.all([tests('services', true), restAndOlder()])).flat();
rmSync(folder, { recursive: true });
for (const { printed } of lanes) process.stdout.write(printed);
report(summed(lanes.map(resultOf)));
process.exitCode = lanes.every(({ code }) => code === 0) ? 0 : 1;
