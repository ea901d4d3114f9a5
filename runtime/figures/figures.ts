/** The figures of the business: what is counted, by whom and since when; never a number without something to count. */
import type { Kysely } from 'kysely';
import { calendarNamed, type Calendar } from '../calendar/calendar.ts';
import type { Tables } from '../journal/tables.ts';
import type { Tier } from '../limits/limits.ts';
import { duration } from '../process/definition.ts';
import {
  kindOf,
  sides,
  sumOf,
  type Counted,
  type Indicator,
  type Missing,
  type Side,
  type Standing,
  type Sum,
} from './indicators.ts';
import type { Objective, Objectives } from './objectives.ts';
import { lateBy, observe, type Late, type Observed, type Read } from './observe.ts';
import { read, type Live } from './read.ts';
import { effectsOf, type Effect } from './releases.ts';

export const spans = [7, 30, 90] as const;
export type Span = (typeof spans)[number];

export interface Figure extends Sum {
  indicator: Indicator;
  owner: string;
  tier: Tier;
  better: 'more' | 'less';
  target: number;
  /** As the file says it. */
  within?: string;
  date?: 'promised' | 'requested';
  /** Null where there is nothing to judge. */
  met: boolean | null;
  missing?: Missing;
  /** What could not be judged, and is not in `count`. */
  left: number;
  /** Half of them took no longer, and nine of ten. */
  medianS?: number;
  p90S?: number;
  /** ISO time: since when the oldest waits. */
  oldest?: string;
  /** A value a day, as `days` of all figures; null where nothing was counted. */
  line: (number | null)[];
  by: Partial<Record<Side, (Sum & { name: string })[]>>;
  /** What a release changed, for the worse. */
  worse: Effect[];
}

export interface Figures {
  process: string;
  /** ISO times. */
  from: string;
  to: string;
  /** Each begins at midnight, UTC; the last is not over. */
  days: string[];
  figures: Figure[];
}

/** What cannot be told by name. */
export const unknown = '-';
const DAY_MS = duration('1d');

export interface Known {
  objectives: Objectives;
  calendars: ReadonlyMap<string, Calendar>;
  /** Names of the processes there are. */
  processes: ReadonlySet<string>;
}

/** Of the last days, today with them. */
export async function figures(db: Kysely<Tables>, known: Known, span: Span, now: Date): Promise<Figures> {
  const { process, enough, all } = known.objectives;
  const midnight = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  const from = midnight - (span - 1) * DAY_MS;
  const days = Array.from({ length: span }, (_, at) => from + at * DAY_MS);
  const found = await read(db, process, { from, now: now.getTime() });
  const has = known.processes.has(process);
  return {
    process,
    from: iso(from),
    to: now.toISOString(),
    days: days.map((day) => iso(day).slice(0, 10)),
    figures: all.map((objective) => {
      const late = lateBy(objective, calendarNamed(known.calendars, objective.calendar));
      const observed = observedOf(objective, late, found, has);
      return figureOf(objective, observed, { late, days, now: now.getTime(), lives: found.lives, enough });
    }),
  };
}

function observedOf({ indicator, date }: Objective, late: Late, found: Read, has: boolean): Observed {
  const seen = observe[indicator](found, late, date);
  const ofOrders = indicator !== 'webhook-refusals' && !seen.missing;
  return ofOrders && !has ? { missing: 'process' } : seen;
}

interface Frame {
  late: Late;
  /** When each begins. */
  days: readonly number[];
  now: number;
  lives: readonly Live[];
  enough: number;
}

function figureOf(objective: Objective, observed: Observed, frame: Frame): Figure {
  const { indicator, owner, tier, target, within, date } = objective;
  const { better } = kindOf(indicator);
  const { counted, line, oldest } = shownOf(observed, frame);
  const sum = sumOf(counted);
  const missing = observed.missing ?? (sum.count > 0 ? undefined : whyNothing(observed));
  const took = counted.flatMap(({ tookMs }) => tookMs ?? []).toSorted((a, b) => a - b);
  return {
    indicator,
    owner,
    tier,
    better,
    target,
    ...(within && { within: within.said }),
    ...(date && { date }),
    ...sum,
    met: missing === 'clear' ? true : metBy(sum.value, better, target),
    ...(missing && { missing }),
    left: counted.filter(({ hit }) => hit === undefined).length,
    ...(took.length > 0 && { medianS: rank(took, 50) / 1000, p90S: rank(took, 90) / 1000 }),
    ...(oldest !== undefined && { oldest: iso(oldest) }),
    line,
    by: partsOf(counted, frame.lives),
    worse: observed.standing ? [] : effectsOf(counted, { better, ...frame }),
  };
}

function shownOf({ counted = [], standing }: Observed, { late, days, now }: Frame) {
  if (standing) {
    const ends = days.map((day) => Math.min(day + DAY_MS, now));
    const here = standingAt(standing, now, late);
    const since = here.map(({ began }) => began);
    return {
      counted: here,
      line: ends.map((end) => sumOf(standingAt(standing, end, late)).value),
      ...(since.length > 0 && { oldest: since.reduce((a, b) => Math.min(a, b)) }),
    };
  }
  const [from = 0] = days;
  const within = counted.filter(({ at }) => at >= from && at <= now);
  const ofDay = Map.groupBy(within, ({ at }) => Math.floor(at / DAY_MS) * DAY_MS);
  return { counted: within, line: days.map((day) => sumOf(ofDay.get(day) ?? []).value) };
}

/** What waited at that time, and whether it waited no longer than it may. */
function standingAt(all: readonly Standing[], time: number, late: Late): Counted[] {
  return all
    .filter(({ since, until = Infinity }) => since <= time && until > time)
    .map(({ since, until: _until, ...told }) => ({
      ...told,
      began: since,
      at: time,
      hit: !late(since, time),
    }));
}

/** Of what waits there was some, and now there is none. */
function whyNothing({ standing = [] }: Observed): Missing {
  return standing.length > 0 ? 'clear' : 'nothing';
}

function metBy(value: number | null, better: 'more' | 'less', target: number): boolean | null {
  if (value === null) return null;
  return better === 'more' ? value >= target : value <= target;
}

/** So many of a hundred are no more: the smallest value there is of which that is true. */
function rank(sorted: readonly number[], percent: number): number {
  return sorted[Math.ceil((sorted.length * percent) / 100) - 1]!;
}

/** Only sides of which something is known. The most first. */
function partsOf(counted: readonly Counted[], lives: readonly Live[]): Figure['by'] {
  const nameOf = (one: Counted, side: Side): string => {
    if (side !== 'release') return one[side] || unknown;
    return lives.findLast(({ at }) => at <= one.began)?.version ?? unknown;
  };
  const parts = sides.map((side) => {
    const groups = Map.groupBy(counted, (one) => nameOf(one, side));
    const named = [...groups].map(([name, some]) => ({ name, ...sumOf(some) }));
    return [side, named.toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))] as const;
  });
  return Object.fromEntries(parts.filter(([, named]) => named.some(({ name }) => name !== unknown)));
}

const iso = (ms: number): string => new Date(ms).toISOString();
