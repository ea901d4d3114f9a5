/** The small faults that are planted in a file, one at a time: each an edit of its text without types. */
import { parse, type Node } from 'acorn';
import { methods, operators } from './operators.ts';

export interface Mutant {
  start: number;
  end: number;
  /** What stands there instead. */
  text: string;
  /** Counted from one. */
  line: number;
  kind: string;
}

type Any = Node & Record<string, unknown>;

/** All of a file, without those whose only effect is on words for people. */
export function mutantsOf(source: string): Mutant[] {
  const found = new Map<string, Mutant>();
  const add: Add = (kind, { start, end }, text) => {
    if (source.slice(start, end) === text) return;
    const line = source.slice(0, start).split('\n').length;
    found.set(`${start}:${end}:${text}`, { start, end, text, line, kind });
  };
  walk(read(source), undefined, source, add);
  return [...found.values()]
    .filter((mutant) => isRead(mutated(source, mutant)))
    .toSorted((one, other) => one.start - other.start);
}

export const mutated = (
  source: string,
  { start, end, text }: Pick<Mutant, 'start' | 'end' | 'text'>,
): string => source.slice(0, start) + text + source.slice(end);

const read = (source: string): Any =>
  parse(source, { ecmaVersion: 'latest', sourceType: 'module' }) as unknown as Any;

/** `a ?? b && c` is no program, nor is what assigns to a value. */
function isRead(source: string): boolean {
  try {
    read(source);
    return true;
  } catch {
    return false;
  }
}

type Add = (kind: string, at: { start: number; end: number }, text: string) => void;

function walk(node: Any, parent: Any | undefined, source: string, add: Add): void {
  if (node.type === 'ImportDeclaration' || node.type === 'ImportExpression') return;
  mutate(node, parent, source, add);
  for (const [key, value] of Object.entries(node))
    for (const child of Array.isArray(value) ? value : [value])
      if (isNode(child) && !forPeople(node, key, child)) walk(child, node, source, add);
}

const isNode = (value: unknown): value is Any =>
  typeof (value as Any | null)?.type === 'string' && typeof (value as Any).start === 'number';

/** The text of an error or of a schema; a key that only names. */
function forPeople(node: Any, key: string, child: Any): boolean {
  if (node.type === 'Property' && key === 'key') return node['computed'] === false;
  if (node.type === 'Property') return ['description', 'title', 'help'].includes(nameOf(node['key'] as Any));
  if (node.type !== 'NewExpression' || key !== 'arguments') return false;
  const name = nameOf(node['callee'] as Any);
  if (!name.endsWith('Error')) return false;
  return (node['arguments'] as Any[]).indexOf(child) === (name === 'CodedError' ? 1 : 0);
}

const nameOf = (node: Any): string => String(node['name'] ?? node['value'] ?? '');

function mutate(node: Any, parent: Any | undefined, source: string, add: Add): void {
  const child = (key: string) => node[key] as Any;
  switch (node.type) {
    case 'IfStatement':
    case 'ConditionalExpression':
      add('condition', child('test'), 'true');
      add('condition', child('test'), 'false');
      break;
    case 'WhileStatement':
      add('condition', child('test'), 'false');
      break;
    case 'LogicalExpression':
    case 'BinaryExpression':
    case 'AssignmentExpression':
      operator(node, parent, source, add);
      break;
    case 'UnaryExpression':
      if (node['operator'] === '!' && !isTest(node, parent))
        add('boolean', { start: node.start, end: node.start + 1 }, '');
      if (node['operator'] === '-') add('arithmetic', { start: node.start, end: node.start + 1 }, '');
      break;
    case 'UpdateExpression':
      add(
        'arithmetic',
        node,
        source.slice(node.start, node.end).replace(/\+\+|--/, (was) => (was === '++' ? '--' : '++')),
      );
      break;
    case 'Literal':
      literal(node, source, add);
      break;
    case 'TemplateLiteral':
      if (parent?.type !== 'TaggedTemplateExpression') add('text', node, '``');
      break;
    case 'ArrayExpression':
      if ((node['elements'] as unknown[]).length > 0) add('list', node, '[]');
      break;
    case 'ExpressionStatement':
      if (!('directive' in node)) add('statement', node, ';');
      break;
    case 'ThrowStatement':
    case 'ContinueStatement':
    case 'BreakStatement':
      add('statement', node, ';');
      break;
    case 'ReturnStatement':
      if (child('argument') && nameOf(child('argument')) !== 'undefined') add('return', node, 'return;');
      break;
    case 'ArrowFunctionExpression':
      if (node['expression'] && source.slice(child('body').start, child('body').end) !== '{}')
        add('return', bracketed(child('body'), source), 'undefined');
      break;
    case 'CallExpression':
      call(node, source, add);
      break;
    default:
      break;
  }
  if (node['optional'] === true) {
    const after = child(node.type === 'CallExpression' ? 'callee' : 'object').end;
    const start = source.indexOf('?.', after);
    const dot = node.type === 'CallExpression' || node['computed'] ? '' : '.';
    add('optional', { start, end: start + 2 }, dot);
  }
}

/** Negated, it is the condition's own pair of mutants. */
const isTest = (node: Any, parent: Any | undefined): boolean =>
  (parent?.type === 'IfStatement' || parent?.type === 'ConditionalExpression') && parent['test'] === node;

function operator(node: Any, parent: Any | undefined, source: string, add: Add): void {
  const [left, right] = [node['left'] as Any, node['right'] as Any];
  const was = String(node['operator']);
  if (was === '+' && [left, right].some(isText)) return;
  const start = source.indexOf(was, left.end);
  for (const [becomes, kind] of operators[was] ?? []) {
    if (kind === 'equality' && isTest(node, parent)) continue;
    add(kind, { start, end: start + was.length }, becomes);
  }
}

const isText = (node: Any): boolean =>
  node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node['value'] === 'string');

function literal(node: Any, source: string, add: Add): void {
  const { value } = node;
  if (typeof value === 'boolean') add('boolean', node, String(!value));
  if (typeof value === 'string') add('text', node, value === '' ? "'mutant'" : "''");
  if (typeof value === 'bigint') add('number', node, `${value + 1n}n`);
  if (typeof value === 'number' && !source.slice(node.start, node.end).includes('n'))
    add('number', node, value < 10 ? String(value + 1) : '0');
}

function call(node: Any, source: string, add: Add): void {
  const callee = node['callee'] as Any;
  if (callee.type !== 'MemberExpression' || callee['computed']) return;
  const property = callee['property'] as Any;
  const becomes = methods.get(nameOf(property));
  if (becomes === undefined) return;
  if (becomes !== '') return add('method', property, becomes);
  const dot = source.lastIndexOf('.', property.start);
  add('method', { start: source[dot - 1] === '?' ? dot - 1 : dot, end: node.end }, '');
}

/** An arrow's body with the brackets around it. */
function bracketed(body: Any, source: string): { start: number; end: number } {
  const before = /\(\s*$/.exec(source.slice(0, body.start));
  const after = /^\s*\)/.exec(source.slice(body.end));
  if (!before || !after || !/=>\s*\(\s*$/.test(source.slice(0, body.start))) return body;
  return { start: body.start - before[0].length, end: body.end + after[0].length };
}
