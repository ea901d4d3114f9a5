/** Looks for what is odd each quarter of an hour, on one hub of all, and keeps it. */
import type { Guard } from '../guard/guard.ts';
import type { Journal } from '../journal/journal.ts';
import { regularly } from '../limits/regularly.ts';
import type { Log } from '../log/log.ts';
import type { Finding } from './finding.ts';
import { keepFound } from './kept.ts';

export interface Watch {
  hub: { guard: Guard; log: Log; journal: Pick<Journal, 'documents'> };
  /** At this time, in milliseconds since 1970. */
  detect(now: number): Promise<Finding[]>;
  clock?: () => Date;
}

export interface Watching {
  /** Once; also called each minute. */
  poll(): Promise<void>;
  end(): Promise<void>;
}

const LOOK_MS = 60_000;
const EVERY_MS = 900_000;
const HOUR_MS = 3_600_000;

export function watchSuspicions({ hub, detect, clock = () => new Date() }: Watch): Watching {
  const { guard, journal, log } = hub;
  let last = -1;

  async function poll(): Promise<void> {
    const now = clock().getTime();
    const turn = Math.floor(now / EVERY_MS);
    if (turn === last) return;
    const key = `crossdock:suspicions/${turn}`;
    const claimed = await guard.claim({ key, fingerprint: '', leaseMs: EVERY_MS });
    if (claimed.state === 'new') {
      try {
        const changed = await keepFound(journal.documents, await detect(now), now);
        const raised = changed.filter(({ history }) => history.length === 1 && history[0]!.at === iso(now));
        if (raised.length > 0)
          log.info(
            { raised: raised.map(({ kind, partner }) => `${kind} ${partner}`) },
            'Something looks odd',
          );
      } catch (error) {
        await guard.release(claimed.claim);
        throw error;
      }
      await guard.commit(claimed.claim, null, HOUR_MS);
    }
    // Another hub does it, or has done it.
    last = turn;
  }

  const looking = regularly(LOOK_MS, poll, (error) =>
    log.warn({ err: error }, 'What looks odd is looked for later'),
  );
  return { poll, end: () => looking.end() };
}

const iso = (ms: number): string => new Date(ms).toISOString();
