/** Runs of the reconciliation by the clock, on one of the hubs, in a process of their own: webhooks do not wait for them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Cron } from 'croner';
import type { Guard } from '../guard/guard.ts';
import { regularly } from '../limits/regularly.ts';
import type { Documents } from '../journal/documents.ts';
import type { Log } from '../log/log.ts';
import { sinceOfOpen } from './open-breaks.ts';
import type { Books } from './read-hub.ts';
import { loadSchedule, type Schedule } from './tolerances.ts';

export interface Scheduled {
  hub: { guard: Guard; log: Log };
  definitionsDir: () => string;
  /** Compares these books as of this ISO time, and keeps what it finds. */
  run(cutOff: string, signal: AbortSignal, of: Books): Promise<void>;
  clock?: () => Date;
}

const LOOK_MS = 30_000;
const HOUR_MS = 3_600_000;
/** A hub that was down at the time makes up for it when it is back so soon. */
const LATE_MS = 12 * HOUR_MS;

export function reconcilingByTheClock({ hub, definitionsDir, run, clock = () => new Date() }: Scheduled) {
  const ended = new AbortController();
  let seen = clock().getTime() - LATE_MS;

  async function poll(): Promise<void> {
    const now = clock().getTime();
    const schedule = loadSchedule(definitionsDir());
    const due = schedule && lastTime(schedule, seen, now);
    seen = now;
    if (!due) return;
    const cutOff = due.toISOString();
    const key = `crossdock:reconcile/${cutOff}`;
    const claimed = await hub.guard.claim({ key, fingerprint: cutOff, leaseMs: HOUR_MS });
    if (claimed.state !== 'new') return;
    const failed: unknown[] = [];
    for (const of of schedule.books ?? ['sales'])
      await run(cutOff, ended.signal, of).catch((error: unknown) => failed.push(error));
    if (failed.length > 0) throw failed[0];
    await hub.guard.commit(claimed.claim, null, 48 * HOUR_MS);
    hub.log.info({ cutOff }, 'The books were compared');
  }

  // What fails is told, and tried at the next time: a run of the past is made by hand.
  const looking = regularly(LOOK_MS, poll, (error) => {
    if (!ended.signal.aborted) hub.log.warn({ err: error }, 'The books were not compared');
  });
  return {
    poll: looking.now,
    end(): Promise<void> {
      ended.abort();
      return looking.end();
    },
  };
}

/** After `from`, at most `to`. */
function lastTime({ at, timezone }: Schedule, from: number, to: number): Date | undefined {
  const cron = new Cron(at, { timezone, paused: true });
  let last: Date | undefined;
  for (let next = cron.nextRun(new Date(from)); next && next.getTime() <= to; next = cron.nextRun(next))
    last = next;
  return last;
}

/** By the command, which knows how: `crossdock reconcile --cut-off`. Fails with the last line that it said. */
export function runByCommand(
  script: string,
  env: NodeJS.ProcessEnv,
  documents: Pick<Documents, 'get'>,
): Scheduled['run'] {
  return async (cutOff, signal, of) => {
    const since = await sinceOfOpen(documents, of, cutOff);
    const args = [
      script,
      'reconcile',
      ...(of === 'sales' ? [] : [of]),
      '--cut-off',
      cutOff,
      '--since',
      since,
    ];
    const child = spawn(process.execPath, args, {
      env,
      signal,
      timeout: HOUR_MS,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let reported = false;
    child.stdout.on('data', () => (reported = true));
    const said = text(child.stderr);
    const [code] = (await once(child, 'close')) as [number | null];
    // It ends with 1 where it failed, and where somebody has to act on what it reports.
    if (code !== 0 && !(code === 1 && reported))
      throw new Error((await said).trim().split('\n').at(-1) || `it ended with ${code}`);
  };
}
