/** Who looks at what failed or is late, and by when: definitions/ownership.yaml. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { codeOf, codes } from '../errors/codes.ts';
import type { ByTier, Tier } from '../limits/limits.ts';
import { duration } from '../process/definition.ts';
import { askings } from '../process/state.ts';
import { ownSchema } from '../schema/schema.ts';

const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1 });
const names = Type.Optional(Type.Union([word, Type.Array(word, { minItems: 1 })]));
const time = Type.String({ pattern: '^[1-9][0-9]*[smhd]$' });
const byTier = Type.Object({ critical: time, standard: time, bulk: time }, closed);

const Rule = Type.Object(
  {
    flow: names,
    code: names,
    partner: names,
    step: names,
    asked: names,
    owner: names,
    team: word,
    escalation: Type.Optional(word),
    due: Type.Optional(byTier),
  },
  // The team and what it is for.
  { ...closed, minProperties: 2 },
);
const File = Type.Object(
  {
    teams: Type.Record(
      Type.String({ pattern: '^[a-z][a-z0-9-]*$' }),
      Type.Object({ summary: word, escalation: word }, closed),
    ),
    due: byTier,
    rules: Type.Array(Rule),
  },
  closed,
);
const schema = ownSchema(File);

const fields = ['flow', 'code', 'partner', 'step', 'asked', 'owner'] as const;

/** What a rule is found by. */
export type Owned = Partial<Record<Exclude<(typeof fields)[number], 'owner'>, string>>;

export interface Responsible {
  team: string;
  /** The team that sees it too when it is overdue. */
  escalation: string;
  /** Milliseconds from the oldest failure until it is due, by the tier of the flow. */
  due: ByTier<number>;
}

export interface Ownership {
  teams: ReadonlyMap<string, { summary: string; escalation: string }>;
  /** By the first rule that fits; undefined when none does. */
  find(owned: Owned): Responsible | undefined;
}

/** Where there is no file, everybody is responsible. Throws CodedError CONFIG_INVALID with the file. */
export function loadOwnership(definitionsDir: string): Ownership {
  const path = join(definitionsDir, 'ownership.yaml');
  if (!existsSync(path)) return { teams: new Map(), find: () => undefined };
  const file = readYaml<Static<typeof File>>(path, schema);
  const named = [...Object.values(file.teams), ...file.rules].flatMap((one) => [
    'team' in one ? one.team : undefined,
    one.escalation,
  ]);
  const unknown = named.find((one) => one !== undefined && !Object.hasOwn(file.teams, one));
  if (unknown !== undefined)
    throw new CodedError('CONFIG_INVALID', `${path} names the team ${unknown}, which it does not describe`, {
      file: path,
    });
  const codesNamed = file.rules.flatMap(({ code }) => code ?? []);
  const noCode = codesNamed.find(
    (one) => ![...Object.keys(codes), ...askings].some((code) => fits(one, code)),
  );
  if (noCode !== undefined)
    throw new CodedError('CONFIG_INVALID', `${path} names the code ${noCode}, which does not exist`, {
      file: path,
    });
  return {
    teams: new Map(Object.entries(file.teams)),
    find(owned) {
      const code = codeOf(owned.code);
      const all: Partial<Record<(typeof fields)[number], string>> = {
        ...owned,
        ...(code && !owned.asked && { owner: codes[code].owner }),
      };
      const rule = file.rules.find((one) => fields.every((field) => fits(one[field], all[field])));
      if (!rule) return undefined;
      const { team, escalation = file.teams[team]!.escalation, due = file.due } = rule;
      return { team, escalation, due: inMs(due) };
    },
  };
}

/** Of the team, or where there is none of nobody in particular. */
export const nobody: Responsible = {
  team: '',
  escalation: '',
  due: inMs({ critical: '4h', standard: '1d', bulk: '3d' }),
};

function fits(wanted: string | string[] | undefined, said: string | undefined): boolean {
  if (wanted === undefined) return true;
  if (said === undefined) return false;
  return [wanted]
    .flat()
    .some((one) => (one.endsWith('*') ? said.startsWith(one.slice(0, -1)) : one === said));
}

function inMs(due: Record<Tier, string>): ByTier<number> {
  return { critical: duration(due.critical), standard: duration(due.standard), bulk: duration(due.bulk) };
}
