/** Changes single places of a YAML text: every other line, with its comments, stays as it is, byte for byte. */
import { isDeepStrictEqual } from 'node:util';
import {
  Document,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  stringify,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { CodedError } from '../errors/coded-error.ts';
import { differences, edited, type Path, type ValueEdit } from './value-edits.ts';

const style = { lineWidth: 0, singleQuote: true, flowCollectionPadding: false } as const;

/** Each edit sees what those before it have made. Throws CodedError FILE_INVALID for a text that is no YAML. */
export function editYaml(text: string, edits: readonly ValueEdit[]): string {
  return withYamlValue(text, edited(valueOf(text), edits));
}

/** The text that says `next`, by the fewest changes. Throws CodedError FILE_INVALID for a text that is no YAML. */
export function withYamlValue(text: string, value: unknown): string {
  // As a file can say it: without what is undefined.
  const next = JSON.parse(JSON.stringify(value)) as unknown;
  const was = valueOf(text);
  const document = parseDocument(text);
  if (!isCollection(document.contents)) return wholeText(next);
  const changed = spliced(text, cutsOf(text, document, differences(was, next)));
  if (changed !== undefined && says(changed, next)) return changed;
  // Written so that no place of it can be changed alone: one after the other in the document, comments with it.
  for (const edit of differences(was, next).toReversed()) inDocument(document, edit);
  const whole = document.toString(style);
  return says(whole, next) ? whole : wholeText(next);
}

function valueOf(text: string): unknown {
  const document = parseDocument(text, { merge: true, logLevel: 'error' });
  const [error] = document.errors;
  if (!error) return document.toJS() as unknown;
  const line = error.linePos?.[0].line ?? 1;
  throw new CodedError('FILE_INVALID', `Line ${line} is no YAML: ${error.message.split('\n')[0]}`, { line });
}

function says(text: string, value: unknown): boolean {
  try {
    return isDeepStrictEqual(valueOf(text), value);
  } catch {
    return false;
  }
}

interface Cut {
  from: number;
  to: number;
  text: string;
}

/** Undefined where two cuts meet. */
function spliced(text: string, cuts: Cut[] | undefined): string | undefined {
  let [result, end] = [text, Infinity];
  for (const { from, to, text: put } of cuts?.toSorted((a, b) => b.from - a.from || b.to - a.to) ?? []) {
    if (to > end) return undefined;
    result = result.slice(0, from) + put + result.slice(to);
    end = from;
  }
  return cuts && result;
}

function cutsOf(text: string, document: Document, edits: readonly ValueEdit[]): Cut[] | undefined {
  const cuts = new Map<unknown, Cut>();
  for (const edit of edits) {
    const path = 'set' in edit ? edit.set : 'remove' in edit ? edit.remove : edit.insert;
    const flow = flowAround(document, path);
    // A collection on one line is written anew, once for all edits in it.
    if (flow && !('set' in edit && flow.path.length === path.length)) {
      const inner = edits.flatMap((one) => below(one, flow.path));
      const value = withInner(flow.node.toJS(document), inner);
      cuts.set(flow.node, flowCut(text, document, flow, value));
      continue;
    }
    const cut =
      'set' in edit
        ? setCut(text, document, edit.set, edit.value)
        : 'remove' in edit
          ? removeCut(text, document, edit.remove)
          : insertCut(text, document, edit);
    if (!cut) return undefined;
    cuts.set(edit, cut);
  }
  return [...cuts.values()];
}

interface Flow {
  path: Path;
  node: YAMLMap | YAMLSeq;
}

/** The outermost collection on this way that is written in brackets. */
function flowAround(document: Document, path: Path): Flow | undefined {
  for (let length = 0; length <= path.length; length++) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isCollection(node) && node.flow) return { path: path.slice(0, length), node: node as Flow['node'] };
  }
  return undefined;
}

function below(edit: ValueEdit, path: Path): ValueEdit[] {
  const of = (own: Path): Path | undefined =>
    own.length >= path.length && path.every((step, index) => step === own[index])
      ? own.slice(path.length)
      : undefined;
  if ('set' in edit) return of(edit.set) ? [{ ...edit, set: of(edit.set)! }] : [];
  if ('remove' in edit) return of(edit.remove) ? [{ remove: of(edit.remove)! }] : [];
  return of(edit.insert) ? [{ ...edit, insert: of(edit.insert)! }] : [];
}

/** From the last to the first: the places are those before. */
function withInner(value: unknown, edits: readonly ValueEdit[]): unknown {
  return edited(value, edits.toReversed());
}

function flowCut(text: string, document: Document, { path, node }: Flow, value: unknown): Cut {
  const [from, to] = [node.range![0], node.range![1]];
  const empty = node.items.length === 0;
  const holder = parentOf(document, path);
  if (!empty || !holder) return { from, to, text: inBrackets(value) };
  return setCut(text, document, path, value) ?? { from, to, text: inBrackets(value) };
}

function parentOf(document: Document, path: Path): YAMLMap | YAMLSeq | undefined {
  if (path.length === 0) return undefined;
  const node = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  return isCollection(node) ? (node as YAMLMap) : undefined;
}

function setCut(text: string, document: Document, path: Path, value: unknown): Cut | undefined {
  const parent = parentOf(document, path);
  if (!parent || parent.flow) return undefined;
  const step = path.at(-1)!;
  if (isSeq(parent)) {
    const node = parent.items[Number(step)];
    if (!isNode(node) || !node.range) return undefined;
    const from = node.range[0];
    return { from, to: endOf(node), text: rendered(value, columnAt(text, from), true).trimStart() };
  }
  const pair = pairOf(parent as YAMLMap, step);
  if (!pair) return newPair(text, parent as YAMLMap, String(step), value);
  const { key, value: node } = pair;
  if (!isNode(key) || !key.range) return undefined;
  const indent = columnAt(text, key.range[0]);
  if (isScalar(node) && node.range && isPlain(value) && !node.type?.startsWith('BLOCK') && node.source !== '')
    return { from: node.range[0], to: node.range[1], text: scalarText(value) };
  const colon = text.indexOf(':', key.range[1]);
  const end = isNode(node) && node.range && endOf(node) > colon ? endOf(node) : colon + 1;
  return { from: colon + 1, to: end, text: rendered(value, indent) };
}

function newPair(text: string, map: YAMLMap, key: string, value: unknown): Cut | undefined {
  const last = map.items.at(-1);
  const first = map.items[0]?.key;
  if (!last || !isNode(first) || !first.range) return undefined;
  const indent = columnAt(text, first.range[0]);
  return line(text, endOfPair(last), `${' '.repeat(indent)}${scalarText(key)}:${rendered(value, indent)}`);
}

function removeCut(text: string, document: Document, path: Path): Cut | undefined {
  const parent = parentOf(document, path);
  if (!parent || parent.items.length < 2) return undefined;
  const step = path.at(-1)!;
  const index = isSeq(parent)
    ? Number(step)
    : (parent as YAMLMap).items.indexOf(pairOf(parent as YAMLMap, step)!);
  const item = parent.items[index];
  const start = startOf(text, item);
  if (start === undefined) return undefined;
  const shared =
    !/^[ ]*(- )?$/.test(text.slice(lineStart(text, start), start)) || sharesDash(text, item, parent);
  const next = parent.items[index + 1];
  const nextStart = next === undefined ? undefined : startOf(text, next);
  if (shared) return nextStart === undefined ? undefined : { from: start, to: nextStart, text: '' };
  return { from: lineStart(text, start), to: lineEnd(text, endOfItem(item)), text: '' };
}

/** The first key of a map that stands behind a dash. */
function sharesDash(text: string, item: unknown, parent: YAMLMap | YAMLSeq): boolean {
  const start = startOf(text, item);
  return isMap(parent) && start !== undefined && /- *$/.test(text.slice(lineStart(text, start), start));
}

function insertCut(
  text: string,
  document: Document,
  { insert, at, values }: Extract<ValueEdit, { insert: Path }>,
): Cut | undefined {
  const list = insert.length === 0 ? document.contents : document.getIn(insert, true);
  if (!isSeq(list) || list.items.length === 0) return undefined;
  const first = startOf(text, list.items[0]);
  if (first === undefined) return undefined;
  const dash = text.slice(lineStart(text, first), first);
  if (!/^ *- +$/.test(dash)) return undefined;
  const written = values.map((value) => dash + rendered(value, dash.length, true).trimStart()).join('\n');
  const before = at === undefined ? undefined : list.items[at];
  if (before === undefined) return line(text, endOfItem(list.items.at(-1)), written);
  // Behind the one before it, so that the comment above an item stays with it.
  if (at! > 0) return line(text, endOfItem(list.items[at! - 1]), written);
  const from = lineStart(text, startOf(text, before) ?? 0);
  return { from, to: from, text: `${written}\n` };
}

/** Whole lines behind the one where `end` stands. */
function line(text: string, end: number, put: string): Cut {
  const at = lineEnd(text, end);
  return text[at - 1] === '\n'
    ? { from: at, to: at, text: `${put}\n` }
    : { from: at, to: at, text: `\n${put}` };
}

/** Of a pair its key, of an item of a list what stands behind the dash. */
function startOf(text: string, item: unknown): number | undefined {
  const node = isNode(item) ? item : (item as Pair | undefined)?.key;
  return isNode(node) ? node.range?.[0] : undefined;
}

function endOfItem(item: unknown): number {
  return isNode(item) ? endOf(item) : endOfPair(item as Pair);
}

function endOfPair({ key, value }: Pair): number {
  if (isNode(value) && value.range && value.range[1] > value.range[0]) return endOf(value);
  return (isNode(key) ? (key.range?.[1] ?? 0) : 0) + 1;
}

/** Where what it says ends, without comments and empty lines behind it. */
function endOf(node: Node): number {
  if (isCollection(node) && !node.flow && node.items.length > 0) return endOfItem(node.items.at(-1));
  const [start = 0, end = 0] = node.range ?? [];
  // A block text has the line break behind it.
  return isScalar(node) && node.type?.startsWith('BLOCK') && end > start ? end - 1 : end;
}

function pairOf(map: YAMLMap, step: string | number): Pair | undefined {
  return map.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step)) as
    Pair | undefined;
}

const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1;
const columnAt = (text: string, at: number): number => at - lineStart(text, at);
const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
};

const isPlain = (value: unknown): boolean => typeof value !== 'object' && !String(value).includes('\n');

function wholeText(value: unknown): string {
  const document = new Document(value);
  flowShort(document.contents);
  return document.toString(style);
}

/** As it stands behind `key:` (or, `item`, behind a dash), the lines after the first indented. */
function rendered(value: unknown, indent: number, item = false): string {
  const flow = isShortList(value);
  if (flow) return ` ${inBrackets(value)}`;
  const document = new Document(item ? [value] : { x: value });
  flowShort(document.contents);
  const lines = document
    .toString(style)
    .trimEnd()
    .slice(item ? 1 : 2)
    .split('\n');
  const [first = '', ...rest] = lines;
  const shift = item ? Math.max(indent - 2, 0) : indent;
  return [first.trimEnd(), ...rest.map((one) => (one === '' ? one : ' '.repeat(shift) + one))].join('\n');
}

function flowShort(node: unknown): void {
  if (!isCollection(node)) return;
  for (const item of node.items as unknown[]) {
    const value = isNode(item) ? item : (item as Pair).value;
    if (isSeq(value) && isShortList(value.toJSON())) value.flow = true;
    flowShort(value);
  }
}

function isShortList(value: unknown): boolean {
  return (
    Array.isArray(value) && value.every((one) => typeof one !== 'object') && JSON.stringify(value).length < 90
  );
}

function inBrackets(value: unknown): string {
  const document = new Document([value]);
  if (isCollection(document.contents)) document.contents.flow = true;
  const text = document.toString(style).trim().slice(1, -1);
  return text.startsWith('{') && text.length > 2 ? text.replace(/^\{(.*)\}$/s, '{ $1 }') : text;
}

function scalarText(value: unknown): string {
  return stringify(value, { lineWidth: 0, singleQuote: true }).trimEnd();
}

/** `edit` is the last one that is not made yet. */
function inDocument(document: Document, edit: ValueEdit): void {
  if ('set' in edit) document.setIn(edit.set, document.createNode(edit.value));
  else if ('remove' in edit) document.deleteIn(edit.remove);
  else {
    const list = document.getIn(edit.insert, true);
    if (isSeq(list))
      list.items.splice(
        edit.at ?? list.items.length,
        0,
        ...edit.values.map((one) => document.createNode(one)),
      );
  }
}
