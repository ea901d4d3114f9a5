/** Looks up everything that a batch of orders names, with one call for all products and one for all partners. */
import { CodedError } from '../../errors/coded-error.ts';
import type { OdooTax } from '../arithmetic.ts';
import type { CanonicalOrder, Charge, Line } from '../canonical-order.ts';
import { needsDiscountLine, type References } from './rows.ts';
import type { LookedUp, Parties, PartyFinder } from './party.ts';
import type { ValueMap } from '../company.ts';
import type { Product, ProductsBySku } from '../products.ts';
import type { Resolver, Unit } from '../resolve.ts';

export interface ServiceReferences {
  /** Internal reference of the product for charges that the value map `article` does not name. */
  shipping: string;
  /** Internal reference of the product for discounts that no percentage gives to the cent. */
  discount: string;
}

/**
 * Returns one outcome for each order. Partners are created only for orders whose products and values are all known.
 * `looked`: as in `PartyFinder.find`. Throws retryable errors, which affect the whole batch.
 */
export async function findReferences(
  resolver: Resolver,
  partners: PartyFinder,
  services: ServiceReferences,
  orders: CanonicalOrder[],
  looked?: LookedUp,
): Promise<PromiseSettledResult<References>[]> {
  const products = await findArticles(resolver, orders);
  const outcomes: PromiseSettledResult<Omit<References, 'parties'>>[] = [];
  for (const order of orders)
    outcomes.push(
      await settled(() =>
        named(resolver, services, order, (sku) => products.get(called(resolver, order, sku))!),
      ),
    );

  const good = orders.filter((_, index) => outcomes[index]!.status === 'fulfilled');
  const found = await partners.find(good, looked);
  const parties = new Map<CanonicalOrder, PromiseSettledResult<Parties>>(
    good.map((order, index) => [order, found[index]!]),
  );
  return orders.map((order, index) => {
    const rest = outcomes[index]!;
    if (rest.status === 'rejected') return rest;
    const own = parties.get(order)!;
    return own.status === 'rejected'
      ? own
      : { status: 'fulfilled', value: { ...rest.value, parties: own.value } };
  });
}

export function findArticles(resolver: Resolver, orders: readonly CanonicalOrder[]): Promise<ProductsBySku> {
  return resolver.findProducts(
    orders.flatMap((order) =>
      order.lines.map((line) => ({ ...line, sku: called(resolver, order, line.sku) })),
    ),
  );
}

function called(resolver: Resolver, order: CanonicalOrder, sku: string): string {
  return resolver.reference(sku, { source: order.source, at: order.placedAt });
}

async function named(
  resolver: Resolver,
  services: ServiceReferences,
  order: CanonicalOrder,
  product: (sku: string) => Product | CodedError,
): Promise<Omit<References, 'parties'>> {
  checkIds(order);
  const products = new Map<string, Product>();
  for (const { sku, kind } of order.lines) products.set(sku, await articleOf(resolver, product(sku), kind));
  const currency = await resolver.currency(order.currency);
  const charges = order.shipping ?? [];
  const told = [...order.lines, ...charges].flatMap((one) => one.taxes);
  // Value maps are read as of the day of the order, also when it is written later.
  const then = { source: order.source, at: order.placedAt };
  const value = (map: ValueMap, called: string) => resolver.value(map, called, then);
  const taxes = new Map<string, OdooTax>();
  for (const { code, inOdoo } of told)
    if (!taxes.has(code)) taxes.set(code, inOdoo ?? (await resolver.tax(code, then)));
  const arithmetic = await resolver.arithmetic();
  const units = new Map<Line, Unit>();
  for (const line of order.lines) {
    if (line.uom === undefined) continue;
    const article = resolver.reference(line.sku, then);
    units.set(line, await resolver.unit(line.uom, { ...then, article }, line.pack));
  }
  const ofCharges = new Map<Charge, Product>();
  for (const charge of charges) {
    const article = charge.code && resolver.articleOf(charge.code, then);
    ofCharges.set(
      charge,
      article ? await resolver.service(article) : await resolver.service(services.shipping, 'shipping'),
    );
  }
  return {
    currency,
    products,
    units,
    taxes,
    arithmetic,
    warehouse: order.warehouse === undefined ? undefined : await value('warehouse', order.warehouse),
    paymentTerms:
      order.paymentTerms === undefined ? undefined : await value('payment-terms', order.paymentTerms),
    charges: ofCharges,
    discount: needsDiscountLine(order, { taxes, arithmetic, currency })
      ? await resolver.service(services.discount, 'discount')
      : undefined,
  };
}

/** A line that is not a catalogue article gets a service if Odoo has no product with its reference. */
async function articleOf(
  resolver: Resolver,
  found: Product | CodedError,
  kind: Line['kind'],
): Promise<Product> {
  if (!(found instanceof CodedError)) return found;
  if (kind === undefined || found.code !== 'PRODUCT_UNKNOWN') throw found;
  return resolver.service(String(found.facts['sku']));
}

/**
 * Throws SCHEMA_INVALID for two lines with the same id: they would share an external id, and Odoo would make one of
 * them.
 */
function checkIds({ number, lines, shipping = [] }: CanonicalOrder): void {
  const parts: [string, string, { id: string }[]][] = [
    ['lines', 'lines', lines],
    ['charges', 'shipping', shipping],
  ];
  for (const [called, path, all] of parts) {
    const ids = all.map(({ id }) => id);
    const twice = ids.find((id, index) => ids.indexOf(id) !== index);
    if (twice !== undefined)
      throw new CodedError('SCHEMA_INVALID', `Two ${called} of order ${number} have the id ${twice}`, {
        path,
        id: twice,
      });
  }
}

/** Returns an error of the order as its outcome. Throws a retryable error, which affects the whole batch. */
async function settled<T>(work: () => Promise<T>): Promise<PromiseSettledResult<T>> {
  try {
    return { status: 'fulfilled', value: await work() };
  } catch (error) {
    if (error instanceof CodedError && !error.row.retryable) return { status: 'rejected', reason: error };
    throw error;
  }
}
