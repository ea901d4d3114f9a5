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

function revive(key: string, value: unknown, context?: { source?: string }): unknown {
  if (key === '__proto__') return undefined;
  if (
    key === 'constructor' &&
    typeof value === 'object' &&
    value !== null &&
    Object.hasOwn(value, 'prototype')
  )
    return undefined;
  if (typeof value === 'number' && context?.source !== undefined && losesDigits(context.source, value))
    return context.source;
  return value;
}

function losesDigits(source: string, value: number): boolean {
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return true;
  if (!Number.isFinite(value)) return true;
  return decimal(source) !== decimal(String(value));
}

/** A decimal numeral as significant digits and exponent: `1.50` and `15e-1` are both `15e-1`. */
function decimal(numeral: string): string {
  const [mantissa = '', exponent = '0'] = numeral.toLowerCase().split('e');
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  // By hand: /0+$/ takes quadratic time on zeros before a last digit, and these numerals come from strangers.
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  if (end === 0) return '0';
  // An exponent that Number() rounds is far outside of every double.
  const scale = Number(exponent) - fraction.length + digits.length - end;
  return `${sign}${digits.slice(0, end)}e${scale}`;
}
