/** The secrets of a hub as a list: where each comes from, how old it is and when it ends. Names only. */
import { overlapOf, type KeptSecret } from './kept.ts';
import { loadSecretRules, type SecretRules } from './definitions.ts';
import { ownSecrets, type Secrets } from './secrets.ts';
import { readSeen, seenOf } from './seen.ts';
import type { Source } from './sources.ts';

export interface SecretRow {
  name: string;
  owner?: string;
  what?: string;
  /** Undefined: it has no value. */
  source?: Source;
  /** ISO 8601, UTC: when its value was seen first. */
  since?: string;
  /** When it ends, and who says so. */
  ends?: string;
  endsBy?: 'odoo' | 'date' | 'age';
  /** Until the end, in whole days; below 0 it is over. */
  daysLeft?: number;
  /** Its owner is told from now on. */
  soon?: true;
  /** Until then an old one holds beside the new one. */
  overlap?: string;
  /** Why its source gives nothing; what it had before counts. */
  trouble?: string;
}

export interface Listing {
  secrets: Secrets;
  env: NodeJS.ProcessEnv;
  dataDir: string;
  definitionsDir: string;
  /** What the environment lists. */
  names: readonly string[];
}

const DAY_MS = 86_400_000;
/** Listed with the secrets of an environment, for they stand in no file either. */
const noSecret = /_(URL|DATABASE|LOGIN)$/;

export function listSecrets(
  { secrets, env, dataDir, definitionsDir, names }: Listing,
  now: Date,
): SecretRow[] {
  const rules = loadSecretRules(definitionsDir);
  const kept = secrets.kept();
  const seen = readSeen(dataDir);
  const troubles = new Map(secrets.troubles().map(({ name, why }) => [name, why]));
  return namesOf({ env, names, rules, kept: Object.keys(kept) }).map((name): SecretRow => {
    const { owner, what } = rules.of[name] ?? {};
    const value = env[name];
    const source = secrets.sourceOf(name);
    const trouble = troubles.get(name);
    const overlap = kept[name] && overlapOf(kept[name], now);
    const told = value ? seenOf(seen, name, value) : {};
    const since = (source === 'hub' ? kept[name]?.since : undefined) ?? told.since;
    return {
      name,
      ...(owner && { owner }),
      ...(what && { what }),
      ...(source && { source }),
      ...(since && { since }),
      ...(value &&
        endOf(
          { rule: rules.of[name], kept: source === 'hub' ? kept[name] : undefined, since, told },
          now,
          rules,
        )),
      ...(overlap && { overlap }),
      ...(trouble && { trouble }),
    };
  });
}

/** What has a value now, of what is watched. */
export function valuesOf(
  { secrets, env, names }: Pick<Listing, 'secrets' | 'env' | 'names'>,
  rules: SecretRules,
): Map<string, string> {
  return new Map(
    namesOf({ env, names, rules, kept: Object.keys(secrets.kept()) }).flatMap((name) => {
      const value = env[name];
      return value ? [[name, value] as const] : [];
    }),
  );
}

interface Named {
  env: NodeJS.ProcessEnv;
  names: readonly string[];
  rules: SecretRules;
  kept: readonly string[];
}

function namesOf({ env, names, rules, kept }: Named): string[] {
  const own = ownSecrets.filter((name) => env[name]);
  const listed = names.filter((name) => !noSecret.test(name));
  const wanted = Object.keys(rules.of).filter((name) => names.includes(name) || env[name]);
  return [...new Set([...listed, ...wanted, ...own, ...kept])].toSorted();
}

interface Known {
  rule: SecretRules['of'][string] | undefined;
  kept: KeptSecret | undefined;
  since: string | undefined;
  told: { ends?: string };
}

function endOf(
  { rule, kept, since, told }: Known,
  now: Date,
  { warnDays }: SecretRules,
): Pick<SecretRow, 'ends' | 'endsBy' | 'daysLeft' | 'soon'> {
  const asked = told.ends ?? kept?.ends;
  const aged = rule?.maxAgeDays !== undefined && since ? later(since, rule.maxAgeDays) : undefined;
  const dated = rule?.ends && `${rule.ends}T23:59:59.000Z`;
  const ends = asked ?? dated ?? aged;
  if (ends === undefined) return {};
  const daysLeft = Math.floor((Date.parse(ends) - now.getTime()) / DAY_MS);
  const endsBy = asked ? 'odoo' : dated ? 'date' : 'age';
  return { ends, endsBy, daysLeft, ...(daysLeft < warnDays && { soon: true as const }) };
}

function later(time: string, count: number): string {
  return new Date(Date.parse(time) + count * DAY_MS).toISOString();
}
