/** The figures there are: what each is made of, and which way is better. */

interface Kind {
  /** Counted: things that happened in the time shown. Standing: what waits at one moment. */
  of: 'counted' | 'standing';
  better: 'more' | 'less';
  /** It has a limit of time: `within`. */
  limited?: true;
  /** It goes by a date of the order: `date`. */
  dated?: true;
  /** It is shown how long it takes. */
  timed?: true;
}

export const indicators = {
  'order-acceptance': { of: 'counted', better: 'more', limited: true, timed: true },
  'order-ageing': { of: 'standing', better: 'more', limited: true },
  'shipment-confirmation': { of: 'counted', better: 'more', limited: true, timed: true },
  'invoice-backlog': { of: 'standing', better: 'more', limited: true },
  'payment-matching': { of: 'counted', better: 'more' },
  'webhook-refusals': { of: 'counted', better: 'less' },
  touchless: { of: 'counted', better: 'more' },
  'inventory-lag': { of: 'counted', better: 'more', limited: true, timed: true },
  'reconciliation-breaks': { of: 'counted', better: 'less' },
  'line-fill': { of: 'counted', better: 'more' },
  'backorder-rate': { of: 'counted', better: 'less' },
  otif: { of: 'counted', better: 'more', dated: true },
  'perfect-order': { of: 'counted', better: 'more', dated: true },
  'days-to-cash': { of: 'counted', better: 'more', limited: true, timed: true },
} as const satisfies Record<string, Kind>;

export type Indicator = keyof typeof indicators;
export const indicatorNames = Object.keys(indicators) as Indicator[];
export const kindOf = (indicator: Indicator): Kind => indicators[indicator];

/** By what a figure is told apart. */
export const sides = ['partner', 'warehouse', 'flow', 'version', 'release'] as const;
export type Side = (typeof sides)[number];
export type Told = Partial<Record<Exclude<Side, 'release'>, string>>;

/** Times are in milliseconds since 1970. */
export interface Counted extends Told {
  /** When it was decided. */
  at: number;
  /** When it began: the release of then had it in hand. */
  began: number;
  /** Undefined: it cannot be judged, and counts only as left out. */
  hit: boolean | undefined;
  /** Default 1. */
  times?: number;
  tookMs?: number;
}

/** Something that waits, or waited. */
export interface Standing extends Told {
  since: number;
  /** Absent: it still does. */
  until?: number;
}

/** Why there is no figure. Clear: nothing waits. */
export type Missing = 'process' | 'nothing' | 'requested' | 'lag' | 'reconciliation' | 'clear';

/** How many there are, and how many of them hit; `value` is their share, null where there are none. */
export interface Sum {
  hits: number;
  count: number;
  value: number | null;
}

export function sumOf(counted: readonly Counted[]): Sum {
  let [hits, count] = [0, 0];
  for (const { hit, times = 1 } of counted) {
    if (hit !== undefined) count += times;
    if (hit) hits += times;
  }
  return { hits, count, value: count > 0 ? hits / count : null };
}
