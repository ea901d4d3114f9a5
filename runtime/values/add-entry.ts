/** Adds an entry to the text of a value map's file: one more item at the end, and nothing else is touched. */
import { isDeepStrictEqual } from 'node:util';
import { isNode, isSeq, parseDocument, stringify, type YAMLSeq } from 'yaml';
import { CodedError } from '../errors/coded-error.ts';
import { readValueMap, type Entry } from './value-maps.ts';

/**
 * The text with this entry. Throws CodedError CONFIG_INVALID where it does not fit: a field is malformed, or there is
 * an entry for the same that holds at the same time.
 */
export function withEntry(file: string, text: string, entry: Entry): string {
  const before = readValueMap(file, text);
  const entries = parseDocument(text).get('entries', true);
  if (!isSeq(entries)) throw new CodedError('CONFIG_INVALID', `${file} has no list of entries`, { file });
  const added = inserted(text, entries, entry);
  const after = readValueMap(file, added);
  if (!isDeepStrictEqual(after, { ...before, entries: [...before.entries, entry] }))
    throw new CodedError('CONFIG_INVALID', `${file} is written so that no entry can be added here`, { file });
  return added;
}

function inserted(text: string, entries: YAMLSeq, entry: Entry): string {
  const [start, end] = entries.range ?? [0, 0];
  const last = entries.items.at(-1);
  if (entries.flow && last === undefined) {
    const rest = text.slice(end);
    return `${text.slice(0, start).trimEnd()}\n${itemText('  - ', entry)}${rest.replace(/^[ \t]*\n/, '')}`;
  }
  const [begin, stop] = (isNode(last) && last.range) || [end, end];
  if (entries.flow) return `${text.slice(0, stop)}, ${JSON.stringify(entry)}${text.slice(stop)}`;
  const line = text.lastIndexOf('\n', begin) + 1;
  const lineEnd = text.indexOf('\n', stop - 1);
  const head = lineEnd === -1 ? `${text}\n` : text.slice(0, lineEnd + 1);
  return `${head}${itemText(text.slice(line, begin), entry)}${text.slice(head.length)}`;
}

/** `dash`: what stands before an item, `  - `. */
function itemText(dash: string, entry: Entry): string {
  const lines = stringify(entry, { singleQuote: true, lineWidth: 0 }).trimEnd().split('\n');
  return lines.map((line, index) => `${index === 0 ? dash : ' '.repeat(dash.length)}${line}\n`).join('');
}
