/** Calendars: in which time zone a business works, on which days, and what its holidays are (definitions/calendars). */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import Type, { type Static } from 'typebox';
import { filesEnding, readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { ownSchema } from '../schema/schema.ts';

const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1 });
/** As `Date.getUTCDay` counts them. */
export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

const CalendarFile = Type.Object(
  {
    calendar: Type.String({ pattern: '^[a-z][a-z0-9-]*$' }),
    summary: word,
    /** IANA: Europe/Berlin. */
    timezone: word,
    workdays: Type.Array(Type.Enum([...weekdays]), { minItems: 1, uniqueItems: true }),
    /** Days on which nobody works, with their names. */
    holidays: Type.Optional(Type.Record(word, word)),
  },
  closed,
);

export type Calendar = Static<typeof CalendarFile>;

const schema = ownSchema(CalendarFile);

/** Where a process names none. */
export const standardName = 'standard';
const weekdaysOfUtc: Calendar = {
  calendar: standardName,
  summary: 'Monday to Friday, where no calendar is defined.',
  timezone: 'UTC',
  workdays: ['mon', 'tue', 'wed', 'thu', 'fri'],
};

/** By name; `standard` is always there. Throws CodedError CONFIG_INVALID that names the file. */
export function loadCalendars(definitionsDir: string): Map<string, Calendar> {
  const folder = join(definitionsDir, 'calendars');
  const files = existsSync(folder) ? filesEnding(folder, '.yaml') : [];
  return new Map([[standardName, weekdaysOfUtc], ...files.map(read)]);
}

/** All there are. Throws CodedError CONFIG_INVALID too where a process names one that there is not. */
export function calendarsFor(
  definitionsDir: string,
  processes: ReadonlyMap<string, { calendar?: string }>,
): Map<string, Calendar> {
  const calendars = loadCalendars(definitionsDir);
  for (const [name, { calendar }] of processes) calendarNamed(calendars, calendar, `The process ${name}`);
  return calendars;
}

/** The one a process names. Throws CodedError CONFIG_INVALID where there is none of that name. */
export function calendarNamed(
  calendars: ReadonlyMap<string, Calendar>,
  name = standardName,
  of = 'The hub',
): Calendar {
  const found = calendars.get(name);
  if (found) return found;
  const names = [...calendars.keys()].join(', ');
  throw new CodedError(
    'CONFIG_INVALID',
    `${of} goes by the calendar ${name}, which there is not; there are: ${names}`,
  );
}

/** The time zone of the standard calendar. */
export function zoneOfHub(definitionsDir: string): string {
  return calendarNamed(loadCalendars(definitionsDir)).timezone;
}

function read(file: string): [string, Calendar] {
  const calendar = readYaml<Calendar>(file, schema);
  const wrong = (what: string) => new CodedError('CONFIG_INVALID', `${file}: ${what}`, { file });
  if (`${calendar.calendar}.yaml` !== basename(file))
    throw wrong(`is the calendar ${calendar.calendar}; both names must be the same`);
  if (!isZone(calendar.timezone)) throw wrong(`${calendar.timezone} is no time zone; one is Europe/Berlin`);
  const noDay = Object.keys(calendar.holidays ?? {}).find((day) => !isDay(day));
  if (noDay !== undefined) throw wrong(`holidays/${noDay} is no day; one is 2026-12-25`);
  return [calendar.calendar, calendar];
}

function isZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone }).format();
    return true;
  } catch {
    return false;
  }
}

function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
