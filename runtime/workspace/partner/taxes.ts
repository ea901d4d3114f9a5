/** The taxes of a line, from the rates that a sample tells at all of its lines. */
import { Big } from 'big.js';
import { sum } from '../../decimal/sum.ts';
import { leavesFor, type Context } from './context.ts';
import type { Field } from './fields.ts';
import { find } from './find.ts';
import { called, lineTax, wordsOf } from './names.ts';
import type { Row } from './row.ts';
import { pathText, valueAt, type Leaf, type List } from './sample.ts';

const isNumber = ({ value }: Leaf): boolean => /^\d+([.]\d+)?$/.test(String(value));
const isRate = ({ value }: Leaf): boolean => /^\d+([.]\d+)?\s*%?$/.test(String(value));

export function proposedTaxes(field: Field, context: Context): Row {
  const { lines, sums } = context;
  const leaves = leavesFor(field, context);
  if (!lines) return untold(field, context);
  const named = find(leaves, called.get('lines[].taxes')!, (leaf) => isRate(leaf) && !isAmount(leaf))?.leaf;
  const told = find(leaves, { tails: lineTax }, isNumber)?.leaf ?? amountBySum(named, lines, sums.tax);
  const rate = named === told ? undefined : named;
  if (!rate) return (told && byAmount(field, told, context)) ?? untold(field, context);
  const own = rate.names.slice(rate.list);
  const said = lines.items.map((item) => text(valueAt(item, own)));
  const unit = unitOf(said, told ? [] : worths(leaves, lines), sums.tax, sums.includesTax);
  const path = said.some((one) => one.includes('%'))
    ? `$replace($text(${pathText(own)}), /\\s*%/, '')`
    : pathText(own);
  const percent = unit.isFraction ? `$mul(${path}, 100)` : path;
  const amount = told
    ? `$money(${pathText(told.names.slice(told.list))})`
    : computed(percent, leaves, context);
  if (amount === undefined) return untold(field, context);
  const parts = [
    `'code': 'Tax ' & $decimal(${percent}) & '%'`,
    `'rate': $decimal($div(${percent}, 100))`,
    `'amount': ${amount}`,
  ];
  return {
    ...field,
    from: { expression: `$decimal(${percent}) != '0' ? [{ ${parts.join(', ')} }] : []` },
    state: 'check',
    why: unit.isSure ? (told ? 'money' : 'tax-computed') : 'tax-unit',
  };
}

/** `total_tax` and `subtotal_tax` of a line are amounts; a bare `tax` is one where it makes the tax of the whole. */
function isAmount({ names, list }: Leaf): boolean {
  const words = names.slice(list).flatMap(wordsOf);
  const isBare = words.length > 1 && /^(tax|vat)$/.test(words.at(-1) ?? '');
  return isBare || words.some((_, at) => lineTax.includes(words.slice(at).join('')));
}

function amountBySum(leaf: Leaf | undefined, { items }: List, total: Big | undefined): Leaf | undefined {
  if (!leaf || !isNumber(leaf) || !total?.gt(0)) return undefined;
  if (!/(^|[^a-z])(tax|vat)$/i.test(leaf.names.at(-1) ?? '')) return undefined;
  const amounts = items.map(
    (item) => numberOf(text(valueAt(item, leaf.names.slice(leaf.list)))) ?? new Big(0),
  );
  return sum(amounts).minus(total).abs().lte('0.01') ? leaf : undefined;
}

/** The rate that makes the amount of the line. */
function byAmount(field: Field, told: Leaf, context: Context): Row | undefined {
  const worth = worthOf(leavesFor(field, context));
  if (worth === undefined) return undefined;
  const net = context.sums.includesTax ? `$sub(${worth}, $tax)` : worth;
  const parts = [
    `$tax := $decimal(${inLine(told)})`,
    `$percent := $decimal($mul($rate($tax, ${net}), 100))`,
    `$tax != '0' ? [{ 'code': 'Tax ' & $percent & '%', 'rate': $decimal($div($percent, 100)), 'amount': $money($tax) }] : []`,
  ];
  return { ...field, from: { expression: `(${parts.join('; ')})` }, state: 'check', why: 'tax-rate' };
}

/** Whether 19 % is written as 19 or as 0.19: a rate above 1 says it, else the tax of the sample. */
function unitOf(
  said: readonly string[],
  worth: readonly (Big | undefined)[],
  total: Big | undefined,
  isGross: boolean | undefined,
): { isFraction: boolean; isSure: boolean } {
  const rates = said.map((one) => numberOf(one.replace(/\s*%/, '')) ?? new Big(0));
  if (said.some((one) => one.includes('%')) || rates.some((one) => one.gte(1)))
    return { isFraction: false, isSure: true };
  const comesTo = (factor: number): Big =>
    rates.reduce((sum, rate, at) => {
      const [percent, each] = [rate.times(factor), worth[at] ?? new Big(0)];
      return sum.plus(each.times(percent).div(isGross ? percent.plus(100) : 100));
    }, new Big(0));
  const isKnown =
    total && worth.length === rates.length && worth.every(Boolean) && rates.some((one) => one.gt(0));
  if (!isKnown) return { isFraction: rates.some((one) => one.gt(0)), isSure: false };
  const off = [1, 100].map((factor) => comesTo(factor).minus(total).abs());
  return { isFraction: off[1]!.lte(off[0]!), isSure: Math.min(...off.map(Number)) <= 0.01 * rates.length };
}

/** Where the sample says the tax of the whole only, at the one rate that makes it. */
function untold(field: Field, context: Context): Row {
  const { sums } = context;
  const none: Row = { ...field, from: { expression: '[]' }, state: 'check', why: 'tax-untold' };
  if (!sums.rate || !sums.tax?.gt(0)) return none;
  const amount = computed('$percent', leavesFor(field, context), context);
  if (amount === undefined) return none;
  const one = `{ 'code': 'Tax ' & $percent & '%', 'rate': $decimal($div($percent, 100)), 'amount': ${amount} }`;
  const percent = `$decimal($mul(${sums.rate}, 100))`;
  const expression = `($percent := ${percent}; $percent != '0' ? [${one}] : [])`;
  return { ...none, from: { expression }, why: 'tax-total' };
}

interface Paths {
  quantity: Leaf;
  price: Leaf;
  discount?: Leaf | undefined;
}

function pathsOf(leaves: readonly Leaf[]): Paths | undefined {
  const [quantity, price, discount] = ['lines[].quantity', 'lines[].unitPrice', 'lines[].discount'].map(
    (target) => find(leaves, called.get(target)!, isNumber)?.leaf,
  );
  return quantity && price && { quantity, price, discount };
}

/** What each line comes to. */
function worths(leaves: readonly Leaf[], { items }: List): (Big | undefined)[] {
  const paths = pathsOf(leaves);
  return items.map((item) => {
    const of = (leaf: Leaf | undefined): Big | undefined =>
      leaf && numberOf(text(valueAt(item, leaf.names.slice(leaf.list))));
    const [count, each] = [of(paths?.quantity), of(paths?.price)];
    return count && each && count.times(each).minus(of(paths?.discount) ?? 0);
  });
}

/** Of what the line comes to; where prices include tax, the part of it that is tax. */
function computed(percent: string, leaves: readonly Leaf[], { sums }: Context): string | undefined {
  const worth = worthOf(leaves);
  if (worth === undefined) return undefined;
  const base = sums.includesTax ? `$add(100, ${percent})` : '100';
  return `$cents($div($mul(${worth}, ${percent}), ${base}), ${sums.currency})`;
}

function worthOf(leaves: readonly Leaf[]): string | undefined {
  const paths = pathsOf(leaves);
  if (!paths) return undefined;
  const each = `$mul(${inLine(paths.quantity)}, ${inLine(paths.price)})`;
  return paths.discount ? `$sub(${each}, ${inLine(paths.discount)})` : each;
}

function inLine({ names, list }: Leaf): string {
  return pathText(names.slice(list));
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

function numberOf(value: string): Big | undefined {
  return /^-?\d+([.]\d+)?$/.test(value) ? new Big(value) : undefined;
}
