/** What a detector says looks odd, with the numbers it says so by. */

/** What looks odd: one detector each. */
export const kinds = [
  'volume', // far more or fewer than usual at this hour of the week
  'silence', // nothing for longer than usual
  'drift', // slowly away from what was usual
  'error-share', // one error code is a larger part of the failures
  'duplicate-order', // the same order under another number
  'reused-reference', // a purchase order number of a customer used twice
  'price', // an article at a price far from its usual one
  'quantity', // an article in a far larger quantity than usual
] as const;
export type Kind = (typeof kinds)[number];

/** What is counted of a partner; `orders`: single orders are looked at. */
export const metrics = ['received', 'refused', 'failed', 'landing-time', 'orders'] as const;
export type Metric = (typeof metrics)[number];

export interface OrderRef {
  /** As the tower finds it: `shopify/4711`. */
  key: string;
  number: string;
}

export interface Finding {
  kind: Kind;
  metric: Metric;
  partner: string;
  /** The same as long as the cause is the same; findings that share it are one suspicion. */
  cause: string;
  direction: 'more' | 'less';
  /** An error code or articles. */
  subject: string;
  observed: number;
  expected: number;
  /** How far off: a modified z-score, or as docs/operations/suspicions.md says of the kind. */
  score: number;
  /** How many points what is expected was taken from. */
  points: number;
  /** Milliseconds since 1970: since when. */
  since: number;
  orders: OrderRef[];
}

/** Of one suspicion, as many orders as a person looks at. */
export const mostOrders = 20;
