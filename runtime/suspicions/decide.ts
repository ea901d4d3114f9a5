/** What of all that looks odd is new, lasts or is over. */
import { createHash } from 'node:crypto';
import type { Finding } from './finding.ts';

export interface Told {
  /** ISO time. */
  at: string;
  /** A person; empty: the hub. */
  by: string;
  what: 'raised' | 'graver' | 'again' | 'ended' | 'useful' | 'useless';
}

export interface Suspicion extends Omit<Finding, 'since'> {
  /** Sorts by when it was raised. */
  id: string;
  /** ISO times: since when it is so, and when it was seen last. */
  since: string;
  seen: string;
  ended?: string;
  judged?: { by: string; at: string; useful: boolean };
  /** The oldest first. */
  history: Told[];
}

/** What is not seen for so long is over: a value may be back for a moment. */
const OVER_MS = 2 * 3_600_000;
/** What comes back within this time is the same. */
const BACK_MS = 24 * 3_600_000;

/**
 * `known`: those that last, and those that ended of late. What changed, the new ones last. A muted detector raises nothing;
 * what it raised before goes on until it is over.
 */
export function decide(
  known: readonly Suspicion[],
  findings: readonly Finding[],
  isMuted: (finding: Finding) => boolean,
  now: number,
): Suspicion[] {
  const found = new Map(findings.map((one) => [one.cause, one]));
  const newest = new Map(known.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((one) => [one.cause, one]));
  const lasting = [...newest.values()].flatMap((one) => {
    const finding = found.get(one.cause);
    return (finding ? seenAgain(one, finding, now) : overBy(one, now)) ?? [];
  });
  const raised = [...found.values()].filter((one) => {
    const before = newest.get(one.cause);
    return !(before && isSame(before, now)) && !isMuted(one);
  });
  return [...lasting, ...raised.map((one) => newOf(one, now))];
}

function isSame({ ended }: Suspicion, now: number): boolean {
  return ended === undefined || now - Date.parse(ended) < BACK_MS;
}

function seenAgain(before: Suspicion, finding: Finding, now: number): Suspicion | undefined {
  if (!isSame(before, now)) return undefined;
  const { ended, ...lasting } = before;
  const seen = iso(now);
  // From silence back to fewer than usual: still the same silence.
  const isGraver = finding.kind === 'silence' && before.kind !== 'silence';
  const numbers = isGraver || finding.kind === before.kind ? finding : {};
  const told: Told[] = [
    ...(ended === undefined ? [] : [{ at: seen, by: '', what: 'again' as const }]),
    ...(isGraver ? [{ at: seen, by: '', what: 'graver' as const }] : []),
  ];
  return { ...lasting, ...numbers, since: before.since, seen, history: [...before.history, ...told] };
}

function overBy(before: Suspicion, now: number): Suspicion | undefined {
  if (before.ended !== undefined || now - Date.parse(before.seen) < OVER_MS) return undefined;
  const ended = iso(now);
  return { ...before, ended, history: [...before.history, { at: ended, by: '', what: 'ended' }] };
}

function newOf({ since, ...finding }: Finding, now: number): Suspicion {
  const at = iso(now);
  const mark = createHash('sha256').update(finding.cause).digest('hex').slice(0, 10);
  return {
    ...finding,
    id: `${at}-${mark}`,
    since: iso(since),
    seen: at,
    history: [{ at, by: '', what: 'raised' }],
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
