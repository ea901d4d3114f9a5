/** The one password that is left where people log in by sign-on: its use is loud. */
import type { Auditing } from '../../audit/audited.ts';
import { CodedError } from '../../errors/coded-error.ts';
import { loginRow } from '../login-row.ts';

export interface BreakGlass {
  user: string;
  /** Is told of each login. */
  used(user: string): void;
}

/** Throws SIGN_ON_ONLY for everybody else, whether the password is right or not; there is a row of it. */
export async function demandBreakGlass(
  { user }: BreakGlass,
  username: string,
  known: boolean,
  audit?: Auditing,
): Promise<void> {
  if (username === user) return;
  const reason = 'SIGN_ON_ONLY';
  await audit?.append(loginRow(known ? username : undefined, { reason }));
  throw new CodedError(
    reason,
    'Log in with single sign-on: a password is taken of the break-glass user only',
  );
}

export function loudly(user: string, say: (text: string) => void): BreakGlass {
  return {
    user,
    used: () => say(`The break-glass user ${user} has logged in with a password, past sign-on`),
  };
}
