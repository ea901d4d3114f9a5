/** The syntax tree of JSONata, as its parser gives it: the types of the package leave half of it out. */
import type { Signature } from '../package.ts';

export interface Node {
  type: string;
  value?: unknown;
  position?: number;
  steps?: Node[];
  stages?: Node[];
  predicate?: { expr: Node }[];
  expr?: Node;
  group?: { lhs: [Node, Node][] };
  lhs?: Node | [Node, Node][];
  rhs?: Node;
  expressions?: Node[];
  expression?: Node;
  condition?: Node;
  then?: Node;
  else?: Node;
  arguments?: Node[];
  procedure?: Node;
  body?: Node;
  signature?: Signature;
  thunk?: boolean;
  keepArray?: boolean;
  keepSingletonArray?: boolean;
  consarray?: boolean;
  tuple?: boolean;
  focus?: string;
  index?: string;
}

/** The `:=` of the scope that begins at these nodes; blocks and functions have scopes of their own. */
export function* boundIn(part: unknown): Generator<Node> {
  if (typeof part !== 'object' || part === null || part instanceof RegExp) return;
  const { type, body, thunk } = part as Node;
  if (type === 'block') return;
  // The last call of a function stands in a function without parameters, which is none.
  if (type === 'lambda') {
    if (thunk) yield* boundIn(body);
    return;
  }
  if (type === 'bind') yield part as Node;
  for (const child of Object.values(part)) yield* boundIn(child);
}

export function isFunction(node: Node | undefined): boolean {
  return node?.type === 'lambda' && !node.thunk && !node.signature && !node.predicate && !node.group;
}
