/** A flow file as JSON: the same shape as YAML, with a reference as the text `!node Odoo`. */
import { visit, type Document } from 'yaml';
import { NodeReference } from './format.ts';
import type { Content } from './patch.ts';

const reference = '!node ';
/** Before a text that would be taken for a reference. */
const literal = '!text ';

/** JSON is YAML, and YAML knows the line of everything. Outside of texts, where JSON has no tab, YAML minds them. */
export function asYaml(text: string): string {
  return text.replaceAll('\t', ' ');
}

/** Where a text that YAML could read is no JSON: the nearest place that can be told. */
export function offsetOfNoJson(text: string, document: Document): number | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const position = /at position (\d+)/.exec((error as Error).message)?.[1];
    if (position !== undefined) return Number(position);
  }
  let offset = 0;
  visit(document, {
    Scalar(_, { type, source = '', range }) {
      if (type === 'QUOTE_DOUBLE' || (type === 'PLAIN' && /^(true|false|null|-?\d.*)$/.test(source))) return;
      offset = range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}

export function markReferences(document: Document): void {
  visit(document, {
    Scalar(place, scalar) {
      if (place === 'key' || typeof scalar.value !== 'string') return;
      const { value } = scalar;
      if (value.startsWith(reference)) scalar.value = new NodeReference(value.slice(reference.length));
      else if (value.startsWith(literal)) scalar.value = value.slice(literal.length);
    },
  });
}

/** Positions stand on one line. */
export function jsonText(content: Content): string {
  return `${print(content, '')}\n`;
}

function print(value: unknown, indent: string): string {
  const within = `${indent}  `;
  if (value instanceof Map) {
    const lines = [...value].map(([key, part]) => `${within}${quoted(String(key))}: ${print(part, within)}`);
    return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${indent}}`;
  }
  if (Array.isArray(value)) {
    if (value.every((part) => typeof part === 'number')) return `[${value.map(number).join(', ')}]`;
    return `[\n${value.map((part) => `${within}${print(part, within)}`).join(',\n')}\n${indent}]`;
  }
  if (value instanceof NodeReference) return quoted(`${reference}${value.name}`);
  if (typeof value === 'number') return number(value);
  if (typeof value !== 'string') return JSON.stringify(value);
  return quoted(value.startsWith(reference) || value.startsWith(literal) ? `${literal}${value}` : value);
}

function number(value: number): string {
  return Object.is(value, -0) ? '-0' : JSON.stringify(value);
}

/** What a person could not see is escaped. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
