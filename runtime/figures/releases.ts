/** Whether a release made a figure worse: what began while it ran, beside what began while the one before did. */
import { sumOf, type Counted, type Sum } from './indicators.ts';
import type { Live } from './read.ts';

export interface Effect {
  version: string;
  /** ISO time: since when it ran. */
  since: string;
  before: Sum & { version?: string };
  after: Sum;
  /** It still runs, and the one before can be put back. */
  rollback: boolean;
}

interface Frame {
  better: 'more' | 'less';
  lives: readonly Live[];
  /** Fewer on either side say nothing. */
  enough: number;
}

/** Less than so many percent points is no matter, however sure it is. */
const LEAST = 0.02;
/** Of two shares that are the same, one in a thousand differs so much by chance: many are compared. */
const SURE = 3.09;
/** What was longer ago was another season. */
const LOOK_MS = 14 * 86_400_000;

export function effectsOf(counted: readonly Counted[], { better, lives, enough }: Frame): Effect[] {
  return lives.flatMap(({ version, at, running }, index) => {
    const [previous, next] = [lives[index - 1], lives[index + 1]];
    const began = (from: number, to: number) =>
      sumOf(counted.filter((one) => one.began >= from && one.began < to));
    const before = began(Math.max(previous?.at ?? 0, at - LOOK_MS), at);
    const after = began(at, Math.min(next?.at ?? Infinity, at + LOOK_MS));
    if (before.count < enough || after.count < enough || !isWorse(before, after, better)) return [];
    return {
      version,
      since: new Date(at).toISOString(),
      before: { ...before, ...(previous && { version: previous.version }) },
      after,
      rollback: running && previous !== undefined,
    };
  });
}

/** By the test of two shares. */
function isWorse(before: Sum, after: Sum, better: 'more' | 'less'): boolean {
  const fell = (before.value! - after.value!) * (better === 'more' ? 1 : -1);
  const all = (before.hits + after.hits) / (before.count + after.count);
  const spread = Math.sqrt(all * (1 - all) * (1 / before.count + 1 / after.count));
  return fell >= LEAST && fell > SURE * spread;
}
