/**
 * The JSONata package, read without its awaits, and with numbers and limits of its own. The package awaits at every step,
 * for functions that are asynchronous; a mapping has none, and waiting for nothing is more than half of the time it takes.
 * So its source is read without `async` and `await`, and without the look-ups of debugging callbacks at each step.
 * Arithmetic is decimal, and what a function makes is bounded. Everything else is the package as it stands.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';
import type original from 'jsonata';
import { arithmetic, exactly, shown } from './exact.ts';
import { inherited, isMade } from './kinds.ts';
import { allowCall, allowResult, joined } from './limits.ts';

export type Options = original.JsonataOptions;

interface Read {
  ast(): original.ExprNode;
  evaluate(input: unknown, bindings: Record<string, unknown>): unknown;
}

/** A function of the package, as it stands in its frame. */
export interface Definition {
  _jsonata_function: true;
  implementation(this: unknown, ...args: unknown[]): unknown;
  signature?: Signature;
}

export interface Signature {
  /** As it was written: `<s-nn?:s>`. */
  definition: string;
  validate(args: unknown[], context: unknown): unknown[];
}

/** What is inside the package. */
export interface Inside {
  staticFrame: { lookup(name: string): Definition | undefined };
  functions: Record<
    'string' | 'boolean' | 'append' | 'lookup' | 'not',
    (this: unknown, ...args: unknown[]) => never
  >;
  datetime: { fromMillis(millis: number, picture?: string, zone?: string): string };
  isDeepEqual(a: unknown, b: unknown): boolean;
  defineFunction(work: (...args: never[]) => unknown, signature: string): Definition;
  evaluateRegex(
    node: unknown,
    input: unknown,
    environment: { base: { RegexEngine: unknown } },
  ): (text: string) => unknown;
  /** Puts the message to the code of an error. */
  populateMessage(error: object): void;
}

type Module = ((text: string, options: Options) => Read) & { inside: Inside };

/** How two sorted lists become one. */
const merging = `
  var merged = [], at = 0, to = 0;
  while (at < l.length && to < r.length) merged.push((await comp(l[at], r[to])) ? r[to++] : l[at++]);
  while (at < l.length) merged.push(l[at++]);
  while (to < r.length) merged.push(r[to++]);
  return merged;`;

const file = createRequire(import.meta.url).resolve('jsonata');
export const source = changed(readFileSync(file, 'utf8'));
export const waiting = read(source);
export const synchronous = read(
  source
    .replaceAll(/\basync\s+(?=function\b|\()/g, '')
    .replaceAll(/\bawait\s+/g, '')
    .replaceAll('Promise.all(', 'Array.from(')
    .replaceAll(/\w+\.lookup\(Symbol\.for\('jsonata\.__\w+'\)\)/g, 'undefined'),
);

export const { inside } = synchronous;

/** Names of the functions JSONata has, without their `$`. */
export const builtins: ReadonlySet<string> = new Set(
  [...source.matchAll(/(?:staticFrame|environment)\.bind\('(\w+)'/g)].map(([, name = '']) => name),
);

function read(text: string): Module {
  const module: { exports: unknown } = { exports: {} };
  const own = { ownFunction, arithmetic, shown, joined, inherited, isMade };
  compileFunction(text, ['module', 'exports', ...Object.keys(own)], { filename: file }).call(
    undefined,
    module,
    module.exports,
    ...Object.values(own),
  );
  return module.exports as Module;
}

/** Throws where the package is no longer written as this expects. */
function changed(text: string): string {
  const changes: [from: string | RegExp, to: string][] = [
    ...['+', '-', '*', '/', '%'].map((sign): [string, string] => [
      `result = lhs ${sign} rhs;`,
      `result = arithmetic('${sign}', lhs, rhs);`,
    ]),
    ['result = lstr.concat(rstr);', 'result = joined(lstr, rstr);'],
    // The zone -0530 is five hours and a half.
    ['offsetHours = Math.floor(offset / 100);', 'offsetHours = Math.trunc(offset / 100);'],
    [
      'val.toPrecision && !Number.isInteger(val) ? Number(val.toPrecision(15)) : val',
      "typeof val === 'number' ? shown(val) : val",
    ],
    [
      "typeof input === 'object' && Object.prototype.hasOwnProperty.call(input, key) && !isFunction(input)) {\n            result = input[key];",
      "typeof input === 'object' && !isFunction(input)) {\n            result = Object.prototype.hasOwnProperty.call(input, key) ? input[key] : inherited(input, key);",
    ],
    // An object made of an empty list put something into that list, which is the sender's.
    ['input.push(undefined);', 'input = [undefined];'],
    // Data that is called is no function, and nothing is written into it.
    [
      "if(typeof proc === 'object') {\n                proc.token",
      'if(isMade(proc)) {\n                proc.token',
    ],
    ...['token = result.body.procedure.value;', 'position = result.body.procedure.position;'].map(
      (rest): [string, string] => [
        `next.${rest}`,
        `if (typeof next === 'function' || isMade(next)) next.${rest}`,
      ],
    ),
    // Without a call and a copy of the rest for each item.
    [/var merge_iter = async function[^]*?return merged;/g, merging],
    [
      /staticFrame\.bind\('(\w+)', defineFunction\(([\w.]+),/g,
      "staticFrame.bind('$1', defineFunction(ownFunction('$1', $2),",
    ],
    [
      'jsonata.parser = parser;',
      `jsonata.inside = {
        staticFrame, functions: fn, datetime, isDeepEqual, defineFunction, evaluateRegex, populateMessage,
      };`,
    ],
  ];
  return changes.reduce((before, [from, to]) => {
    if (before.split(from).length < 2) throw new Error(`${file} does not have ${String(from)}`);
    return before.replaceAll(from, to);
  }, text);
}

type Native = (...args: never[]) => unknown;

function ownFunction(name: string, native: Native): Native {
  const work = exactly[name]?.(native) ?? native;
  const own = function (this: unknown, ...args: never[]): unknown {
    allowCall(name, args);
    const result = work.apply(this, args);
    if (result instanceof Promise) return result.then(allowed);
    return allowed(result);
  };
  // JSONata reads from the function how many arguments it takes, and what they are called.
  return Object.defineProperties(own, {
    length: { value: native.length },
    toString: { value: () => native.toString() },
  });
}

function allowed<T>(result: T): T {
  allowResult(result);
  return result;
}
