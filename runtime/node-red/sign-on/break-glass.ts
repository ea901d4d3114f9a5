/** The one password that is left where people log in by sign-on: its use is loud. */
import type { Auditing } from '../../audit/audited.ts';
import { fromHere } from '../../audit/from.ts';
import { CodedError } from '../../errors/coded-error.ts';

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
  // Somebody who is not known may have typed the password as the name.
  const who = known ? username : 'unknown';
  const reason = 'SIGN_ON_ONLY';
  await audit?.append({
    who,
    from: fromHere(who),
    act: 'login',
    object: `user/${who}`,
    outcome: 'failed',
    reason,
  });
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
