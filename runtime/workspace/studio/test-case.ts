/** Adds a test case to the text of a mapping's test file; what stands there stays as it is. */
import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import { readYaml } from '../../definitions/read-yaml.ts';
import { CodedError } from '../../errors/coded-error.ts';
import { mappingTests, type Case } from '../../map/test-file.ts';
import { exactJson } from '../../verify/exact-json.ts';
import type { RunAnswer } from './run.ts';

export type NewCase = Pick<Case, 'case' | 'given'> &
  Partial<Pick<Case, 'bindings' | 'expect' | 'expectError'>>;

/** What comes out of it is right. Throws REQUEST_INVALID for what is too large. */
export function caseOf(
  title: string,
  given: unknown,
  bindings: string | undefined,
  { error, result, isCut }: RunAnswer,
): NewCase {
  if (isCut) throw new CodedError('REQUEST_INVALID', 'The result is too large for a test case');
  return {
    case: title,
    given,
    ...(bindings && { bindings: exactJson(bindings) as Record<string, unknown> }),
    ...(result === undefined
      ? { expectError: { code: error?.code ?? 'MAPPING_FAILED' } }
      : { expect: result === '' ? null : (JSON.parse(result) as unknown) }),
  };
}

/** Of an empty text a new file. Throws REQUEST_INVALID for a name that is taken, CONFIG_INVALID for a file that is wrong. */
export function withCase(file: string, text: string, one: NewCase, schema?: string): string {
  if (text.trim() === '')
    return checked(file, `${schema ? `schema: ${schema}\n` : ''}cases:\n${item(one, '  ')}`);
  const before = readCases(file, text);
  if (before.cases.some((known) => known.case === one.case))
    throw new CodedError('REQUEST_INVALID', `There is a case '${one.case}' already`);
  const indent = /^( *)- (?:case|given):/m.exec(text)?.[1] ?? '  ';
  const head = text.endsWith('\n') ? text : `${text}\n`;
  const gap = /\n\n *- /.test(text) ? '\n' : '';
  const after = `${head}${gap}${item(one, indent)}`;
  const { cases } = readCases(file, after);
  if (!isDeepStrictEqual(cases.slice(0, -1), before.cases))
    throw new CodedError('CONFIG_INVALID', `${file} is written so that no case can be added at its end`, {
      file,
    });
  return after;
}

function checked(file: string, text: string): string {
  readCases(file, text);
  return text;
}

function readCases(file: string, text: string): { cases: Case[] } {
  return readYaml<{ cases: Case[] }>(file, mappingTests, text);
}

function item(one: NewCase, indent: string): string {
  const lines = stringify(one, { singleQuote: true, lineWidth: 0 }).trimEnd().split('\n');
  return lines.map((line, at) => (line ? `${indent}${at === 0 ? '- ' : '  '}${line}\n` : '\n')).join('');
}
