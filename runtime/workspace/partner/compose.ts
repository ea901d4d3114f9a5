/** The rows of a draft → the text of the mapping. */
import type { From, Row } from './row.ts';

interface Branch {
  row?: Row;
  children: Map<string, Branch>;
  isList: boolean;
}

/** `title`: the comment at its head. */
export function mappingText(rows: readonly Row[], title: string): string {
  const root: Branch = { children: new Map(), isList: false };
  for (const row of rows) if (row.from) place(root, row);
  return `/* ${title.replaceAll('*/', '* /')} */\n${objectOf(root, 0)}\n`;
}

function place(root: Branch, row: Row): void {
  let branch = root;
  for (const part of row.target.split('.')) {
    const isList = part.endsWith('[]');
    const name = part.replace(/\[\]$/, '');
    const next = branch.children.get(name) ?? { children: new Map(), isList: false };
    next.isList ||= isList || row.kind === 'list';
    branch.children.set(name, next);
    branch = next;
  }
  branch.row = row;
}

function objectOf({ children }: Branch, depth: number): string {
  const pad = '  '.repeat(depth + 1);
  const lines = [...children].flatMap(([name, branch]) => {
    const text = valueOf(branch, depth + 1);
    return text === undefined ? [] : [`${pad}'${name}': ${text}`];
  });
  return `{\n${lines.join(',\n')}\n${'  '.repeat(depth)}}`;
}

function valueOf(branch: Branch, depth: number): string | undefined {
  const { row, children, isList } = branch;
  if (isList) {
    if (!row?.from || children.size === 0) return undefined;
    const items = expressionOf(row);
    // Of one object that is made of the message itself: `condition ? $$`.
    if (items.endsWith('? $$')) return `${items.slice(0, -2)}[${objectOf(branch, depth)}]`;
    return `[$map(${items}, function($line, $at) {\n${'  '.repeat(depth + 1)}$line.${objectOf(branch, depth + 1)}\n${'  '.repeat(depth)}})]`;
  }
  if (children.size > 0) return objectOf(branch, depth);
  return row && expressionOf(row);
}

/** JSONata of one field, in the place where it stands. */
export function expressionOf({ from, kind }: Pick<Row, 'from' | 'kind'>): string {
  if (!from) return '()';
  if ('expression' in from) return from.expression.trim() || '()';
  if ('fixed' in from) return fixed(from, kind);
  if (kind === 'money') return `$money(${from.path})`;
  if (kind === 'quantity' || kind === 'rate') return `$decimal(${from.path})`;
  return kind === 'list' || kind === 'boolean' ? from.path : `$text(${from.path})`;
}

function fixed({ fixed: text }: Extract<From, { fixed: string }>, kind: Row['kind']): string {
  return kind === 'boolean' && /^(true|false)$/.test(text) ? text : JSON.stringify(text);
}
