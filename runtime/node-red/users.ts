/** Who may use the editor and the tower: users with bcrypt hashes in one file. */
import { randomBytes, randomInt } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import bcrypt from 'bcryptjs';
import express, { type RequestHandler } from 'express';
import type { AuditEntry } from '../audit/acts.ts';
import { audited, hashed, type Auditing } from '../audit/audited.ts';
import { fromHere, processActor } from '../audit/from.ts';
import { CodedError } from '../errors/coded-error.ts';
import { demandName, demandPassword, isCut } from './login-rules.ts';
import { auditedLogin, refusedWhereUnaudited } from './login-audit.ts';
import { loginThrottle } from './login-throttle.ts';
import { permissionsOf, roles, type EditorUser, type Role } from './roles.ts';
import { followUsers, type Sessions } from './sessions.ts';
import { signOnOff } from './sign-on/off.ts';
import type { SignOn } from './sign-on/sign-on.ts';
import { demandBreakGlass, type BreakGlass } from './sign-on/break-glass.ts';
import { isOfSignOn } from '../sign-on/identity.ts';
import { ownerOf } from './tokens.ts';

interface StoredUser {
  /** bcrypt. */
  hash: string;
  role: Role;
  /** Whose work they see first. */
  teams?: readonly string[];
  /** As they are since then, ISO 8601: logins of before are over. */
  since?: string;
  disabled?: boolean;
}

export interface Change {
  password?: string;
  role?: Role;
  teams?: readonly string[];
  disabled?: boolean;
}

export interface ListedUser extends Omit<Change, 'password'> {
  username: string;
  role: Role;
  since?: string;
}

export interface Users {
  /** Node-RED's `adminAuth`. Nobody is let in without a login. */
  adminAuth: object;
  /** Comes before the admin routes: the brake on guessing, and logins that follow their users. */
  front: RequestHandler;
  stillIn: Sessions['stillIn'];
  /** As they are now; null where nobody is called so. */
  user(username: string): Promise<EditorUser | null>;
  /** Null where name or password is wrong. */
  check(username: string, password: string): Promise<EditorUser | null>;
  /** Makes a user, or gives an existing one another password, role and teams. Throws CONFIG_INVALID for such a name or password. */
  set(username: string, password: string, role: Role, teams?: readonly string[]): Promise<void>;
  /** By name. */
  list(): Promise<ListedUser[]>;
  /** Changes what is given, and ends their logins. Throws CONFIG_INVALID for nobody, and for what would leave no admin. */
  change(username: string, change: Change): Promise<ListedUser>;
}

const rounds = 11;
const teamName = /^[a-z][a-z0-9-]*$/;
const sessionSeconds = 8 * 3600;

export interface UsersOptions {
  readOnly?: boolean;
  audit?: Auditing;
  /** Where people log in by sign-on: the one user who has a password all the same. */
  breakGlass?: BreakGlass | undefined;
  signOn?: SignOn | undefined;
}

/**
 * `readOnly`: nobody may change flows here, whatever their role. `audit`: has a row for each login and change. Opens `<dataDir>/users.json` (mode 600). Where there is none yet, a user `admin` is made with a random password,
 * told once to `announce` and kept nowhere.
 */
export async function openUsers(
  dataDir: string,
  announce: (text: string) => void,
  { readOnly = false, audit, breakGlass, signOn }: UsersOptions = {},
): Promise<Users> {
  const file = join(dataDir, 'users.json');
  const keep = async (
    all: ReadonlyMap<string, StoredUser>,
    name: string,
    user: StoredUser,
  ): Promise<void> => {
    const work = () => write(file, all, name, user);
    const before = all.get(name);
    const act = before ? 'user.change' : 'user.add';
    const said = { ...hashed('before', before), ...hashed('after', user) };
    return audit
      ? audited(audit, { who: processActor(), act, object: `user/${name}`, ...said }, work)
      : work();
  };
  if (!(await exists(file))) {
    const password = randomPassword();
    await keep(new Map(), 'admin', { hash: await bcrypt.hash(password, rounds), role: 'admin' });
    announce(`First start: log in as admin with the password ${password}\nIt is shown only now.\n`);
  }
  await read(file);
  const check = async (username: string, password: string) => {
    if (breakGlass) await demandBreakGlass(breakGlass, username, (await read(file)).has(username), audit);
    const user = editorUser(username, await authenticate(file, username, password), readOnly);
    const known = user !== null || (await read(file)).has(username);
    await audit?.append({
      ...loginEntry(known ? username : undefined, user !== null),
      ...(breakGlass && { act: 'login.break-glass' }),
    });
    if (user) breakGlass?.used(username);
    return user;
  };
  const user = async (username: string) => {
    if (isOfSignOn(username)) return signOn?.user(username) ?? null;
    if (breakGlass && username !== breakGlass.user) return null;
    const stored = (await read(file)).get(username);
    const known = editorUser(username, stored, readOnly);
    return known && { ...known, since: stored?.since };
  };
  const owner = (token: string) => ownerOf(dataDir, token, user);
  const { front, stillIn } = followUsers({ user, owner, signOn, seconds: sessionSeconds });
  return {
    user,
    check,
    adminAuth: {
      type: 'credentials',
      sessionExpiryTime: sessionSeconds,
      users: user,
      authenticate: auditedLogin(check),
      tokens: owner,
    },
    front: express
      .Router()
      .use(loginThrottle(), refusedWhereUnaudited())
      .use(signOn?.routes ?? signOnOff)
      .use(front),
    stillIn,
    async set(username, password, role, teams = []) {
      const stored = await read(file);
      // One of before may be called otherwise: it gets another password all the same.
      if (!stored.has(username)) demandName(username);
      await keep(stored, username, await changed(username, { role, password, teams, disabled: false }));
    },
    async list() {
      const all = [...(await read(file))].toSorted(([one], [other]) => (one < other ? -1 : 1));
      return all.map(([username, stored]) => listed(username, stored));
    },
    async change(username, change) {
      const stored = await read(file);
      const before = stored.get(username);
      if (!before) throw invalid(`Nobody is called ${username} here`);
      const after = await changed(username, { ...before, ...change });
      const others = [...stored].filter(([name]) => name !== username);
      if (isAdmin(before) && !isAdmin(after) && !others.some(([, one]) => isAdmin(one)))
        throw invalid('Nobody else is admin here: make another one first');
      await keep(stored, username, after);
      return listed(username, after);
    },
  };
}

/** Somebody who is not known may have typed the password as the name. */
function loginEntry(username: string | undefined, right: boolean): AuditEntry {
  const who = username ?? 'unknown';
  const said = { who, from: fromHere(who), act: 'login', object: `user/${who}` } as const;
  return right ? { ...said, outcome: 'done' } : { ...said, outcome: 'failed', reason: 'LOGIN_MISSING' };
}

function listed(username: string, { role, teams = [], since, disabled = false }: StoredUser): ListedUser {
  return { username, role, teams, disabled, ...(since && { since }) };
}

/** A user with this password, or with the hash there is. */
async function changed(
  username: string,
  { password, hash = '', role, teams = [], disabled = false }: Change & { role: Role; hash?: string },
): Promise<StoredUser> {
  if (password !== undefined) demandPassword(password, username);
  const wrong = teams.find((team) => !teamName.test(team));
  if (wrong !== undefined) throw invalid(`A team has a name of small letters, not "${wrong}"`);
  return {
    hash: password === undefined ? hash : await bcrypt.hash(password, rounds),
    role,
    ...(teams.length > 0 && { teams }),
    since: new Date().toISOString(),
    ...(disabled && { disabled }),
  };
}

function isAdmin({ role, disabled = false }: StoredUser): boolean {
  return role === 'admin' && !disabled;
}

function invalid(message: string): CodedError {
  return new CodedError('CONFIG_INVALID', message);
}

/** The same work for an unknown user, so that the time tells nothing. */
let nobody: Promise<string> | undefined;

async function authenticate(
  file: string,
  username: string,
  password: string,
): Promise<StoredUser | undefined> {
  const user = (await read(file)).get(username);
  nobody ??= bcrypt.hash(randomBytes(16).toString('hex'), rounds);
  const right = await bcrypt.compare(password, user?.hash ?? (await nobody));
  return right && !isCut(password) && !user?.disabled ? user : undefined;
}

function editorUser(username: string, user: StoredUser | undefined, readOnly: boolean): EditorUser | null {
  if (!user || user.disabled) return null;
  return { username, permissions: permissionsOf(user.role, readOnly), teams: user.teams ?? [] };
}

async function read(file: string): Promise<Map<string, StoredUser>> {
  try {
    const users = JSON.parse(await readFile(file, 'utf8')) as Record<string, StoredUser>;
    for (const [name, { hash, role, teams = [] }] of Object.entries(users)) {
      const named = Array.isArray(teams) && teams.every((team) => teamName.test(String(team)));
      if (typeof hash !== 'string' || !Object.hasOwn(roles, role) || !named) throw new Error(`user ${name}`);
    }
    return new Map(Object.entries(users));
  } catch (cause) {
    throw new CodedError(
      'CONFIG_INVALID',
      `${file} is not a list of users with hash, role and teams`,
      {},
      { cause },
    );
  }
}

async function write(
  file: string,
  users: ReadonlyMap<string, StoredUser>,
  username: string,
  user: StoredUser,
): Promise<void> {
  const all = { ...Object.fromEntries(users), [username]: user };
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
  await chmod(`${file}.new`, 0o600);
  await rename(`${file}.new`, file);
}

async function exists(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

/** 24 characters that are hard to mistake for each other: about 138 bits. */
function randomPassword(): string {
  const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  return Array.from({ length: 24 }, () => letters[randomInt(letters.length)]).join('');
}
