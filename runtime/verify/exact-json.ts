/** JSON in which no number loses a digit and no key reaches a prototype. */

// A number of 16 characters or more, or with an exponent, where a value can stand.
const longNumber = /(?:^|[\s:,[])-?(?:\d[\d.]{15,}|\d[\d.]*[eE])/;
// Keys may be written with \u escapes of ASCII characters.
const suspectKey = /__proto__|"constructor"|\\u00[567]/i;

/**
 * JSON.parse, except that a number a double cannot hold stays the string it was written as: every integer beyond
 * ±(2^53 − 1), and every fraction whose digits would change. `__proto__` keys and `constructor` keys that hold a
 * `prototype` are dropped. Throws SyntaxError, or RangeError when it nests too deep.
 */
export function exactJson(text: string): unknown {
  // The reviver is an order of magnitude slower, and hardly ever needed.
  if (!longNumber.test(text) && !suspectKey.test(text)) return JSON.parse(text);
  return JSON.parse(text, revive);
}

/** Node gives the source of every number. */
function revive(key: string, value: unknown, context?: { source: string }): unknown {
  if (key === '__proto__') return undefined;
  if (
    key === 'constructor' &&
    typeof value === 'object' &&
    value !== null &&
    Object.hasOwn(value, 'prototype')
  )
    return undefined;
  if (typeof value === 'number' && losesDigits(context!.source, value)) return context!.source;
  return value;
}

function losesDigits(source: string, value: number): boolean {
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return true;
  // Infinity is no numeral, and so another one.
  return decimal(source) !== decimal(String(value));
}

/**
 * A decimal numeral as significant digits and exponent: `1.50` and `15e-1` are both `15e-1`. Without its sign, which no
 * double loses.
 */
function decimal(numeral: string): string {
  const [mantissa, exponent] = numeral.toLowerCase().split('e') as [string, string?];
  const [whole, fraction = ''] = mantissa.split('.') as [string, string?];
  const digits = (whole + fraction).replace(/^-?0*/, '');
  // By hand: /0+$/ takes quadratic time on zeros before a last digit, and these numerals come from strangers.
  let zeros = 0;
  while (digits.at(-1 - zeros) === '0') zeros += 1;
  // Zero has none. An exponent that Number() rounds is far outside of every double.
  const scale = digits && Number(exponent ?? 0) - fraction.length + zeros;
  return `${digits.slice(0, digits.length - zeros)}e${scale}`;
}
