/** The process that runs tests: each job in a generation of the project's files of its own. Told and asked over IPC. */
import Mocha from 'mocha';
import { coverage, type Segments } from './coverage.ts';
import { root, type Edit } from './hook.ts';

export interface Job {
  edit?: Edit | undefined;
  /** `tests`: their full titles; all where it is left out. */
  files: { file: string; tests?: readonly string[] | undefined }[];
  /** Of tests that run long anyway. */
  cover?: boolean;
}

export interface TestRun {
  title: string;
  ms: number;
  /** What ran in it, by file. */
  ran: Segments;
}

export interface Outcome {
  /** Of the first that failed: its file and title. */
  failed?: { file: string; title: string; error: string } | undefined;
  passed: number;
  /** With `cover`: what ran while the files were loaded, and in each test. */
  loaded?: Segments;
  tests?: TestRun[];
}

Object.assign(globalThis, { mutationRunner: true });
let generation = 0;
let hooksOfAll: { suite: Mocha.Suite; ran: Segments }[] = [];

process.on('message', (job: Job) => {
  void run(job).then((outcome) => process.send!(outcome));
});
process.on('disconnect', () => process.exit());
// A mutant may reject what nobody waits for any more when its tests are over.
process.on('unhandledRejection', () => {});

async function run({ edit, files, cover = false }: Job): Promise<Outcome> {
  generation += 1;
  if (edit) process.env['MUTANT'] = JSON.stringify(edit);
  else delete process.env['MUTANT'];
  const outcome: Outcome = { passed: 0, ...(cover && { loaded: {}, tests: [] }) };
  for (const { file, tests } of files) {
    await runFile(file, tests, outcome, cover).catch((error: unknown) => {
      outcome.failed = { file, title: 'is loaded', error: String(error) };
    });
    if (outcome.failed) break;
  }
  return outcome;
}

/** A reporter that says nothing. */
function silent(): void {}

async function runFile(
  file: string,
  tests: readonly string[] | undefined,
  outcome: Outcome,
  cover: boolean,
): Promise<void> {
  const mocha = new Mocha({ timeout: cover ? 60_000 : 20_000, bail: !cover, reporter: silent as never });
  mocha.suite.emit('pre-require', globalThis as never, file, mocha);
  if (cover) coverage();
  await import(`${new URL(file, root).href}?generation=${generation}`);
  if (cover) outcome.loaded = coverage();
  if (tests) keep(mocha.suite, new Set(tests));
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve());
    runner.on('fail', (test: Mocha.Runnable, error: unknown) => {
      outcome.failed ??= { file, title: test.fullTitle(), error: String(error) };
    });
    runner.on('pass', () => (outcome.passed += 1));
    if (cover) observe(runner, outcome);
  });
}

/** Leaves only these tests in a suite. */
function keep(suite: Mocha.Suite, titles: ReadonlySet<string>): void {
  suite.tests = suite.tests.filter((test) => titles.has(test.fullTitle()));
  for (const below of suite.suites) keep(below, titles);
}

/** What `before` runs counts for every test below it. */
function observe(runner: Mocha.Runner, outcome: Outcome): void {
  hooksOfAll = [];
  runner.on('hook end', (hook: Mocha.Hook) => {
    if (hook.title.startsWith('"before all"') && hook.parent)
      hooksOfAll.push({ suite: hook.parent, ran: coverage() });
  });
  runner.on('test end', (test: Mocha.Test) => {
    if (test.isPending()) return;
    const ran = coverage();
    for (let suite = test.parent; suite; suite = suite.parent)
      for (const one of hooksOfAll)
        if (one.suite === suite)
          for (const [path, segments] of Object.entries(one.ran))
            ran[path] = [...(ran[path] ?? []), ...segments];
    outcome.tests!.push({ title: test.fullTitle(), ms: test.duration ?? 0, ran });
  });
}
