/** The text of a JSONata expression as tokens: where each object that it builds has its fields. */

export interface Span {
  from: number;
  to: number;
}

export interface Token extends Span {
  kind: 'text' | 'name' | 'variable' | 'number' | 'regex' | 'sign';
  text: string;
}

/** One `'name': expression` of an object. */
export interface Pair {
  key: Span;
  value: Span;
}

const patterns: [RegExp, Token['kind'], endsValue: boolean][] = [
  [/("(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?)/y, 'text', true],
  [/`[^`]*`?/y, 'name', true],
  [/\$[\w$]*/y, 'variable', true],
  [/\d+(\.\d+)?([eE][+-]?\d+)?/y, 'number', true],
  [/[)\]}]/y, 'sign', true],
  [/:=|\?:|\?\?|~>|\*\*|\.\.|[!<>]=|[-+*%&=<>!?:;,.|^@#/([{]/y, 'sign', false],
  [/[^\s"'`$()[\]{}:;,.?~*/+%&=<>!|^@#-]+/y, 'name', true],
];
const regex = /\/(?:\\.|[^/\\\n])+\/[gim]*/y;
const gap = /(?:\s|\/\*[^]*?(?:\*\/|$))+/y;
const words = new Set(['and', 'or', 'in', 'function']);

/** Also of a text that is no expression yet. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let wantsValue = true;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  const take = (kind: Token['kind'], found: string, endsValue: boolean): void => {
    tokens.push({ kind, text: found, from: at, to: at + found.length });
    at += found.length;
    wantsValue = !endsValue;
  };
  while (at < text.length) {
    at += match(gap)?.length ?? 0;
    if (at >= text.length) break;
    const expression = wantsValue ? match(regex) : undefined;
    if (expression) take('regex', expression, true);
    else {
      const [found, kind, endsValue] = first(match);
      take(kind, found ?? text[at]!, endsValue && !words.has(found ?? ''));
    }
  }
  return tokens;
}

function first(match: (pattern: RegExp) => string | undefined): [string | undefined, Token['kind'], boolean] {
  for (const [pattern, kind, endsValue] of patterns) {
    const found = match(pattern);
    if (found) return [found, kind, endsValue];
  }
  return [undefined, 'sign', false];
}

/** The fields of each object, by where its brace opens. */
export function pairsOf(tokens: readonly Token[]): Map<number, Pair[]> {
  const found = new Map<number, Pair[]>();
  const open: Open[] = [];
  for (const token of tokens) {
    const top = open.at(-1);
    const sign = token.kind === 'sign' ? token.text : '';
    if (['(', '[', '{'].includes(sign)) {
      top?.part.push(token);
      open.push({ sign, from: token.from, part: [], pairs: [] });
    } else if ([')', ']', '}'].includes(sign)) {
      if (top?.sign === '{') {
        close(top);
        found.set(top.from, top.pairs);
      }
      open.pop();
      open.at(-1)?.part.push(token);
    } else if (sign === ',' && top?.sign === '{') close(top);
    else if (sign === ':' && top?.sign === '{' && !top.key) {
      top.key = spanOf(top.part);
      top.part = [];
    } else top?.part.push(token);
  }
  return found;
}

interface Open {
  sign: string;
  from: number;
  part: Token[];
  key?: Span | undefined;
  pairs: Pair[];
}

function close(one: Open): void {
  const value = spanOf(one.part);
  if (one.key && value) one.pairs.push({ key: one.key, value });
  one.key = undefined;
  one.part = [];
}

function spanOf(tokens: readonly Token[]): Span | undefined {
  const [first, last] = [tokens[0], tokens.at(-1)];
  return first && last && { from: first.from, to: last.to };
}
