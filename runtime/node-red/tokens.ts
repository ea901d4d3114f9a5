/** Tokens of other hubs and of scripts: made once, shown once, kept as hashes. */
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { CodedError } from '../errors/coded-error.ts';
import { replaceFile, textOf } from '../files/durable.ts';
import type { Log } from '../log/log.ts';
import { permits } from '../roles/permissions.ts';
import type { EditorUser } from './roles.ts';

/** What a token may do. None may approve: that is for people. One that cuts releases does so for the person who is their author. */
export const scopes: Record<'metrics' | 'read' | 'cut' | 'promote', readonly string[]> = {
  metrics: ['crossdock.metrics'],
  read: ['crossdock.read', 'crossdock.metrics'],
  cut: ['crossdock.read', 'crossdock.cut'],
  promote: ['crossdock.read', 'crossdock.metrics', 'crossdock.promote'],
};

export type Scope = keyof typeof scopes;

interface Kept {
  sha256: string;
  scope: Scope;
  /** For whom it cuts. */
  person?: string;
  /** ISO 8601, as all times here. One of before these were kept has none, and goes on. */
  made?: string;
  expires?: string;
  /** The environment it holds in; undefined: any. */
  in?: string;
  /** The one before it was rotated, and how long that still goes. */
  before?: { sha256: string; until: string };
}

export interface TokenTerms {
  /** Who is the author of what it cuts. */
  person?: string | undefined;
  in?: string | undefined;
  /** Until it expires; default 90. */
  days?: number | undefined;
}

export interface ListedToken extends Omit<Kept, 'sha256' | 'before'> {
  name: string;
  used?: string;
  /** The one before still goes until then. */
  overlap?: string;
  state: 'valid' | 'soon' | 'expired' | 'endless';
}

/** Null where nobody is called so. */
type People = (name: string) => Promise<EditorUser | null>;

const hour = 3600 * 1000;
const day = 24 * hour;
const usualDays = 90;
const mostDays = 366;
const soonDays = 14;
const flushMs = 30_000;
/** Words of the command. */
const reserved = new Set(['list', 'rotate', 'end']);

/** The token; an earlier one of the same name is worth nothing from now on. */
export async function makeToken(
  dataDir: string,
  name: string,
  scope: Scope,
  terms: TokenTerms | string = {},
): Promise<string> {
  const { person, in: environment, days = usualDays } = typeof terms === 'string' ? { person: terms } : terms;
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name) || reserved.has(name) || !Object.hasOwn(scopes, scope))
    throw invalid(
      `A token has a name of small letters that is no word of the command, and the scope ${Object.keys(scopes).join(', ')}`,
    );
  if ((scope === 'cut') !== (person !== undefined))
    throw invalid('A token of the scope cut says for whom it cuts; no other is for a person');
  const token = newToken();
  const one: Kept = {
    sha256: hash(token),
    scope,
    ...(person && { person }),
    ...(environment && { in: environment }),
    ...term(days),
  };
  await write(dataDir, { ...(await read(dataDir)), [name]: one });
  return token;
}

/** Another token of the same rights. The one before goes on for these hours. Throws CodedError TOKEN_UNKNOWN. */
export async function rotateToken(
  dataDir: string,
  name: string,
  { hours = 24, days = usualDays }: { hours?: number; days?: number } = {},
): Promise<string> {
  const all = await read(dataDir);
  const one = ofName(all, name);
  if (!Number.isInteger(hours) || hours < 0 || hours > 24 * 7)
    throw invalid('The one before goes on for 0 to 168 hours');
  const token = newToken();
  const end = Math.min(Date.now() + hours * hour, endOf(one));
  const before = { sha256: one.sha256, until: new Date(end).toISOString() };
  await write(dataDir, { ...all, [name]: { ...one, ...term(days), sha256: hash(token), before } });
  return token;
}

/** Worth nothing from now on, nor is the one before it. Throws CodedError TOKEN_UNKNOWN. */
export async function endToken(dataDir: string, name: string): Promise<void> {
  const all = await read(dataDir);
  ofName(all, name);
  await write(dataDir, Object.fromEntries(Object.entries(all).filter(([one]) => one !== name)));
}

/** By name. */
export async function listTokens(dataDir: string): Promise<ListedToken[]> {
  const kept = JSON.parse((await textOf(useFile(dataDir))) ?? '{}') as Record<string, string>;
  const uses = { ...kept, ...Object.fromEntries(usesOf(dataDir).times) };
  return Object.entries(await read(dataDir))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, { sha256: _sha256, before, ...one }]) => ({
      name,
      ...one,
      ...(uses[name] && { used: uses[name] }),
      ...(before && Date.parse(before.until) > Date.now() && { overlap: before.until }),
      state: stateOf(one),
    }));
}

/** Node-RED's user of a token; null for one that is not known, has expired or is of elsewhere, and for one of a person who may not cut any more. */
export async function ownerOf(
  dataDir: string,
  token: string,
  people: People = async () => null,
  environment?: string,
): Promise<EditorUser | null> {
  const sha256 = hash(token);
  const found = Object.entries(await read(dataDir)).find(([, one]) => isHeld(one, sha256));
  if (!found) return null;
  const [name, { scope, person, in: place }] = found;
  if (place !== undefined && environment !== undefined && place !== environment) return null;
  noteUse(dataDir, name);
  const user = { username: `token:${name}`, permissions: scopes[scope], teams: [] };
  if (!person) return user;
  const author = await people(person);
  return author && permits(author.permissions, 'crossdock.cut') ? { ...user, author: person } : null;
}

/** Says in the log which expire soon or have expired: now, and each day. */
export function warnOfTokens(dataDir: string, log: Log): void {
  const warn = async (): Promise<void> => {
    for (const { name, state, expires } of await listTokens(dataDir))
      if (state === 'soon' || state === 'expired')
        log.warn(
          { token: name, expires },
          `The token ${name} ${state === 'soon' ? 'expires soon' : 'has expired'}: crossdock token rotate ${name}`,
        );
  };
  const now = (): void =>
    void warn().catch((error: unknown) => log.warn({ err: error }, 'Tokens cannot be read'));
  setInterval(now, day).unref();
  now();
}

function isHeld(one: Kept, sha256: string): boolean {
  if (one.sha256 === sha256) return endOf(one) > Date.now();
  return one.before?.sha256 === sha256 && Date.parse(one.before.until) > Date.now();
}

function endOf({ expires }: Pick<Kept, 'expires'>): number {
  return expires === undefined ? Infinity : Date.parse(expires);
}

function stateOf(one: Pick<Kept, 'expires'>): ListedToken['state'] {
  if (one.expires === undefined) return 'endless';
  const left = endOf(one) - Date.now();
  if (left <= 0) return 'expired';
  return left < soonDays * day ? 'soon' : 'valid';
}

function term(days: number): Required<Pick<Kept, 'made' | 'expires'>> {
  if (!Number.isInteger(days) || days < 1 || days > mostDays)
    throw invalid(`A token lasts 1 to ${mostDays} days`);
  const now = Date.now();
  return { made: new Date(now).toISOString(), expires: new Date(now + days * day).toISOString() };
}

function ofName(all: Record<string, Kept>, name: string): Kept {
  const one = Object.hasOwn(all, name) ? all[name] : undefined;
  if (!one) throw new CodedError('TOKEN_UNKNOWN', `There is no token ${name}`);
  return one;
}

interface Uses {
  times: Map<string, string>;
  timer?: NodeJS.Timeout;
}

/** By data directory: kept in memory, and written each half minute at the most. */
const allUses = new Map<string, Uses>();

function usesOf(dataDir: string): Uses {
  const known = allUses.get(dataDir) ?? { times: new Map() };
  allUses.set(dataDir, known);
  return known;
}

function noteUse(dataDir: string, name: string): void {
  const uses = usesOf(dataDir);
  uses.times.set(name, new Date().toISOString());
  uses.timer ??= setTimeout(() => {
    delete uses.timer;
    void writeUses(dataDir, uses).catch(() => {});
  }, flushMs).unref();
}

async function writeUses(dataDir: string, { times }: Uses): Promise<void> {
  const kept = JSON.parse((await textOf(useFile(dataDir))) ?? '{}') as object;
  const all = { ...kept, ...Object.fromEntries(times) };
  await replaceFile(useFile(dataDir), `${JSON.stringify(all, null, 2)}\n`, 0o600);
}

async function read(dataDir: string): Promise<Record<string, Kept>> {
  return JSON.parse((await textOf(fileOf(dataDir))) ?? '{}') as Record<string, Kept>;
}

async function write(dataDir: string, all: Record<string, Kept>): Promise<void> {
  await replaceFile(fileOf(dataDir), `${JSON.stringify(all, null, 2)}\n`, 0o600);
}

function fileOf(dataDir: string): string {
  return join(dataDir, 'tokens.json');
}

function useFile(dataDir: string): string {
  return join(dataDir, 'tokens-used.json');
}

function newToken(): string {
  return `cd_${randomBytes(32).toString('base64url')}`;
}

function invalid(message: string): CodedError {
  return new CodedError('CONFIG_INVALID', message);
}

/** Of 256 random bits: no salt and no slow hash is needed. */
function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
