/** Changes of users in the file. Each ends the user's logins. */
import type { Act } from '../audit/acts.ts';
import { audited, hashed, type Auditing } from '../audit/audited.ts';
import { processActor } from '../audit/from.ts';
import { CodedError } from '../errors/coded-error.ts';
import { asOneWriter } from '../files/one-writer.ts';
import { allowed, granted, meeting, type Roles } from '../roles/roles.ts';
import { demandName, demandPassword, invalid } from './login-rules.ts';
import { hashOf, randomPassword } from './passwords.ts';
import { permits, type Role } from './roles.ts';
import { readUsers, teamName, writeUser, type StoredUser } from './users-file.ts';

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

export interface UserChanges {
  /** Makes a user, or gives an existing one another password, role and teams. Throws CONFIG_INVALID for such a name or password, DUTIES_MEET for such roles. */
  set(username: string, password: string, role: Playing, teams?: readonly string[]): Promise<void>;
  /** By name. */
  list(): Promise<ListedUser[]>;
  /** Changes what is given, and ends their logins. Throws CONFIG_INVALID for nobody, and for what would leave nobody who keeps users; DUTIES_MEET. */
  change(username: string, change: Change): Promise<ListedUser>;
  /** Makes a user, or gives one a new password: it is given back once, holds for three days, and only lets them choose their own. */
  invite(username: string, role?: Playing, teams?: readonly string[]): Promise<string>;
  /** Their own, in the place of one that another made. Throws REQUEST_INVALID where theirs is their own already. */
  choose(username: string, password: string): Promise<void>;
}

export interface UsersFile {
  path: string;
  /** Runs one work after the other, those of commands too: each reads, takes its time for a hash, and writes what follows from what it read. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** Writes this user among all, with a row of the audit: by default `user.add` or `user.change`. */
  keep(all: ReadonlyMap<string, StoredUser>, name: string, user: StoredUser, act?: Act): Promise<void>;
}

export function usersFile(path: string, audit: Auditing | undefined): UsersFile {
  return {
    path,
    inTurn: (work) => asOneWriter(path, work),
    async keep(all, name, user, act = all.has(name) ? 'user.change' : 'user.add') {
      const work = () => writeUser(path, all, name, user);
      const facts = { ...hashed('before', all.get(name)), ...hashed('after', user) };
      const entry = { who: processActor(), act, object: `user/${name}`, ...facts };
      await (audit ? audited(audit, entry, work) : work());
    },
  };
}

export interface RolesHere {
  roles(): Roles;
  environment: string | undefined;
  readOnly: boolean;
}

const keeping = 'crossdock.users';
const onceMs = 3 * 24 * 3600 * 1000;

export function userChanges({ path, inTurn, keep }: UsersFile, here: RolesHere): UserChanges {
  const { roles } = here;
  return {
    set(username, password, role, teams = []) {
      return inTurn(async () => {
        const stored = await readUsers(path);
        // One of before may be called otherwise: it gets another password all the same.
        if (!stored.has(username)) demandName(username);
        demandRoles(roles(), [role].flat());
        await keep(stored, username, await changed(username, { role, password, teams, disabled: false }));
      });
    },
    invite(username, role = 'viewer', teams = []) {
      return inTurn(async () => {
        const stored = await readUsers(path);
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
        const stored = await readUsers(path);
        const before = stored.get(username);
        if (before?.once === undefined)
          throw new CodedError('REQUEST_INVALID', 'The password is your own already');
        await keep(stored, username, await changed(username, { ...before, password }));
      });
    },
    async list() {
      const all = [...(await readUsers(path))].toSorted(([one], [other]) => (one < other ? -1 : 1));
      return all.map(([username, stored]) => listed(here, username, stored));
    },
    change(username, change) {
      return inTurn(async () => {
        const stored = await readUsers(path);
        const before = stored.get(username);
        if (!before) throw invalid(`Nobody is called ${username} here`);
        if (change.role !== undefined) demandRoles(roles(), [change.role].flat());
        const after: StoredUser = {
          ...(await changed(username, { ...before, ...change })),
          ...(before.once !== undefined && change.password === undefined && { once: before.once }),
        };
        const others = [...stored].filter(([name]) => name !== username);
        const keeps = (user: StoredUser) => keepsUsers(here, user);
        if (keeps(before) && !keeps(after) && !others.some(([, one]) => keeps(one)))
          throw invalid('Nobody else may keep users here: make another one first');
        await keep(stored, username, after);
        return listed(here, username, after);
      });
    },
  };
}

function keepsUsers({ roles, environment }: RolesHere, { role, disabled = false }: StoredUser): boolean {
  if (disabled) return false;
  const { permissions } = granted(roles(), [role].flat(), { environment, readOnly: false });
  return permits(permissions, keeping);
}

function listed(
  { roles, environment, readOnly }: RolesHere,
  username: string,
  { role, teams = [], since, disabled = false }: StoredUser,
): ListedUser {
  const { meet } = granted(roles(), [role].flat(), { environment, readOnly });
  return { username, role, teams, disabled, ...(since && { since }), ...(meet.length > 0 && { meet }) };
}

/** Throws CONFIG_INVALID for one that there is not, and DUTIES_MEET for what must not meet in one person. */
function demandRoles(all: Roles, roles: readonly Role[]): void {
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
    hash: password === undefined ? hash : await hashOf(password),
    role,
    ...(teams.length > 0 && { teams }),
    since: new Date().toISOString(),
    ...(disabled && { disabled }),
  };
}
