/** From verified bytes to data. */
import { CodedError } from '../errors/coded-error.ts';
import { withStorable } from '../envelope/text.ts';
import { exactJson } from './exact-json.ts';
import type { Verified } from './verify.ts';

/** Levels of objects and lists. */
const deepest = 200;

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
  checkDepth(json);
  const value = exactJson(json);
  return suspect.test(json) ? withStorable(value, 'The body') : value;
}

/** Of what JSON.parse takes, much more would end the work of others that go from level to level: a map, a copy, JSON.stringify. */
function checkDepth(json: string): void {
  let level = 0;
  for (let at = 0; at < json.length; at += 1) {
    const sign = json.charCodeAt(at);
    if (sign === 0x22) at = endOfString(json, at);
    else if (sign === 0x7b || sign === 0x5b) level += 1;
    else if (sign === 0x7d || sign === 0x5d) level -= 1;
    if (level > deepest) throw new RangeError(`More than ${deepest} levels`);
  }
}

function endOfString(json: string, from: number): number {
  let at = from + 1;
  while (at < json.length && json.charCodeAt(at) !== 0x22) at += json.charCodeAt(at) === 0x5c ? 2 : 1;
  return at;
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
