/** Numbers of a mapping: calculated as decimals, and refused where digits would be lost in silence. */
import { Big } from 'big.js';
import { sum } from '../decimal/sum.ts';
import { CodedError } from '../errors/coded-error.ts';

type Native = (...args: never[]) => unknown;

const operations: Record<string, (a: Big, b: Big) => Big> = {
  '+': (a, b) => a.plus(b),
  '-': (a, b) => a.minus(b),
  '*': (a, b) => a.times(b),
  '%': (a, b) => a.mod(b),
};

/** The operators of JSONata on two finite numbers: 0.1 + 0.2 is 0.3. */
export function arithmetic(operator: string, a: number, b: number): number {
  if (operator === '/') return quotient(a, b);
  const plain = operator === '+' ? a + b : operator === '-' ? a - b : operator === '*' ? a * b : a % b;
  if ([a, b, plain].every(Number.isSafeInteger) || !Number.isFinite(plain)) return plain;
  return nearest(operations[operator]!(new Big(a), new Big(b)), operator);
}

/** What goes up in 15 digits is that: 0.3 / 0.1 is 3. */
function quotient(a: number, b: number): number {
  const plain = a / b;
  if (!Number.isFinite(plain) || Number.isInteger(plain)) return plain;
  const short = Number(plain.toPrecision(15));
  return new Big(short).times(b).eq(a) ? short : plain;
}

/** What `$string` and `&` make of a number. */
export function shown(x: number): number {
  if (!Number.isInteger(x)) return Number(x.toPrecision(15));
  if (!Number.isSafeInteger(x)) throw lost('$string', 'keep it as text');
  return x;
}

/** JSONata's own functions that would lose digits or invent a time, by their names. */
export const exactly: Record<string, (native: Native) => Native> = {
  sum: () => (list?: number[]) => list && total(list, '$sum'),
  average: () => (list?: number[]) =>
    list && list.length > 0 ? quotient(total(list, '$average'), list.length) : undefined,
  number: (native) => (x: unknown) => {
    const value = native(x as never) as number | undefined;
    const digits = typeof x === 'string' && /^-?\d/.test(x) && !/^0[xXoObB]/.test(x);
    const kept = digits
      ? new Big(x).eq(new Big(value!))
      : typeof x !== 'string' || Number.isSafeInteger(value);
    if (!kept) throw lost('$number', 'use $decimal and $add, $sub, $mul, or keep it as text');
    return value;
  },
  parseInteger: (native) =>
    function (this: unknown, ...args: never[]) {
      const value = native.apply(this, args);
      if (value !== undefined && !Number.isSafeInteger(value)) throw lost('$parseInteger', 'keep it as text');
      return value;
    },
  fromMillis: (native) =>
    function (this: unknown, ...args: never[]) {
      const [millis, , zone] = args as unknown as [number | undefined, unknown, string | undefined];
      if (millis !== undefined && !(millis >= firstTime && millis <= lastTime))
        throw new CodedError('MAPPING_FAILED', '$fromMillis takes milliseconds of the years 1 to 9999');
      if (zone !== undefined && !/^[+-]?(0\d|1[0-4])[0-5]\d$/.test(zone))
        throw new CodedError('MAPPING_FAILED', '$fromMillis takes a zone such as +0200');
      return native.apply(this, args);
    },
  toMillis: (native) =>
    function (this: unknown, ...args: never[]) {
      const [time, picture] = args as unknown as [string | undefined, unknown];
      const millis = native.apply(this, args);
      const wrong = picture === undefined && time !== undefined && !isDay(time);
      if (wrong || Number.isNaN(millis))
        throw new CodedError('MAPPING_FAILED', '$toMillis was given a time that does not exist');
      return millis;
    },
};

const firstTime = Date.parse('0001-01-01T00:00:00Z');
const lastTime = Date.parse('9999-12-31T23:59:59.999Z');

/** Whether the day that an ISO 8601 time starts with exists: there is no 30 February. */
export function isDay(time: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)/.exec(time) ?? [];
  return day === undefined || Number(day) <= new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
}

function total(list: readonly number[], name: string): number {
  const plain = list.reduce((sum, x) => sum + x, 0);
  if (list.every(Number.isSafeInteger) && Number.isSafeInteger(plain)) return plain;
  return nearest(sum(list), name);
}

/** A fraction is the nearest number there is; a whole number that it cannot be is refused. */
function nearest(value: Big, name: string): number {
  const number = Number(value.toString());
  if (Math.abs(number) > Number.MAX_SAFE_INTEGER && !new Big(number).eq(value))
    throw lost(name, 'use $add, $sub, $mul and $sum_money');
  return number;
}

function lost(name: string, help: string): CodedError {
  return new CodedError('MAPPING_FAILED', `${name}: the number has more digits than a number keeps; ${help}`);
}
