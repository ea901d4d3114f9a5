/** Orders as shops compute them, from a seed: their own arithmetic, which knows nothing of Odoo. */
import Big from 'big.js';
import type { CanonicalOrder, Charge, Line, Tax } from '../../runtime/odoo/canonical-order.ts';

/** In percent. A tax is called `ON-7` where Odoo's prices are without it and `IN-7` where they have it. */
export const rates = ['5', '7', '8.875', '9.975', '15', '19', '20'];
export const decimals: Record<string, number> = { USD: 2, JPY: 0, KWD: 3 };

export interface Roll {
  /** From 0 up to, without, `below`. */
  below(below: number): number;
  of<T>(choices: readonly T[]): T;
  chance(percent: number): boolean;
}

/** Mulberry32. */
export function roll(seed: number): Roll {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (most: number) => Math.floor(next() * most);
  return {
    below,
    of: (choices) => choices[below(choices.length)]!,
    chance: (percent) => next() * 100 < percent,
  };
}

/** A line or charge of a shop, before tax is counted. */
interface Item {
  quantity: number;
  price: Big;
  discount: Big;
  /** In percent. */
  rates: string[];
}

interface Shop {
  currency: string;
  inclusive: boolean;
  /** Tax is rounded for each line, or once at the subtotal. */
  perLine: boolean;
  /** What the taxes it charges are in Odoo. */
  prefix: 'IN' | 'ON';
}

export function generated(source: string, skus: readonly string[], seed: number): CanonicalOrder {
  const dice = roll(seed);
  const shop: Shop = {
    currency: dice.of(['USD', 'USD', 'USD', 'JPY', 'KWD']),
    inclusive: dice.chance(40),
    perLine: dice.chance(50),
    prefix: dice.of(['IN', 'ON', 'ON']),
  };
  const places = decimals[shop.currency]!;
  const taxed = itemRates(dice);
  const items = Array.from({ length: 1 + dice.below(20) }, () => goods(dice, places, taxed()));
  discount(dice, items, places);
  const charges = Array.from({ length: dice.below(3) }, () => charge(dice, places, taxed()));
  return told(source, `g${seed}`, shop, items, charges, (index) => skus[index % skus.length]!);
}

/** Up to three rates; each item has one of them or none, or, as in Canada, all of them at once. */
function itemRates(dice: Roll): () => string[] {
  const known = Array.from({ length: dice.below(4) }, () => dice.of(rates));
  const distinct = [...new Set(known)];
  const together = dice.chance(30);
  return () => {
    if (distinct.length === 0 || dice.chance(10)) return [];
    return together ? distinct : [dice.of(distinct)];
  };
}

function money(dice: Roll, places: number, least: number, most: number): Big {
  const unit = Big(10).pow(-places);
  const scale = places === 0 ? 100 : 1;
  return Big(least * scale)
    .plus(Big(dice.below((most - least) * 1000) * scale).div(1000))
    .div(unit)
    .round(0)
    .times(unit);
}

function goods(dice: Roll, places: number, of: string[]): Item {
  const quantity = dice.chance(5) ? 10 * (1 + dice.below(30)) : 1 + dice.below(6);
  return { quantity, price: money(dice, places, 1, dice.of([10, 100, 2000])), discount: Big(0), rates: of };
}

function charge(dice: Roll, places: number, of: string[]): Item {
  const price = money(dice, places, 1, 30);
  const free = dice.chance(15);
  return { quantity: 1, price, discount: free ? price : Big(0), rates: dice.chance(60) ? of : [] };
}

/** None, percent of all, a fixed amount spread over all, a code for some, so much off each, or every second one free. */
function discount(dice: Roll, items: Item[], places: number): void {
  const kind = dice.of(['none', 'percent', 'fixed', 'code', 'automatic', 'second free'] as const);
  const percent = dice.of(['5', '10', '12.5', '15', '20', '33', '50', '100']);
  const full = ({ quantity, price }: Item) => price.times(quantity);
  if (kind === 'percent' || kind === 'code')
    for (const item of items.filter(() => kind === 'percent' || dice.chance(50)))
      item.discount = full(item).times(percent).div(100).round(places);
  if (kind === 'fixed') {
    const all = items.reduce((sum, item) => sum.plus(full(item)), Big(0));
    const off = all
      .times(1 + dice.below(40))
      .div(100)
      .round(places);
    let left = off;
    for (const [index, item] of items.entries()) {
      const share = index === items.length - 1 ? left : off.times(full(item)).div(all).round(places, 0);
      // What is left for the last may be more than it costs.
      item.discount = share.gt(full(item)) ? full(item) : share;
      left = left.minus(item.discount);
    }
  }
  if (kind === 'automatic') {
    const each = money(dice, places, 1, 5);
    for (const item of items) if (full(item).gt(each)) item.discount = each;
  }
  if (kind === 'second free')
    for (const item of items) item.discount = item.price.times(Math.floor(item.quantity / 2));
}

function told(
  source: string,
  id: string,
  shop: Shop,
  items: Item[],
  charges: Item[],
  skuAt: (index: number) => string,
): CanonicalOrder {
  const places = decimals[shop.currency]!;
  const text = (amount: Big) => amount.toFixed(places);
  const taxOf = new Map<Item, Tax[]>();
  const sums = new Map<string, Big>();
  for (const item of [...items, ...charges]) {
    const left = item.price.times(item.quantity).minus(item.discount);
    const all = item.rates.reduce((sum, rate) => sum.plus(Big(rate).div(100)), Big(1));
    const taxes = item.rates.map((rate): Tax => {
      const exact = left
        .times(rate)
        .div(100)
        .div(shop.inclusive ? all : 1);
      const amount = shop.perLine ? exact.round(places) : exact;
      sums.set(rate, (sums.get(rate) ?? Big(0)).plus(amount));
      return {
        code: `${shop.prefix}-${rate}`,
        rate: Big(rate).div(100).toFixed(),
        amount: amount.round(places + 4).toFixed(),
      };
    });
    taxOf.set(item, taxes);
  }
  const tax = [...sums.values()].reduce((sum, amount) => sum.plus(amount.round(places)), Big(0));
  const sold = [...items, ...charges].reduce(
    (sum, { price, quantity, discount: off }) => sum.plus(price.times(quantity)).minus(off),
    Big(0),
  );
  const [net, gross] = shop.inclusive ? [sold.minus(tax), sold] : [sold, sold.plus(tax)];
  const off = (item: Item) => (item.discount.eq(0) ? {} : { discount: text(item.discount) });
  return {
    source,
    id,
    number: `${source}-${id}`,
    placedAt: '2026-01-02T03:04:05Z',
    currency: shop.currency,
    customer: { id: 'C1', name: 'Ann Total' },
    pricesIncludeTax: shop.inclusive,
    lines: items.map((item, index): Line => ({
      id: String(index + 1),
      sku: skuAt(index),
      name: `Article ${index + 1}`,
      quantity: String(item.quantity),
      unitPrice: text(item.price),
      ...off(item),
      taxes: taxOf.get(item)!,
    })),
    shipping: charges.map((item, index): Charge => ({
      id: String(index + 1),
      name: 'Shipping',
      price: text(item.price),
      ...off(item),
      taxes: taxOf.get(item)!,
    })),
    totals: { net: text(net), tax: text(tax), gross: text(gross) },
  };
}
