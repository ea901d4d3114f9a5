/** A run that is kept, with its row in the audit. */
import { audited } from '../audit/audited.ts';
import type { Journal } from '../journal/journal.ts';
import { runId, type SealedRun } from './run.ts';
import { keepRun } from './kept-runs.ts';

/** Its id. Throws what `keepRun` throws. */
export function keepAudited(
  { audit, documents }: Pick<Journal, 'audit' | 'documents'>,
  sealed: SealedRun,
  by: string,
): Promise<string> {
  const object = `reconciliation/${runId(sealed)}`;
  return audited(audit, { who: by, act: 'reconcile.run', object, after: sealed.digest }, () =>
    keepRun(documents, sealed),
  );
}
