/** What a user may be called, and what may be a password. */
import bcrypt from 'bcryptjs';
import { CodedError } from '../errors/coded-error.ts';

/** One way to write each: no capitals, no blanks, nothing that only looks like another letter. */
const name = /^[a-z0-9][a-z0-9._@-]{0,63}$/;
const shortest = 12;
const fewest = 5;

/** As people write those that everybody tries first; the short ones are too short anyway. */
const common = (
  'password passwort qwertyuiop qwertzuiop letmein administrator welcome changeme iloveyou ' +
  'abcdefghijkl 1234567890 0987654321 1q2w3e4r5t6y zxcvbnm asdfghjkl correcthorsebatterystaple ' +
  'crossdock nodered odoo admin secret company summer winter spring autumn sommer herbst ' +
  'monday freitag january januar football baseball basketball superman batman pokemon starwars ' +
  'princess sunshine dragon monkey master michael jordan charlie liverpool chelsea arsenal ' +
  'trustno1 whatever internet computer samsung google facebook microsoft windows default ' +
  'changeit temporary testing test guest root user login access hello hallo geheim schatz ' +
  'passw0rd p@ssw0rd pa55word p4ssword qwerty qwertz asdfgh yxcvbnm azerty 1qaz2wsx 3edc4rfv ' +
  'zaq12wsx qazwsxedc poiuytrewq mnbvcxz abc123 abcd1234 a1b2c3d4 warehouse finance invoice'
)
  .split(' ')
  .toSorted((a, b) => b.length - a.length);

/** Throws CodedError CONFIG_INVALID. */
export function demandName(username: string): void {
  if (!name.test(username))
    throw invalid('A user has a name of small letters, digits and . _ @ -, of at most 64 characters');
}

/** Throws CodedError CONFIG_INVALID that says what is wrong, and never the password. */
export function demandPassword(password: string, username: string): void {
  if (password.length < shortest) throw invalid(`A password has at least ${shortest} characters`);
  if (isCut(password)) throw invalid('A password has at most 72 bytes: what follows would not be compared');
  if (new Set(password).size < fewest)
    throw invalid(`A password has at least ${fewest} different characters`);
  if (isCommon(password, username)) throw invalid('This password is one of those that are tried first');
}

/** bcrypt reads 72 bytes. */
export function isCut(password: string): boolean {
  return bcrypt.truncates(password);
}

/** Made of such words, of the name and of a few digits and signs, and of nothing else. */
function isCommon(password: string, username: string): boolean {
  let left = password.toLowerCase();
  for (const word of [username.toLowerCase(), ...common]) left = left.replaceAll(word, '');
  return left.replaceAll(/[^\p{L}]/gu, '').length === 0 && left.length < password.length;
}

export function invalid(message: string): CodedError {
  return new CodedError('CONFIG_INVALID', message);
}
