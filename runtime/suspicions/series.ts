/** Counts by the hour of one metric of one partner, and what is usual at an hour of the week. */
import type { Metric } from './finding.ts';
import { utcHours, type LocalHours } from './local-hours.ts';
import { median, usualOf, type Usual } from './robust.ts';

export const HOUR_MS = 3_600_000;
export const WEEK = 168;
export const DAY = 24;
/** What is usual is taken from so many weeks at the most, and not told from fewer than so many. */
export const WEEKS = 8;
export const LEAST_WEEKS = 4;
/** How many points the noise of the whole series counts beside those of one hour of the week. */
const POOLED_POINTS = 20;

export interface Series {
  metric: Metric;
  partner: string;
  /** The first hour, in local hours since 1970; all after it follow without a gap. */
  first: number;
  counts: number[];
  /** Milliseconds that what was counted took together. */
  totalMs: number[];
}

export interface HourCount {
  /** Hours since 1970, UTC. */
  hour: number;
  metric: Metric;
  partner: string;
  count: number;
  totalMs: number;
}

/** These count from the first hour of anything of the partner: none until then is none, and not unknown. */
const ofAll: ReadonlySet<Metric> = new Set(['refused', 'failed']);

/**
 * Each from the first hour it was heard of to `until`, which is not in it: by the clock on the wall. Hours of which nothing
 * is told count 0.
 */
export function seriesOf(
  counted: readonly HourCount[],
  until: number,
  { localOf }: Pick<LocalHours, 'localOf'> = utcHours,
): Series[] {
  const before = counted.filter(({ hour }) => hour < until);
  const firstOf = (some: readonly HourCount[]) =>
    some.reduce((least, { hour }) => Math.min(least, hour), until);
  const heard = new Map(
    [...Map.groupBy(before, ({ partner }) => partner)].map(([partner, all]) => [partner, firstOf(all)]),
  );
  const groups = Map.groupBy(before, ({ metric, partner }) => `${metric} ${partner}`);
  const changes = changesOf(firstOf(before), until, localOf);
  return [...groups.values()].map((some) => {
    const [{ metric, partner }] = some as [HourCount];
    const first = localOf(ofAll.has(metric) ? heard.get(partner)! : firstOf(some));
    const counts = Array<number>(localOf(until - 1) + 1 - first).fill(0);
    const totalMs = [...counts];
    for (const { hour, count, totalMs: took } of some) {
      counts[localOf(hour) - first]! += count;
      totalMs[localOf(hour) - first]! += took;
    }
    for (const values of [counts, totalMs]) evenOut(values, first, changes);
    return { metric, partner, first, counts, totalMs };
  });
}

interface Changes {
  /** Local hours that came twice, and those that there were not. */
  twice: number[];
  missing: number[];
}

function changesOf(from: number, until: number, localOf: LocalHours['localOf']): Changes {
  const changes: Changes = { twice: [], missing: [] };
  for (let hour = from + 1; hour < until; hour += 1) {
    const [before, local] = [localOf(hour - 1), localOf(hour)];
    if (local <= before) changes.twice.push(local);
    for (let gone = before + 1; gone < local; gone += 1) changes.missing.push(gone);
  }
  return changes;
}

/** An hour that came twice counts on average, and one that there was not as in the week before: clocks are no oddity. */
function evenOut(values: number[], first: number, { twice, missing }: Changes): void {
  for (const hour of twice) if (hour > first && hour - first < values.length) values[hour - first]! /= 2;
  for (const hour of missing)
    if (hour > first && hour - first < values.length)
      values[hour - first] = values[hour - first - WEEK] ?? values[hour - first - 1]!;
}

/** Of so many hours, of which `hour` is the last. Undefined where the series does not reach so far. */
export function sumOf({ first, counts }: Series, hour: number, hours: number): number | undefined {
  const [from, to] = [hour - first - hours + 1, hour - first + 1];
  if (from < 0 || to > counts.length) return undefined;
  let sum = 0;
  for (let at = from; at < to; at += 1) sum += counts[at]!;
  return sum;
}

/** The same hours in the weeks before, the last week first. */
export function weeksBefore(series: Series, hour: number, hours: number): number[] {
  return Array.from({ length: WEEKS }, (_, at) => sumOf(series, hour - (at + 1) * WEEK, hours)).filter(
    (sum) => sum !== undefined,
  );
}

/** Makes the noise of counts alike at any level, with deviation 1 for independent events (Anscombe, Biometrika 35, 1948). */
export function evened(count: number): number {
  return 2 * Math.sqrt(count + 3 / 8);
}

/**
 * What is usual in these hours, of evened counts. An hour of the week has few points: their scale is drawn to the noise of
 * the whole series, and is never below that of independent events.
 */
export function usualAt(series: Series, hour: number, hours: number): Usual {
  const own = usualOf(weeksBefore(series, hour, hours).map(evened));
  const pooled = noiseOf(series, hour, hours);
  const { points } = own;
  const drawn = Math.sqrt((points * own.scale ** 2 + POOLED_POINTS * pooled ** 2) / (points + POOLED_POINTS));
  return { ...own, scale: Math.max(1, drawn) };
}

const noises = new WeakMap<Series, Map<string, number>>();

/** From one week to the next, over the weeks before the day of this hour. At least that of independent events. */
function noiseOf(series: Series, hour: number, hours: number): number {
  const known = noises.get(series) ?? new Map<string, number>();
  noises.set(series, known);
  const until = hour - (hour % DAY);
  const key = `${until} ${hours}`;
  const noise = known.get(key) ?? weekToWeek(series, until, hours);
  known.set(key, noise);
  return noise;
}

/** Fewer than so many events say nothing of noise. */
const LEAST_EVENTS = 10;

function weekToWeek(series: Series, until: number, hours: number): number {
  const away: number[] = [];
  for (let hour = until - 1; hour >= until - (WEEKS - 1) * WEEK; hour -= 1) {
    const [now, before] = [sumOf(series, hour, hours), sumOf(series, hour - WEEK, hours)];
    if (now === undefined || before === undefined) break;
    if (now + before >= LEAST_EVENTS) away.push(Math.abs(evened(now) - evened(before)));
  }
  // A difference has the noise of both weeks.
  return away.length === 0 ? 1 : Math.max(1, median(away) / 0.6745 / Math.SQRT2);
}
