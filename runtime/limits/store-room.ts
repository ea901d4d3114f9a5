/** Keeps a part of the embedded store free of new webhooks, so that the work at hand can be finished in it. */
import { CodedError } from '../errors/coded-error.ts';
import type { Room } from '../sqlite/store.ts';
import type { ByTier, Tier } from './limits.ts';

const RETRY_AFTER_MS = 30_000;

/** Gives what throws CodedError STORE_FULL when the store is fuller than a webhook of the tier may find it. */
export function roomFor(room: () => Room, share: ByTier<number>): (tier: Tier) => void {
  return (tier) => {
    const { used, limit } = room();
    if (limit !== undefined && used >= limit * share[tier])
      throw new CodedError('STORE_FULL', `The store is too full for webhooks of tier ${tier}`, {
        tier,
        retryAfterMs: RETRY_AFTER_MS,
      });
  };
}
