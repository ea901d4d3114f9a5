/** What a reconciliation finds: a break is one cause, with both sides of it. */
import type { Amount, Time } from './facts.ts';
import type { Situation } from './situations.ts';
import type { BreakClass, Stage } from './break-classes.ts';

export interface Side {
  /** `ordered by the partner`, `shipped in Odoo`. */
  what: string;
  amount: Amount;
}

/** One of the lines that a break is of. */
export interface BrokenLine {
  /** `line 1`, or the name of it in Odoo. */
  line: string;
  sku: string;
  left: Amount;
  right: Amount;
}

/** A break as the checks see it. */
export interface Found {
  situation: Situation;
  /** It may clear by itself. */
  timing?: boolean;
  /** What sets it apart from another of the same situation in the order: a line, a document. */
  about: string;
  lines?: readonly BrokenLine[];
  /** Addresses in Odoo: `sale.order/42`. */
  documents: readonly string[];
  left: Side;
  right: Side;
  /** `pieces`, or the currency. */
  unit: string;
  /** Since when it is so, as far as the documents tell. */
  since: Time;
}

export interface Break {
  /** The same break has the same id in every run. */
  id: string;
  partner: string;
  order: string;
  stage: Stage;
  class: BreakClass;
  situation: Situation;
  about: string;
  lines: readonly BrokenLine[];
  documents: readonly string[];
  left: Side;
  right: Side;
  /** Right less left. */
  difference: Amount;
  unit: string;
  /** The money that hangs on it; absent where nobody knows the price of its pieces. */
  stake?: Stake;
  since: Time;
  /** When the order was first heard of: a run that begins later does not look at it. */
  heard: Time;
  /** Whole days at the cut-off. */
  days: number;
  cause: string;
  repair: string;
  code: string;
  /** Empty where definitions/ownership.yaml names none. */
  team: string;
}

export interface Stake {
  /** Decimal, never negative. */
  amount: string;
  /** ISO 4217. */
  currency: string;
}
