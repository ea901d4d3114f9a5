/**
 * Arithmetic on business days. A working day counts as one, from midnight to midnight in the calendar's time zone,
 * whether it has 23, 24 or 25 hours; a part of it counts as that part.
 */
import { LRUCache } from 'lru-cache';
import { weekdays, type Calendar } from './calendar.ts';

const minute = 60_000;
const day = 86_400_000;
/** A day of any zone begins within so many minutes of the same day in UTC. */
const furthest = 15 * 60;
/** More than ten years: a calendar of holidays only has no end. */
const mostDays = 4000;

/** How many business days lie between two times; 0 when `to` is not after `from`. */
export function businessDays(calendar: Calendar, from: Date, to: Date): number {
  return businessDaysUntil(calendar, to)(from);
}

/** The same for many times before one: each day is counted once. */
export function businessDaysUntil(calendar: Calendar, to: Date): (from: Date) => number {
  let oldest = dayOf(calendar, to);
  /** From the beginning of a day. */
  const since = new Map([[oldest, partOf(calendar, oldest, to)]]);
  return (from) => {
    if (from >= to) return 0;
    const first = dayOf(calendar, from);
    while (oldest > first) {
      const before = next(oldest, -1);
      since.set(before, since.get(oldest)! + (isWorkday(calendar, before) ? 1 : 0));
      oldest = before;
    }
    return since.get(first)! - partOf(calendar, first, from);
  };
}

/** As pages tell it: an answer that tells the same again is the same. */
export function tenths(days: number): number {
  return Math.floor(days * 10) / 10;
}

/** Which part of this business day is over. */
function partOf(calendar: Calendar, of: string, time: Date): number {
  if (!isWorkday(calendar, of)) return 0;
  const start = +startOf(calendar, of);
  return (+time - start) / (+startOf(calendar, next(of)) - start);
}

/** The last time from which so many business days lie until `to`. */
export function businessDaysBefore(calendar: Calendar, to: Date, days: number): Date {
  let left = days;
  let end = to;
  let today = dayOf(calendar, to);
  for (let looked = 0; looked < mostDays; looked += 1, today = next(today, -1)) {
    const start = startOf(calendar, today);
    const whole = +startOf(calendar, next(today)) - +start;
    const part = isWorkday(calendar, today) ? (+end - +start) / whole : 0;
    if (part >= left) return new Date(+end - left * whole);
    left -= part;
    end = start;
  }
  return end;
}

export function isWorkday({ workdays, holidays = {} }: Calendar, of: string): boolean {
  const weekday = weekdays[new Date(`${of}T00:00:00Z`).getUTCDay()]!;
  return workdays.includes(weekday) && !Object.hasOwn(holidays, of);
}

/** Its date there: 2026-11-29. */
export function dayOf({ timezone }: Calendar, time: Date): string {
  return formatOf(timezone).format(time);
}

function next(of: string, days = 1): string {
  return new Date(Date.parse(`${of}T00:00:00Z`) + days * day).toISOString().slice(0, 10);
}

const starts = new LRUCache<string, Date>({ max: 10_000 });

/** Its first minute there, also where the clocks go forward at midnight. */
function startOf(calendar: Calendar, of: string): Date {
  const name = `${calendar.timezone} ${of}`;
  const known = starts.get(name);
  if (known) return known;
  const utc = Date.parse(`${of}T00:00:00Z`);
  let [before, within] = [-furthest, furthest];
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2);
    if (dayOf(calendar, new Date(utc + middle * minute)) < of) before = middle;
    else within = middle;
  }
  const found = new Date(utc + within * minute);
  starts.set(name, found);
  return found;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  // The Swedish write dates as ISO 8601 does.
  const made = new Intl.DateTimeFormat('sv', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  formats.set(timeZone, made);
  return made;
}
