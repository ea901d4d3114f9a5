/** The passwords of users in the file: bcrypt hashes, and those that the hub makes itself. */
import { randomBytes, randomInt } from 'node:crypto';
import bcrypt from 'bcryptjs';
import { isCut } from './login-rules.ts';
import type { StoredUser } from './users-file.ts';

/** About a quarter of a second each. */
const rounds = 11;

export function hashOf(password: string): Promise<string> {
  return bcrypt.hash(password, rounds);
}

/** An unknown user's password is compared too, so that the time it takes says nothing. */
let nobody: Promise<string> | undefined;

/** Undefined where the password is wrong, the user is unknown or disabled, or a password that another made is too old. */
export async function authenticate(
  user: StoredUser | undefined,
  password: string,
): Promise<StoredUser | undefined> {
  nobody ??= hashOf(randomBytes(16).toString('hex'));
  const right = await bcrypt.compare(password, user?.hash ?? (await nobody));
  const over = user?.once !== undefined && Date.parse(user.once) < Date.now();
  return right && !isCut(password) && !user?.disabled && !over ? user : undefined;
}

/** 24 characters that are hard to mistake for each other: about 138 bits. */
export function randomPassword(): string {
  const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  return Array.from({ length: 24 }, () => letters[randomInt(letters.length)]).join('');
}
