/** The row of a login or logout in the audit. */
import type { AuditEntry } from '../audit/acts.ts';
import { fromHere } from '../audit/from.ts';
import type { Code } from '../errors/codes.ts';

interface Said {
  act?: 'login' | 'login.break-glass' | 'logout';
  outcome?: 'done' | 'failed';
  reason?: Code | undefined;
}

/** `who`: `unknown` for somebody who is not known: they may have typed the password as the name. With a reason it failed, unless `outcome` says otherwise. */
export function loginRow(
  who: string | undefined = 'unknown',
  { act = 'login', reason, outcome = reason === undefined ? 'done' : 'failed' }: Said = {},
): AuditEntry {
  return { who, from: fromHere(who), act, object: `user/${who}`, outcome, ...(reason && { reason }) };
}
