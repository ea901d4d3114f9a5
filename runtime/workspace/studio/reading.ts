/** Reads an expression without running it: what each name in it is a field of, and what each field of the result is made of. */
import type { Node } from '../../map/compile/tree.ts';
import { fieldIn, type FieldNode } from './field-nodes.ts';
import type { Pair } from './tokens.ts';
import {
  anything,
  either,
  lookUp,
  madeOf,
  nothing,
  ofPlaces,
  type Built,
  type Closure,
  type Scope,
  type Value,
} from './value.ts';

/** A name in a path: `sku` in `line_items.sku`. */
export interface NameRead {
  name: string;
  /** Behind it, in the text. */
  to: number;
  /** The fields of the message that it is. */
  places: Set<FieldNode>;
  /** Of an object that the expression builds itself, or of what is not followed. */
  isOther: boolean;
  /** What else could stand there. */
  contexts: Set<Value>;
}

export interface Reading {
  result: Value;
  names: Map<number, NameRead>;
  /** The last that each variable was, by its name. */
  variables: Map<string, Value>;
}

const mostSteps = 200_000;
const deepest = 40;

/** `pairs`: the fields of each object in the text, by where it opens. */
export function readExpression(ast: object, root: FieldNode, pairs: ReadonlyMap<number, Pair[]>): Reading {
  const reader = new Reader(ofPlaces(new Set([root])), pairs);
  const result = reader.visit(ast as Node, reader.root, { outer: undefined, names: new Map() });
  return { result, names: reader.names, variables: reader.variables };
}

/** Give what they are given, or one of it. */
const passing = new Set('append merge first_of distinct reverse shuffle agreed'.split(' '));
/** Take a list, and a function that is given each of its items. */
const each = new Set('map filter single sort each sift'.split(' '));

class Reader {
  readonly root: Value;
  readonly names = new Map<number, NameRead>();
  readonly variables = new Map<string, Value>();
  readonly #pairs: ReadonlyMap<number, Pair[]>;
  readonly #calling = new Set<Node>();
  #steps = 0;

  constructor(root: Value, pairs: ReadonlyMap<number, Pair[]>) {
    this.root = root;
    this.#pairs = pairs;
  }

  visit(node: Node | undefined, context: Value, scope: Scope): Value {
    if (!node) return nothing;
    if ((this.#steps += 1) > mostSteps || this.#calling.size > deepest) return anything;
    const value = this.#plain(node, context, scope);
    for (const { expr } of node.predicate ?? []) this.visit(expr, value, scope);
    return node.group && node.type !== 'path' ? this.#object(node.group, value, scope) : value;
  }

  #plain(node: Node, context: Value, scope: Scope): Value {
    switch (node.type) {
      case 'path':
        return this.#path(node, context, scope);
      case 'name':
        return this.#step(node, context);
      case 'variable':
        return this.#variable(String(node.value), context, scope);
      case 'unary':
        return this.#unary(node, context, scope);
      case 'binary':
        return madeOf(this.visit(node.lhs as Node, context, scope), this.visit(node.rhs, context, scope));
      case 'condition': {
        const decides = this.visit(node.condition, context, scope);
        const ways = [node.then, node.else].map((one) => this.visit(one, context, scope));
        const value = either(...ways);
        return { ...value, of: new Set([...value.of, ...decides.of]) };
      }
      case 'block': {
        const own: Scope = { outer: scope, names: new Map() };
        return (node.expressions ?? []).reduce((_, one) => this.visit(one, context, own), nothing);
      }
      case 'bind':
        return this.#bind(node, context, scope);
      case 'lambda':
        if (node.thunk) return this.visit(node.body, context, scope);
        return { ...nothing, functions: [{ node, scope, context }] };
      case 'function':
      case 'partial':
        return this.#call(node, [], context, scope);
      case 'apply':
        return this.#apply(node, context, scope);
      case 'sort':
      case 'transform':
      case 'parent':
      case 'wildcard':
      case 'descendant':
        return this.#other(node, context, scope);
      default:
        return nothing;
    }
  }

  #path(node: Node, context: Value, scope: Scope): Value {
    const own: Scope = { outer: scope, names: new Map() };
    let value = context;
    for (const step of node.steps ?? []) {
      value = this.visit(step, value, own);
      for (const stage of step.stages ?? [])
        if (stage.type === 'index') own.names.set(String(stage.value), nothing);
        else this.visit(stage.expr, value, own);
      if (step.focus) own.names.set(step.focus, value);
      if (step.index) own.names.set(step.index, nothing);
    }
    return node.group ? this.#object(node.group, value, own) : value;
  }

  #step(node: Node, context: Value): Value {
    const name = String(node.value);
    const to = node.position ?? 0;
    const read = this.names.get(to) ?? { name, to, places: new Set(), isOther: false, contexts: new Set() };
    this.names.set(to, read);
    read.contexts.add(context);
    const places = [...context.places].map((place) => fieldIn(place, name));
    for (const place of places) read.places.add(place);
    const built = context.fields?.get(name)?.value;
    if (built || context.open) read.isOther = true;
    const found = places.length > 0 ? ofPlaces(new Set(places), context.open) : undefined;
    if (found || built) return either(...[found, built].filter((one) => one !== undefined));
    return context.open ? madeOf(context) : nothing;
  }

  #variable(name: string, context: Value, scope: Scope): Value {
    if (name === '') return context;
    if (name === '$') return this.root;
    return lookUp(scope, name) ?? anything;
  }

  #unary(node: Node, context: Value, scope: Scope): Value {
    if (node.value === '{') return this.#object(node, context, scope);
    if (node.value === '[')
      return either(...(node.expressions ?? []).map((one) => this.visit(one, context, scope)));
    return madeOf(this.visit(node.expression, context, scope));
  }

  #object(node: { lhs?: unknown; position?: number }, context: Value, scope: Scope): Value {
    const spans = this.#pairs.get((node.position ?? 0) - 1) ?? [];
    const fields = new Map<string, Built>();
    const values: Value[] = [];
    for (const [index, [key, part]] of ((node.lhs ?? []) as [Node, Node][]).entries()) {
      this.visit(key, context, scope);
      const value = this.visit(part, context, scope);
      values.push(value);
      const span = spans[index]?.value;
      if (key.type === 'string') fields.set(String(key.value), { value, spans: span ? [span] : [] });
    }
    const isWhole = fields.size === values.length;
    return { ...madeOf(...values), fields, open: !isWhole };
  }

  #bind(node: Node, context: Value, scope: Scope): Value {
    const name = String((node.lhs as Node).value);
    const value = this.visit(node.rhs, context, scope);
    // A second `:=` of the same name may hold or not.
    const before = scope.names.get(name);
    const known = before ? either(before, value) : value;
    scope.names.set(name, known);
    this.variables.set(name, known);
    return value;
  }

  #call(node: Node, first: readonly Value[], context: Value, scope: Scope): Value {
    const args = [...first, ...(node.arguments ?? []).map((one) => this.visit(one, context, scope))];
    const { procedure } = node;
    const name = procedure?.type === 'variable' ? String(procedure.value) : '';
    const own = procedure && this.#procedure(procedure, context, scope);
    if (own?.functions) return this.#callAll(own.functions, args);
    return this.#builtin(name, args.length > 0 ? args : [context], node);
  }

  /** A variable that is no function of the expression is one of JSONata or Crossdock. */
  #procedure(procedure: Node, context: Value, scope: Scope): Value | undefined {
    if (procedure.type === 'variable') return lookUp(scope, String(procedure.value));
    return this.visit(procedure, context, scope);
  }

  #apply(node: Node, context: Value, scope: Scope): Value {
    const given = this.visit(node.lhs as Node, context, scope);
    if (node.rhs?.type === 'function') return this.#call(node.rhs, [given], context, scope);
    const work = this.visit(node.rhs, context, scope);
    return work.functions ? this.#callAll(work.functions, [given]) : madeOf(given, work);
  }

  #builtin(name: string, args: readonly Value[], node: Node): Value {
    const [list = nothing, work = nothing] = args;
    if (passing.has(name)) return either(...args);
    if (name === 'lookup') {
      const key = node.arguments?.[1];
      return key?.type === 'string' ? this.#step({ ...key, type: 'name' }, list) : madeOf(list);
    }
    if (each.has(name)) {
      const given = this.#callAll(work.functions ?? [], [list, nothing, list]);
      return name === 'map' || name === 'each' ? (work.functions ? given : madeOf(list)) : list;
    }
    if (name === 'reduce')
      return either(this.#callAll(work.functions ?? [], [list, list]), args[2] ?? nothing);
    for (const one of args) this.#callAll(one.functions ?? [], []);
    return madeOf(...args);
  }

  #callAll(functions: readonly Closure[], args: readonly Value[]): Value {
    return either(...functions.map((one) => this.#callOne(one, args)));
  }

  #callOne({ node, scope, context }: Closure, args: readonly Value[]): Value {
    if (this.#calling.has(node)) return madeOf(...args);
    this.#calling.add(node);
    const names = (node.arguments ?? []).map((one, index): [string, Value] => [
      String(one.value),
      args[index] ?? nothing,
    ]);
    for (const [name, value] of names) this.variables.set(name, value);
    const result = this.visit(node.body, context, { outer: scope, names: new Map(names) });
    this.#calling.delete(node);
    return result;
  }

  #other(node: Node, context: Value, scope: Scope): Value {
    if (node.type !== 'sort') return madeOf(context);
    const { terms = [] } = node as Node & { terms?: { expression: Node }[] };
    for (const { expression } of terms) this.visit(expression, context, scope);
    return context;
  }
}
