/** Keeps regular expressions from running away: JSONata's time limit cannot stop one. */
import { CodedError } from '../errors/coded-error.ts';

/** Longest text a mapping may match against; it bounds patterns that are merely slow. */
const longest = 10_000;

export class BoundedRegExp extends RegExp {
  override exec(text: string): RegExpExecArray | null {
    if (text.length > longest) {
      throw new CodedError(
        'MAPPING_FAILED',
        `A regular expression was given a text of more than ${longest} characters`,
      );
    }
    return super.exec(text);
  }
}

/**
 * True for a group that repeats and can itself match one text in several ways: `(a+)+`, `(a|b)*`, `(a?b)+`.
 * That is the shape whose time doubles with each character. Some harmless patterns are refused with it.
 */
export function isRunaway(source: string): boolean {
  const open: boolean[] = [];
  let varies = false; // whether the group being read can match in several ways
  const tokens = source.matchAll(
    /\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:<?[=!]|:|<\w+>))?|\)|\||[*+?]|\{\d+(?:,\d*)?\}|[^]/g,
  );
  let closed: boolean | undefined; // what the group that has just ended was
  for (const [token] of tokens) {
    const quantifier = /^[*+?]$|^\{\d/.test(token);
    if (quantifier && closed && repeats(token)) return true;
    if (quantifier || token === '|') varies ||= token === '|' || !/^\{\d+\}$/.test(token);
    closed = undefined;
    if (token.startsWith('(')) {
      open.push(varies);
      varies = false;
    } else if (token === ')') {
      closed = varies;
      varies = varies || (open.pop() ?? false);
    }
  }
  return false;
}

function repeats(quantifier: string): boolean {
  return quantifier !== '?' && quantifier !== '{0,1}' && quantifier !== '{1}';
}
