/** Writes variables: what blocks and functions bind, and who reads it. */
import {
  hold,
  NotCompiled,
  type Operand,
  type WriteContext,
  type Scope,
  type Variable,
  type Writer,
} from './code.ts';
import { boundIn, isFunction, type Node } from './tree.ts';

/** A scope with what these nodes bind; `parameters` are bound from the start. */
export function openScope(
  place: WriteContext,
  parts: unknown,
  parameters = new Map<string, string>(),
): WriteContext {
  const scope: Scope = { outer: place.scope, variables: new Map(), bound: new Set() };
  const binds = [...boundIn(parts)].map(({ lhs, rhs }) => ({ name: String((lhs as Node).value), rhs }));
  const counts = new Map<string, number>();
  for (const name of [...parameters.keys(), ...binds.map((bind) => bind.name)])
    counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const [name, js] of parameters) {
    const variable = { js, isFunction: false, isConstant: counts.get(name) === 1, kind: {} };
    scope.variables.set(name, variable);
    scope.bound.add(variable);
  }
  for (const { name, rhs } of binds) {
    if (scope.variables.has(name)) continue;
    const isConstant = counts.get(name) === 1;
    const js = place.program.name('b');
    scope.variables.set(name, { js, isConstant, isFunction: isConstant && isFunction(rhs), kind: {} });
    place.out.add(`let ${js} = unbound;`);
  }
  return { ...place, scope };
}

export function inBlock(node: Node, place: WriteContext, last: Writer): Operand {
  const inside = openScope(place, node.expressions);
  let result: Operand = { js: 'undefined', isSettled: true, isData: true };
  for (const [at, expression] of node.expressions!.entries())
    result = (at === node.expressions!.length - 1 ? last : place.write)(expression, inside);
  return result;
}

export function writeBind(node: Node, place: WriteContext): Operand {
  const value = place.write(node.rhs!, place);
  const variable = place.scope.variables.get(String((node.lhs as Node).value))!;
  place.out.add(`${variable.js} = ${value.js};`);
  if (variable.isConstant) variable.kind = { ...value };
  place.scope.bound.add(variable);
  return value;
}

export function readVariable(name: string, place: WriteContext): Operand {
  if (name === '') return { js: place.isRoot ? hold(place, `context(${place.context})`) : place.context };
  const { maybe, found } = resolve(name, place.scope);
  if (found && maybe.length === 0) {
    if (found.isConstant) return { ...found.kind, js: found.js };
    return { js: hold(place, found.js) };
  }
  const last = found?.js ?? globalValue(name, place);
  const read = maybe.map(({ js }) => `${js} !== unbound ? ${js} : `).join('');
  return { js: read || !found ? hold(place, `${read}${last}`) : last };
}

/** The function that a variable surely holds, or what it may hold. */
export function readFunction(
  name: string,
  place: WriteContext,
): { js: string; is: 'written' | 'outside' | 'any' } {
  const { maybe, found } = resolve(name, place.scope);
  // What is called before it is bound is no function, and left to the interpreter.
  const [nearest = found] = maybe;
  if (nearest?.isFunction) return { js: nearest.js, is: 'written' };
  if (nearest === undefined && name !== '' && name !== '$')
    return { js: outside(name, place), is: 'outside' };
  return { js: readVariable(name, place).js, is: 'any' };
}

/** From the innermost scope on: those that may not be bound yet, up to the first that is. */
function resolve(name: string, from: Scope | undefined): { maybe: Variable[]; found?: Variable } {
  const maybe: Variable[] = [];
  for (let scope = from; scope; scope = scope.outer) {
    const variable = scope.variables.get(name);
    if (variable && scope.bound.has(variable)) return { maybe, found: variable };
    if (variable) maybe.push(variable);
  }
  return { maybe };
}

function globalValue(name: string, place: WriteContext): string {
  return name === '$' ? 'input' : `valueOf(${outside(name, place)})`;
}

function outside(name: string, place: WriteContext): string {
  if (name === 'eval') throw new NotCompiled('$eval');
  return place.program.global(name);
}
