/** Nothing from a partner for longer than usual: also of those who send so little that no hour of theirs tells anything. */
import type { Finding } from './finding.ts';
import { quantile } from './robust.ts';
import { HOUR_MS, LEAST_WEEKS, WEEK, WEEKS, type Series } from './series.ts';

/** So many would have come meanwhile, at the least: by chance that is missed once in a thousand times. */
const LEAST_MISSED = 7;
/** With fewer silences it is not known what is usual. */
const LEAST_GAPS = 30;

/**
 * Silences are measured in what usually comes meanwhile, so that a night or a weekend is short. Odd is one longer than
 * 99 of 100 before it, and in which at least 7 would have come. `expected` is what would have come, `score` how many
 * times the 99th of 100 that is.
 */
export function silence(series: Series, lastHour: number): Finding | undefined {
  const { metric, partner, first, counts } = series;
  const last = lastHour - first;
  if (metric !== 'received' || last < LEAST_WEEKS * WEEK) return undefined;
  const heard = counts.findLastIndex((count, at) => count > 0 && at <= last);
  if (heard < 0 || heard === last) return undefined;
  const rhythm = rhythmOf(series, heard);
  let expected = 0;
  for (let at = heard + 1; at <= last; at += 1) expected += rhythm(at);
  if (expected < LEAST_MISSED) return undefined;
  const gaps = gapsOf(series, heard, rhythm);
  const longest = quantile(gaps, 0.99);
  if (gaps.length < LEAST_GAPS || expected <= longest) return undefined;
  return {
    kind: 'silence',
    metric,
    partner,
    // What is silent is also less than usual.
    cause: `${metric}/${partner}/less`,
    direction: 'less',
    subject: '',
    observed: 0,
    expected,
    score: expected / Math.max(longest, 1),
    points: gaps.length,
    since: (first + heard + 1) * HOUR_MS,
    orders: [],
  };
}

/** What comes in an hour of the week on average, without the week in which most came; by the place in the series. */
function rhythmOf({ counts }: Series, until: number): (at: number) => number {
  const known = new Map<number, number>();
  return (at) => {
    const hour = at % WEEK;
    const before = known.get(hour) ?? averageOf(counts, hour, until);
    known.set(hour, before);
    return before;
  };
}

function averageOf(counts: readonly number[], hour: number, until: number): number {
  const weeks: number[] = [];
  for (
    let at = until - ((((until - hour) % WEEK) + WEEK) % WEEK);
    at >= 0 && weeks.length < WEEKS;
    at -= WEEK
  )
    weeks.push(counts[at]!);
  if (weeks.length === 0) return 0;
  const most = weeks.length > LEAST_WEEKS ? Math.max(...weeks) : 0;
  const left = weeks.length > LEAST_WEEKS ? weeks.length - 1 : weeks.length;
  return (weeks.reduce((sum, one) => sum + one, 0) - most) / left;
}

/** Between two hours in which something came, of the last eight weeks; sorted. */
function gapsOf({ counts }: Series, until: number, rhythm: (at: number) => number): number[] {
  const gaps: number[] = [];
  let gap: number | undefined;
  for (let at = Math.max(0, until - WEEKS * WEEK); at <= until; at += 1) {
    if ((counts[at] ?? 0) > 0) {
      if (gap !== undefined) gaps.push(gap);
      gap = 0;
    } else if (gap !== undefined) gap += rhythm(at);
  }
  return gaps.toSorted((a, b) => a - b);
}
