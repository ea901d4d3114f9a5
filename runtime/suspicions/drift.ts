/** Slowly away from what was usual: a little each day, so that no hour tells it. */
import type { Finding } from './finding.ts';
import { median, usualOf } from './robust.ts';
import { DAY, HOUR_MS, LEAST_WEEKS, WEEKS, type Series } from './series.ts';

/** The weight of the newest day. */
const WEIGHT = 0.3;
/** So many deviations of the average. */
const LIMIT = 3;
/** Averaged over so many days, which are not part of what is usual. */
const DAYS = 7;
/** One odd day is no drift: no day counts as further off than so many deviations. */
const FURTHEST = 2.5;
/** With fewer a day there is more chance than drift. */
const LEAST_DAILY = 20;
/** Days of the week. */
const LEAST_BUSY = 3;
const LEAST_OFF = { received: 0.1, 'landing-time': 0.2 };

/**
 * EWMA chart (Roberts, Technometrics 1, 1959; NIST/SEMATECH e-Handbook 6.3.2.4), weight 0.3, limit 3 deviations: of the
 * logarithm of each whole day over the median of the same days of the week before. The deviation is robust.
 * `observed` and `expected` are of the last whole day. Silent with fewer than four weeks before the last one.
 */
export function drift(series: Series, lastHour: number): Finding | undefined {
  const { metric, partner } = series;
  if (metric !== 'received' && metric !== 'landing-time') return undefined;
  const lastDay = Math.floor((lastHour + 1) / DAY) - 1;
  const usual = usualDays(series, lastDay - DAYS);
  if (!usual) return undefined;
  const { expectedOn, scale, points } = usual;
  let [average, whole, share, since] = [0, 0, 1, lastDay];
  for (let day = lastDay - DAYS + 1; day <= lastDay; day += 1) {
    const off = offOf(dailyOf(series, day), expectedOn(day));
    if (off === undefined) return undefined;
    const held = Math.max(-FURTHEST * scale, Math.min(FURTHEST * scale, off));
    average = WEIGHT * held + (1 - WEIGHT) * average;
    whole = WEIGHT * off + (1 - WEIGHT) * whole;
    share *= (1 - WEIGHT) ** 2;
    if (Math.sign(average) !== Math.sign(held)) since = day + 1;
    else since = Math.min(since, day);
  }
  const score = average / (scale * Math.sqrt((WEIGHT / (2 - WEIGHT)) * (1 - share)));
  const isLess = average < 0;
  if (Math.abs(score) < LIMIT || Math.abs(Math.expm1(whole)) < LEAST_OFF[metric]) return undefined;
  // Faster is nothing to look at.
  if (isLess && metric === 'landing-time') return undefined;
  const direction = isLess ? 'less' : 'more';
  return {
    kind: 'drift',
    metric,
    partner,
    cause: `drift/${metric}/${partner}/${direction}`,
    direction,
    subject: '',
    observed: dailyOf(series, lastDay)!,
    expected: expectedOn(lastDay)!,
    score,
    points,
    since: Math.min(since, lastDay) * DAY * HOUR_MS,
    orders: [],
  };
}

/** Up to this day, with it. */
function usualDays(series: Series, until: number) {
  const { metric } = series;
  const days = Array.from({ length: WEEKS * 7 }, (_, at) => until - at);
  const known = days.flatMap((day) => {
    const value = dailyOf(series, day);
    return value === undefined ? [] : [{ weekday: day % 7, value }];
  });
  const byWeekday = Map.groupBy(known, ({ weekday }) => weekday);
  if ([0, 1, 2, 3, 4, 5, 6].some((one) => (byWeekday.get(one)?.length ?? 0) < LEAST_WEEKS)) return undefined;
  const medians = new Map([...byWeekday].map(([one, some]) => [one, median(some.map(({ value }) => value))]));
  const least = metric === 'received' ? LEAST_DAILY : 0;
  const expectedOn = (day: number): number | undefined => {
    const expected = medians.get(((day % 7) + 7) % 7)!;
    return expected >= least ? expected : undefined;
  };
  const busy = [...medians.values()].filter((one) => one >= least);
  const offs = known.flatMap(({ weekday, value }) =>
    expectedOn(weekday) === undefined ? [] : (offOf(value, expectedOn(weekday)) ?? []),
  );
  if (busy.length < LEAST_BUSY) return undefined;
  const chance = metric === 'received' ? 1 / Math.sqrt(median(busy)) : 0.02;
  const cell = offs.length / busy.length;
  // Each day was measured against a median that it was part of; a new day is not.
  const scale = Math.max(chance, usualOf(offs).scale) * Math.sqrt((1 + Math.PI / 2 / cell) / (1 - 1 / cell));
  return { expectedOn, scale, points: offs.length };
}

/** Of days on which next to nothing comes, as on Sundays of an office, 0. */
function offOf(value: number | undefined, expected: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (expected === undefined) return 0;
  return Math.log((value + 0.5) / (expected + 0.5));
}

/** A day's count, or how long what was counted took on average. Undefined where the series does not reach so far, and of nothing. */
function dailyOf({ metric, first, counts, totalMs }: Series, day: number): number | undefined {
  const [from, to] = [day * DAY - first, (day + 1) * DAY - first];
  if (from < 0 || to > counts.length) return undefined;
  const add = (values: readonly number[]) => {
    let sum = 0;
    for (let at = from; at < to; at += 1) sum += values[at]!;
    return sum;
  };
  const count = add(counts);
  if (metric === 'received') return count;
  return count < LEAST_DAILY ? undefined : add(totalMs) / count;
}
