/** Which fields of a mapping's result changed: two JSONata expressions compared by their syntax trees. */
import jsonata from 'jsonata';

interface Tree {
  type?: string;
  value?: unknown;
  lhs?: unknown;
  rhs?: Tree;
  expressions?: Tree[];
  steps?: Tree[];
  body?: Tree;
  [key: string]: unknown;
}

/** `lines/sku`, `$total`; `format` when only the text differs, `code` where it cannot be told. */
export function expressionChanges(before: string, after: string): string[] {
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  if (!old || !now) return ['code'];
  const names = [...new Set([...old.keys(), ...now.keys()])].filter(
    (name) => old.get(name) !== now.get(name),
  );
  // Where a field of an object changed, the object did too: the field says it.
  const inside = (name: string, other: string): boolean =>
    name === '' ? other !== '' && !other.startsWith('$') : other.startsWith(`${name}/`);
  const told = names.filter((name) => !names.some((other) => inside(name, other)));
  if (told.length > 0) return told.map((name) => name || 'result');
  return ['format'];
}

function fieldsOf(text: string): Map<string, string> | undefined {
  try {
    const fields = new Map<string, string>();
    collect(jsonata(text).ast() as unknown as Tree, '', fields);
    return fields;
  } catch {
    return undefined;
  }
}

function collect(tree: Tree, path: string, fields: Map<string, string>): void {
  if (tree.type === 'block') {
    for (const one of tree.expressions ?? []) collect(one, path, fields);
    return;
  }
  if (tree.type === 'bind' && path === '') {
    const { value } = tree.lhs as Tree;
    if (tree.rhs) collect(tree.rhs, `$${String(value)}`, fields);
    return;
  }
  const pairs = pairsOf(tree);
  fields.set(path, bare(tree));
  for (const [key, value] of pairs) {
    const name = key.type === 'string' ? String(key.value) : '*';
    collect(value, path ? `${path}/${name}` : name, fields);
  }
}

/** Of an object constructor, also in a list or at the end of a path. */
function pairsOf(tree: Tree): [Tree, Tree][] {
  if (tree.type === 'unary' && tree.value === '{') return tree.lhs as [Tree, Tree][];
  const [only, ...others] = tree.type === 'unary' && tree.value === '[' ? (tree.expressions ?? []) : [];
  if (only && others.length === 0) return pairsOf(only);
  const last = tree.type === 'path' ? tree.steps?.at(-1) : undefined;
  if (last) return pairsOf(last);
  const group = tree['group'] as { lhs?: [Tree, Tree][] } | undefined;
  return group?.lhs ?? [];
}

/** The tree without where it stood, and without links back to itself. */
function bare(tree: unknown): string {
  const seen = new Set<unknown>();
  return JSON.stringify(tree, (key, value: unknown) => {
    if (key === 'position' || typeof value === 'function') return undefined;
    if (value instanceof RegExp) return String(value);
    if (typeof value === 'object' && value !== null) {
      if (seen.has(value)) return undefined;
      seen.add(value);
    }
    return value;
  });
}
