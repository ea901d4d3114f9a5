/** Who may use the editor and the tower: users with bcrypt hashes in one file. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { join } from 'node:path';
import express, { type Request, type RequestHandler } from 'express';
import type { Auditing } from '../audit/audited.ts';
import { actingFrom } from '../audit/from.ts';
import { followRoles, granted, shipped, type Roles } from '../roles/roles.ts';
import { actingInEditor } from './audit-act.ts';
import { loginRow } from './login-row.ts';
import { loginBodies, loginRoutes } from './login.ts';
import { nameOf } from './login-throttle.ts';
import { openSessions, type OpenSessions } from './open-sessions.ts';
import { authenticate, hashOf, randomPassword } from './passwords.ts';
import { originOf } from './routes.ts';
import type { EditorUser } from './roles.ts';
import { dropSessions, openBook, type SessionBook } from './session-book.ts';
import { sessionLimits, type SessionLimits } from './session-limits.ts';
import { followUsers, type Known, type Sessions } from './sessions.ts';
import { signOnOff } from './sign-on/off.ts';
import type { SignOn } from './sign-on/sign-on.ts';
import { followPeople } from './sign-on/people.ts';
import { demandBreakGlass, type BreakGlass } from './sign-on/break-glass.ts';
import { isOfSignOn } from '../sign-on/identity.ts';
import { ownerOf } from './tokens.ts';
import { userChanges, usersFile, type RolesHere, type UserChanges, type UsersFile } from './user-changes.ts';
import { hasUsers, readUsers, type StoredUser } from './users-file.ts';

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

export interface Users extends UserChanges, OpenSessions {
  /** Node-RED's `adminAuth`. Nobody is let in without a login. */
  adminAuth: object;
  /** Comes before the admin routes: the brake on guessing, and logins that follow their users. */
  front: RequestHandler;
  stillIn: Sessions['stillIn'];
  /** As they are now; null where nobody is called so. */
  user(username: string): Promise<EditorUser | null>;
  /** Null where name or password is wrong. */
  check(username: string, password: string): Promise<EditorUser | null>;
  /** As they stand now. */
  roles(): Roles;
  limits: SessionLimits;
}

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
  const path = join(dataDir, 'users.json');
  const file = usersFile(path, audit);
  if (!(await hasUsers(path))) await file.inTurn(() => firstUser(path, file, announce));
  await readUsers(path);
  if (signOn) await dropSessions(dataDir, isOfSignOn);
  const people = followPeople(dataDir);
  const { reading, read } = readingOnce(path);
  const here = { roles, environment, readOnly };
  const user = async (username: string): Promise<Known | null> => {
    if (isOfSignOn(username)) {
      const found = signOn?.user(username) ?? null;
      const { since, ended } = people()[username] ?? {};
      return found && { ...found, since, ended };
    }
    if (breakGlass && username !== breakGlass.user) return null;
    const stored = (await read()).get(username);
    const known = editorUser(here, username, stored);
    return known && { ...known, since: stored?.since, ended: stored?.ended };
  };
  const check = checking(path, here, breakGlass, audit);
  const owner = (token: string) => ownerOf(dataDir, token, user, environment);
  const { front, stillIn, whose } = followUsers({ user, owner, signOn, limits, book });
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
      .use(front, loginRoutes(check, book, throttled(path, audit)))
      .use(audit ? actingInEditor(audit, whose) : (_request, _response, next) => next()),
    stillIn,
    limits,
    roles,
    ...openSessions(file, { dataDir, limits, book, people, signOn, breakGlass, audit }),
    ...userChanges(file, here),
  };
}

/** Unless another process has made it meanwhile. */
async function firstUser(path: string, file: UsersFile, announce: (text: string) => void): Promise<void> {
  if (await hasUsers(path)) return;
  const password = randomPassword();
  await file.keep(new Map(), 'admin', { hash: await hashOf(password), role: 'it' });
  announce(`First start: log in as admin with the password ${password}\nIt is shown only now.\n`);
}

function editorUser(
  { roles, environment, readOnly }: RolesHere,
  username: string,
  stored: StoredUser | undefined,
): EditorUser | null {
  if (!stored || stored.disabled) return null;
  const teams = stored.teams ?? [];
  if (stored.once !== undefined) return { username, permissions: [], teams, once: true };
  const { permissions, meet } = granted(roles(), [stored.role].flat(), { environment, readOnly });
  return { username, permissions, teams, ...(meet.length > 0 && { meet }) };
}

/** Each login has a row, whatever comes of it. */
function checking(
  path: string,
  here: RolesHere,
  breakGlass: BreakGlass | undefined,
  audit: Auditing | undefined,
): Users['check'] {
  return async (username, password) => {
    const all = await readUsers(path);
    if (breakGlass) await demandBreakGlass(breakGlass, username, all.has(username), audit);
    const user = editorUser(here, username, await authenticate(all.get(username), password));
    const outcome = user ? 'done' : 'failed';
    const reason = user ? user.meet && 'DUTIES_MEET' : 'LOGIN_MISSING';
    const act = breakGlass ? 'login.break-glass' : 'login';
    await audit?.append(loginRow(all.has(username) ? username : undefined, { act, outcome, reason }));
    if (user) breakGlass?.used(username);
    return user;
  };
}

function throttled(path: string, audit: Auditing | undefined): (request: Request) => void {
  return (request) => {
    const row = async () => {
      const name = nameOf(request);
      const known = (await readUsers(path)).has(name) ? name : undefined;
      await audit?.append(loginRow(known, { reason: 'RATE_LIMITED' }));
    };
    actingFrom(originOf(request), row).catch(() => {});
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
