/** Functions that every mapping has beside JSONata's own: exact text, decimal money, value maps. */
import { Big } from 'big.js';
import type { DocumentTypes } from '../edi/document-types.ts';
import { ediFunctions } from '../edi/functions.ts';
import { CodedError } from '../errors/coded-error.ts';
import type { Partners } from '../partners/partners.ts';
import type { LookupOptions, ValueMaps } from '../values/value-maps.ts';
import { isDay } from './exact.ts';
import { decimalText, isWithin, moneyText, over, plus, small, times, type Small } from './small.ts';

/** Money is kept to six decimals, as the canonical model does. */
const decimals = 6;

export function mappingFunctions(
  values: ValueMaps,
  partners?: Pick<Partners, 'rules'>,
  documentTypes: () => DocumentTypes = noTypes,
): Record<string, (...args: never[]) => unknown> {
  return {
    text,
    words: (list: unknown) => texts(list).join(' ') || undefined,
    first_of: (list: unknown) => (Array.isArray(list) ? texts(list)[0] : text(list)),
    time,
    ...arithmetic,
    cents: (x: unknown, currency: unknown) => calculate(x, (value) => money(cents(value, currency))),
    minor: (x: unknown, currency: unknown, provider: unknown) =>
      calculate(x, (value) => money(fromMinor(value, currency, provider))),
    rate: (tax: unknown, net: unknown) => calculate(tax, (x) => calculate(net, (y) => rate(x, y))),
    coin: (currency: unknown) => coinOf(text(currency)),
    check_total: checkTotal,
    ...ediFunctions(documentTypes),
    rules: (source: unknown) => ({ ...partners?.rules(named(source, '$rules')) }),
    unsupported: (what: unknown) => {
      throw new CodedError('UNSUPPORTED', named(what, '$unsupported'));
    },
    value: (map: unknown, key: unknown, source: unknown, at: unknown) =>
      lookUp(key, source, at, (value, options) => values.require(named(map, '$value'), value, options)),
    mapped: (map: unknown, key: unknown, source: unknown, at: unknown) =>
      lookUp(key, source, at, (value, options) => values.lookup(named(map, '$mapped'), value, options)),
  };
}

/** In whole numbers where that is exact, else in big.js, which also says what is wrong. */
const arithmetic = {
  decimal: (x: unknown) => {
    const value = small(x);
    return value ? decimalText(value) : calculate(x, (big) => big.toFixed());
  },
  money: (x: unknown) => {
    const value = small(x);
    return value ? moneyText(value) : calculate(x, money);
  },
  add: (a: unknown, b: unknown) =>
    inSmall(a, b, plus, zero) ?? money(orZero(a, '$add').plus(orZero(b, '$add'))),
  sub: (a: unknown, b: unknown) =>
    inSmall(a, b, minus, zero) ?? money(orZero(a, '$sub').minus(orZero(b, '$sub'))),
  mul: (a: unknown, b: unknown) =>
    inSmall(a, b, times) ?? calculate(a, (x) => calculate(b, (y) => money(x.times(y)))),
  div: (a: unknown, b: unknown) =>
    inSmall(a, b, over) ?? calculate(a, (x) => calculate(b, (y) => money(quotient(x, y)))),
  sum_money: (list: unknown) => {
    const total = smallSum(list);
    return total ? moneyText(total) : money(sum(list));
  },
};

const zero: Small = { digits: 0, scale: 0 };
const minus = (a: Small, b: Small) => plus(a, b, -1);

function inSmall(
  a: unknown,
  b: unknown,
  work: (a: Small, b: Small) => Small | undefined,
  instead?: Small,
): string | undefined {
  const x = isNothing(a) ? instead : small(a);
  const y = isNothing(b) ? instead : small(b);
  const result = x && y && work(x, y);
  return result && moneyText(result);
}

function smallSum(list: unknown): Small | undefined {
  if (!Array.isArray(list)) return isNothing(list) ? zero : small(list);
  return list.reduce<Small | undefined>((total, x) => {
    const value = isNothing(x) ? zero : small(x);
    return total && value && plus(total, value);
  }, zero);
}

function isNothing(x: unknown): x is undefined | null | '' {
  return x === undefined || x === null || x === '';
}

function lookUp(
  key: unknown,
  source: unknown,
  at: unknown,
  find: (value: string, options: LookupOptions) => string | undefined,
): string | undefined {
  const value = text(key);
  return value === undefined
    ? undefined
    : find(value, { ...optional('source', text(source)), ...optional('at', text(at)) });
}

/** Trimmed text; undefined for what is missing, null or empty. A number that has already lost digits is refused. */
function text(x: unknown): string | undefined {
  if (x === undefined || x === null) return undefined;
  if (typeof x === 'number') return exact(x, '$text');
  if (typeof x === 'boolean') return String(x);
  if (typeof x !== 'string') throw new CodedError('MAPPING_FAILED', '$text takes a text, number or boolean');
  return x.trim() || undefined;
}

/** As text, what is neither a list nor an object nor a function. */
function named(x: unknown, by: string): string {
  if (typeof x === 'function' || (typeof x === 'object' && x !== null))
    throw new CodedError('MAPPING_FAILED', `${by} takes a text`);
  return String(x);
}

/** The parts that are there, as text. */
function texts(list: unknown): string[] {
  const found: string[] = [];
  for (const part of Array.isArray(list) ? (list as unknown[]) : [list]) {
    const said = text(part);
    if (said !== undefined) found.push(said);
  }
  return found;
}

/** ISO 8601 with its zone (or the one given, for a time that has none) as ISO 8601 in UTC with milliseconds, so that times compare as text. */
function time(x: unknown, zone: unknown): string | undefined {
  const given = text(x);
  if (given === undefined) return undefined;
  const iso = given + (text(zone) ?? '');
  const isTime = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/.test(iso);
  const date = new Date(iso);
  if (!isTime || Number.isNaN(date.getTime()) || !isDay(iso))
    throw new CodedError('MAPPING_FAILED', '$time takes an ISO 8601 time with its zone');
  return date.toISOString();
}

/** The partner's total when the computed one is no further from it than the tolerance. `name`: what it is called. */
function checkTotal(said: unknown, computed: unknown, tolerance: unknown, name: unknown): string | undefined {
  const [first, second] = [small(said), isNothing(computed) ? zero : small(computed)];
  const allowed = isNothing(tolerance) ? zero : small(tolerance);
  if (first && second && allowed && isWithin(first, second, allowed)) return moneyText(first);
  return calculate(said, (expected) => {
    const found = orZero(computed, '$check_total');
    if (expected.minus(found).abs().gt(orZero(tolerance, '$check_total'))) {
      const facts = { said: money(expected), computed: money(found) };
      const message = name
        ? `${named(name, '$check_total')} says ${facts.said}, the document comes to ${facts.computed}`
        : `Lines, charges and taxes come to ${facts.computed}, the message says ${facts.said}`;
      throw new CodedError('TOTALS_DIFFER', message, facts);
    }
    return money(expected);
  });
}

/** At least two decimals, at most six, no exponent. */
function money(value: Big): string {
  const rounded = value.round(decimals, Big.roundHalfUp);
  const digits = Math.max(2, rounded.toFixed().split('.')[1]?.length ?? 0);
  return rounded.eq(0) ? '0.00' : rounded.toFixed(digits);
}

/** How many decimals the smallest unit of a currency has, where it is not two: ISO 4217. */
const minorUnits = decimalsOf({
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
});

/** Where a provider counts otherwise. https://docs.stripe.com/currencies https://docs.adyen.com/development-resources/currency-codes */
const providerUnits: Record<string, Map<string, number>> = {
  stripe: decimalsOf({ 0: 'MGA', 2: 'ISK UGX' }),
  adyen: decimalsOf({ 0: 'CVE IDR', 2: 'CLP ISK' }),
};

function decimalsOf(lists: Record<number, string>): Map<string, number> {
  return new Map(
    Object.entries(lists).flatMap(([count, list]) =>
      list.split(' ').map((currency): [string, number] => [currency, Number(count)]),
    ),
  );
}

/** Of an amount in the smallest unit of its currency, as the provider counts it. */
function fromMinor(value: Big, currency: unknown, provider: unknown): Big {
  const code = named(currency, '$minor').toUpperCase();
  if (!/^[A-Z]{3}$/.test(code))
    throw new CodedError('MAPPING_FAILED', '$minor takes the ISO 4217 code of a currency');
  if (value.round(0).cmp(value) !== 0)
    throw new CodedError('MAPPING_FAILED', '$minor takes a whole number of the smallest unit');
  const own = provider === undefined ? undefined : providerUnits[named(provider, '$minor')];
  if (provider !== undefined && own === undefined)
    throw new CodedError('MAPPING_FAILED', '$minor does not know how this provider counts');
  return value.div(new Big(10).pow(own?.get(code) ?? minorUnits.get(code) ?? 2));
}

/** The rate with the fewest digits that makes this tax of this net amount, both rounded to a cent. */
function rate(tax: Big, net: Big): string {
  const exact = quotient(tax, net);
  const near = (digits: number) => exact.round(digits, Big.roundHalfUp);
  const cent = new Big('0.01');
  const found = [2, 3, 4].map(near).find((one) => one.times(net).minus(tax).abs().lte(cent));
  return (found ?? near(decimals)).toFixed();
}

/** The smallest amount of a currency that a shop counts with. */
function coinOf(currency: string | undefined): string | undefined {
  if (currency === undefined) return undefined;
  const count = minorUnits.get(currency) ?? 2;
  return count === 0 ? '1' : `0.${'1'.padStart(count, '0')}`;
}

/** Rounded to it. */
function cents(value: Big, currency: unknown): Big {
  const unit = coinOf(text(currency)) ?? '0.01';
  return value.round(unit.split('.')[1]?.length ?? 0, Big.roundHalfUp);
}

function noTypes(): never {
  throw new CodedError('MAPPING_FAILED', '$understood is not available here');
}

function quotient(a: Big, b: Big): Big {
  if (b.eq(0)) throw new CodedError('MAPPING_FAILED', '$div by zero');
  return a.div(b);
}

function sum(list: unknown): Big {
  return [list].flat().reduce<Big>((total, x) => total.plus(orZero(x, '$sum_money')), new Big(0));
}

function calculate<T>(x: unknown, use: (value: Big) => T): T | undefined {
  const value = big(x, 'An amount');
  return value && use(value);
}

function orZero(x: unknown, name: string): Big {
  return big(x, name) ?? new Big(0);
}

function big(x: unknown, name: string): Big | undefined {
  if (isNothing(x)) return undefined;
  const digits = typeof x === 'number' ? exact(x, name) : typeof x === 'string' ? x.trim() : '';
  // Text comes from outside: an exponent could stand for a billion digits.
  if (!/^[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})$/.test(digits)) {
    throw new CodedError('MAPPING_FAILED', `${name} is not a decimal number`);
  }
  return new Big(digits.replace(/^\+/, ''));
}

function exact(x: number, name: string): string {
  if (Number.isSafeInteger(x)) return String(x);
  if (!Number.isFinite(x) || Math.abs(x) > Number.MAX_SAFE_INTEGER) {
    throw new CodedError(
      'MAPPING_FAILED',
      `${name}: a number of more than 15 digits has lost digits; keep it as text`,
    );
  }
  return new Big(x).toFixed();
}

function optional<K extends string>(name: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined ? {} : ({ [name]: value } as Record<K, string>);
}
