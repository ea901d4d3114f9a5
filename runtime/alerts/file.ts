/** Whom the hub tells when something is wrong, and where: definitions/alerts.yaml. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { isWorkday, dayOf } from '../calendar/business-days.ts';
import type { Calendar } from '../calendar/calendar.ts';
import { readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { duration } from '../process/definition.ts';
import { ownSchema } from '../schema/schema.ts';

const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1 });
/** `${NAME}`: no address and no secret stands in a file. */
const variable = Type.String({ pattern: '^[$][{][A-Za-z_][A-Za-z0-9_]*[}]$' });
const clock = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' });

const Channel = Type.Union([
  Type.Object({ kind: Type.Literal('webhook'), url: variable, secret: variable }, closed),
  Type.Object({ kind: Type.Enum(['slack', 'teams']), url: variable }, closed),
  /** `server`: smtp://user:password@host:587, or smtps://. `to`: addresses, with commas between them. */
  Type.Object({ kind: Type.Literal('email'), server: variable, from: variable, to: variable }, closed),
]);
const Team = Type.Object(
  {
    channels: Type.Array(word),
    /** Nothing is raised then, but what is critical; it is raised after it, where it still goes on. */
    quiet: Type.Optional(Type.Object({ from: clock, until: clock, calendar: word }, closed)),
  },
  closed,
);
const File = Type.Object(
  {
    repeat: Type.String({ pattern: '^[1-9][0-9]*[mhd]$' }),
    channels: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9-]*$' }), Channel),
    default: Type.Array(word),
    teams: Type.Record(word, Team),
    /** A channel that hears every so often that the hub is there: whoever hears nothing looks. */
    alive: Type.Optional(
      Type.Object({ channel: word, every: Type.String({ pattern: '^[1-9][0-9]*[mh]$' }) }, closed),
    ),
  },
  closed,
);
const schema = ownSchema(File);

export type Channel = Static<typeof Channel>;
type Team = Static<typeof Team>;

export interface Alerting {
  repeatMs: number;
  channels: ReadonlyMap<string, Channel>;
  alive?: { channel: string; everyMs: number };
  /** Each team with a line of its own, and the calendar of its quiet hours. */
  teams: ReadonlyMap<string, string | undefined>;
  /** Those that tell this team. */
  channelsOf(team: string): readonly string[];
  /** Whether the team has its quiet hours. */
  isQuiet(team: string, calendars: ReadonlyMap<string, Calendar>, now: Date): boolean;
}

/** Undefined where there is no file. Throws CodedError CONFIG_INVALID that names file and line, or an unknown channel. */
export function loadAlerting(definitionsDir: string): Alerting | undefined {
  const path = join(definitionsDir, 'alerts.yaml');
  if (!existsSync(path)) return undefined;
  const file = readYaml<Static<typeof File>>(path, schema);
  const teams = new Map(Object.entries(file.teams));
  const named = [
    ...file.default,
    ...[...teams.values()].flatMap((team) => team.channels),
    file.alive?.channel,
  ];
  const unknown = named.find((one) => one !== undefined && !Object.hasOwn(file.channels, one));
  if (unknown !== undefined)
    throw new CodedError(
      'CONFIG_INVALID',
      `${path} names the channel ${unknown}, which it does not describe`,
      {
        file: path,
      },
    );
  return {
    repeatMs: duration(file.repeat),
    channels: new Map(Object.entries(file.channels)),
    ...(file.alive && { alive: { channel: file.alive.channel, everyMs: duration(file.alive.every) } }),
    teams: new Map([...teams].map(([team, { quiet }]) => [team, quiet?.calendar])),
    channelsOf: (team) => teams.get(team)?.channels ?? file.default,
    isQuiet(team, calendars, now) {
      const { quiet } = teams.get(team) ?? {};
      const calendar = quiet && calendars.get(quiet.calendar);
      return calendar !== undefined && isWithin(quiet!, calendar, now);
    },
  };
}

/** A day on which nobody works is quiet as a whole. */
function isWithin({ from, until }: NonNullable<Team['quiet']>, calendar: Calendar, now: Date): boolean {
  if (!isWorkday(calendar, dayOf(calendar, now))) return true;
  const time = new Intl.DateTimeFormat('sv', { timeZone: calendar.timezone, timeStyle: 'short' }).format(now);
  return from < until ? time >= from && time < until : time >= from || time < until;
}
