/** Of which class a break is, where in the chain, and what is told of it. */

export const breakClasses = [
  'timing', // dated after the cut-off, or still in its time
  'missing', // one side has it, the other has not
  'extra', // Odoo has what nobody asked for
  'quantity', // both have it, in other numbers
  'price', // both have it, at another price
  'tax rounding', // cents, from taxes and rounding
  'duplicate', // Odoo has it twice
  'unlinked', // it is there, and set against nothing
  'period', // it counts in another month
] as const;
export type BreakClass = (typeof breakClasses)[number];

/** The links of the chain of sales and of purchases, in their order; and where stock is told. */
export const stages = [
  'order',
  'shipment',
  'return',
  'invoice',
  'receipt',
  'supplier return',
  'bill',
  'posting',
  'payment',
  'stock',
  'channel',
] as const;
export type Stage = (typeof stages)[number];

/** Of a situation, as people read it. */
export interface Told {
  stage: Stage;
  class: Exclude<BreakClass, 'timing'>;
  cause: string;
  repair: string;
}
