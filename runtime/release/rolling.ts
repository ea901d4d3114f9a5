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
  const driving: Drive = { ...options, ...times, now, until };
  return {
    async begin(wanted) {
      const before = (await documents.get('rollout', 'now')) ?? '';
      if (before) throw new CodedError('PROMOTION_RUNNING', 'Another release is just brought to the workers');
      const began = now().toISOString();
      const rollout: Rollout = { ...wanted, state: 'forth', turns: [], began, until: until(), driver: id };
      return drive(await take(before, rollout), driving);
    },
    async left() {
      const text = await documents.get('rollout', 'now');
      if (!text) return undefined;
      const rollout = JSON.parse(text) as Rollout;
      return drive(await take(text, { ...rollout, until: until(), driver: id }), driving);
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

type Drive = RollingOptions & Times & { now(): Date; until(): string };

function drive(first: Rollout, options: Drive): Roll {
  const { log } = options;
  const held = holding(first, options);
  return {
    get rollout() {
      return held.rollout;
    },
    get lost() {
      return held.lost;
    },

    async forth(known = held.rollout.known) {
      await held.change({ known: [...known] });
      // Those that start meanwhile run what was before, and have their turn too.
      for (;;) {
        const there = await workersOf(options);
        const { turns, digest } = held.rollout;
        const next = there.find(
          (one) => !turns.includes(one.id) || one.digest !== digest || one.state !== 'running',
        );
        if (!next) return;
        log.info({ worker: named(next), digest }, 'A worker takes the release');
        await given(held, next, options);
      }
    },

    async back(error) {
      const { code, message: reason } = asCoded(error);
      try {
        const failing = held.rollout.turn;
        await held.change({ state: 'back', code, reason });
        const there = (await workersOf(options)).filter(({ id }) => held.rollout.turns.includes(id));
        for (const worker of there.toSorted((a, b) => Number(b.id === failing) - Number(a.id === failing)))
          await takenBack(held, worker, options);
      } catch (worse) {
        log.error({ err: worse }, 'The workers could not all be taken back');
      }
    },

    end: held.end,
  };
}

interface Held extends Pick<Roll, 'rollout' | 'lost' | 'end'> {
  /** Nobody else moves it while this hub does; who was thought gone and comes back learns here that it is over. */
  change(part: Partial<Rollout>): Promise<void>;
}

/** The roll-out as it stands in the store, which says again and again that this hub drives it. */
function holding(first: Rollout, { documents, log, leaseMs, until }: Drive): Held {
  let rollout = first;
  let ended = false;
  let lost = false;
  let turn: Promise<unknown> = Promise.resolve();

  function change(part: Partial<Rollout>): Promise<void> {
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
  }

  const lease = setInterval(() => {
    change({}).catch((error: unknown) => log.warn({ err: error }, 'The roll-out is not kept up'));
  }, leaseMs / 4).unref();
  return {
    get rollout() {
      return rollout;
    },
    get lost() {
      return lost;
    },
    change,
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

async function workersOf({ documents, now }: Drive): Promise<Member[]> {
  return (await members(documents, now())).filter(({ worker }) => worker);
}

/** Resolves when this worker runs it. Throws why not. */
async function given(held: Held, worker: Member, options: Drive): Promise<void> {
  const { lookMs, turnMs, now } = options;
  const late = now().getTime() + turnMs;
  await held.change({ turn: worker.id, turns: [...new Set([...held.rollout.turns, worker.id])] });
  while (now().getTime() < late) {
    const is = (await workersOf(options)).find(({ id }) => id === worker.id);
    if (!is) throw silent(worker, 'is gone since its turn began');
    const { rollout } = held;
    if (is.failed?.roll === rollout.id)
      throw new CodedError(codeOf(is.failed.code), `Worker ${named(is)}: ${is.failed.reason}`);
    if (is.digest === rollout.digest && is.state === 'running') return;
    await sleep(lookMs);
  }
  throw silent(worker, 'has not answered in time');
}

async function takenBack(held: Held, worker: Member, options: Drive): Promise<void> {
  const { log, lookMs, turnMs, now } = options;
  const late = now().getTime() + turnMs;
  await held.change({ turn: worker.id, turns: held.rollout.turns.filter((id) => id !== worker.id) });
  while (now().getTime() < late) {
    const is = (await workersOf(options)).find(({ id }) => id === worker.id);
    if (!is || (is.digest === held.rollout.before && is.state !== 'switching')) return;
    await sleep(lookMs);
  }
  log.error({ worker: named(worker) }, 'The worker does not answer; it may still run what was taken back');
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
