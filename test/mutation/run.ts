/**
 * Plants small faults in files of runtime/, one at a time, and tells which of them no test notices:
 * `npm run mutation -- runtime/guard runtime/odoo/load.ts`.
 */
import { globSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { parseArgs } from 'node:util';
import { resultsOf, type Result } from './kept.ts';
import { mutantsOf, type Mutant } from './mutants.ts';
import { Runner } from './pool.ts';
import { report, type Judged } from './report.ts';
import type { Job } from './runner.ts';
import { covered, kinship, keepCovered, nearest, textOf, type Covered } from './tests.ts';

/** So long may all tests of a mutant take, as they did without one; the shortest of each file are taken first. */
const TESTS_MS = 8000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { processes: { type: 'string', default: '2' } },
});
const files = positionals
  .flatMap((path) => (path.endsWith('.ts') ? [path] : globSync(`${path}/**/*.ts`)))
  .filter((file) => file.startsWith('runtime/') && !file.startsWith('runtime/tower/web/'))
  .toSorted();

const covering = new Map<string, Promise<Covered>>();

/** What the tests of a file run; run with coverage where that is not known. */
function coverageOf(test: string, file: string, runner: Runner): Promise<Covered> {
  const known = covered(test, file);
  const found = covering.get(test) ?? (known ? Promise.resolve(known) : cover(test, runner));
  covering.set(test, found);
  return found;
}

async function cover(test: string, runner: Runner): Promise<Covered> {
  await runner.end();
  const outcome = await runner.run({ files: [{ file: test }], cover: true }, 300_000);
  await runner.end();
  if (typeof outcome === 'string') console.error(`${test} without a mutant: ${outcome}`);
  return keepCovered(test, typeof outcome === 'string' ? { passed: 0 } : outcome);
}

/** Of a test file those that run the mutant's place; where that runs at loading, all. */
function chosenOf({ loaded, tests }: Covered, file: string, { start }: Mutant): Covered['tests'] {
  const has = (at: readonly [number, number][] | undefined): boolean =>
    // V8 counts what stands behind `?.` for itself, with the sign
    at?.some(([begin, end]) => start >= begin && start <= end) ?? false;
  const atLoading = has(loaded[file]);
  const idle = ({ ran }: Covered['tests'][number]) => (ran[file] ? 0 : 1);
  return tests
    .filter(({ ran }) => atLoading || has(ran[file]))
    .toSorted((one, other) => idle(one) - idle(other) || one.ms - other.ms);
}

/** Sets of tests that passed without a mutant. */
const sound = new Set<string>();

async function pass(files: Job['files'], runner: Runner, withinMs: number): Promise<boolean> {
  const key = JSON.stringify(files);
  if (sound.has(key)) return true;
  const outcome = await runner.run({ files }, withinMs);
  if (typeof outcome === 'string' || outcome.failed) return false;
  sound.add(key);
  return true;
}

async function judge(file: string, mutant: Mutant, runner: Runner): Promise<Result> {
  const edit = { file, start: mutant.start, end: mutant.end, text: mutant.text };
  let [asked, ms, kin] = [0, 0, 2];
  for (const test of nearest(file)) {
    // what runs it on the way to something else is asked only where nothing else is there
    if (asked > 0 && kinship(test, file) > kin) break;
    const before = ms;
    const titles = new Set<string>();
    for (const one of chosenOf(await coverageOf(test, file, runner), file, mutant))
      if ((ms += one.ms) < TESTS_MS || (asked === 0 && titles.size === 0)) titles.add(one.title);
    if (titles.size === 0) continue;
    const by = await killer(edit, test, [...titles], ms - before, runner);
    if (by) return { state: by.error === 'timeout' ? 'timeout' : 'killed', by };
    asked += titles.size;
    kin = kinship(test, file);
  }
  return asked === 0 ? { state: 'uncovered' } : { state: 'survived', tests: asked };
}

/** The test that notices. A test that needs those before it is asked with all of its file. */
async function killer(
  edit: NonNullable<Job['edit']>,
  file: string,
  titles: readonly string[],
  ms: number,
  runner: Runner,
): Promise<Result['by']> {
  const withinMs = ms * 4 + 10_000;
  for (const tests of [titles, undefined]) {
    const files = [{ file, tests }];
    for (const anew of [false, true]) {
      // what earlier mutants left behind may be what failed
      if (anew) await runner.end();
      const outcome = await runner.run({ edit, files }, withinMs);
      if (typeof outcome !== 'string' && !outcome.failed) return undefined;
      if (typeof outcome === 'string' && !anew) continue;
      if (await pass(files, runner, withinMs))
        return typeof outcome === 'string' ? { file, title: '', error: outcome } : outcome.failed;
    }
  }
  return undefined;
}

const all = files.flatMap((file) =>
  mutantsOf(stripTypeScriptTypes(textOf(file))).map((mutant) => ({ file, mutant })),
);
const open = all.filter(({ file, mutant }) => !resultsOf(file).get(mutant));
const left = open.entries();
await Promise.all(
  Array.from({ length: Number(values.processes) }, async () => {
    const runner = new Runner();
    for (const [at, { file, mutant }] of left) {
      if (at % 25 === 0) console.error(`${at} of ${open.length}: ${file}`);
      resultsOf(file).set(mutant, await judge(file, mutant, runner));
    }
    await runner.end();
  }),
);
report(all.map((one): Judged => ({ ...one, result: resultsOf(one.file).get(one.mutant)! })));
process.exit();
