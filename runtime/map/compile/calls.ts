/** Calls in compiled code: functions are JavaScript functions, whose `this` is the context of the call. */
import { inside, type Definition, type Signature } from '../package.ts';
import { interpret, run } from './run.ts';
import { focus, isList, truth, unwrapped } from './sequences.ts';

/** A function as a value. */
export interface Callable {
  (this: unknown, ...args: unknown[]): unknown;
  /** How many arguments JSONata thinks it takes. */
  arity?: number;
  /** What may give a call that is still to be made. */
  inside?: (this: unknown, ...args: unknown[]) => unknown;
  /** Where a call at the end of a function gives it on, the interpreter gives it on unwrapped. */
  isOdd?: boolean;
}

/** A call at the end of a function: whoever called that makes it, so that the stack does not grow. */
export class Tail {
  readonly target: unknown;
  readonly args: unknown[];
  constructor(target: unknown, args: unknown[]) {
    this.target = target;
    this.args = args;
  }
}

/** Any function, of the package or of others. */
export function call(target: unknown, context: unknown, args: unknown[]): unknown {
  if (typeof target === 'function') return (target as Callable).apply(context, args);
  if (!isDefinition(target)) return interpret();
  const valid = target.signature ? validated(target.signature, args, context) : args;
  const { createSequence, options } = focus;
  const result = target.implementation.apply({ createSequence, options, environment, input: context }, valid);
  return isIterator(result) ? result.next().value : result;
}

/** What functions of the package read of the evaluation they are called in. */
const environment = {
  get timestamp() {
    return new Date(run.since);
  },
};

/** Signatures are slow to read. Which kinds of arguments pass as they are is kept; lists and functions are looked at each time. */
function validated(signature: Signature, args: unknown[], context: unknown): unknown[] {
  const kinds = kindsOf(args);
  if (kinds === undefined) return signature.validate(args, context);
  const known = unchanged.get(signature);
  if (known?.has(kinds)) return args;
  const valid = signature.validate(args, context);
  const isUnchanged = valid.length === args.length && valid.every((arg, at) => arg === args[at]);
  if (isUnchanged) unchanged.set(signature, (known ?? new Set()).add(kinds));
  return valid;
}

const unchanged = new WeakMap<Signature, Set<string>>();

function kindsOf(args: readonly unknown[]): string | undefined {
  let kinds = '';
  for (const arg of args) {
    const kind = arg === null ? 'null' : typeof arg;
    if (kind === 'object' || kind === 'function') return undefined;
    kinds += `${kind} `;
  }
  return kinds;
}

function isDefinition(value: unknown): value is Definition {
  return typeof value === 'object' && value !== null && '_jsonata_function' in value;
}

function isIterator(value: unknown): value is Iterator<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value && 'next' in value;
}

/** What a variable outside of the expression holds: functions of the package become JavaScript functions. */
export function valueOf(global: unknown): unknown {
  if (typeof global !== 'object' || global === null) return global;
  if ('_jsonata_lambda' in global) return interpret();
  if (!isDefinition(global)) return global;
  const known = callables.get(global);
  if (known) return known;
  const callable: Callable = function (...args) {
    return call(global, this, args);
  };
  callable.arity = global.implementation.length;
  callable.isOdd = true;
  callables.set(global, callable);
  return callable;
}

const callables = new WeakMap<Definition, Callable>();

/** As an argument: without the context of the call. */
export function argument(value: unknown): unknown {
  return typeof value === 'function' ? closed(value as Callable) : value;
}

function closed(target: Callable): Callable {
  const closure: Callable = (...args) => target.apply(null, args);
  closure.arity = arityOf(target);
  return closure;
}

function arityOf(target: Callable): number {
  return target.arity ?? target.length;
}

export function tailArgument(value: unknown): unknown {
  return typeof value === 'function' && (value as Callable).isOdd ? interpret() : value;
}

/** A function whose last call may be another one. */
export function tailing(body: Callable): Callable {
  const outer: Callable = function (...args) {
    let result = body.apply(this, args);
    while (result instanceof Tail) {
      const { target, args: next } = result;
      const within = typeof target === 'function' ? (target as Callable).inside : undefined;
      result = within ? within.apply(this, next) : call(target, this, next);
    }
    return result;
  };
  outer.arity = arityOf(body);
  outer.inside = body;
  return outer;
}

/** A function that checks its arguments. */
export function signed(signature: Signature, target: Callable): Callable {
  const checked = (work: Callable): Callable =>
    function (...args) {
      return work.apply(this, signature.validate(args, this));
    };
  const outer = checked(target);
  outer.arity = arityOf(target);
  outer.isOdd = true;
  if (target.inside) outer.inside = checked(target.inside);
  return outer;
}

/** `$f ~> $g`, or a value to a function. */
export function applied(value: unknown, target: unknown): unknown {
  if (typeof target !== 'function') return interpret();
  if (typeof value !== 'function') return call(target, null, [value]);
  const chained: Callable = function (x) {
    return call(target, this, [unwrapped(call(value, null, [x]))]);
  };
  chained.arity = 1;
  return chained;
}

type Direct = (...args: unknown[]) => unknown;

/** The package's own functions that a mapping calls most, without the reading of their signatures. */
export const direct: Record<string, Direct> = {
  exists: (value) => value !== undefined,
  not: (value) => (value === undefined ? undefined : !truth(value)),
  boolean: (value) => (value === undefined ? undefined : truth(value)),
  count: (value) => (value === undefined ? 0 : isList(value) ? value.length : 1),
  append: native('append'),
  sum: ofNumbers('sum'),
  max: ofNumbers('max'),
  min: ofNumbers('min'),
};

function native(name: string): Direct {
  return inside.staticFrame.lookup(name)!.implementation.bind(focus);
}

function ofNumbers(name: string): Direct {
  const work = native(name);
  return (value) => work(value === undefined ? undefined : numbers(value));
}

function numbers(value: unknown): unknown[] {
  const list = isList(value) ? value : [value];
  return list.every((item) => typeof item === 'number') ? list : interpret();
}
