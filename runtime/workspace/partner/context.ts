/** What a mapping is proposed from: what was seen in a sample. */
import type { Amounts } from './amounts.ts';
import type { Field } from './fields.ts';
import type { Leaf, List, Seen } from './sample.ts';

export interface Context {
  source: string;
  seen: Seen;
  /** The lines of the document. */
  lines: List | undefined;
  sums: Amounts;
  /** It is about an order that was there before: its own id is not the order's. */
  ofOrder: boolean;
}

/** Those of the sample among which the value of this field can be. */
export function leavesFor({ target }: Pick<Field, 'target'>, { seen, lines }: Context): Leaf[] {
  if (!target.includes('[]')) return seen.leaves.filter(({ list }) => list === 0);
  if (!target.startsWith('lines[]') || !lines) return [];
  return seen.leaves.filter(
    ({ list, names }) => list === lines.names.length && lines.names.every((name, at) => name === names[at]),
  );
}
