/**
 * Compiles the syntax tree of JSONata to one JavaScript function. Only what the parser of JSONata made is compiled, and no
 * text of an expression stands in the code but as a JSON string. Where compiled code finds that something is wrong, it gives
 * up, and the interpreter says what: so each error is the interpreter's own.
 */
import { compileFunction } from 'node:vm';
import { inherited, put } from '../kinds.ts';
import { inside, type Options } from '../package.ts';
import * as calls from './calls.ts';
import { Lines, NotCompiled, Program, type WriteContext } from './code.ts';
import { run, enter } from './run.ts';
import * as sequences from './sequences.ts';
import type { Node } from './tree.ts';
import * as values from './values.ts';
import { write } from './write.ts';
import { openScope } from './write-variables.ts';

type Main = (input: unknown, context: unknown, globals: unknown[]) => unknown;
export type Evaluate = (input: unknown, bindings: Record<string, unknown>) => unknown;

/** The function, or what is not compiled. */
export function compiled(ast: object, options: Options): Evaluate | string {
  const program = new Program();
  let body: string;
  try {
    body = writeMain(program, ast as Node);
  } catch (error) {
    if (error instanceof NotCompiled) return error.message;
    if (error instanceof RangeError) return 'what is nested so deep';
    throw error;
  }
  const outside = [...program.globals.keys()].map((name) => ({ name, builtin: builtin(name) }));
  // Most commands compile and do not run.
  let main: Main | undefined;
  return (input, bindings) => {
    const work = (main ??= link(program, body, options));
    const globals = outside.map((one) =>
      Object.hasOwn(bindings, one.name) ? bindings[one.name] : one.builtin,
    );
    return within(options, () => work(input, wrapped(input), globals));
  };
}

/** JavaScript of what was written. */
function link(program: Program, body: string, options: Options): Main {
  const regex = (node: unknown) =>
    inside.evaluateRegex(node, undefined, { base: { RegexEngine: options.RegexEngine ?? RegExp } });
  const helpers = { ...sequences, ...values, ...calls, run, enter, unbound, regex, hasOwn, inherited, put };
  return compileFunction(`"use strict";\n${program.head}\n${body}`, ['constants', ...Object.keys(helpers)])(
    program.constants,
    ...Object.values(helpers),
  ) as Main;
}

const unbound = Symbol('unbound');
const { hasOwnProperty: hasOwn } = Object.prototype;

function writeMain(program: Program, ast: Node): string {
  const out = new Lines();
  const start: WriteContext = {
    program,
    write,
    out,
    context: 'root',
    isRoot: true,
    scope: { outer: undefined, variables: new Map(), bound: new Set() },
    depth: 0,
    function: { depth: program.name('d'), deepest: 0, hasTail: false },
  };
  const result = write(ast, openScope(start, ast));
  const reads = [...program.globals.values()].map((name, at) => `const ${name} = globals[${at}];`);
  return `return (input, root, globals) => {
${reads.join('\n')}
const ${start.function.depth} = enter(${start.function.deepest});
${out}
return ${result.js};
};`;
}

/** An input that is a list is one item. */
function wrapped(input: unknown): unknown {
  if (!sequences.isList(input) || input.sequence === true) return input;
  const list = sequences.sequence([input]);
  list.outerWrapper = true;
  return list;
}

function builtin(name: string): unknown {
  return name === 'now' ? now : name === 'millis' ? millis : inside.staticFrame.lookup(name);
}

const now = inside.defineFunction(
  (picture?: string, zone?: string) => inside.datetime.fromMillis(run.since, picture, zone),
  '<s?s?:s>',
);
const millis = inside.defineFunction(() => run.since, '<:n>');

function within<T>(options: Options, work: () => T): T {
  const before = { ...run };
  const { timeout, stack, sequence } = options;
  Object.assign(run, {
    depth: 0,
    steps: 0,
    since: Date.now(),
    timeout: timeout || Infinity,
    stack: stack || Infinity,
    sequence: sequence || Infinity,
  });
  try {
    return work();
  } finally {
    Object.assign(run, before);
  }
}
