/** Brings a release to the workers: one after the other, each drained and read back; and takes it back from all where one fails. */
import { setTimeout as sleep } from 'node:timers/promises';
import { asCoded, CodedError } from '../errors/coded-error.ts';
import type { Log } from '../log/log.ts';
import type { Documents } from '../journal/documents.ts';
import { members, named, type Member, type Rollout } from './fleet.ts';

export interface RollingOptions {
  documents: Documents;
  /** As this hub is called among the members. */
  id: string;
  log: Log;
  now?: () => Date;
  times?: Partial<Times>;
}

export interface Times {
  /** How often the workers are looked at. */
  lookMs: number;
  /** A turn takes no longer: half a minute to drain, then the start of the flows. */
  turnMs: number;
  /** Who drives a roll-out and does not say so for this long is gone: a hub that is restarted comes back within it. */
  leaseMs: number;
}

export const usualTimes: Times = { lookMs: 500, turnMs: 90_000, leaseMs: 60_000 };

export interface Rolling {
  /** From now on workers stay as they are until their turn. Throws PROMOTION_RUNNING. */
  begin(wanted: Omit<Rollout, 'state' | 'turns' | 'began' | 'until' | 'driver'>): Promise<Roll>;
  /** One whose driver is gone, or was this hub before its restart. This one drives it now. */
  left(): Promise<Roll | undefined>;
}

export interface Roll {
  readonly rollout: Rollout;
  /** Another hub has taken it over: it decides. */
  readonly lost: boolean;
  /** All workers run it when it resolves. Throws why one does not; then some may. */
  forth(known?: readonly string[]): Promise<void>;
  /** All workers that can run again what was before. It never throws. */
  back(error: unknown): Promise<void>;
  /** From now on workers run what the pointer says. */
  end(): Promise<void>;
}

export function rolling(options: RollingOptions): Rolling {
  const { documents, id, now = () => new Date() } = options;
  const times = { ...usualTimes, ...options.times };
  const until = (): string => new Date(now().getTime() + times.leaseMs).toISOString();
  return {
    async begin(wanted) {
      const before = (await documents.get('rollout', 'now')) ?? '';
      if (before) throw new CodedError('PROMOTION_RUNNING', 'Another release is just brought to the workers');
      const began = now().toISOString();
      const rollout: Rollout = { ...wanted, state: 'forth', turns: [], began, until: until(), driver: id };
      return drive(await take(before, rollout), { ...options, ...times, until });
    },
    async left() {
      const text = await documents.get('rollout', 'now');
      if (!text) return undefined;
      const rollout = JSON.parse(text) as Rollout;
      return drive(await take(text, { ...rollout, until: until(), driver: id }), {
        ...options,
        ...times,
        until,
      });
    },
  };

  async function take(from: string, to: Rollout): Promise<Rollout> {
    const text = JSON.stringify(to);
    const taken =
      from === '' && (await documents.get('rollout', 'now')) === undefined
        ? await documents.add('rollout', 'now', text)
        : await documents.swap('rollout', 'now', from, text);
    if (taken) return to;
    throw new CodedError('PROMOTION_RUNNING', 'Another hub is just bringing a release to the workers');
  }
}

type Drive = RollingOptions & Times & { until(): string };

function drive(first: Rollout, options: Drive): Roll {
  const { documents, log, lookMs, turnMs, leaseMs, until, now = () => new Date() } = options;
  let rollout = first;
  let ended = false;
  let lost = false;
  let turn: Promise<unknown> = Promise.resolve();
  /** Nobody else moves it while this hub does; who was thought gone and comes back learns here that it is over. */
  const change = (part: Partial<Rollout>): Promise<void> => {
    const mine = turn.then(async () => {
      if (ended) return;
      const next = { ...rollout, ...part, until: until() };
      lost ||= !(await documents.swap('rollout', 'now', JSON.stringify(rollout), JSON.stringify(next)));
      if (lost)
        throw new CodedError(
          'PROMOTION_RUNNING',
          'Another hub has taken over what this one brought to the workers',
        );
      rollout = next;
    });
    turn = mine.catch(() => {});
    return mine;
  };
  const lease = setInterval(() => {
    change({}).catch((error: unknown) => log.warn({ err: error }, 'The roll-out is not kept up'));
  }, leaseMs / 4).unref();
  const workers = async (): Promise<Member[]> =>
    (await members(documents, now())).filter(({ worker }) => worker);

  /** Resolves when this worker runs it. Throws why not. */
  async function given(worker: Member): Promise<void> {
    const late = now().getTime() + turnMs;
    await change({ turn: worker.id, turns: [...new Set([...rollout.turns, worker.id])] });
    while (now().getTime() < late) {
      const is = (await workers()).find(({ id }) => id === worker.id);
      if (!is) throw silent(worker, 'is gone since its turn began');
      if (is.failed?.roll === rollout.id)
        throw new CodedError(codeOf(is.failed.code), `Worker ${named(is)}: ${is.failed.reason}`);
      if (is.digest === rollout.digest && is.state === 'running') return;
      await sleep(lookMs);
    }
    throw silent(worker, 'has not answered in time');
  }

  async function takenBack(worker: Member): Promise<void> {
    const late = now().getTime() + turnMs;
    await change({ turn: worker.id, turns: rollout.turns.filter((id) => id !== worker.id) });
    while (now().getTime() < late) {
      const is = (await workers()).find(({ id }) => id === worker.id);
      if (!is || (is.digest === rollout.before && is.state !== 'switching')) return;
      await sleep(lookMs);
    }
    log.error({ worker: named(worker) }, 'The worker does not answer; it may still run what was taken back');
  }

  return {
    get rollout() {
      return rollout;
    },
    get lost() {
      return lost;
    },

    async forth(known = rollout.known) {
      await change({ known: [...known] });
      // Those that start meanwhile run what was before, and have their turn too.
      for (;;) {
        const there = await workers();
        const next = there.find(
          ({ id, digest, state }) =>
            !rollout.turns.includes(id) || digest !== rollout.digest || state !== 'running',
        );
        if (!next) return;
        log.info({ worker: named(next), digest: rollout.digest }, 'A worker takes the release');
        await given(next);
      }
    },

    async back(error) {
      const { code, message: reason } = asCoded(error);
      try {
        const failing = rollout.turn;
        await change({ state: 'back', code, reason });
        const there = (await workers()).filter(({ id }) => rollout.turns.includes(id));
        for (const worker of there.toSorted((a, b) => Number(b.id === failing) - Number(a.id === failing)))
          await takenBack(worker);
      } catch (worse) {
        log.error({ err: worse }, 'The workers could not all be taken back');
      }
    },

    async end() {
      clearInterval(lease);
      await turn;
      ended = true;
      if (lost) return;
      const text = JSON.stringify(rollout);
      await documents.put('rollout', 'last', text);
      await documents.swap('rollout', 'now', text, '');
    },
  };
}

/** Whether its driver says nothing any more. */
export function isLeft({ until }: Rollout, now: Date): boolean {
  return now.getTime() > Date.parse(until);
}

function silent(worker: Member, what: string): CodedError {
  return new CodedError('WORKER_SILENT', `Worker ${named(worker)} ${what}`);
}

function codeOf(code: string): 'ENVIRONMENT_INCOMPLETE' | 'READBACK_FAILED' {
  return code === 'ENVIRONMENT_INCOMPLETE' ? code : 'READBACK_FAILED';
}
