/** Processes that run jobs, one after the other; one that hangs or breaks is replaced. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job, Outcome } from './runner.ts';

/** What mutants leave behind shall not add up. */
const JOBS_OF_ONE = 60;

const hook = new URL('hook.ts', import.meta.url).href;
/** No service is found in it, so suites of real services are left out. */
const empty = mkdtempSync(join(tmpdir(), 'crossdock-mutation-'));
const nowhere = join(empty, 'none');
const without = { CROSSDOCK_STACK_DIR: empty, CHROMIUM: nowhere, PROMTOOL: nowhere, NGINX: nowhere };

export class Runner {
  #child: ChildProcess | undefined;
  #jobs = 0;

  /** 'timeout' where it does not end in time, 'broken' where its process ends by itself. */
  async run(job: Job, withinMs: number): Promise<Outcome | 'timeout' | 'broken'> {
    if (this.#jobs >= JOBS_OF_ONE) await this.end();
    this.#jobs += 1;
    const child = (this.#child ??= begin());
    const over = new AbortController();
    const { signal } = over;
    const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
    let timedOut = false;
    timer.ref();
    const told = once(child, 'message', { signal }).then(([outcome]) => outcome as Outcome);
    const ended = once(child, 'exit', { signal }).then(([, how]) => {
      timedOut = how === 'SIGKILL';
      return undefined;
    });
    child.send(job);
    const outcome = await Promise.race([told, ended]);
    clearTimeout(timer);
    told.catch(() => {});
    ended.catch(() => {});
    over.abort();
    if (outcome) return outcome;
    this.#child = undefined;
    this.#jobs = 0;
    return timedOut ? 'timeout' : 'broken';
  }

  async end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    this.#jobs = 0;
    if (!child || child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}

/** One that never comes back from its mutant would outlive its parent. */
const alive = new Set<ChildProcess>();
process.once('exit', () => alive.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

function begin(): ChildProcess {
  const child = fork(new URL('runner.ts', import.meta.url), {
    execArgv: ['--import', hook],
    env: {
      ...process.env,
      NODE_OPTIONS: `--import=${hook}`,
      ...(!process.env['MUTATION_SERVICES'] && without),
    },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  return child;
}
