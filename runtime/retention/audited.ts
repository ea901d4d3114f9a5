/** A prune in the audit: by which rules, and how much went. */
import { audited, hashed } from '../audit/audited.ts';
import { processActor } from '../audit/from.ts';
import type { Journal } from '../journal/journal.ts';
import { prune, type PruneOptions, type PruneResult } from './prune.ts';
import type { Retention } from './rules.ts';

/** Throws what `prune` throws, and STORE_UNAVAILABLE or STORE_FULL before anything went. */
export function auditedPrune(
  journal: Pick<Journal, 'audit' | 'upkeep' | 'rollups'>,
  keep: Retention,
  options: PruneOptions,
): Promise<PruneResult> {
  const rules = { ...keep, documents: [...keep.documents] };
  const entry = {
    who: processActor(),
    act: 'data.prune',
    object: 'store',
    ...hashed('before', rules),
  } as const;
  return audited(
    journal.audit,
    entry,
    () => prune(journal, keep, options),
    ({ pruned }) => {
      const rows = pruned.reduce((sum, one) => sum + one.rows, 0);
      return { object: `store, ${rows} rows`, ...hashed('after', pruned) };
    },
  );
}
