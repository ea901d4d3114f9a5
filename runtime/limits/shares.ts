/** One amount shared by the tiers: the lower a tier, the less of it can be taken, so that the higher ones keep theirs. */
import { tiers, type ByTier, type Tier } from './limits.ts';

export interface Shares {
  /** Takes `amount`, default 1; false, and nothing taken, where the tier would have more than it may. */
  take(tier: Tier, amount?: number): boolean;
  give(tier: Tier, amount?: number): void;
  /** True when `take` would take. */
  has(tier: Tier, amount?: number): boolean;
  /** Taken now, by all tiers. */
  taken(): number;
}

const whole: ByTier<number> = { critical: 1, standard: 1, bulk: 1 };

/** `share` is the part of `total` that a tier and those below it may take together; at least 1. Default all of it. */
export function shares(total: number, share: ByTier<number> = whole): Shares {
  const taken: ByTier<number> = { critical: 0, standard: 0, bulk: 0 };
  /** A tier's own ceiling and those of the tiers above, which hold for what is below them too. */
  const has = (tier: Tier, amount = 1): boolean => {
    let sum = amount;
    for (const below of tiers.toReversed()) {
      sum += taken[below];
      const atMost = Math.max(1, Math.floor(total * share[below]));
      if (tiers.indexOf(below) <= tiers.indexOf(tier) && sum > atMost) return false;
    }
    return true;
  };
  return {
    has,
    take(tier, amount = 1) {
      if (!has(tier, amount)) return false;
      taken[tier] += amount;
      return true;
    },
    give(tier, amount = 1) {
      taken[tier] -= amount;
    },
    taken: () => taken.critical + taken.standard + taken.bulk,
  };
}
