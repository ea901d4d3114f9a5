/** One error code is a larger part of a partner's failures than it was. */
import { mostOrders, type Finding, type OrderRef } from './finding.ts';

export interface Failure {
  /** Milliseconds since 1970: when it failed first. */
  at: number;
  partner: string;
  /** Of its first failure. */
  code: string;
  order?: OrderRef;
}

const HOUR = 3_600_000;
/** What is compared, and with what. */
const RECENT = 24 * HOUR;
export const FAILURES_MS = 29 * 24 * HOUR;
/** Fewer tell nothing. */
const LEAST = { code: 5, before: 30 };
/** By which its part has to have grown. */
const LEAST_GROWTH = 0.1;
/** As rare by chance. */
const RARE = 1e-4;

/**
 * Of the failures of the last day a code has k of n; of the four weeks before it had a share of p = (K + ½) / (N + 1)
 * (Jeffreys). Odd where k or more of n come by chance less often than once in 10,000 times (binomial tail) and the share grew by ten
 * points. `observed` and `expected` are shares; `score` is −log₁₀ of that chance.
 */
export function errorShare(failures: readonly Failure[], now: number): Finding[] {
  const since = now - RECENT;
  const within = failures.filter(({ at }) => at < now && at >= now - FAILURES_MS);
  return [...Map.groupBy(within, ({ partner }) => partner)].flatMap(([partner, all]) => {
    const recent = all.filter(({ at }) => at >= since);
    const before = all.filter(({ at }) => at < since);
    if (before.length < LEAST.before) return [];
    return [...Map.groupBy(recent, ({ code }) => code)].flatMap(([code, some]) => {
      if (some.length < LEAST.code) return [];
      const known = before.filter((one) => one.code === code).length;
      const expected = (known + 0.5) / (before.length + 1);
      const observed = some.length / recent.length;
      if (observed - expected < LEAST_GROWTH) return [];
      const chance = tailOf(some.length, recent.length, expected);
      if (chance > RARE) return [];
      const finding: Finding = {
        kind: 'error-share',
        metric: 'failed',
        partner,
        cause: `error-share/${partner}/${code}`,
        direction: 'more',
        subject: code,
        observed,
        expected,
        score: -Math.log10(Math.max(chance, 1e-300)),
        points: before.length,
        since: some.reduce((first, { at }) => Math.min(first, at), now),
        orders: some.flatMap(({ order }) => order ?? []).slice(0, mostOrders),
      };
      return [finding];
    });
  });
}

/** How likely `least` or more of `all` are, each with this probability. */
function tailOf(least: number, all: number, probability: number): number {
  let [term, sum] = [all * Math.log1p(-probability), 0];
  const odds = Math.log(probability) - Math.log1p(-probability);
  for (let k = 0; k <= all; k += 1) {
    if (k >= least) sum += Math.exp(term);
    term += Math.log((all - k) / (k + 1)) + odds;
  }
  return Math.min(1, sum);
}
