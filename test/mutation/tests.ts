/** Which tests run a place of a file, from a run of each test file with coverage, kept until one of its texts changes. */
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { importsOf } from '../imported.ts';
import type { Segments } from './coverage.ts';
import type { Outcome, TestRun } from './runner.ts';

/** What services would have noticed is another answer. */
export const kept = join(
  'node_modules',
  '.cache',
  process.env['MUTATION_SERVICES'] ? 'mutation-services' : 'mutation',
);
/** They start whole hubs, mostly as processes of their own. */
const left = /^test\/(?:e2e|attack)\//;

/** Of them a mutant is given: what a hub's whole way runs, each test of a hub reaches. */
const NEAREST = 4;
/** More than there are steps. */
const FAR = 100;

const texts = new Map<string, string>();
const reached = new Map<string, Map<string, number>>();

export function hash(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);
}

export function textOf(file: string): string {
  if (!texts.has(file)) texts.set(file, readFileSync(file, 'utf8'));
  return texts.get(file)!;
}

function withNodes(file: string): string[] {
  // test/hub-in-helper.ts names them one by one
  const nodes = textOf(file).includes('import(`../nodes/${') ? globSync('nodes/*/index.ts') : [];
  return [...importsOf(file).filter((path) => path.endsWith('.ts') && existsSync(path)), ...nodes];
}

/** All that a file imports over whatever way, and how many steps away it is. */
function reach(file: string): Map<string, number> {
  const known = reached.get(file);
  if (known) return known;
  const found = new Map([[file, 0]]);
  // a map is gone through in the order in which it grows
  for (const [from, steps] of found)
    for (const path of withNodes(from)) if (!found.has(path)) found.set(path, steps + 1);
  reached.set(file, found);
  return found;
}

/** 0: `functions`, `map` and `map-functions.test.ts` are named after `map/functions.ts`; 1: by their beginning; 2: others. */
export function kinship(test: string, file: string): 0 | 1 | 2 {
  const names = [basename(file, '.ts'), basename(dirname(file))];
  const [name, room] = names;
  const own = [name, room, `${room}-${name}`].some((one) => basename(test) === `${one}.test.ts`);
  return own ? 0 : names.some((one) => basename(test).startsWith(one)) ? 1 : 2;
}

/** The test files that import a file of runtime/, over whatever way: those named after it, then the nearest. */
export function nearest(file: string): string[] {
  const far = (test: string): number => kinship(test, file) * FAR + reach(test).get(file)!;
  return globSync('test/**/*.test.ts')
    .filter((test) => !left.test(test) && reach(test).has(file))
    .toSorted((one, other) => far(one) - far(other) || (one < other ? -1 : 1))
    .slice(0, NEAREST);
}

/** Of a test file and what it imports of test/. */
export function hashOfTest(test: string): string {
  const own = [...reach(test).keys()].filter((file) => !file.startsWith('runtime/'));
  return hash(...own.toSorted().map(textOf));
}

export interface Covered {
  test: string;
  /** Of the run's own text, and of each file of runtime/ that was loaded. */
  hashes: Record<string, string>;
  loaded: Segments;
  tests: TestRun[];
  failed?: Outcome['failed'];
}

/** Undefined where it was not run since one of the two changed. */
export function covered(test: string, file: string): Covered | undefined {
  const path = join(kept, 'coverage', `${hash(test)}.json`);
  if (!existsSync(path)) return undefined;
  const found = JSON.parse(readFileSync(path, 'utf8')) as Covered;
  const same = found.hashes[test] === hashOfTest(test);
  const known = found.hashes[file];
  return same && (known === undefined || known === hash(textOf(file))) ? found : undefined;
}

export function keepCovered(test: string, { loaded = {}, tests = [], failed }: Outcome): Covered {
  const files = new Set([loaded, ...tests.map(({ ran }) => ran)].flatMap((ran) => Object.keys(ran)));
  const hashes = Object.fromEntries([...files].map((file) => [file, hash(textOf(file))]));
  const found: Covered = { test, hashes: { ...hashes, [test]: hashOfTest(test) }, loaded, tests, failed };
  mkdirSync(join(kept, 'coverage'), { recursive: true });
  writeFileSync(join(kept, 'coverage', `${hash(test)}.json`), JSON.stringify(found));
  return found;
}
