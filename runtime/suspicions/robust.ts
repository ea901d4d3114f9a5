/** Statistics that a few odd values do not move: median, MAD and quantiles. */

/** The median of normal values is off by this much more than their mean, as a share of the variance of one. */
const MEDIAN_VARIANCE = Math.PI / 2;
/** MAD, and mean absolute deviation, of normal values with deviation 1. */
const MAD_OF_NORMAL = 0.6745;
const MEAN_DEVIATION_OF_NORMAL = 1 / 1.253_314;

export interface Usual {
  median: number;
  /** As a standard deviation of normal values. */
  scale: number;
  points: number;
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

/** Of sorted values, between two of them as if evenly spread (type 7 of Hyndman & Fan). NaN of nothing. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (low === undefined || high === undefined) return Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/**
 * Median and MAD / 0.6745. Where more than half are alike the MAD is 0: then by the mean absolute deviation, 1.253314
 * of it (Iglewicz & Hoaglin, How to Detect and Handle Outliers, ASQC 1993, section 3). Of values that are all alike, 0.
 */
export function usualOf(values: readonly number[]): Usual {
  const middle = median(values);
  const away = values.map((value) => Math.abs(value - middle));
  const mad = median(away);
  const mean = away.reduce((sum, one) => sum + one, 0) / away.length;
  return {
    median: middle,
    scale: mad > 0 ? mad / MAD_OF_NORMAL : mean / MEAN_DEVIATION_OF_NORMAL,
    points: values.length,
  };
}

/**
 * The modified z-score of Iglewicz & Hoaglin (1993), M = 0.6745 (x − median) / MAD, which they call an outlier from 3.5
 * on; also in NIST/SEMATECH e-Handbook, 1.3.5.17. Here the scale is a little wider, for the median of few points is itself
 * not exact. `scale` must be above 0.
 */
export function modifiedZ(value: number, { median: middle, scale, points }: Usual): number {
  return (value - middle) / (scale * Math.sqrt(1 + MEDIAN_VARIANCE / points));
}

/** Outliers, by their modified z-score. */
export const OUTLIER = 3.5;
