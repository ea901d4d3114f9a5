/** Which digests the value of a header could be: `sha256=<hex>`, base64 in each of its spellings, words before it. */
import type { Algorithm, Encoding } from '../../verify/scheme.ts';

export interface Digest {
  algorithm: Algorithm;
  encoding: Encoding;
  /** The same in each request: `HMAC-SHA256 Signature=`. */
  prefix?: string;
}

const bytes: readonly [Algorithm, number][] = [
  ['sha256', 32],
  ['sha512', 64],
  ['sha1', 20],
  ['sha384', 48],
];

interface Shape {
  encoding: Encoding;
  length: number;
  letters: RegExp;
}

function shapesOf(size: number): Shape[] {
  const [bare, padded] = [Math.ceil((size * 4) / 3), Math.ceil(size / 3) * 4];
  return [
    { encoding: 'hex', length: size * 2, letters: /^[0-9a-f]+$/ },
    { encoding: 'hex-upper', length: size * 2, letters: /^[0-9A-F]+$/ },
    // Without one of its two signs it could be that for URLs: the next signature would tell.
    { encoding: 'base64', length: padded, letters: /^(?=.*[+/])[A-Za-z0-9+/]+=*$/ },
    { encoding: 'base64-any', length: padded, letters: /^[\w-]+=*$/ },
    { encoding: 'base64-any', length: bare, letters: /^([\w-]+|[A-Za-z0-9+/]+)$/ },
  ];
}

const shapes = bytes.flatMap(([algorithm, size]) => shapesOf(size).map((shape) => ({ algorithm, ...shape })));
/** One or two words, in which nothing can be another the next time. */
const constant = /^([A-Za-z][\w-]*( +[A-Za-z][\w-]*)?[=:, ] *)?$/;

export function digestsIn(value: string): Digest[] {
  return shapes.flatMap(({ algorithm, encoding, length, letters }) => {
    const [prefix, text] = [value.slice(0, -length), value.slice(-length)];
    if (value.length < length || !letters.test(text)) return [];
    if (!constant.test(prefix) || /\d{6}/.test(prefix)) return [];
    return [{ algorithm, encoding, ...(prefix && { prefix }) }];
  });
}
