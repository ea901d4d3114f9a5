/** The file of users in the data directory: read whole, written whole. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CodedError } from '../errors/coded-error.ts';
import { replaceFile, textOf } from '../files/durable.ts';
import type { Role } from './roles.ts';
import type { Ended } from './session-book.ts';

export interface StoredUser extends Ended {
  /** bcrypt. */
  hash: string;
  role: Role | readonly Role[];
  /** Whose work they see first. */
  teams?: readonly string[];
  disabled?: boolean;
  /** The password was made by another: they choose their own before anything else. ISO 8601 of when it is worth nothing more. */
  once?: string;
}

export const teamName = /^[a-z][a-z0-9-]*$/;

/** Throws CodedError CONFIG_INVALID. */
export async function readUsers(file: string): Promise<Map<string, StoredUser>> {
  try {
    const users = JSON.parse(await readFile(file, 'utf8')) as Record<string, StoredUser>;
    for (const [name, { hash, role, teams = [] }] of Object.entries(users)) {
      const named = Array.isArray(teams) && teams.every((team) => teamName.test(String(team)));
      const playing = [role].flat().every((one) => typeof one === 'string');
      if (typeof hash !== 'string' || !playing || !named) throw new Error(`user ${name}`);
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

export async function writeUser(
  file: string,
  users: ReadonlyMap<string, StoredUser>,
  username: string,
  user: StoredUser,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const all = { ...Object.fromEntries(users), [username]: user };
  await replaceFile(file, `${JSON.stringify(all, null, 2)}\n`, 0o600);
}

export async function hasUsers(file: string): Promise<boolean> {
  return (await textOf(file)) !== undefined;
}
