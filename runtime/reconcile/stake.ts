/** How much money hangs on a break: of pieces, what they are worth in the order. */
import Big from 'big.js';
import type { Found, Stake } from './breaks.ts';
import { sum, text } from './decimal.ts';
import type { Matched } from './orders.ts';

/** Undefined where it is of pieces, and nobody knows what they cost. */
export function stakeOf(found: Found, pair?: Matched): Stake | undefined {
  const { left, right, unit, situation } = found;
  if (unit !== 'pieces') {
    // What is given up is more than the part beyond the limit.
    const amount = situation === 'written off' ? Big(right.amount) : Big(right.amount).minus(left.amount);
    return unit === '' ? undefined : { amount: text(amount.abs()), currency: unit };
  }
  if (!pair) return undefined;
  const prices = pricesOf(pair);
  const apart = piecesOf(found, pair);
  if (apart.length === 0 || !apart.every(({ sku }) => prices.has(sku))) return undefined;
  const worth = sum(apart.map(({ sku, pieces }) => pieces.times(prices.get(sku)!)));
  return { amount: text(worth.abs().round(2)), currency: pair.odoo.currency };
}

/** Of one piece, with tax, by article; the sale order's before the partner's. */
function pricesOf({ hub, odoo }: Matched): Map<string, Big> {
  const partners = (hub.lines ?? []).filter(({ quantity }) => !Big(quantity).eq(0));
  const own = odoo.lines.filter(({ quantity, of }) => !Big(quantity).eq(0) && !of?.off);
  return new Map([
    ...partners.map(
      ({ sku, quantity, price, discount }) =>
        [sku, Big(quantity).times(price).minus(discount).div(quantity)] as const,
    ),
    ...own.map(({ sku, quantity, total }) => [sku, Big(total).div(quantity)] as const),
  ]);
}

/** How far apart the sides are, by article; of a transfer, its articles in the share that the whole is apart. */
function piecesOf({ lines = [], documents, left, right }: Found, { hub, odoo }: Matched) {
  if (lines.length > 0)
    return lines.map((one) => ({ sku: one.sku, pieces: Big(one.left).minus(one.right).abs() }));
  const moved = [
    ...hub.shipments
      .filter(({ document }) => documents.includes(`stock.picking/${document}`))
      .flatMap((report) => report.lines.map(({ sku, quantity }) => ({ sku, pieces: Big(quantity) }))),
    ...odoo.lines.flatMap(({ sku, moves }) =>
      moves
        .filter(({ picking }) => documents.includes(`stock.picking/${picking.id}`))
        .map(({ pieces }) => ({ sku, pieces: Big(pieces) })),
    ),
  ];
  const all = sum(moved.map(({ pieces }) => pieces));
  if (all.eq(0)) return [];
  const share = Big(left.amount).minus(right.amount).abs().div(all);
  return moved.map(({ sku, pieces }) => ({ sku, pieces: pieces.times(share) }));
}
