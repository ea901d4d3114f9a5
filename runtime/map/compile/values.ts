/** The operators and constructors of JSONata on values. What is wrong is left to the interpreter, which says it. */
import { arithmetic } from '../exact.ts';
import { put } from '../kinds.ts';
import { joined } from '../limits.ts';
import { inside } from '../package.ts';
import { allowLength, interpret, step } from './run.ts';
import { append, isList, sequence, type List } from './sequences.ts';

export function equal(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return false;
  if (a === b) return true;
  return typeof a === 'object' && typeof b === 'object' && inside.isDeepEqual(a, b);
}

export function unequal(a: unknown, b: unknown): boolean {
  return a !== undefined && b !== undefined && !equal(a, b);
}

/** Whether two values can be compared; nothing where one is nothing. */
export function comparable(a: unknown, b: unknown): boolean {
  if (!isComparable(a) || !isComparable(b)) return interpret();
  if (a === undefined || b === undefined) return false;
  return typeof a === typeof b || interpret();
}

function isComparable(value: unknown): value is string | number | undefined {
  return value === undefined || typeof value === 'string' || typeof value === 'number';
}

export function calculated(sign: string, a: unknown, b: unknown): number | undefined {
  if (!isNumberOrNothing(a) || !isNumberOrNothing(b)) return interpret();
  return a === undefined || b === undefined ? undefined : arithmetic(sign, a, b);
}

function isNumberOrNothing(value: unknown): value is number | undefined {
  return value === undefined || Number.isFinite(value);
}

export function negative(value: unknown): number | undefined {
  if (!isNumberOrNothing(value)) return interpret();
  return value === undefined ? undefined : -value;
}

export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined ? '' : inside.functions.string(value);
}

export function both(a: unknown, b: unknown): string {
  return joined(text(a), text(b));
}

export function includes(value: unknown, among: unknown): boolean {
  if (value === undefined || among === undefined) return false;
  return isList(among) ? among.some((one) => one === value) : among === value;
}

export function range(from: unknown, to: unknown): List | undefined {
  if ((from !== undefined && !Number.isInteger(from)) || (to !== undefined && !Number.isInteger(to)))
    return interpret();
  if (from === undefined || to === undefined || (from as number) > (to as number)) return undefined;
  const size = (to as number) - (from as number) + 1;
  allowLength(size);
  if (size > 1e7) return interpret();
  const list = sequence();
  for (let at = 0; at < size; at += 1) list[at] = (from as number) + at;
  return sequence(list);
}

/** An item of an array constructor: a list is its items. */
export function addItem(list: unknown[], value: unknown): void {
  if (value === undefined) return;
  if (isList(value)) for (const item of value) list.push(item);
  else list.push(value);
  allowLength(list.length);
}

export function constructed(list: unknown[]): List {
  Object.defineProperty(list, 'cons', { enumerable: false, configurable: false, value: true });
  return list;
}

/** What an object is made of, where its names are known: of a list all together. */
export function gathered(list: readonly unknown[]): unknown {
  return list.reduce((all, item) => append(all, item), undefined);
}

type Work = (context: unknown) => unknown;

/** Groups a list by what `names` say of each item. */
export function grouped(input: unknown, pairs: readonly (readonly [name: Work, value: Work])[]): object {
  const list = isList(input) ? (input.length > 0 ? input : [undefined]) : [input];
  // Numbers come first in an object, and are evaluated first.
  const groups = Object.create(null) as Record<string, { data: unknown; pair: number }>;
  for (const item of list) {
    step();
    for (const [pair, [nameOf]] of pairs.entries()) {
      const name = nameOf(item);
      if (name === undefined) continue;
      if (typeof name !== 'string' || name === '_jsonata_lambda' || name === '_jsonata_function')
        return interpret();
      const group = groups[name];
      if (!group) groups[name] = { data: item, pair };
      else if (group.pair !== pair) return interpret();
      else group.data = append(group.data, item);
    }
  }
  const result = {};
  for (const name of Object.keys(groups)) {
    const { data, pair } = groups[name]!;
    const value = pairs[pair]![1](data);
    if (value !== undefined) put(result, name, value);
  }
  return result;
}
