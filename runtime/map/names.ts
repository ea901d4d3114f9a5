/** Finds the function or variable of an expression that nothing defines: JSONata itself takes a misspelt one for nothing. */
import type { Node } from './compile/tree.ts';

/** What is bound so far, and what a function may see that runs later. */
interface Scope {
  now: Set<string>;
  later: Set<string>;
}

type Tree = Partial<Node>;

export interface Unknown {
  /** It stands before this position. */
  position: number;
  token: string;
  why: string;
}

/** The first one, and where it stands. `known` are names without their `$`. */
export function unknownName(ast: object, known: ReadonlySet<string>): Unknown | undefined {
  const seen = new Set<object>();
  let found: Unknown | undefined;
  const visit = (node: unknown, scope: Scope): void => {
    if (typeof node !== 'object' || node === null || node instanceof RegExp || seen.has(node) || found)
      return;
    seen.add(node);
    const { focus, index, stages = [], predicate, group, ...rest } = node as Tree;
    const own = ownScope(node, scope);
    found = wrong(node, own, known);
    if (rest.type === 'bind') {
      visit(rest.rhs, own);
      own.now.add(nameOf(rest.lhs));
    } else for (const part of Object.values(rest)) visit(part, own);
    // What `@$` and `#$` bind holds for the rest of the path.
    for (const name of [focus, index]) if (typeof name === 'string') scope.now.add(name);
    for (const stage of stages)
      if (stage.type === 'index') scope.now.add(String(stage.value));
      else visit(stage, scope);
    for (const part of [predicate, group]) visit(part, rest.type === 'path' ? own : scope);
  };
  visit(ast, scopeWith(ast, [], []));
  return found;
}

function wrong(node: Tree, { now }: Scope, known: ReadonlySet<string>): Unknown | undefined {
  if (node.type === 'variable') {
    const name = nameOf(node);
    if (['', '$'].includes(name) || now.has(name) || known.has(name)) return undefined;
    return { position: node.position ?? 0, token: `$${name}`, why: `there is no $${name} here` };
  }
  const steps = ['function', 'partial'].includes(node.type ?? '') ? node.procedure?.steps : undefined;
  const name = steps?.length === 1 && steps[0]?.type === 'name' ? nameOf(steps[0]) : '';
  if (!known.has(name)) return undefined;
  return { position: steps?.[0]?.position ?? 0, token: name, why: `${name} is no function; it is $${name}` };
}

/** A block, a function and a path have one of their own; all else is bound around it. */
function ownScope(node: Tree, { now, later }: Scope): Scope {
  if (node.type === 'lambda')
    return scopeWith(node, [...now, ...later, ...(node.arguments ?? []).map(nameOf)], later);
  if (node.type === 'block' || node.type === 'path') return scopeWith(node, now, later);
  return { now, later };
}

function scopeWith(node: Tree, now: Iterable<string>, later: Iterable<string>): Scope {
  return { now: new Set(now), later: new Set([...later, ...boundIn(node)]) };
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
