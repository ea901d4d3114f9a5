/** Reads a YAML definition and checks it; what is wrong is named by file, line and field. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isNode, type Document } from 'yaml';
import { CodedError } from '../errors/coded-error.ts';
import type { Schema } from '../schema/schema.ts';
import { readOnce } from '../schema/read-cache.ts';
import { decoded, readStrictly, type Strict } from './strict-yaml.ts';

/**
 * Throws CodedError CONFIG_INVALID with facts {file, line, path}. The caller's type is what `schema` guarantees. `text`:
 * what is to stand in the file, where it does not yet.
 */
export function readYaml<T>(file: string, schema: Schema, text = textOf(file)): T {
  const data = readOnce('definition 2', text, () => parse(file, text).document.toJS() as unknown);
  // What fitted in an earlier run does again: most of a start is the compiling of schemas.
  if (readOnce(`fits 1 ${schema.text}`, text, () => schema.check(data) === undefined)) return data as T;
  const violation = schema.check(data)!;
  const { document, lineAt } = parse(file, text);
  throw wrong(file, lineAt(offsetOf(document, violation.path)), violation.path, violation.message);
}

function parse(file: string, text: string): Strict {
  const read = readStrictly(text, { merge: true });
  if (read.problem) throw wrong(file, read.problem.line, '', read.problem.message);
  return read;
}

/** Files of a folder that end so, sorted, with their folder. A kind of definition that a hub has none of has no folder. */
export function filesEnding(dir: string, ending: string): string[] {
  if (!existsSync(dir) && existsSync(dirname(dir))) return [];
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
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new CodedError('CONFIG_INVALID', `${file} cannot be read`, { file }, { cause });
  }
  const read = decoded(bytes);
  if ('line' in read) throw wrong(file, read.line, '', 'is not UTF-8');
  return read.text;
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
