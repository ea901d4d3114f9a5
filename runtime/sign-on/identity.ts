/** Who somebody is: the subject of an issuer. Names and addresses are shown, and decide nothing. */
import { createHash } from 'node:crypto';

export interface Person {
  /** `sso:` and 20 letters: what stands in the audit, as author and as approver. */
  id: string;
  /** Shown beside it; two may have the same. */
  name: string;
}

const letters = 'abcdefghijklmnopqrstuvwxyz234567';

/** The same for the same issuer and subject, for ever; of 100 bits. */
export function idOf(issuer: string, subject: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest();
  const all = BigInt(`0x${digest.toString('hex')}`);
  const letter = (at: number): string => letters[Number((all >> BigInt(5 * at)) & 31n)]!;
  return `sso:${Array.from({ length: 20 }, (_, at) => letter(at)).join('')}`;
}

/** No user of a password is called so: their names have no colon. */
export function isOfSignOn(user: string): boolean {
  return user.startsWith('sso:');
}

/** One line of at most 100 characters. */
export function nameOf(claims: Readonly<Record<string, unknown>>): string {
  const given = [claims['name'], claims['preferred_username'], claims['email']];
  const [name = ''] = given.flatMap((one) => (typeof one === 'string' && one.trim() ? [one] : []));
  return [...name.replaceAll(/[\p{C}\p{Z}]+/gu, ' ').trim()].slice(0, 100).join('');
}
