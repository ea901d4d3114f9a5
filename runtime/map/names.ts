/** Finds the function or variable of an expression that nothing defines: JSONata itself takes a misspelt one for nothing. */
import type { Node } from './compile/tree.ts';

interface Scope {
  /** What is bound so far. */
  bound: Set<string>;
  /** The block, path or function that it is of. */
  of: Tree;
  /** What `:=` binds anywhere in it: a function inside sees it, for it runs later. */
  later?: Set<string>;
  around: Scope | undefined;
}

type Tree = Partial<Node>;

export interface Unknown {
  /** It stands before this position. */
  position: number;
  token: string;
  why: string;
}

const afterwards = new Set(['focus', 'index', 'stages', 'predicate', 'group']);

/** The first one, and where it stands. `known` are names without their `$`. */
export function unknownName(ast: object, known: ReadonlySet<string>): Unknown | undefined {
  const seen = new Set<object>();
  let found: Unknown | undefined;
  const visit = (node: unknown, scope: Scope): void => {
    if (typeof node !== 'object' || node === null || node instanceof RegExp || seen.has(node) || found)
      return;
    seen.add(node);
    const { type, rhs, lhs, focus, index, stages = [], predicate, group } = node as Tree;
    const own = ownScope(node, scope);
    found = wrong(node, own, known);
    if (type === 'bind') {
      visit(rhs, own);
      own.bound.add(nameOf(lhs));
    } else for (const [key, part] of Object.entries(node)) if (!afterwards.has(key)) visit(part, own);
    // What `@$` and `#$` bind holds for the rest of the path.
    for (const name of [focus, index]) if (typeof name === 'string') scope.bound.add(name);
    for (const stage of stages)
      if (stage.type === 'index') scope.bound.add(String(stage.value));
      else visit(stage, scope);
    for (const part of [predicate, group]) visit(part, type === 'path' ? own : scope);
  };
  visit(ast, scopeOf(ast, undefined));
  return found;
}

function wrong(node: Tree, scope: Scope, known: ReadonlySet<string>): Unknown | undefined {
  if (node.type === 'variable') {
    const name = nameOf(node);
    if (['', '$'].includes(name) || known.has(name) || sees(scope, name)) return undefined;
    return { position: node.position ?? 0, token: `$${name}`, why: `there is no $${name} here` };
  }
  const steps = ['function', 'partial'].includes(node.type ?? '') ? node.procedure?.steps : undefined;
  const name = steps?.length === 1 && steps[0]?.type === 'name' ? nameOf(steps[0]) : '';
  if (!known.has(name)) return undefined;
  return { position: steps?.[0]?.position ?? 0, token: name, why: `${name} is no function; it is $${name}` };
}

/** A block, a function and a path have one of their own; all else is bound around it. */
function ownScope(node: Tree, scope: Scope): Scope {
  if (node.type === 'lambda') return scopeOf(node, scope, node.arguments?.map(nameOf));
  return node.type === 'block' || node.type === 'path' ? scopeOf(node, scope) : scope;
}

function scopeOf(of: Tree, around: Scope | undefined, bound: readonly string[] = []): Scope {
  return { bound: new Set(bound), of, around };
}

function sees(innermost: Scope, name: string): boolean {
  let runsLater = false;
  for (let scope: Scope | undefined = innermost; scope; scope = scope.around) {
    if (scope.bound.has(name)) return true;
    if (runsLater && (scope.later ??= new Set(boundIn(scope.of))).has(name)) return true;
    runsLater ||= scope.of.type === 'lambda';
  }
  return false;
}

/** What `:=` binds in the scope that begins here. */
function boundIn(scope: Tree): string[] {
  const names: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null || node instanceof RegExp) return;
    const { type, lhs } = node as Tree;
    if (type === 'block' || type === 'lambda' || type === 'path') return;
    if (type === 'bind') names.push(nameOf(lhs));
    for (const child of Object.values(node)) visit(child);
  };
  for (const child of Object.values(scope)) visit(child);
  return names;
}

function nameOf(variable: unknown): string {
  return String((variable as Tree).value);
}
