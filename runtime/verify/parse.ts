/** From verified bytes to data. */
import { CodedError } from '../errors/coded-error.ts';
import { withStorable } from '../envelope/text.ts';
import { exactJson } from './exact-json.ts';
import type { Verified } from './verify.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

// How JSON can name what UTF-8 cannot carry; whole pairs are among it.
const suspect = /\\u(0000|d[89a-f])/i;

/**
 * Numbers a double cannot hold stay strings (exactJson). Throws CodedError BODY_NOT_JSON, where the fact `position` is in
 * characters, and TEXT_INVALID.
 */
export function parseJson(verified: Verified): unknown {
  let text: string;
  try {
    text = utf8.decode(verified.rawBody);
  } catch {
    throw notJson('The body is not UTF-8');
  }
  if (text.trim() === '') throw notJson('The body is empty');
  try {
    return dataOf(text);
  } catch (error) {
    if (error instanceof CodedError) throw error;
    if (error instanceof RangeError) throw notJson('The body nests too deep');
    // The engine's message may quote the body; only the place at its end is taken from it.
    const position = /at position (\d+)(?: \(line \d+ column \d+\))?$/.exec(String(error))?.[1];
    throw notJson('The body is not JSON', position === undefined ? {} : { position: Number(position) });
  }
}

/** What the hub makes of JSON. Throws CodedError TEXT_INVALID, SyntaxError, and RangeError when it nests too deep. */
export function dataOf(json: string): unknown {
  const value = exactJson(json);
  return suspect.test(json) ? withStorable(value, 'The body') : value;
}

/** UTF-8, or else Latin-1. */
export function textOf({ rawBody }: Verified): string {
  try {
    return utf8.decode(rawBody);
  } catch {
    return new TextDecoder('latin1').decode(rawBody);
  }
}

function notJson(why: string, facts: Record<string, number> = {}): CodedError {
  return new CodedError('BODY_NOT_JSON', why, facts);
}
