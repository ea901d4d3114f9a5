/** Who may do what, and what must not meet in one person: definitions/roles.yaml. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Type, { type Static } from 'typebox';
import { acts, type Act } from '../audit/acts.ts';
import { whenChanged } from '../definitions/when-changed.ts';
import { readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { ownSchema } from '../schema/schema.ts';
import { expanded, expandedToRead, known, permits } from './permissions.ts';

const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1 });
const name = '^[a-z][a-z0-9-]*$';
const some = Type.Array(word, { minItems: 1 });

const File = Type.Object(
  {
    roles: Type.Record(
      Type.String({ pattern: name }),
      Type.Object(
        {
          summary: word,
          also: Type.Optional(Type.Array(Type.String({ pattern: name }))),
          may: Type.Array(word),
          not: Type.Optional(Type.Array(word)),
          in: Type.Optional(some),
        },
        closed,
      ),
    ),
    apart: Type.Record(
      Type.String({ pattern: name }),
      Type.Object({ summary: word, one: some, other: some }, closed),
    ),
    persons: Type.Record(
      Type.String({ pattern: name }),
      Type.Object({ summary: word, first: some, second: word }, closed),
    ),
  },
  closed,
);
const schema = ownSchema(File);

export interface Duty {
  name: string;
  summary: string;
  one: readonly string[];
  other: readonly string[];
}

export interface PersonRule {
  name: string;
  summary: string;
  first: readonly Act[];
  second: Act;
}

export interface RoleDefinition {
  summary: string;
  /** In single ones. */
  permissions: readonly string[];
  /** Of these, where flows only come as releases. */
  reading: readonly string[];
  /** Names of environments; undefined: all. */
  in: readonly string[] | undefined;
}

export interface Roles {
  file: string;
  roles: ReadonlyMap<string, RoleDefinition>;
  duties: readonly Duty[];
  persons: readonly PersonRule[];
  /** Its name today; undefined for what is no role. */
  named(role: string): string | undefined;
}

export interface Where {
  environment?: string | undefined;
  /** Flows only come as releases. */
  readOnly: boolean;
}

export interface Granted {
  permissions: string[];
  /** Names of the duties that meet: neither side of them is granted. */
  meet: string[];
}

/** What the hub holds at the act itself, for each pair. No file takes one out. */
export const heldAtTheAct: readonly (readonly [Act, Act])[] = [
  ['release.cut', 'release.approve'],
  ['release.promote', 'release.approve'],
  ['replay.run', 'replay.approve'],
  ['reconcile.explain', 'reconcile.accept'],
];

/** The folder of those that come with the hub. */
export const shipped = resolve(import.meta.dirname, '../../definitions');

/** Those of this folder; where it has none, the shipped ones. Throws CodedError CONFIG_INVALID with the file. */
export function loadRoles(definitionsDir: string = shipped): Roles {
  const own = join(definitionsDir, 'roles.yaml');
  const file = existsSync(own) ? own : join(shipped, 'roles.yaml');
  const read = readYaml<Static<typeof File>>(file, schema);
  const roles = new Map<string, RoleDefinition>();
  const names = new Map<string, string>();
  for (const [role, { summary, also = [], may, not, in: places }] of Object.entries(read.roles)) {
    demandKnown(file, `the role ${role}`, [...may, ...(not ?? [])]);
    roles.set(role, {
      summary,
      permissions: expanded(may, not),
      reading: expandedToRead(may, not),
      in: places,
    });
    for (const one of [role, ...also]) {
      if (names.has(one)) throw wrong(file, `two roles are called ${one}`);
      names.set(one, role);
    }
  }
  const duties = Object.entries(read.apart).map(([duty, { summary, one, other }]) => {
    demandKnown(file, `the rule ${duty}`, [...one, ...other]);
    return { name: duty, summary, one, other };
  });
  const persons = Object.entries(read.persons).map(([rule, { first, second, summary }]) =>
    personRule(file, { name: rule, summary, first: first as Act[], second: second as Act }),
  );
  const pairs = new Set(persons.flatMap(({ first, second }) => first.map((one) => `${one} ${second}`)));
  const missing = heldAtTheAct.map((pair) => pair.join(' ')).find((pair) => !pairs.has(pair));
  if (missing) throw wrong(file, `persons lacks ${missing.replace(' ', ' before ')}, which the hub holds`);
  return { file, roles, duties, persons, named: (role) => names.get(role) };
}

/** As they stand now; a file that cannot be read any more changes nothing: the last one that could holds on. */
export function followRoles(definitionsDir: () => string): () => Roles {
  const read = whenChanged(
    () => join(definitionsDir(), 'roles.yaml'),
    () => loadRoles(definitionsDir()),
  );
  let last = read();
  return () => {
    try {
      last = read();
    } catch {
      // Lint and the next start say what is wrong with it.
    }
    return last;
  };
}

/** All that these allow together, wherever each of them holds. */
export function allowed(all: Roles, roles: readonly string[]): string[] {
  return roles.flatMap((role) => [...(all.roles.get(all.named(role) ?? '')?.permissions ?? [])]);
}

function personRule(file: string, rule: PersonRule): PersonRule {
  for (const first of rule.first) {
    const isAct = [first, rule.second].every((one) => (acts as readonly string[]).includes(one));
    const isHeld = heldAtTheAct.some(([one, other]) => one === first && other === rule.second);
    if (!isAct || !isHeld)
      throw wrong(
        file,
        `the rule ${rule.name} of persons has ${first} before ${rule.second}, which the hub cannot hold`,
      );
  }
  return rule;
}

/** The rules whose both sides are among these permissions. */
export function meeting({ duties }: Pick<Roles, 'duties'>, permissions: readonly string[]): Duty[] {
  const holds = (side: readonly string[]): boolean => side.some((one) => permits(permissions, one));
  return duties.filter(({ one, other }) => holds(one) && holds(other));
}

/** All that these roles allow here, less both sides of what must not meet. A role that there is not allows nothing. */
export function granted(all: Roles, roles: readonly string[], { environment, readOnly }: Where): Granted {
  const held = roles.flatMap((role) => {
    const found = all.roles.get(all.named(role) ?? '');
    const holds = found?.in === undefined || (environment !== undefined && found.in.includes(environment));
    return found && holds ? [found] : [];
  });
  const meet = meeting(
    all,
    held.flatMap(({ permissions }) => permissions),
  );
  const lost = new Set(meet.flatMap(({ one, other }) => [...one, ...other]));
  const whole = held.flatMap(({ permissions, reading }) => (readOnly ? reading : permissions));
  return {
    permissions: [...new Set(whole)].filter((one) => ![...lost].some((gone) => permits([one], gone))),
    meet: meet.map(({ name: duty }) => duty),
  };
}

function demandKnown(file: string, what: string, permissions: readonly string[]): void {
  const unknown = permissions.find(
    (one) => !known.has(one) && !/^[a-z][\w-]*([.][\w-]+)*[.](read|write)$/.test(one),
  );
  if (unknown !== undefined) throw wrong(file, `${what} names the permission ${unknown}, which there is not`);
}

function wrong(file: string, message: string): CodedError {
  return new CodedError('CONFIG_INVALID', `${file}: ${message}`, { file });
}
