/** Reads YAML as far as JSON can say the same; what would be dropped, guessed or rounded is named with its line. */
import { isUtf8 } from 'node:buffer';
import { Big } from 'big.js';
import {
  LineCounter,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  parseDocument,
  visit,
  type Alias,
  type Document,
  type Node,
  type Scalar,
  type ScalarTag,
  type YAMLMap,
} from 'yaml';

export interface Options {
  /** Beside those of JSON. */
  tags?: ScalarTag[];
  /** `<<`. */
  merge?: boolean;
}

export interface Strict {
  document: Document;
  lineAt(offset: number): number;
  /** Nothing of the document counts then. */
  problem?: { line: number; message: string };
}

interface Problem {
  offset: number;
  message: string;
}

/** Levels of maps and lists. */
const deepest = 100;

export function readStrictly(text: string, { tags = [], merge = false }: Options = {}): Strict {
  const lineCounter = new LineCounter();
  const lineAt = (offset: number) => lineCounter.linePos(offset).line;
  const document = parseDocument(text, { lineCounter, customTags: tags, merge, logLevel: 'error' });
  const problem =
    syntaxProblem(document) ?? problemIn(document, new Set([...known, ...tags.map(({ tag }) => tag)]));
  return {
    document,
    lineAt,
    ...(problem ? { problem: { line: lineAt(problem.offset), message: problem.message } } : {}),
  };
}

/** Undefined, and the first line that is no UTF-8, where a decoder would put other signs in its place. */
export function decoded(bytes: Buffer): { text: string } | { line: number } {
  if (isUtf8(bytes)) return { text: bytes.toString('utf8') };
  let line = 1;
  for (let start = 0, end = 0; start < bytes.length; start = end + 1, line++) {
    end = bytes.indexOf(10, start);
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) break;
  }
  return { line };
}

const known = ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map(
  (name) => `tag:yaml.org,2002:${name}`,
);
const tooDeep = `has more than ${deepest} levels`;

/** What the parser only warns of is a tag or directive that it drops. */
function syntaxProblem({ errors, warnings, directives }: Document): Problem | undefined {
  const [first] = [...errors, ...warnings];
  // The message goes on with an excerpt of the file: its first line says what is wrong.
  if (first) {
    const message = first.message.split(/ at line \d+/)[0] ?? first.code;
    return {
      offset: first.pos[0],
      message: /call stack/.test(message) ? tooDeep : `cannot be read: ${message}`,
    };
  }
  const { explicit, version } = directives?.yaml ?? {};
  return explicit && version !== '1.2'
    ? { offset: 0, message: 'is of another version of YAML than 1.2' }
    : undefined;
}

function problemIn(document: Document, tags: ReadonlySet<string>): Problem | undefined {
  let found: Problem | undefined;
  let alias: Alias | undefined;
  visit(document, (_, node, path) => {
    if (!isNode(node)) return undefined;
    if (isAlias(node)) alias ??= node;
    found = nodeProblem(node, document, path, tags);
    return found && visit.BREAK;
  });
  return found ?? (alias && bomb(document, alias));
}

function nodeProblem(
  node: Node,
  document: Document,
  path: readonly unknown[],
  tags: ReadonlySet<string>,
): Problem | undefined {
  const offset = node.range?.[0] ?? 0;
  if (path.length > deepest && path.filter(isCollection).length > deepest)
    return { offset, message: tooDeep };
  if (isAlias(node)) return aliasProblem(node, document, path);
  if (node.tag !== undefined && !tags.has(node.tag)) return { offset, message: `knows no tag ${node.tag}` };
  if (isMap(node)) return keyProblem(node);
  const message = isScalar(node) ? numberProblem(node) : undefined;
  return message === undefined ? undefined : { offset, message };
}

function aliasProblem(alias: Alias, document: Document, path: readonly unknown[]): Problem | undefined {
  const offset = alias.range?.[0] ?? 0;
  const meant = alias.resolve(document);
  if (!meant) return { offset, message: `has no anchor &${alias.source} for *${alias.source}` };
  return path.includes(meant) ? { offset, message: `has *${alias.source} in itself` } : undefined;
}

/** Keys are texts, and no two of them the same. */
function keyProblem(map: YAMLMap): Problem | undefined {
  const seen = new Set<string>();
  for (const { key } of map.items) {
    const offset = isNode(key) ? (key.range?.[0] ?? 0) : (map.range?.[0] ?? 0);
    if (!isScalar(key) || key.tag !== undefined || typeof key.value === 'object')
      return { offset, message: 'has a key that is no plain text' };
    const name = String(key.value);
    if (seen.has(name)) return { offset, message: `has the key ${name} twice` };
    seen.add(name);
  }
  return undefined;
}

function numberProblem({ value, source }: Scalar): string | undefined {
  if (typeof value !== 'number' || source === undefined) return undefined;
  if (!Number.isFinite(value)) return `has ${source}, which is no number here; write it in quotes`;
  const decimal = /^[-+]?(\d|\.\d)/.test(source) && !/^[-+]?0[xo]/.test(source);
  const exact = decimal ? new Big(source.replace(/^\+/, '')).eq(value) : Number.isSafeInteger(value);
  return exact ? undefined : 'has a number of more digits than are kept; write it in quotes';
}

/** Aliases of aliases can stand for more than there is memory. */
function bomb(document: Document, alias: Alias): Problem | undefined {
  try {
    document.toJS({ maxAliasCount: 100 });
    return undefined;
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return { offset: alias.range?.[0] ?? 0, message: 'has aliases that stand for too much' };
  }
}
