/** Sequences as JSONata has them: what is found is a list, one is itself, none is nothing. Compiled code calls these. */
import { inherited } from '../kinds.ts';
import { inside } from '../package.ts';
import { allowLength, interpret, run, step } from './run.ts';

export type List = unknown[] & {
  sequence?: boolean;
  keepSingleton?: boolean;
  /** Made by an array constructor at an end of a path: it is one item. */
  cons?: boolean;
  /** Holds the input, which is a list. */
  outerWrapper?: boolean;
};

type Work = (item: unknown) => unknown;

export function isList(value: unknown): value is List {
  return Array.isArray(value);
}

export function sequence(list: unknown[] = []): List {
  allowLength(list.length);
  (list as List).sequence = true;
  return list;
}

/** After each evaluation. */
export function unwrapped(value: unknown): unknown {
  return isList(value) && value.sequence === true ? itself(value) : value;
}

/** The same of what ends in `[]`. */
export function kept(value: unknown): unknown {
  if (!isList(value) || value.sequence !== true) return value;
  value.keepSingleton = true;
  return itself(value);
}

function itself(list: List): unknown {
  if (list.length > 1) return list;
  return list.length === 0 ? undefined : list.keepSingleton ? list : list[0];
}

/** `$`: the input that is a list is wrapped. */
export function context(value: unknown): unknown {
  return isList(value) && value.outerWrapper ? value[0] : value;
}

const hasOwn = Object.prototype.hasOwnProperty;

export function lookup(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!isList(value))
    return hasOwn.call(value, name) ? (value as Record<string, unknown>)[name] : inherited(value, name);
  const found: unknown[] = [];
  for (const item of value) {
    const one = lookup(item, name);
    if (one !== undefined) add(found, one, true);
  }
  return sequence(found);
}

/** Into a list: what is a list itself, item by item. */
function add(list: unknown[], value: unknown, all = false): void {
  if (!isList(value) || (value.cons && !all)) list.push(value);
  else for (const item of value) list.push(item);
  allowLength(list.length);
}

/** One step of a path over all items. A single list that the last one finds is the result as it stands. */
function each(items: readonly unknown[], work: Work, isLast: boolean): List {
  const found: unknown[] = [];
  let first: unknown;
  let count = 0;
  for (const item of items) {
    step();
    const value = work(item);
    if (value === undefined) continue;
    count += 1;
    if (count === 1) first = value;
    if (count === 2) add(found, first);
    if (count > 1) add(found, value);
  }
  if (isLast && count === 1 && isList(first) && first.sequence !== true) return first;
  if (count === 1) add(found, first);
  return sequence(found);
}

/** A step before the last: one item, or a list of items. */
export function inner(value: unknown, work: Work): unknown {
  return value === undefined ? undefined : first(value, work);
}

/** The first step runs on nothing too. */
export function first(value: unknown, work: Work): unknown {
  if (isList(value)) return each(value, work, false);
  return items(work(value));
}

/** What a step found, for the next. */
export function items(value: unknown): unknown {
  return isList(value) && value.cons ? [value] : value;
}

export function last(value: unknown, work: Work): unknown {
  return value === undefined ? undefined : only(value, work);
}

/** A path of one step. */
export function only(value: unknown, work: Work): unknown {
  if (isList(value)) return unwrapped(each(value, work, true));
  return ending(work(value));
}

/** What the last step found in one item. */
export function ending(value: unknown): unknown {
  return isList(value) && value.sequence === true ? (value.length > 1 ? value : value[0]) : value;
}

/** A run of names from one of them on: over the items of a list, or of what the name before it found. */
export function names(value: List, all: readonly string[], from: number): unknown {
  return unwrapped(over(value, all, from, all.length - 1));
}

/** The same before other steps. */
export function innerNames(value: List, all: readonly string[], from: number): unknown {
  return over(value, all, from, -1);
}

function over(value: List, all: readonly string[], from: number, final: number): List {
  let list = from === 0 ? value : foundIn(value);
  for (let at = from; at < all.length && (at === from || list.length > 0); at += 1)
    list = each(list, (item) => unwrapped(lookup(item, all[at]!)), at === final);
  return list;
}

/** The items in what a name found. */
export function foundIn(value: List): List {
  const one = unwrapped(value);
  if (one === undefined) return [];
  return isList(one) && !one.cons ? one : [one];
}

/** A path that ends in `[]` or `{}`: the list before it is unwrapped. */
export function steps(
  input: unknown,
  works: readonly Work[],
  how: { absolute: boolean; whole: boolean },
): List {
  let list = isList(input) && !how.absolute ? input : sequence([input]);
  for (const [at, work] of works.entries()) {
    const found = at === 0 && how.whole ? work(list) : each(list, work, at === works.length - 1);
    if (!isList(found)) return interpret();
    list = found;
    if (list.length === 0) break;
  }
  return list;
}

export function keptPath(list: List): List {
  const kept = list.cons && !list.sequence ? sequence([list]) : list;
  kept.keepSingleton = true;
  return kept;
}

export function filter(value: unknown, keeps: Work): List {
  const list = isList(value) ? value : [value];
  const found: unknown[] = [];
  for (let at = 0; at < list.length; at += 1) {
    step();
    const verdict = keeps(list[at]);
    if (verdict === true) found.push(list[at]);
    else if (verdict !== false && verdict !== undefined) {
      const times = chosen(verdict, at, list.length);
      for (let time = 0; time < times; time += 1) found.push(list[at]);
    }
  }
  return sequence(found);
}

/** How often an item is taken: numbers are places, counted from the end when negative. */
function chosen(verdict: unknown, at: number, length: number): number {
  const places = typeof verdict === 'number' && !Number.isNaN(verdict) ? [verdict] : verdict;
  if (!isList(places) || !places.every((place) => typeof place === 'number' && !Number.isNaN(place)))
    return truth(verdict) ? 1 : 0;
  if (!places.every(Number.isFinite)) return interpret();
  return (places as number[]).filter((place) => placeOf(place, length) === at).length;
}

function placeOf(number: number, length: number): number {
  const place = Math.floor(number);
  return place < 0 ? length + place : place;
}

export function at(value: unknown, number: number): List {
  const list = isList(value) ? value : [value];
  const item = list[placeOf(number, list.length)];
  if (item === undefined) return sequence();
  return isList(item) ? item : sequence([item]);
}

export function truth(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (value === undefined || value === null) return false;
  if (typeof value === 'string') return value !== '';
  return inside.functions.boolean(value);
}

/** What functions of the package make sequences with. */
export function createSequence(...given: unknown[]): List {
  const list = sequence([]);
  list.push = (...more) => {
    allowLength(list.length + more.length);
    return Array.prototype.push.apply(list, more);
  };
  if (given.length === 1) list.push(given[0]);
  return list;
}

export const focus = {
  createSequence,
  options: {
    get sequence() {
      return run.sequence;
    },
  },
};

export function append(a: unknown, b: unknown): unknown {
  return inside.functions.append.call(focus, a, b);
}
