/** Keeps regular expressions from running away: JSONata's time limit cannot stop one. */
import { Script, createContext } from 'node:vm';
import { CodedError } from '../errors/coded-error.ts';

/** Longest text a mapping may match against. */
const longest = 10_000;
/** Milliseconds one match may take. */
const timeout = 500;
/** Matches of at most so many steps run without the clock, which costs 0.1 ms. */
const few = 1_000_000;

export class BoundedRegExp extends RegExp {
  override exec(text: string): RegExpExecArray | null {
    if (text.length > longest) {
      throw new CodedError(
        'MAPPING_FAILED',
        `A regular expression was given a text of more than ${longest} characters`,
      );
    }
    const match = () => super.exec(text);
    return mostSteps(this.source, text) <= few ? match() : timed(match);
  }
}

/** Each quantifier or alternative can multiply the work by the length of the text. */
function mostSteps(source: string, text: string): number {
  const choices = source.match(/[*+?|{]/g)?.length ?? 0;
  return Math.max(text.length, 2) ** (choices + 1);
}

const room = createContext({ match: undefined as unknown });
const run = new Script('match()');

/** Only the clock of a script can interrupt a regular expression. */
function timed<T>(match: () => T): T {
  room['match'] = match;
  try {
    return run.runInContext(room, { timeout }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new CodedError('MAPPING_FAILED', `A regular expression took more than ${timeout} ms`);
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
