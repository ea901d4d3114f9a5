/** What can stand at a place of an expression that is being written. */
import { builtins } from '../../map/jsonata.ts';
import { mappingVariables } from '../../map/mapping.ts';
import { mappingFunctions } from '../../map/functions.ts';
import { valueMaps } from '../../values/value-maps.ts';
import type { Known } from './known.ts';
import { read } from './run.ts';
import type { Shape } from './shape.ts';
import { namesIn } from './told.ts';
import { tokensOf, type Token } from './tokens.ts';
import type { Value } from './value.ts';

export interface CompleteWanted {
  name: string;
  text: string;
  at: number;
  message: string;
}

export interface Offered {
  kind: 'field' | 'function' | 'variable' | 'target' | 'map';
  name: string;
  /** What a field holds: its kinds, and one value of this message. */
  detail?: string;
}

export interface CompleteAnswer {
  /** What is replaced begins here. */
  from: number;
  options: Offered[];
}

/** Names without `$`. `$eval` is not to be had. */
export const functionNames = {
  own: Object.keys(mappingFunctions(valueMaps([]))),
  jsonata: [...builtins].filter((name) => name !== 'eval'),
};

/** A name that nobody uses stands in for what is being written. */
const standIn = 'crossdock_here';

/** `targets`: the fields that the result can have. */
export function completeStudio(
  { text, at }: CompleteWanted,
  message: unknown,
  known: Known,
  targets: readonly string[],
): CompleteAnswer {
  const word = /(\$[\w$]*|[\p{L}\p{N}_]*)$/u.exec(text.slice(0, at))?.[0] ?? '';
  const from = at - word.length;
  const tokens = tokensOf(text.slice(0, from));
  const last = tokens.at(-1);
  const inText = textBefore(text, at);
  if (inText) return { from: inText.to, options: inMap(tokensOf(text.slice(0, inText.from)), known) };
  const afterDot = last?.text === '.';
  const fields = fieldsAt(text, from, at, message, known);
  if (last && ['name', 'variable', 'text', 'number'].includes(last.kind) && !wordsBetween.has(last.text))
    return { from, options: [] };
  const isKey = ['{', ','].includes(last?.text ?? '') && opener(tokens)?.text === '{';
  return {
    from,
    options: [
      ...(isKey ? targets.map((name): Offered => ({ kind: 'target', name })) : []),
      ...fields.options,
      ...functions(),
      ...(afterDot ? [] : variables(fields.variables)),
    ],
  };
}

const wordsBetween = new Set(['and', 'or', 'in']);

function functions(): Offered[] {
  return [...functionNames.own, ...functionNames.jsonata].map((name) => ({
    kind: 'function',
    name: `$${name}`,
  }));
}

function variables(names: readonly string[]): Offered[] {
  return [...new Set([...names, ...mappingVariables])].map((name) => ({
    kind: 'variable',
    name: `$${name}`,
  }));
}

/** The fields of the message, or of what stands before a dot. */
function fieldsAt(
  text: string,
  from: number,
  at: number,
  message: unknown,
  known: Known,
): { options: Offered[]; variables: string[] } {
  for (const rest of [text.slice(at), ` : ${standIn}${text.slice(at)}`]) {
    try {
      const reading = read(`${text.slice(0, from)}${standIn}${rest}`, message, known);
      const found = reading.names.get(from + standIn.length);
      const contexts = [...(found?.contexts ?? [])];
      return {
        options: namesIn(contexts).map((name) => offeredField(name, contexts)),
        variables: [...reading.variables.keys()],
      };
    } catch {
      // It is no expression that way.
    }
  }
  const names = [...text.matchAll(/\$(\w+)\s*:=/g)].map(([, name = '']) => name);
  return { options: [], variables: names };
}

function offeredField(name: string, contexts: readonly Value[]): Offered {
  const shapes = contexts
    .flatMap(({ places }) => [...places])
    .flatMap(({ here, known }) => [here?.below.get(name), known?.below.get(name)])
    .filter((one): one is Shape => one !== undefined);
  const example = shapes.find((one) => one.example !== undefined)?.example;
  const kinds = [...new Set(shapes.flatMap((one) => [...one.kinds]))].join(', ');
  const detail = example === undefined ? kinds : JSON.stringify(example).slice(0, 40);
  return { kind: 'field', name: /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) ? name : `\`${name}\``, detail };
}

/** The text that the cursor stands in. */
function textBefore(text: string, at: number): { from: number; to: number } | undefined {
  const last = tokensOf(text.slice(0, at)).at(-1);
  const isOpen = last?.kind === 'text' && !/^(["'])(?:\\.|(?!\1).)*\1$/s.test(last.text);
  return isOpen ? { from: last.from, to: last.from + 1 } : undefined;
}

/** `$value('`: the names of the maps. */
function inMap(tokens: readonly Token[], { values }: Known): Offered[] {
  const [name, open] = tokens.slice(-2);
  const isMap = open?.text === '(' && ['$value', '$mapped'].includes(name?.text ?? '');
  return isMap ? values.names.map((map) => ({ kind: 'map', name: map })) : [];
}

/** The bracket that is open here. */
function opener(tokens: readonly Token[]): Token | undefined {
  let depth = 0;
  for (const token of tokens.toReversed()) {
    if (token.kind !== 'sign') continue;
    if (['(', '[', '{'].includes(token.text) && (depth -= 1) < 0) return token;
    if ([')', ']', '}'].includes(token.text)) depth += 1;
  }
  return undefined;
}
