/** The languages of code fields: JSON by its grammar, JSONata and YAML by their words. */
import { json } from '@codemirror/lang-json';
import { StreamLanguage, type StringStream } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import type { CodeLanguage } from '../../shared/props.ts';

interface JsonataState {
  inComment: boolean;
  /** A slash begins a regular expression here, and divides elsewhere. */
  wantsValue: boolean;
}

const words: Record<string, string> = {
  and: 'operatorKeyword',
  or: 'operatorKeyword',
  in: 'operatorKeyword',
  function: 'keyword',
  true: 'bool',
  false: 'bool',
  null: 'null',
};

/** Each is tried where a token begins. */
const jsonataTokens: [pattern: RegExp, tag: string, endsValue: boolean][] = [
  [/^("(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?)/, 'string', true],
  [/^`[^`]*`?/, 'propertyName', true],
  [/^\$[\w$]*(?=\s*\()/, 'variableName.function', true],
  [/^\$[\w$]*/, 'variableName', true],
  [/^\d+(\.\d+)?([eE][+-]?\d+)?/, 'number', true],
  [/^[)\]}]/, 'bracket', true],
  [/^[([{]/, 'bracket', false],
  [/^(:=|\?:|\?\?|~>|\*\*|\.\.|[!<>]=|[-+*%&=<>!?:;,.|^@#])/, 'operator', false],
];

const jsonata = StreamLanguage.define<JsonataState>({
  name: 'jsonata',
  startState: () => ({ inComment: false, wantsValue: true }),
  token(stream, state) {
    if (state.inComment || stream.match('/*')) return comment(stream, state);
    if (stream.eatSpace()) return null;
    if (state.wantsValue && stream.match(/^\/(?:\\.|[^/\\])+\/[gim]*/)) return ended(state, 'regexp', true);
    for (const [pattern, tag, endsValue] of jsonataTokens)
      if (stream.match(pattern)) return ended(state, tag, endsValue);
    const word = stream.match(/^[\p{L}_][\p{L}\p{N}_]*/u) as RegExpMatchArray | null;
    if (!word) stream.next();
    const tag = words[word?.[0] ?? ''];
    return ended(state, tag ?? (word ? 'propertyName' : 'operator'), word !== null && !tag?.endsWith('word'));
  },
  languageData: { commentTokens: { block: { open: '/*', close: '*/' } } },
});

function comment(stream: StringStream, state: JsonataState): string {
  state.inComment = !stream.skipTo('*/');
  if (state.inComment) stream.skipToEnd();
  else stream.match('*/');
  return 'comment';
}

function ended(state: JsonataState, tag: string, endsValue: boolean): string {
  state.wantsValue = !endsValue;
  return tag;
}

const yamlTokens: [pattern: RegExp, tag: string][] = [
  [/^#.*/, 'comment'],
  [/^("(?:\\.|[^"\\])*"|'(?:''|[^'])*')(?=\s*:(\s|$))/, 'propertyName'],
  [/^("(?:\\.|[^"\\])*"?|'(?:''|[^'])*'?)/, 'string'],
  [/^[^\s#:,[\]{}"'-][^:#,[\]{}]*(?=:(\s|$))/, 'propertyName'],
  [/^(true|false)(?=\s*$)/, 'bool'],
  [/^(null|~)(?=\s*$)/, 'null'],
  [/^-?\d+(\.\d+)?(?=\s*([,\]}]|$))/, 'number'],
  [/^[-:,[\]{}|>&*!]/, 'operator'],
  [/^[^\s#:,[\]{}]+/, 'string'],
];

const yaml = StreamLanguage.define({
  name: 'yaml',
  token(stream) {
    if (stream.eatSpace()) return null;
    for (const [pattern, tag] of yamlTokens) if (stream.match(pattern)) return tag;
    stream.next();
    return null;
  },
  languageData: { commentTokens: { line: '#' } },
});

export const languages: Record<CodeLanguage, Extension> = { jsonata, json: json(), yaml, text: [] };
