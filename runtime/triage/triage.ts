/** What is known about an issue without anybody's guess: what its code means, what to do, and what helped here before. */
import type { Kysely } from 'kysely';
import { codeOf, codes } from '../errors/codes.ts';
import type { ErrorCode } from '../errors/row.ts';
import type { Tables } from '../journal/tables.ts';
import { stepsOf } from '../tower/helped.ts';
import type { Issue } from '../tower/issues.ts';
import { pastOf, type Past } from './past.ts';

export interface Triage {
  code: string;
  /** Undefined for what a process asks for: that is no error. */
  known?: Pick<ErrorCode, 'meaning' | 'owner' | 'retryable'> & { steps: string[] };
  past: Past;
}

export async function triageOf(db: Kysely<Tables>, issue: Issue): Promise<Triage> {
  const code = codeOf(issue.code);
  const past = await pastOf(db, issue);
  if (!code) return { code: issue.code, past };
  const { meaning, owner, retryable, action } = codes[code];
  return { code, known: { meaning, owner, retryable, steps: stepsOf(action) }, past };
}
