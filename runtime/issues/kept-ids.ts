/** Ids of causes, kept where thousands of processes and breaks have one. */
import { LRUCache } from 'lru-cache';
import { issueId, type Cause } from './cause.ts';

const ids = new LRUCache<string, string, Cause>({
  max: 10_000,
  memoMethod: (_, __, { context }) => issueId(context),
});

export const keptIssueId = (cause: Cause): string => ids.memo(JSON.stringify(cause), { context: cause });
