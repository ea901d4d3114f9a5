/** Changes single places of a JSON text: what is not touched stays as it is written. */
import { isCollection, isMap, isNode, isScalar, parseDocument, type Document, type Pair } from 'yaml';
import { isDeepStrictEqual } from 'node:util';
import { CodedError } from '../errors/coded-error.ts';
import { differences, edited, type Path, type ValueEdit } from './value-edits.ts';

/** The text that says `next`. Throws CodedError FILE_INVALID for a text that is no JSON. */
export function withJsonValue(text: string, next: unknown): string {
  const was = jsonOf(text);
  let result = text;
  // One after the other, from the last: a text of JSON is short.
  for (const edit of differences(was, next).toReversed()) {
    const changed = inText(result, parseDocument(result), edit);
    if (changed === undefined) return printed(next);
    result = changed;
  }
  return isDeepStrictEqual(JSON.parse(result), JSON.parse(JSON.stringify(next))) ? result : printed(next);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new CodedError('FILE_INVALID', 'The text is no JSON: look for a missing quote, comma or bracket');
  }
}

const printed = (value: unknown): string => `${pretty(value, 0)}\n`;

function inText(text: string, document: Document, edit: ValueEdit): string | undefined {
  const path = 'set' in edit ? edit.set : 'remove' in edit ? edit.remove : edit.insert;
  // A list is written anew where items come or go.
  if ('insert' in edit || typeof path.at(-1) === 'number') {
    const list = 'insert' in edit ? path : path.slice(0, -1);
    const node = document.getIn(list, true);
    if (!isCollection(node)) return undefined;
    const own: ValueEdit = 'insert' in edit ? { ...edit, insert: [] } : relative(edit, list);
    return replaced(text, document, list, edited(node.toJS(document), [own]));
  }
  if (document.hasIn(path))
    return 'set' in edit ? replaced(text, document, path, edit.value) : removed(text, document, path);
  return 'set' in edit ? added(text, document, path, edit.value) : undefined;
}

function relative(edit: Exclude<ValueEdit, { insert: Path }>, base: Path): ValueEdit {
  if ('set' in edit) return { ...edit, set: edit.set.slice(base.length) };
  return { remove: edit.remove.slice(base.length) };
}

function replaced(text: string, document: Document, path: Path, value: unknown): string | undefined {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (!isNode(node) || !node.range) return undefined;
  const [from, to] = node.range;
  return text.slice(0, from) + pretty(value, indentAt(text, from)) + text.slice(to);
}

function removed(text: string, document: Document, path: Path): string | undefined {
  const pairs = pairsOf(document, path.slice(0, -1));
  const index = pairs?.findIndex(({ key }) => isScalar(key) && key.value === path.at(-1)) ?? -1;
  const [before, own, after] = [pairs?.[index - 1], pairs?.[index], pairs?.[index + 1]];
  if (!own) return undefined;
  if (after) return text.slice(0, startOf(own)) + text.slice(startOf(after));
  if (before) return text.slice(0, endOf(before)) + text.slice(endOf(own));
  return replaced(text, document, path.slice(0, -1), {});
}

function added(text: string, document: Document, path: Path, value: unknown): string | undefined {
  const holder = path.slice(0, -1);
  const last = pairsOf(document, holder)?.at(-1);
  if (!last) return replaced(text, document, holder, { [String(path.at(-1))]: value });
  const indent = indentAt(text, startOf(last));
  const pair = `${JSON.stringify(path.at(-1))}: ${pretty(value, indent)}`;
  const gap = text.slice(text.lastIndexOf('\n', startOf(last)) + 1, startOf(last)).trim() === '';
  return `${text.slice(0, endOf(last))},${gap ? `\n${' '.repeat(indent)}` : ' '}${pair}${text.slice(endOf(last))}`;
}

function pairsOf(document: Document, path: Path): Pair[] | undefined {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  return isMap(node) ? (node.items as Pair[]) : undefined;
}

const startOf = ({ key }: Pair): number => (isNode(key) ? (key.range?.[0] ?? 0) : 0);
const endOf = ({ value }: Pair): number => (isNode(value) ? (value.range?.[1] ?? 0) : 0);

/** Of the line. */
function indentAt(text: string, at: number): number {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1);
  return line.length - line.trimStart().length;
}

/** Lists of plain values stand on one line where they fit. */
export function pretty(value: unknown, indent: number): string {
  const inner = ' '.repeat(indent + 2);
  const lines = (items: string[], [open, close]: readonly [string, string]): string =>
    items.length === 0
      ? open + close
      : `${open}\n${items.map((item) => inner + item).join(',\n')}\n${' '.repeat(indent)}${close}`;
  if (Array.isArray(value)) {
    const plain = value.every((item) => typeof item !== 'object' || item === null);
    const short = `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
    if (plain && short.length + indent < 100) return short;
    return lines(
      value.map((item) => pretty(item, indent + 2)),
      ['[', ']'],
    );
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).filter(([, one]) => one !== undefined);
  return lines(
    pairs.map(([key, one]) => `${JSON.stringify(key)}: ${pretty(one, indent + 2)}`),
    ['{', '}'],
  );
}
