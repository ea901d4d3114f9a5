/** Reads a YAML definition and checks it; what is wrong is named by file, line and field. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { LineCounter, isNode, parseDocument, type Document } from 'yaml';
import { CodedError } from '../errors/coded-error.ts';
import type { Schema } from '../schema/schema.ts';
import { readOnce } from './read-cache.ts';

/** Throws CodedError CONFIG_INVALID with facts {file, line, path}. The caller's type is what `schema` guarantees. */
export function readYaml<T>(file: string, schema: Schema): T {
  const text = textOf(file);
  const data = readOnce('definition 1', text, () => parse(file, text).document.toJS() as unknown);
  const violation = schema.check(data);
  if (!violation) return data as T;
  const { document, lineAt } = parse(file, text);
  throw wrong(file, lineAt(offsetOf(document, violation.path)), violation.path, violation.message);
}

function parse(file: string, text: string): { document: Document; lineAt(offset: number): number } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true });
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const error = document.errors[0];
  if (!error) return { document, lineAt };
  // The parser's message goes on with an excerpt of the file: its first line says what is wrong.
  throw wrong(file, lineAt(error.pos[0]), '', error.message.split(/ at line \d+/)[0] ?? error.code);
}

/** Files of a folder that end so, sorted, with their folder. */
export function filesEnding(dir: string, ending: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith(ending))
      .toSorted()
      .map((name) => join(dir, name));
  } catch (cause) {
    throw new CodedError('CONFIG_INVALID', `The folder ${dir} cannot be read`, { file: dir }, { cause });
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CodedError('CONFIG_INVALID', `${file} cannot be read`, { file }, { cause });
  }
}

function wrong(file: string, line: number, path: string, message: string): CodedError {
  return new CodedError('CONFIG_INVALID', `${file}:${line}: ${path || 'the file'} ${message}`, {
    file,
    line,
    path,
  });
}

/** Where the field stands, or the nearest thing around it. */
function offsetOf(document: Document, path: string): number {
  const steps = path.split('/').map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  for (; steps.length > 0; steps.pop()) {
    const node = document.getIn(steps, true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
