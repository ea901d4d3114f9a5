/** What waits, first come first served within a tier, and taken from the tiers by weight, so that none starves. */
import { tiers, type ByTier, type Tier } from './limits.ts';

export interface FairQueue<Item> {
  push(tier: Tier, item: Item): void;
  /** The next one, of the tiers `may` allows; undefined where none of them waits. */
  next(may?: (tier: Tier) => boolean): { tier: Tier; item: Item } | undefined;
  size(): number;
}

/** `weights`: 7, 2 and 1 give seven turns of ten to critical while all three wait, and all of them while it waits alone. */
export function fairQueue<Item>(weights: ByTier<number>): FairQueue<Item> {
  const waiting: ByTier<Item[]> = { critical: [], standard: [], bulk: [] };
  /** Smooth weighted round robin: who waits earns its weight each time, who is taken pays what all have earned. */
  const earned: ByTier<number> = { critical: 0, standard: 0, bulk: 0 };
  return {
    push: (tier, item) => void waiting[tier].push(item),
    next(may = () => true) {
      const able = tiers.filter((tier) => waiting[tier].length > 0 && may(tier));
      if (able.length === 0) return undefined;
      for (const tier of able) earned[tier] += weights[tier];
      const tier = able.reduce((best, one) => (earned[one] > earned[best] ? one : best));
      earned[tier] -= able.reduce((sum, one) => sum + weights[one], 0);
      const item = waiting[tier].shift()!;
      // Who was served to the end starts anew: nothing earned in a quiet time is spent in a busy one.
      if (waiting[tier].length === 0) earned[tier] = 0;
      return { tier, item };
    },
    size: () => tiers.reduce((sum, tier) => sum + waiting[tier].length, 0),
  };
}
