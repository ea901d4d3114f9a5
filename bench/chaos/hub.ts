/** The hub under test: processes that are started again at once, however they end, as a supervisor does. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Profile } from '../../runtime/stores/profile.ts';
import { copyFlows, orderFlows, startHubProcess, type HubProcess } from '../../test/e2e/hub-process.ts';

export interface Member {
  name: string;
  /** The running process; waits for its start. */
  up(): Promise<HubProcess>;
  running(): HubProcess | undefined;
  /** Sends the signal to a running process and waits until its successor runs. */
  restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** How often it was started, how often a start failed, and how often it had to be killed to end. */
  starts: number;
  failedStarts: number;
  hung: number;
  end(): Promise<void>;
}

export interface TestedHub {
  members: Member[];
  /** With editor and admin API. */
  authoring: Member;
  /** Of admin. */
  password: string;
  /** Of the processes that run now. */
  urls(): string[];
  end(): Promise<void>;
}

const startAgainMs = 300;
/** The hub drains for half a minute at the most. */
const endMs = 45_000;

/** Data and logs are kept below `dir`. */
export async function startHub(
  profile: Profile,
  env: Record<string, string>,
  dir: string,
): Promise<TestedHub> {
  const flowsDir = join(dir, 'flows');
  copyFlows(flowsDir, [...orderFlows, 'order-to-cash']);
  const member = (name: string, command: 'start' | 'work'): Member =>
    supervise(name, join(dir, `${name}.log`), () =>
      startHubProcess(env, join(dir, name), { command, flowsDir }),
    );
  const authoring = member('authoring', 'start');
  const { password } = await authoring.up();
  const workers = profile === 'cluster' ? ['worker-1', 'worker-2'].map((name) => member(name, 'work')) : [];
  const members = [authoring, ...workers];
  await Promise.all(workers.map((worker) => worker.up()));
  return {
    members,
    authoring,
    password,
    urls: () => members.flatMap((one) => one.running()?.url ?? []),
    async end() {
      await Promise.all(members.map((one) => one.end()));
    },
  };
}

function supervise(name: string, logFile: string, start: () => Promise<HubProcess>): Member {
  let running: HubProcess | undefined;
  const life = new AbortController();
  let next = Promise.withResolvers<HubProcess>();

  async function keep(): Promise<void> {
    while (!life.signal.aborted) {
      try {
        running = await start();
      } catch (error) {
        one.failedStarts += 1;
        appendFileSync(logFile, `${(error as Error).message}\n`);
        if (one.starts === 0) return next.reject(error);
        await sleep(startAgainMs);
        continue;
      }
      one.starts += 1;
      next.resolve(running);
      await running.exited;
      appendFileSync(logFile, `${running.log()}== ended\n`);
      next = Promise.withResolvers<HubProcess>();
      running = undefined;
    }
  }

  async function ended(process: HubProcess): Promise<void> {
    const late = setTimeout(() => {
      one.hung += 1;
      process.signal('SIGKILL');
    }, endMs);
    await process.exited;
    clearTimeout(late);
  }

  const one: Member = {
    name,
    up: () => next.promise,
    running: () => running,
    async restart(signal) {
      const victim = await next.promise;
      victim.signal(signal);
      // `keep` waits for the same, and first: its next process is the one to wait for.
      await ended(victim);
      await next.promise;
    },
    starts: 0,
    failedStarts: 0,
    hung: 0,
    async end() {
      life.abort();
      running?.signal('SIGTERM');
      if (running) await ended(running);
      await keeping;
    },
  };
  const keeping = keep();
  next.promise.catch(() => {});
  return one;
}
