/** Once a day, on one of the hubs, what is older than its rule goes. */
import type { Guard } from '../guard/guard.ts';
import type { Journal } from '../journal/journal.ts';
import type { Log } from '../log/log.ts';
import { auditedPrune } from './audited.ts';
import type { Retention } from './rules.ts';

const HOUR_MS = 3_600_000;
/** UTC. */
const FROM_HOUR = 2;

export interface Daily {
  /** To be called again and again: looks once an hour. */
  poll(): void;
  /** Resolves when the piece at hand is done. */
  stop(): Promise<void>;
}

export interface DailyHub {
  journal: Journal;
  guard: Guard;
  log: Log;
  retention: Retention | undefined;
}

export function daily(hub: DailyHub, clock = () => new Date()): Daily {
  const ended = new AbortController();
  let next = 0;
  let pruning: Promise<void> | undefined;

  async function run(now: Date): Promise<void> {
    const { journal, guard, log, retention } = hub;
    if (!retention || now.getUTCHours() < FROM_HOUR) return;
    const day = now.toISOString().slice(0, 10);
    // A hub that ended in the middle of it leaves the rest to the next.
    const claimed = await guard.claim({ key: `crossdock:prune/${day}`, fingerprint: day, leaseMs: HOUR_MS });
    if (claimed.state !== 'new') return;
    const { pruned, withoutRule } = await auditedPrune(journal, retention, { now, signal: ended.signal });
    await guard.commit(claimed.claim, null, 48 * HOUR_MS);
    const gone = pruned.filter(({ rows }) => rows > 0).map(({ what, rows }) => `${rows} ${what}`);
    log.info({ gone }, 'What is older than its rule is gone');
    if (withoutRule.length > 0) log.warn({ kinds: withoutRule }, 'Documents without a rule stay for ever');
  }

  return {
    poll() {
      const now = clock();
      if (ended.signal.aborted || pruning || now.getTime() < next) return;
      next = now.getTime() + HOUR_MS;
      pruning = run(now)
        .catch((error: unknown) => {
          if (!ended.signal.aborted) hub.log.warn({ err: error }, 'What is old goes later');
        })
        .finally(() => (pruning = undefined));
    },
    async stop() {
      ended.abort();
      await pruning;
    },
  };
}
