/** Decimal amounts as a hand would write them for speed: whole millionths, in a number where that is exact, else in BigInt. */
const unit = 1_000_000;

/** Millionths of a decimal; undefined for what says nothing. Nine digits before the point and six behind are enough here. */
export function units(x: unknown): number | undefined {
  if (x === undefined || x === null || x === '') return undefined;
  const [, sign, whole, part = ''] = /^([+-]?)(\d{1,9})(?:\.(\d{0,6}))?$/.exec(String(x).trim()) ?? [];
  if (whole === undefined) throw new Error('An amount is not a decimal number the floor can hold');
  const value = Number(whole) * unit + (part === '' ? 0 : Number(part.padEnd(6, '0')));
  return sign === '-' ? -value : value;
}

export function times(a: number, b: number): number {
  const product = a * b;
  return Number.isSafeInteger(product)
    ? nearest(product / unit)
    : exactly(BigInt(a) * BigInt(b), BigInt(unit));
}

export function over(a: number, b: number): number {
  const scaled = a * unit;
  return Number.isSafeInteger(scaled) ? nearest(scaled / b) : exactly(BigInt(a) * BigInt(unit), BigInt(b));
}

/** Without zeros at its end. */
export function decimal(value: number): string {
  const whole = Math.trunc(value / unit);
  const part = Math.abs(value % unit);
  const digits = part === 0 ? '' : `.${String(part).padStart(6, '0').replace(/0+$/, '')}`;
  return `${value < 0 && whole === 0 ? '-' : ''}${whole}${digits}`;
}

/** With two decimals at least. */
export function money(value: number): string {
  const text = decimal(value);
  const point = text.indexOf('.');
  if (point < 0) return `${text}.00`;
  return text.length - point === 2 ? `${text}0` : text;
}

/** A half goes away from zero. */
function nearest(value: number): number {
  return value < 0 ? -Math.round(-value) || 0 : Math.round(value);
}

function exactly(dividend: bigint, divisor: bigint): number {
  const half = divisor / 2n;
  return Number((dividend < 0n === divisor < 0n ? dividend + half : dividend - half) / divisor);
}
