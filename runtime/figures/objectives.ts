/** What the business wants of its figures, and who answers for each: definitions/objectives.yaml. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { tiers, type Tier } from '../limits/limits.ts';
import { duration } from '../process/definition.ts';
import { ownSchema } from '../schema/schema.ts';
import { indicatorNames, kindOf, type Indicator } from './indicators.ts';

const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1 });

const Entry = Type.Object(
  {
    /** A team of definitions/ownership.yaml. */
    owner: word,
    tier: Type.Enum([...tiers]),
    /** `98%` */
    target: Type.String({ pattern: '^(100|[0-9]{1,2}([.][0-9]{1,2})?)%$' }),
    /** `4h`, `30d`, or `10 business days` by the calendar. */
    within: Type.Optional(Type.String({ pattern: '^[1-9][0-9]*([smhd]| business days)$' })),
    /** Of definitions/calendars. Default standard. */
    calendar: Type.Optional(word),
    /** Which date counts: the one the process promises, or the one the customer asked for. */
    date: Type.Optional(Type.Enum(['promised', 'requested'])),
  },
  closed,
);
const File = Type.Object(
  {
    process: word,
    enough: Type.Integer({ minimum: 5, maximum: 100_000 }),
    objectives: Type.Object(
      Object.fromEntries(indicatorNames.map((name) => [name, Type.Optional(Entry)])),
      closed,
    ),
  },
  closed,
);
const schema = ownSchema(File);
type Entry = Static<typeof Entry>;

export interface Objective {
  indicator: Indicator;
  owner: string;
  tier: Tier;
  /** 0 to 1. */
  target: number;
  within?: Within;
  /** A name of definitions/calendars. */
  calendar?: string;
  date?: 'promised' | 'requested';
}

/** `ms` of the clock, or so many days of the calendar. */
export type Within = { said: string } & ({ ms: number } | { businessDays: number });

export interface Objectives {
  /** Of definitions/processes. */
  process: string;
  enough: number;
  /** In the order of the file. */
  all: readonly Objective[];
}

export const objectivesFile = 'objectives.yaml';

/** Undefined where there is no file. Throws CodedError CONFIG_INVALID that names file and line, or what does not fit. */
export function loadObjectives(definitionsDir: string): Objectives | undefined {
  const file = join(definitionsDir, objectivesFile);
  if (!existsSync(file)) return undefined;
  const { process, enough, objectives } = readYaml<{
    process: string;
    enough: number;
    objectives: Partial<Record<Indicator, Entry>>;
  }>(file, schema);
  const all = (Object.entries(objectives) as [Indicator, Entry][]).map(([indicator, entry]) => {
    const wrong = misfit(indicator, entry);
    if (wrong) throw new CodedError('CONFIG_INVALID', `${file}: ${indicator} ${wrong}`, { file });
    return objectiveOf(indicator, entry);
  });
  return { process, enough, all };
}

function misfit(indicator: Indicator, { within, date, calendar }: Entry): string | undefined {
  const { limited, dated } = kindOf(indicator);
  if (limited && !within) return 'has a limit of time: say within';
  if (!limited && within) return 'has no limit of time: take out within';
  if (dated && !date) return 'goes by a date: say date, promised or requested';
  if (!dated && date) return 'goes by no date: take out date';
  if (calendar && !within?.endsWith(' business days')) return 'counts no business days: take out calendar';
  return undefined;
}

function objectiveOf(
  indicator: Indicator,
  { owner, tier, target, within, calendar, date }: Entry,
): Objective {
  return {
    indicator,
    owner,
    tier,
    target: Number(target.slice(0, -1)) / 100,
    ...(within && { within: withinOf(within) }),
    ...(calendar && { calendar }),
    ...(date && { date }),
  };
}

function withinOf(said: string): Within {
  if (!said.endsWith(' business days')) return { said, ms: duration(said) };
  return { said, businessDays: Number.parseInt(said, 10) };
}
