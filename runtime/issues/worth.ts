/** Whose message it is, and how much money waits with it, as far as the message says so. */
import type { Envelope } from '../envelope/envelope.ts';
import type { Facts } from '../errors/coded-error.ts';

export interface Worth {
  /** Who takes the order, or sent the message: shopify. */
  partner: string;
  /** Decimal. */
  amount?: string;
  /** ISO 4217. */
  currency?: string;
}

type Path = readonly string[];

/** Amount and currency, of the canonical model and of what the shops send. */
const amounts: readonly (readonly [amount: Path, currency: Path])[] = [
  [['totals', 'gross'], ['currency']],
  [['amount'], ['currency']],
  [['total'], ['currency']],
  [
    ['document', 'total'],
    ['document', 'currency'],
  ],
  [['total_price'], ['currency']],
  [
    ['order', 'totals', 'gross'],
    ['order', 'currency'],
  ],
];
const partners: readonly Path[] = [['partner'], ['order', 'source'], ['source']];

export function worthOf({ source, data }: Pick<Envelope, 'source' | 'data'>, facts: Facts): Worth {
  const named = partners.map((path) => at(data, path)).find(isName);
  const partner = [facts['source'], named].find(isName) ?? source;
  for (const [amountAt, currencyAt] of amounts) {
    const [amount, currency] = [decimal(at(data, amountAt)), at(data, currencyAt)];
    if (amount !== undefined && typeof currency === 'string' && /^[A-Z]{3}$/i.test(currency))
      return { partner, amount, currency: currency.toUpperCase() };
  }
  return { partner };
}

function at(data: unknown, path: Path): unknown {
  let found = data;
  for (const name of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.-]{1,60}$/.test(value);
}

function decimal(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && /^-?\d{1,20}(\.\d{1,10})?$/.test(text) ? text : undefined;
}
