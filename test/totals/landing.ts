/** Writes generated orders into an Odoo and counts which stand there at the shop's total. */
import Big from 'big.js';
import type { CanonicalOrder } from '../../runtime/odoo/canonical-order.ts';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import type { Odoo } from '../../runtime/odoo/client.ts';
import { externalId } from '../../runtime/odoo/external-id.ts';
import { orderWriter } from '../../runtime/odoo/order/order.ts';
import { decimals, generated, rates } from './generated.ts';

export interface Figures {
  orders: number;
  exact: number;
  /** Of the exact ones, those with a rounding line. */
  rounded: number;
  /** Why the others are not, by code, and the seed of the first of each. */
  others: Record<string, { count: number; first: string; why: string }>;
}

export const none = (): Figures => ({ orders: 0, exact: 0, rounded: 0, others: {} });

/** Articles and taxes of the source; once more is safe. */
export async function prepare(odoo: Odoo, source: string): Promise<string[]> {
  const skus = ['A', 'B', 'C', 'D', 'E'].map((letter) => `${source}-${letter}`);
  await odoo.call('product.product', 'load', {
    fields: ['id', 'name', 'default_code', 'type'],
    data: skus.map((sku) => [externalId(source, 'product', sku), `Article ${sku}`, sku, 'service']),
  });
  const taxes = rates.flatMap((rate) => [
    [externalId(source, 'tax', 'ON', rate), `${source} ON-${rate}`, rate, 'sale', 'tax_excluded'],
    [externalId(source, 'tax', 'IN', rate), `${source} IN-${rate}`, rate, 'sale', 'tax_included'],
  ]);
  await odoo.call('account.tax', 'load', {
    fields: ['id', 'name', 'amount', 'type_tax_use', 'price_include_override'],
    data: taxes,
  });
  return skus;
}

/**
 * Writes the orders of these seeds, `confirm` of each ten confirmed, and adds to the figures. What Odoo computed for each:
 * without tax, total, rounding.
 */
export async function land(
  odoo: Odoo,
  source: string,
  seeds: readonly number[],
  figures: Figures,
  { confirm = 10, max = 250 } = {},
): Promise<(Stored | undefined)[]> {
  const skus = await prepare(odoo, source);
  const find = (map: string, value: string) => (map === 'tax' ? { to: `${source} ${value}` } : undefined);
  const writer = orderWriter({ odoo, lookup: find, max, windowMs: 1 });
  const orders = seeds.map((seed) => generated(source, skus, seed));
  const outcomes = await Promise.allSettled(
    orders.map((order, index) => writer.write(order, { confirm: index % 10 < confirm })),
  );
  const ids = outcomes.flatMap((one) => (one.status === 'fulfilled' ? one.value.id : []));
  const stored = await totalsIn(odoo, ids);
  figures.orders += orders.length;
  for (const [index, outcome] of outcomes.entries()) {
    const order = orders[index]!;
    if (outcome.status === 'rejected') note(figures, order, outcome.reason);
    else if (stored.get(outcome.value.id)?.total !== Number(order.totals.gross))
      note(figures, order, new Error(`${stored.get(outcome.value.id)?.total} and not ${order.totals.gross}`));
    else {
      figures.exact += 1;
      const rounding = stored.get(outcome.value.id)!.rounding;
      const most = Big(10)
        .pow(-decimals[order.currency]!)
        .times(order.lines.length + order.shipping!.length);
      if (rounding !== 0) figures.rounded += 1;
      if (Big(rounding).round(6).abs().gt(most)) note(figures, order, new Error(`a rounding of ${rounding}`));
    }
  }
  return outcomes.map((one) => (one.status === 'fulfilled' ? stored.get(one.value.id) : undefined));
}

export interface Stored {
  untaxed: number;
  total: number;
  rounding: number;
}

async function totalsIn(odoo: Odoo, ids: number[]): Promise<Map<number, Stored>> {
  const orders = await odoo.call<{ id: number; amount_untaxed: number; amount_total: number }[]>(
    'sale.order',
    'search_read',
    { domain: [['id', 'in', ids]], fields: ['amount_untaxed', 'amount_total'] },
  );
  const found = new Map<number, Stored>();
  for (const { id, amount_untaxed: untaxed, amount_total: total } of orders)
    found.set(id, { untaxed, total, rounding: 0 });
  const lines = await odoo.call<{ order_id: [number, string]; price_unit: number }[]>(
    'sale.order.line',
    'search_read',
    {
      domain: [
        ['order_id', 'in', ids],
        ['name', '=', 'Rounding'],
      ],
      fields: ['order_id', 'price_unit'],
    },
  );
  for (const { order_id: order, price_unit: price } of lines) found.get(order[0])!.rounding += price;
  return found;
}

function note({ others }: Figures, order: CanonicalOrder, error: unknown): void {
  const code = error instanceof CodedError ? error.code : 'other';
  const one = (others[code] ??= { count: 0, first: order.id, why: String((error as Error).message) });
  one.count += 1;
}

export function told(where: string, { orders, exact, rounded, others }: Figures): string {
  const percent = ((exact / orders) * 100).toFixed(2);
  const rest = Object.entries(others).map(
    ([code, { count, first, why }]) => `\n      ${count} ${code}, the first ${first}: ${why}`,
  );
  return `      ${where}: ${exact} of ${orders} at the exact total (${percent} %), ${rounded} with a rounding line${rest.join('')}\n`;
}
