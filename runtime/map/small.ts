/**
 * Decimals of few digits as whole numbers, which is what amounts are: exact, and a tenth of the time of big.js. Each function
 * gives nothing where the digits could be too many, or where what it is given is no plain decimal number: then big.js
 * calculates, or says what is wrong.
 */

/** `digits` / 10 ^ `scale`; never minus zero. */
export interface Small {
  digits: number;
  scale: number;
}

/** So many digits are exact in a number. */
const most = 15;
const powers = Array.from({ length: 16 }, (_, at) => 10 ** at);

export function small(x: unknown): Small | undefined {
  if (typeof x === 'string') return smallText(x);
  if (typeof x !== 'number') return undefined;
  if (!Number.isSafeInteger(x)) return smallText(String(x));
  return Math.abs(x) < powers[most]! && !Object.is(x, -0) ? { digits: x, scale: 0 } : undefined;
}

/** `-12.50`. */
function smallText(text: string): Small | undefined {
  const start = text.charCodeAt(0) === 45 ? 1 : 0;
  const { length } = text;
  if (length === start || length - start > most) return undefined;
  let digits = 0;
  let point = -1;
  for (let at = start; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) digits = digits * 10 + code - 48;
    else if (code === 46 && point === -1 && at > start && at < length - 1) point = at;
    else return undefined;
  }
  if (start === 1 && digits === 0) return undefined;
  return { digits: start === 1 ? -digits : digits, scale: point === -1 ? 0 : length - point - 1 };
}

function safe(digits: number, scale: number): Small | undefined {
  return Number.isSafeInteger(digits) && scale <= most ? { digits: digits + 0, scale } : undefined;
}

/** The digits at a scale that is not less than its own; NaN where there is no such power. */
function at(scale: number, { digits, scale: own }: Small): number {
  return digits * powers[scale - own]!;
}

export function plus(a: Small, b: Small, sign = 1): Small | undefined {
  const scale = Math.max(a.scale, b.scale);
  // What is too long for a number is even, as it was given zeros: it is exact wherever the sum is no longer too long.
  return safe(at(scale, a) + sign * at(scale, b), scale);
}

export function times(a: Small, b: Small): Small | undefined {
  return safe(a.digits * b.digits, a.scale + b.scale);
}

/** To six decimals, a half away from zero; nothing for a division by zero. */
export function over(a: Small, b: Small): Small | undefined {
  const dividend = a.digits * powers[6 + b.scale - a.scale]!;
  return Number.isSafeInteger(dividend) ? safe(nearest(dividend, b.digits), 6) : undefined;
}

function nearest(dividend: number, divisor: number): number {
  const [n, d] = [Math.abs(dividend), Math.abs(divisor)];
  const rest = n % d;
  const whole = (n - rest) / d + (rest * 2 >= d ? 1 : 0);
  return whole * Math.sign(dividend) * Math.sign(divisor);
}

/** Whether two are no further apart than that. */
export function isWithin(a: Small, b: Small, tolerance: Small): boolean {
  const apart = plus(a, b, -1);
  const over = apart && plus({ ...apart, digits: Math.abs(apart.digits) }, tolerance, -1);
  return over !== undefined && over.digits <= 0;
}

/** At least two decimals, at most six. */
export function moneyText({ digits, scale }: Small): string {
  if (scale > 6) return moneyText({ digits: nearest(digits, powers[scale - 6]!), scale: 6 });
  return shown(digits, scale, 2);
}

export function decimalText({ digits, scale }: Small): string {
  return shown(digits, scale, 0);
}

/** With so many decimals at least, and no zeros behind them. */
function shown(digits: number, scale: number, least: number): string {
  let rest = Math.abs(digits);
  let decimals = scale;
  while (decimals > least && rest % 10 === 0) {
    rest /= 10;
    decimals -= 1;
  }
  const sign = digits < 0 ? '-' : '';
  const factor = powers[decimals]!;
  const part = rest % factor;
  const whole = `${sign}${(rest - part) / factor}`;
  const behind = (decimals === 0 ? '' : String(part).padStart(decimals, '0')).padEnd(least, '0');
  return behind === '' ? whole : `${whole}.${behind}`;
}
