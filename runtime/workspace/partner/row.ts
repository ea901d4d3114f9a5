/** A row of a proposed mapping: a field, where its value comes from, and how sure that is. */
import type { Field } from './fields.ts';

/** Where the value of a field comes from. In a list, `path` begins at its item. */
export type From = { path: string } | { fixed: string } | { expression: string };

export type Why =
  | 'unsure-name'
  | 'several'
  | 'money'
  | 'quantity'
  | 'currency'
  | 'derived'
  | 'no-zone'
  | 'country'
  | 'numbered'
  | 'sums'
  | 'tax-basis'
  | 'tax-computed'
  | 'tax-unit'
  | 'tax-rate'
  | 'tax-total'
  | 'tax-untold'
  | 'minor'
  | 'freight';

export interface Row extends Field {
  from?: From;
  /** `check`: a person looks before it is made. `missing`: required, and nothing in the sample fits. */
  state: 'sure' | 'check' | 'missing' | 'none';
  why?: Why;
}
