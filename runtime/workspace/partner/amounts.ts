/** What the amounts of a sample prove of each other: its lines come to its totals with tax, or without. */
import { Big } from 'big.js';
import { find } from './find.ts';
import { called, freight, minor, wordsOf } from './names.ts';
import { pathText, same, valueAt, type Leaf, type List, type Seen } from './sample.ts';

export interface Amounts {
  /** Whether the prices of the lines include tax; undefined where the sample does not prove it. */
  includesTax?: boolean;
  /** The sums of the sample close with this value as this field. */
  proves(target: string, leaf: Leaf): boolean;
  /** The tax of the whole, where the sample says it. */
  tax?: Big;
  /** JSONata of the one rate that makes this tax of the whole, as a fraction. */
  rate?: string;
  /** JSONata of the currency, from anywhere. */
  currency: string;
}

const isNumber = ({ value }: Leaf): boolean => /^-?\d+([.]\d+)?$/.test(String(value));

export function amounts(seen: Seen, lines: List | undefined): Amounts {
  const root = seen.leaves.filter(({ list }) => list === 0);
  const named = (target: string): Leaf | undefined => find(root, called.get(target)!, isNumber)?.leaf;
  const [net, tax, gross] = ['totals.net', 'totals.tax', 'totals.gross'].map(named);
  const money = find(root, called.get('currency')!)?.leaf;
  const currency = money ? `$$.${pathText(money.names)}` : `'?'`;
  const sum = lines && sumOf(seen, lines);
  const charge = find(root, freight, isNumber)?.leaf;
  const isMinor = [net, tax, gross].some(
    (leaf) => leaf && minor.test(wordsOf(leaf.names.at(-1) ?? '').join('')),
  );
  const taxes = isMinor ? undefined : big(tax);
  const whole = taxes && { tax: taxes, ...rateOf(net, tax!, gross) };
  const nothing: Amounts = { proves: () => false, currency, ...whole };
  if (!sum || isMinor) return nothing;

  const closes = (total: Big | undefined): boolean =>
    total !== undefined &&
    [sum.total, sum.total.plus(big(charge) ?? 0)].some((one) => one.minus(total).abs().lte('0.011'));
  const withTax = big(gross);
  const without = big(net) ?? (withTax && taxes ? withTax.minus(taxes) : undefined);
  const closed = withTax && without && (!taxes || without.plus(taxes).minus(withTax).abs().lte('0.011'));
  const [asGross, asNet] = [closes(withTax), closes(without)];
  if (!asGross && !asNet) return nothing;
  const differ = withTax && without && !withTax.eq(without);
  return {
    ...(differ && asGross !== asNet && { includesTax: asGross }),
    ...whole,
    currency,
    proves: (target, leaf) => {
      if (target === 'lines[].unitPrice') return same(leaf.names, sum.price.names);
      const one = { 'totals.net': net, 'totals.tax': tax, 'totals.gross': gross }[target];
      return one !== undefined && Boolean(closed) && same(leaf.names, one.names);
    },
  };
}

function rateOf(net: Leaf | undefined, tax: Leaf, gross: Leaf | undefined): { rate?: string } {
  const at = ({ names }: Leaf): string => `$$.${pathText(names)}`;
  if (net) return { rate: `$rate(${at(tax)}, ${at(net)})` };
  return gross ? { rate: `$rate(${at(tax)}, $sub(${at(gross)}, ${at(tax)}))` } : {};
}

interface Sum {
  total: Big;
  price: Leaf;
}

/** Of quantity by price less discount, over all lines. */
function sumOf(seen: Seen, lines: List): Sum | undefined {
  const leaves = seen.leaves.filter(
    ({ list, names }) => list === lines.names.length && lines.names.every((name, at) => name === names[at]),
  );
  const of = (target: string): Leaf | undefined => find(leaves, called.get(target)!, isNumber)?.leaf;
  const [quantity, price, discount] = ['lines[].quantity', 'lines[].unitPrice', 'lines[].discount'].map(of);
  if (!quantity || !price) return undefined;
  let total = new Big(0);
  for (const item of lines.items) {
    const value = (leaf: Leaf): Big | undefined => number(valueAt(item, leaf.names.slice(leaf.list)));
    const [count, each] = [value(quantity), value(price)];
    if (!count || !each) return undefined;
    total = total.plus(count.times(each)).minus((discount && value(discount)) ?? 0);
  }
  return { total, price };
}

function big(leaf: Leaf | undefined): Big | undefined {
  return leaf && number(leaf.value);
}

function number(value: unknown): Big | undefined {
  return /^-?\d+([.]\d+)?$/.test(String(value)) ? new Big(String(value)) : undefined;
}
