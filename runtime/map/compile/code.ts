/** What is written while an expression is compiled: lines of JavaScript, their names, and the values they refer to. */
import type { Node } from './tree.ts';

/** What a piece of code gives, as JavaScript that costs nothing and does nothing. */
export interface Operand {
  js: string;
  /** It is no sequence that is still to be unwrapped. */
  isSettled?: boolean;
  /** It is no function. */
  isData?: boolean;
  /** It is true or false. */
  isBoolean?: boolean;
}

/** Thrown for what is not compiled, in a person's words. */
export class NotCompiled extends Error {}

/** The lines of one JavaScript function. */
export class Lines {
  readonly lines: string[] = [];
  add(line: string): void {
    this.lines.push(line);
  }
  toString(): string {
    return this.lines.join('\n');
  }
}

/** The whole program. Nothing of an expression stands in it but what `literal` wrote. */
export class Program {
  /** What stands before the main function. */
  readonly head = new Lines();
  readonly constants: unknown[] = [];
  /** Variables that the expression does not bind where they are read, by their names. */
  readonly globals = new Map<string, string>();
  readonly paths = new Map<string, string>();
  #names = 0;

  name(kind: string): string {
    return `${kind}${(this.#names += 1)}`;
  }

  constant(value: unknown): string {
    this.constants.push(value);
    const name = this.name('k');
    this.head.add(`const ${name} = constants[${this.constants.length - 1}];`);
    return name;
  }

  global(variable: string): string {
    const name = this.globals.get(variable) ?? this.name('g');
    this.globals.set(variable, name);
    return name;
  }
}

/** A text, number, true, false or null as JavaScript. */
export function literal(value: unknown): string {
  if (Object.is(value, -0)) return '-0';
  return JSON.stringify(value);
}

/** Writes a node; tells where its value is then. */
export type Writer = (node: Node, place: WriteContext) => Operand;

/** Where something is written. */
export interface WriteContext {
  program: Program;
  /** Of any node. */
  write: Writer;
  out: Lines;
  /** The JavaScript variable that holds `$`. */
  context: string;
  /** Whether that may be the input itself, which is wrapped when it is a list. */
  isRoot: boolean;
  scope: Scope;
  /** Nested evaluations from the begin of the function on. */
  depth: number;
  function: { depth: string; deepest: number; hasTail: boolean };
}

export interface Variable {
  js: string;
  /** Bound once, to a function that is written there: it can be called as it is. */
  isFunction: boolean;
  isConstant: boolean;
  /** Of what a constant holds. */
  kind: Omit<Operand, 'js'>;
}

/** What `:=` and the parameters of a function bind. */
export interface Scope {
  outer: Scope | undefined;
  variables: Map<string, Variable>;
  /** Those that are bound by now, whatever comes. */
  bound: Set<Variable>;
}

/** Writes into lines of its own what may not be run: what is bound there may not be bound later. */
export function apart<T>(
  place: WriteContext,
  write: (place: WriteContext) => T,
): { lines: string; result: T } {
  const out = new Lines();
  const scope = { ...place.scope, bound: new Set(place.scope.bound) };
  const result = write({ ...place, out, scope });
  return { lines: out.toString(), result };
}

/** Keeps a value under a name. */
export function hold(place: WriteContext, js: string): string {
  const name = place.program.name('t');
  place.out.add(`const ${name} = ${js};`);
  return name;
}

/** One evaluation further down. */
export function within(place: WriteContext): WriteContext {
  const depth = place.depth + 1;
  place.function.deepest = Math.max(place.function.deepest, depth);
  return { ...place, depth };
}

/** A function of the context. */
export function writeFunction(
  place: WriteContext,
  body: (inside: WriteContext) => Operand,
  isRoot = false,
): string {
  const context = place.program.name('c');
  const { lines, result } = apart(place, (inside) => body({ ...inside, context, isRoot }));
  return `(${context}) => {\n${lines}\nreturn ${result.js};\n}`;
}

export function truthOf({ js, isBoolean }: Operand): string {
  return isBoolean ? js : `truth(${js})`;
}
