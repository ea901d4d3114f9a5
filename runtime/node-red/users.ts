/** Who may use the editor and the tower: users with bcrypt hashes in one file, their roles, and the brake on guessing. */
import { randomBytes, randomInt } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import bcrypt from 'bcryptjs';
import express, { type RequestHandler } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { CodedError } from '../errors/coded-error.ts';
import { demandName, demandPassword, isCut } from './login-rules.ts';
import { refuse } from './refuse.ts';
import { ownerOf } from './tokens.ts';

export type Role = keyof typeof roles;

const viewer =
  'flows.read nodes.read plugins.read library.read settings.read debug.read status.read crossdock.read'.split(
    ' ',
  );

/** What each role may do, in Node-RED's permissions and the hub's own (`crossdock.*`). */
export const roles: Record<'admin' | 'analyst' | 'approver' | 'operations' | 'viewer', readonly string[]> = {
  admin: ['*'],
  analyst: (
    'flows.read flows.write nodes.read plugins.read context.read library.read library.write settings.read ' +
    'settings.write credentials.read inject.write debug.read debug.write status.read crossdock.read crossdock.data ' +
    'crossdock.work crossdock.replay crossdock.promote crossdock.author'
  ).split(' '),
  approver: [...viewer, 'crossdock.approve'],
  operations: [...viewer, 'crossdock.data', 'crossdock.work', 'crossdock.replay', 'crossdock.discard'],
  viewer,
};

/** What nobody may do where flows only come as releases. */
const writing = new Set(
  'flows.write nodes.write library.write settings.write credentials.read inject.write crossdock.author'.split(
    ' ',
  ),
);
const ofAdmin =
  'crossdock.data crossdock.work crossdock.replay crossdock.discard crossdock.promote crossdock.approve'.split(
    ' ',
  );

export function permissionsOf(role: Role, readOnly: boolean): readonly string[] {
  if (!readOnly) return roles[role];
  const all = role === 'admin' ? [...viewer, 'context.read', ...ofAdmin] : roles[role];
  return all.filter((permission) => !writing.has(permission));
}

/** As Node-RED has it: a star is everything. */
export function permits(permissions: readonly string[], permission: string): boolean {
  return permissions.some((one) => one === '*' || one === permission);
}

interface StoredUser {
  /** bcrypt. */
  hash: string;
  role: Role;
  /** Whose work they see first. */
  teams?: readonly string[];
}

export interface EditorUser {
  username: string;
  permissions: readonly string[];
  teams: readonly string[];
}

export interface Users {
  /** Node-RED's `adminAuth`. Nobody is let in without a login. */
  adminAuth: object;
  /** Comes before the admin routes: counts failed logins by user and address, and by address alone. */
  throttle: RequestHandler;
  /** Null where name or password is wrong. */
  check(username: string, password: string): Promise<EditorUser | null>;
  /** Makes a user, or gives an existing one another password, role and teams. Throws CONFIG_INVALID for such a name or password. */
  set(username: string, password: string, role: Role, teams?: readonly string[]): Promise<void>;
}

const rounds = 11;
const teamName = /^[a-z][a-z0-9-]*$/;
const sessionSeconds = 8 * 3600;
const failures = { user: 4, address: 30, seconds: 600 };

/**
 * `readOnly`: nobody may change flows here, whatever their role. Opens `<dataDir>/users.json` (mode 600). Where there is none yet, a user `admin` is made with a random password,
 * told once to `announce` and kept nowhere.
 */
export async function openUsers(
  dataDir: string,
  announce: (text: string) => void,
  readOnly = false,
): Promise<Users> {
  const file = join(dataDir, 'users.json');
  if (!(await exists(file))) {
    const password = randomPassword();
    await write(file, { admin: { hash: await bcrypt.hash(password, rounds), role: 'admin' } });
    announce(`First start: log in as admin with the password ${password}\nIt is shown only now.\n`);
  }
  await read(file);
  const check = async (username: string, password: string) =>
    editorUser(username, await authenticate(file, username, password), readOnly);
  return {
    check,
    adminAuth: {
      type: 'credentials',
      sessionExpiryTime: sessionSeconds,
      users: async (username: string) => editorUser(username, (await read(file)).get(username), readOnly),
      authenticate: check,
      tokens: (token: string) => ownerOf(dataDir, token),
    },
    throttle: loginThrottle(),
    async set(username, password, role, teams = []) {
      const stored = await read(file);
      // One of before may be called otherwise: it gets another password all the same.
      if (!stored.has(username)) demandName(username);
      demandPassword(password, username);
      const wrong = teams.find((team) => !teamName.test(team));
      if (wrong !== undefined)
        throw new CodedError('CONFIG_INVALID', `A team has a name of small letters, not "${wrong}"`);
      const users = Object.fromEntries(stored);
      const hash = await bcrypt.hash(password, rounds);
      await write(file, { ...users, [username]: { hash, role, ...(teams.length > 0 && { teams }) } });
    },
  };
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
  return right && !isCut(password) ? user : undefined;
}

function editorUser(username: string, user: StoredUser | undefined, readOnly: boolean): EditorUser | null {
  if (!user) return null;
  return { username, permissions: permissionsOf(user.role, readOnly), teams: user.teams ?? [] };
}

/** Refuses with 429 and Retry-After once a user at an address, or an address, has failed too often. */
export function loginThrottle(): RequestHandler {
  const byUser = new RateLimiterMemory({ points: failures.user, duration: failures.seconds });
  const byAddress = new RateLimiterMemory({ points: failures.address, duration: failures.seconds });
  const count: RequestHandler = (request, response, next) => {
    const address = request.socket.remoteAddress ?? '';
    const body = request.body as { username?: unknown } | undefined;
    const user = `${String(body?.username).slice(0, 200)}@${address}`;
    Promise.all([byUser.consume(user), byAddress.consume(address)]).then(
      () => {
        response.once('finish', () => {
          if (response.statusCode !== 200) return;
          void byUser.delete(user);
          void byAddress.reward(address);
        });
        next();
      },
      (full: unknown) => {
        const seconds =
          full instanceof RateLimiterRes ? Math.ceil(full.msBeforeNext / 1000) : failures.seconds;
        response.setHeader('Retry-After', String(seconds));
        refuse(response, 'RATE_LIMITED', 'Too many failed logins');
      },
    );
  };
  const router = express.Router();
  router.post(
    '/auth/token',
    express.json({ limit: '10kb' }),
    express.urlencoded({ extended: false, limit: '10kb' }),
    count,
  );
  return router;
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

async function write(file: string, users: Record<string, StoredUser>): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, `${JSON.stringify(users, null, 2)}\n`, { mode: 0o600 });
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
