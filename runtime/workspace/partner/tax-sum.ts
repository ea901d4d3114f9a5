/** Whether the taxes that a mapping made of a sample come to the tax that the sample says. */
import { Big } from 'big.js';
import { sum } from '../../decimal/sum.ts';

interface Taxed {
  price?: string;
  taxes?: { amount?: string; rate?: string }[];
}

interface Order {
  currency?: string;
  taxesUntold?: boolean;
  lines?: Taxed[];
  shipping?: Taxed[];
  totals?: { tax?: string };
}

/** What is wrong; undefined where they agree, and of what is no order. */
export function taxProblem(result: unknown): { path: string; message: string } | undefined {
  const { lines, shipping = [], totals, taxesUntold } = (result ?? {}) as Order;
  if (!Array.isArray(lines) || totals?.tax === undefined || taxesUntold) return undefined;
  const said = new Big(totals.tax);
  const all = [...lines, ...shipping];
  const told = all.flatMap(({ taxes = [] }) => taxes);
  const made = sum(told.map(({ amount = '0' }) => amount));
  // Each tax is rounded by itself, by the line or of the whole.
  const slack = new Big('0.01').times(all.length);
  const missing = said.minus(made);
  if (missing.abs().lte(slack)) return undefined;
  // A charge whose tax is not told may hold the rest, at a rate that a line has.
  const most = told.reduce(
    (rate, one) => (new Big(one.rate ?? '0').gt(rate) ? new Big(one.rate!) : rate),
    new Big(0),
  );
  const untold = shipping.filter(({ taxes = [] }) => taxes.length === 0);
  const charges = sum(untold.map(({ price = '0' }) => price)).times(most);
  if (missing.gt(0) && missing.lte(charges.plus(slack))) return undefined;
  return {
    path: 'lines[].taxes',
    message: `The taxes of the lines come to ${made.toFixed(2)}, the sample says ${said.toFixed(2)}`,
  };
}
