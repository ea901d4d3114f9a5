/** Who may use the editor and the tower: users with bcrypt hashes in one file. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes, randomInt } from 'node:crypto';
import { join } from 'node:path';
import bcrypt from 'bcryptjs';
import express, { type Request, type RequestHandler } from 'express';
import type { Act } from '../audit/acts.ts';
import { audited, hashed, type Auditing } from '../audit/audited.ts';
import { actingFrom, processActor } from '../audit/from.ts';
import { CodedError } from '../errors/coded-error.ts';
import { asOneWriter } from '../files/one-writer.ts';
import { allowed, granted, followRoles, meeting, shipped, type Roles } from '../roles/roles.ts';
import { actingInEditor } from './audit-act.ts';
import { loginRow } from './login-row.ts';
import { loginBodies, loginRoutes } from './login.ts';
import { demandName, demandPassword, isCut } from './login-rules.ts';
import { nameOf } from './login-throttle.ts';
import { originOf } from './routes.ts';
import { permits, type EditorUser, type Role } from './roles.ts';
import {
  dropSessions,
  isEnded,
  listSessions,
  openBook,
  withEnded,
  type ListedSession,
  type SessionBook,
} from './session-book.ts';
import { sessionLimits, type SessionLimits } from './session-limits.ts';
import { followUsers, type Known, type Sessions } from './sessions.ts';
import { signOnOff } from './sign-on/off.ts';
import type { SignOn } from './sign-on/sign-on.ts';
import { endPerson, followPeople } from './sign-on/people.ts';
import { demandBreakGlass, type BreakGlass } from './sign-on/break-glass.ts';
import { isOfSignOn } from '../sign-on/identity.ts';
import { ownerOf } from './tokens.ts';
import { hasUsers, readUsers, teamName, writeUser, type StoredUser } from './users-file.ts';

type Playing = Role | readonly Role[];

export interface Change {
  password?: string;
  role?: Playing;
  teams?: readonly string[];
  disabled?: boolean;
}

export interface ListedUser extends Omit<Change, 'password'> {
  username: string;
  role: Playing;
  since?: string;
  /** Names of rules that their roles break: they have neither side. */
  meet?: readonly string[];
}

export interface UsersOptions {
  /** Nobody may change flows here, whatever their role. */
  readOnly?: boolean;
  /** Has a row for each login and change. */
  audit?: Auditing;
  /** As they stand now; by default as shipped. */
  roles?: () => Roles;
  environment?: string;
  /** How long logins last; by default as the hub's own settings say without any. */
  limits?: SessionLimits;
  /** Where people log in by sign-on: the one user who has a password all the same. */
  breakGlass?: BreakGlass | undefined;
  signOn?: SignOn | undefined;
  /** Where sign-on writes into it too. */
  book?: SessionBook;
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
  /** Makes a user, or gives an existing one another password, role and teams. Throws CONFIG_INVALID for such a name or password, DUTIES_MEET for such roles. */
  set(username: string, password: string, role: Playing, teams?: readonly string[]): Promise<void>;
  /** By name. */
  list(): Promise<ListedUser[]>;
  /** Changes what is given, and ends their logins. Throws CONFIG_INVALID for nobody, and for what would leave nobody who keeps users; DUTIES_MEET. */
  change(username: string, change: Change): Promise<ListedUser>;
  /** Those that are open, the one used last first. */
  sessions(): Promise<ListedSession[]>;
  /** As they stand now. */
  roles(): Roles;
  /** Ends all of one user, or one; of sign-on too. Throws CONFIG_INVALID for nobody, and SESSION_UNKNOWN. */
  endSessions(username: string, id?: string): Promise<void>;
  limits: SessionLimits;
  /** Makes a user, or gives one a new password: it is given back once, holds for three days, and only lets them choose their own. */
  invite(username: string, role?: Playing, teams?: readonly string[]): Promise<string>;
  /** Their own, in the place of one that another made. Throws REQUEST_INVALID where theirs is their own already. */
  choose(username: string, password: string): Promise<void>;
}

const rounds = 11;
const keeping = 'crossdock.users';
const onceMs = 3 * 24 * 3600 * 1000;

/**
 * Opens `<dataDir>/users.json` (mode 600). Where there is none yet, a user `admin` is made with a random password, told once to
 * `announce` and kept nowhere.
 */
export async function openUsers(
  dataDir: string,
  announce: (text: string) => void,
  {
    readOnly = false,
    audit,
    roles = followRoles(() => shipped),
    environment,
    limits = sessionLimits({}),
    breakGlass,
    signOn,
    book = openBook(dataDir),
  }: UsersOptions = {},
): Promise<Users> {
  const file = join(dataDir, 'users.json');
  const { reading, read } = readingOnce(file);
  /** Each reads, takes its time for a hash, and writes what follows from what it read; commands too. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => asOneWriter(file, work);
  const keep = async (
    all: ReadonlyMap<string, StoredUser>,
    name: string,
    user: StoredUser,
    act: Act = all.has(name) ? 'user.change' : 'user.add',
  ) => {
    const work = () => writeUser(file, all, name, user);
    const before = all.get(name);
    const said = { ...hashed('before', before), ...hashed('after', user) };
    return audit
      ? audited(audit, { who: processActor(), act, object: `user/${name}`, ...said }, work)
      : work();
  };
  const editorUser = (username: string, stored: StoredUser | undefined): EditorUser | null => {
    if (!stored || stored.disabled) return null;
    const teams = stored.teams ?? [];
    if (stored.once !== undefined) return { username, permissions: [], teams, once: true };
    const { permissions, meet } = granted(roles(), [stored.role].flat(), { environment, readOnly });
    return { username, permissions, teams, ...(meet.length > 0 && { meet }) };
  };
  const keepsUsers = ({ role, disabled = false }: StoredUser): boolean =>
    !disabled &&
    permits(granted(roles(), [role].flat(), { environment, readOnly: false }).permissions, keeping);

  const begin = async (): Promise<void> => {
    if (await hasUsers(file)) return;
    const password = randomPassword();
    await keep(new Map(), 'admin', { hash: await bcrypt.hash(password, rounds), role: 'it' });
    announce(`First start: log in as admin with the password ${password}\nIt is shown only now.\n`);
  };
  if (!(await hasUsers(file))) await inTurn(begin);
  await readUsers(file);
  if (signOn) await dropSessions(dataDir, isOfSignOn);
  const people = followPeople(dataDir);
  const check = async (username: string, password: string) => {
    const all = await readUsers(file);
    if (breakGlass) await demandBreakGlass(breakGlass, username, all.has(username), audit);
    const user = editorUser(username, await authenticate(all.get(username), password));
    const outcome = user ? 'done' : 'failed';
    const reason = user ? user.meet && 'DUTIES_MEET' : 'LOGIN_MISSING';
    const act = breakGlass ? 'login.break-glass' : 'login';
    await audit?.append(loginRow(all.has(username) ? username : undefined, { act, outcome, reason }));
    if (user) breakGlass?.used(username);
    return user;
  };
  const throttled = (request: Request): void => {
    const row = async () => {
      const name = nameOf(request);
      const known = (await readUsers(file)).has(name) ? name : undefined;
      await audit?.append(loginRow(known, { reason: 'RATE_LIMITED' }));
    };
    actingFrom(originOf(request), row).catch(() => {});
  };
  const user = async (username: string): Promise<Known | null> => {
    if (isOfSignOn(username)) {
      const found = signOn?.user(username) ?? null;
      const { since, ended } = people()[username] ?? {};
      return found && { ...found, since, ended };
    }
    if (breakGlass && username !== breakGlass.user) return null;
    const stored = (await read()).get(username);
    const known = editorUser(username, stored);
    return known && { ...known, since: stored?.since, ended: stored?.ended };
  };
  const owner = (token: string) => ownerOf(dataDir, token, user, environment);
  const { front, stillIn, whose } = followUsers({ user, owner, signOn, limits, book });
  const listed = (
    username: string,
    { role, teams = [], since, disabled = false }: StoredUser,
  ): ListedUser => {
    const { meet } = granted(roles(), [role].flat(), { environment, readOnly });
    return { username, role, teams, disabled, ...(since && { since }), ...(meet.length > 0 && { meet }) };
  };
  const openSessions = async (): Promise<ListedSession[]> => {
    const stored = await readUsers(file);
    const known = people();
    const all = await listSessions(dataDir, limits, book);
    const open = all.filter(({ id, user: of, began }) => {
      const theirs = isOfSignOn(of) ? (known[of] ?? {}) : stored.get(of);
      if (!theirs || isEnded(theirs, id, Date.parse(began))) return false;
      // Only the hub itself knows whom the provider still knows.
      return isOfSignOn(of) ? (signOn?.has(of, id) ?? breakGlass !== undefined) : !stored.get(of)?.disabled;
    });
    return open.map((one) => ({ ...one, ...(known[one.user]?.name && { name: known[one.user]!.name }) }));
  };
  const endOfSignOn = async (username: string, id?: string): Promise<void> => {
    const open = (await openSessions()).filter(({ user: of }) => of === username);
    if (id === undefined && open.length === 0 && !signOn?.has(username))
      throw invalid(`Nobody is in as ${username}`);
    if (id !== undefined && !open.some((one) => one.id === id)) throw sessionUnknown(username, id);
    const work = async () => {
      await endPerson(dataDir, username, (before) => withEnded(before, id, limits));
      signOn?.end(username, id);
    };
    const entry = { who: processActor(), act: 'session.end', object: `user/${username}` } as const;
    await (audit ? audited(audit, entry, work) : work());
  };
  return {
    user,
    check,
    adminAuth: {
      type: 'credentials',
      sessionExpiryTime: limits.maximumSeconds,
      users: user,
      authenticate: check,
      tokens: owner,
    },
    front: express
      .Router()
      .use(reading, loginBodies())
      .use(signOn?.routes ?? signOnOff)
      .use(front, loginRoutes(check, book, throttled))
      .use(audit ? actingInEditor(audit, whose) : (_request, _response, next) => next()),
    stillIn,
    limits,
    roles,
    sessions: openSessions,
    endSessions(username, id) {
      return inTurn(async () => {
        if (isOfSignOn(username)) return endOfSignOn(username, id);
        const stored = await readUsers(file);
        const before = stored.get(username);
        if (!before) throw invalid(`Nobody is called ${username} here`);
        const open = await listSessions(dataDir, limits, book);
        if (id !== undefined && !open.some((one) => one.id === id && one.user === username))
          throw sessionUnknown(username, id);
        await keep(stored, username, { ...before, ...withEnded(before, id, limits) }, 'session.end');
      });
    },
    set(username, password, role, teams = []) {
      return inTurn(async () => {
        const stored = await readUsers(file);
        // One of before may be called otherwise: it gets another password all the same.
        if (!stored.has(username)) demandName(username);
        demandRoles(roles(), [role].flat());
        await keep(stored, username, await changed(username, { role, password, teams, disabled: false }));
      });
    },
    invite(username, role = 'viewer', teams = []) {
      return inTurn(async () => {
        const stored = await readUsers(file);
        const before = stored.get(username);
        if (!before) demandName(username);
        demandRoles(roles(), [role].flat());
        const password = randomPassword();
        const given = before ? { ...before, password } : { role, teams, password };
        const once = new Date(Date.now() + onceMs).toISOString();
        await keep(stored, username, { ...(await changed(username, given)), once });
        return password;
      });
    },
    choose(username, password) {
      return inTurn(async () => {
        const stored = await readUsers(file);
        const before = stored.get(username);
        if (before?.once === undefined)
          throw new CodedError('REQUEST_INVALID', 'The password is your own already');
        await keep(stored, username, await changed(username, { ...before, password }));
      });
    },
    async list() {
      const all = [...(await readUsers(file))].toSorted(([one], [other]) => (one < other ? -1 : 1));
      return all.map(([username, stored]) => listed(username, stored));
    },
    change(username, change) {
      return inTurn(async () => {
        const stored = await readUsers(file);
        const before = stored.get(username);
        if (!before) throw invalid(`Nobody is called ${username} here`);
        if (change.role !== undefined) demandRoles(roles(), [change.role].flat());
        const after: StoredUser = {
          ...(await changed(username, { ...before, ...change })),
          ...(before.once !== undefined && change.password === undefined && { once: before.once }),
        };
        const others = [...stored].filter(([name]) => name !== username);
        if (keepsUsers(before) && !keepsUsers(after) && !others.some(([, one]) => keepsUsers(one)))
          throw invalid('Nobody else may keep users here: make another one first');
        await keep(stored, username, after);
        return listed(username, after);
      });
    },
  };
}

/** The file is read once for each request, however often its user is asked for. */
function readingOnce(file: string) {
  const here = new AsyncLocalStorage<{ users?: Promise<Map<string, StoredUser>> }>();
  const reading: RequestHandler = (_request, _response, next) => here.run({}, () => next());
  const read = (): Promise<Map<string, StoredUser>> => {
    const request = here.getStore();
    return request ? (request.users ??= readUsers(file)) : readUsers(file);
  };
  return { reading, read };
}

/** Throws CONFIG_INVALID for one that there is not, and DUTIES_MEET for what must not meet in one person. */
export function demandRoles(all: Roles, roles: readonly Role[]): void {
  const unknown = roles.find((role) => all.named(role) === undefined);
  if (unknown !== undefined || roles.length === 0)
    throw invalid(`A role is one of ${[...all.roles.keys()].join(', ')}`);
  const [duty] = meeting(all, allowed(all, roles));
  if (duty)
    throw new CodedError('DUTIES_MEET', `${roles.join(' and ')} must not be one person: ${duty.summary}`, {
      duty: duty.name,
    });
}

/** A user with this password, or with the hash there is. */
async function changed(
  username: string,
  {
    password,
    hash = '',
    role,
    teams = [],
    disabled = false,
  }: Change & Pick<StoredUser, 'role'> & { hash?: string },
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

function sessionUnknown(username: string, id: string): CodedError {
  return new CodedError('SESSION_UNKNOWN', `${username} has no session ${id}`);
}

function invalid(message: string): CodedError {
  return new CodedError('CONFIG_INVALID', message);
}

/** The same work for an unknown user, so that the time tells nothing. */
let nobody: Promise<string> | undefined;

async function authenticate(user: StoredUser | undefined, password: string): Promise<StoredUser | undefined> {
  nobody ??= bcrypt.hash(randomBytes(16).toString('hex'), rounds);
  const right = await bcrypt.compare(password, user?.hash ?? (await nobody));
  const over = user?.once !== undefined && Date.parse(user.once) < Date.now();
  return right && !isCut(password) && !user?.disabled && !over ? user : undefined;
}

/** 24 characters that are hard to mistake for each other: about 138 bits. */
function randomPassword(): string {
  const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  return Array.from({ length: 24 }, () => letters[randomInt(letters.length)]).join('');
}
