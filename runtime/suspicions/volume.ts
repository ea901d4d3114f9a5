/** Far more or fewer than usual at this hour of the week. */
import type { Finding } from './finding.ts';
import { median, modifiedZ, OUTLIER } from './robust.ts';
import { evened, HOUR_MS, LEAST_WEEKS, sumOf, usualAt, weeksBefore, type Series } from './series.ts';

/** One hour alone has to be further off. */
const windows = [
  { hours: 3, limit: OUTLIER },
  { hours: 1, limit: 5 },
];
/** What is off by less helps nobody, however sure it is. */
const LEAST_OFF = 10;
const LEAST_SHARE = 0.3;

/**
 * Modified z-score (Iglewicz & Hoaglin 1993) of the evened count of the last three hours, and of the last one, against the
 * same hours of the weeks before. Fewer is odd only of what is received. Silent with fewer than four weeks.
 */
export function volume(series: Series, lastHour: number): Finding | undefined {
  if (series.metric === 'landing-time') return undefined;
  const found = windows.flatMap((window) => inWindow(series, lastHour, window) ?? []);
  return found.toSorted((a, b) => Math.abs(b.score) - Math.abs(a.score))[0];
}

function inWindow(
  series: Series,
  lastHour: number,
  { hours, limit }: (typeof windows)[number],
): Finding | undefined {
  const { metric, partner } = series;
  const observed = sumOf(series, lastHour, hours);
  const before = weeksBefore(series, lastHour, hours);
  if (observed === undefined || before.length < LEAST_WEEKS) return undefined;
  const expected = median(before);
  const off = observed - expected;
  if (Math.abs(off) < Math.max(LEAST_OFF, LEAST_SHARE * expected)) return undefined;
  const direction = off > 0 ? 'more' : 'less';
  if (direction === 'less' && metric !== 'received') return undefined;
  const score = modifiedZ(evened(observed), usualAt(series, lastHour, hours));
  if (Math.abs(score) < limit) return undefined;
  return {
    kind: 'volume',
    metric,
    partner,
    cause: `${metric}/${partner}/${direction}`,
    direction,
    subject: '',
    observed,
    expected,
    score,
    points: before.length,
    since: (lastHour - hours + 1) * HOUR_MS,
    orders: [],
  };
}
