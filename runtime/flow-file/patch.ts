/** What a flow file says → its text, new or in place of what changed. */
import { isDeepStrictEqual } from 'node:util';
import { Document, Pair, Scalar, isCollection, isMap, isNode, isScalar, isSeq, type YAMLMap } from 'yaml';
import { carryComments, keepHeaderComments, keyText } from './comments.ts';
import { nodeTag } from './format.ts';

/** Maps, lists, NodeReferences and plain values, in the order they are written. */
export type Content = Map<string, unknown>;

const style = {
  lineWidth: 0,
  singleQuote: true,
  flowCollectionPadding: false,
  // A quoted text stands on one line: over several, yaml 2.9 loses lines of white space.
  doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
} as const;
/** How texts stand: code as block text, or all in double quotes. */
export type Text = 'block' | 'quoted';

/** The canonical text; comments of an older document stay with what they stood at. */
export function canonicalText(content: Content, text: Text, old?: Document): string {
  const document = new Document(null, { customTags: [nodeTag] });
  document.contents = styled(document, content, text) as never;
  if (old) carryComments(old, document);
  return document.toString(style);
}

/** Changes the document where `next` differs from `was`; all else, comments with it, stays. */
export function patchedText(document: Document, was: Content, next: Content): string {
  if (!isMap(document.contents)) return canonicalText(next, 'block', document);
  keepHeaderComments(document.contents, next);
  patchMap(document, document.contents, was, next);
  return document.toString(style);
}

function patchMap(document: Document, map: YAMLMap, was: Map<unknown, unknown>, next: Map<unknown, unknown>) {
  const pairOf = (key: unknown) => map.items.find((pair) => keyText(pair) === String(key));
  for (const key of was.keys()) if (!next.has(key)) map.items = map.items.filter((p) => p !== pairOf(key));
  let after: Pair | undefined;
  for (const [key, value] of next) {
    const pair = pairOf(key);
    if (!pair) {
      // The file leaves it implied, and still may.
      if (was.has(key) && isDeepStrictEqual(was.get(key), value)) continue;
      const added = new Pair(document.createNode(String(key)), styledAt(document, key, value)) as Pair;
      map.items.splice(after ? map.items.indexOf(after) + 1 : 0, 0, added);
      after = added;
      continue;
    }
    if (!isDeepStrictEqual(was.get(key), value)) patchValue(document, pair, was.get(key), value);
    after = pair;
  }
}

function patchValue(document: Document, pair: Pair, was: unknown, next: unknown): void {
  const old = pair.value;
  if (isMap(old) && was instanceof Map && next instanceof Map) return patchMap(document, old, was, next);
  const made = styledAt(document, keyText(pair), next);
  if (isNode(old) && isNode(made)) {
    made.commentBefore = old.commentBefore;
    made.comment = old.comment;
    if (old.spaceBefore) made.spaceBefore = true;
    if (isSeq(old) && isSeq(made)) {
      made.flow = old.flow;
      keepItems(old.items, made.items, document);
    }
  }
  pair.value = made;
}

/** Items of a list that did not change keep their comments. */
function keepItems(old: unknown[], made: unknown[], document: Document): void {
  const value = (item: unknown) => (isNode(item) ? item.toJS(document) : item);
  const same = (a: number, b: number) => isDeepStrictEqual(value(old[a]), value(made[b]));
  const length = Math.min(old.length, made.length);
  let head = 0;
  for (; head < length && same(head, head); head++) made[head] = old[head];
  for (let tail = 1; tail <= length - head && same(old.length - tail, made.length - tail); tail++)
    made[made.length - tail] = old[old.length - tail];
}

function styledAt(document: Document, key: unknown, value: unknown) {
  const node = styled(document, value, 'block');
  // A position is one line wherever it is added.
  if (key === 'at' || (Array.isArray(value) && value.every((part) => typeof part === 'number'))) flow(node);
  return node;
}

function styled(document: Document, content: unknown, text: Text) {
  const node = document.createNode(content);
  textStyle(node, text);
  if (isMap(node))
    for (const { key, value } of node.items)
      if (isScalar(key) && key.value === 'layout' && isMap(value))
        for (const entry of value.items) flow(entry.value);
  return node;
}

function flow(node: unknown): void {
  if (isCollection(node)) node.flow = true;
}

/** Code is block text; what a block cannot hold safely stands in double quotes. */
function textStyle(node: unknown, text: Text): void {
  if (isScalar(node)) {
    if (typeof node.value !== 'string') return;
    if (text === 'quoted') node.type = Scalar.QUOTE_DOUBLE;
    else if (!isPlain(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    else if (node.value.includes('\n')) node.type = Scalar.BLOCK_LITERAL;
  } else if (isCollection(node))
    for (const item of node.items as unknown[]) {
      textStyle(item instanceof Pair ? item.value : item, text);
    }
}

/** Printable, and with something to see in its first and last line. */
function isPlain(value: string): boolean {
  if (/[^\P{C}\n\t]|[\u2028\u2029\ufeff]/u.test(value)) return false;
  return !value.includes('\n') || (/^\S/.test(value) && !/[ \t]\n*$/.test(value));
}
