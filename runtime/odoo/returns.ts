/** A return of what was delivered: Odoo's return wizard, once for each message. */
import Big from 'big.js';
import { CodedError } from '../errors/coded-error.ts';
import { bound } from './binding.ts';
import type { Odoo } from './client.ts';
import { namesOf } from './model.ts';
import { openMoves, type DoneLine } from './picking.ts';

interface DeliveredMove {
  id: number;
  product_id: [number, string];
  picking_id: [number, string];
  product_qty: number;
}

/**
 * The id of the picking that brings these lines back, made from the first delivery that had them. One that was made
 * before an answer was lost is taken, not made again. Throws ORDER_NOT_OPEN, QUANTITY_EXCEEDED, SHIPMENT_MISSING.
 */
export async function makeReturn(
  odoo: Odoo,
  order: { id: number; name: string },
  lines: readonly DoneLine[],
): Promise<number> {
  const started = await unfinished(odoo, order.id, lines);
  if (started !== undefined) return started;
  const delivered = await deliveredMoves(odoo, order.id);
  const open = await outgoing(odoo, order.id, ['state', 'not in', ['done', 'cancel']]);
  if (delivered.length === 0 && open.length === 0)
    throw new CodedError('ORDER_NOT_OPEN', `Nothing of ${order.name} was delivered`, { order: order.name });
  for (const moves of Map.groupBy(delivered, (move) => move.picking_id[0]).values()) {
    const parts = partsOf(moves, lines);
    if (parts) return create(odoo, moves[0]!.picking_id[0], parts);
  }
  if (open.length > 0 && partsOf([...delivered, ...open], lines))
    throw new CodedError('SHIPMENT_MISSING', `What comes back of ${order.name} was not shipped yet`, {
      order: order.name,
    });
  throw new CodedError('QUANTITY_EXCEEDED', `No delivery of ${order.name} has all of this to return`, {
    order: order.name,
  });
}

async function unfinished(
  odoo: Odoo,
  order: number,
  lines: readonly DoneLine[],
): Promise<number | undefined> {
  const rows = await odoo.call<{ id: number }[]>('stock.picking', 'search_read', {
    domain: [
      ['sale_id', '=', order],
      ['picking_type_code', '=', 'incoming'],
      ['state', 'in', ['draft', 'waiting', 'confirmed', 'assigned']],
    ],
    fields: ['id'],
    order: 'id',
  });
  const ids = rows.map(({ id }) => id);
  const taken = await bound(odoo, 'stock.picking', ids, 'return');
  for (const id of ids.filter((one) => !taken.has(one)))
    if (isSame(await openMoves(odoo, id), lines)) return id;
  return undefined;
}

function isSame(
  moves: { product_id: [number, string]; product_qty: number }[],
  lines: readonly DoneLine[],
): boolean {
  const text = (list: [number, string | number][]): string => {
    const totals = [...Map.groupBy(list, ([product]) => product)].map(
      ([product, same]) =>
        `${product}:${same.reduce((total, [, quantity]) => total.plus(quantity), Big(0)).toString()}`,
    );
    return totals.toSorted().join();
  };
  return (
    text(moves.map((move) => [move.product_id[0], move.product_qty])) ===
    text(lines.map((line) => [line.product, line.quantity]))
  );
}

function outgoing(odoo: Odoo, order: number, state: unknown[]): Promise<DeliveredMove[]> {
  return odoo.call<DeliveredMove[]>('stock.move', 'search_read', {
    domain: [['picking_id.sale_id', '=', order], ['picking_id.picking_type_code', '=', 'outgoing'], state],
    fields: ['product_id', 'picking_id', 'product_qty'],
    order: 'id',
  });
}

/** Each with what of it did not come back yet. */
async function deliveredMoves(odoo: Odoo, order: number): Promise<DeliveredMove[]> {
  const moves = await outgoing(odoo, order, ['state', '=', 'done']);
  const back = await odoo.call<{ origin_returned_move_id: [number, string]; product_qty: number }[]>(
    'stock.move',
    'search_read',
    {
      domain: [
        ['origin_returned_move_id', 'in', moves.map(({ id }) => id)],
        ['state', '!=', 'cancel'],
      ],
      fields: ['origin_returned_move_id', 'product_qty'],
    },
  );
  return moves.map((move) => {
    const returned = back
      .filter(({ origin_returned_move_id: [id] }) => id === move.id)
      .reduce((total, { product_qty: quantity }) => total.plus(quantity), Big(0));
    return { ...move, product_qty: Big(move.product_qty).minus(returned).toNumber() };
  });
}

interface Part {
  move: number;
  product: number;
  quantity: number;
}

/** How the lines fall on the moves of one delivery; undefined when it has not all of them. */
function partsOf(moves: readonly DeliveredMove[], lines: readonly DoneLine[]): Part[] | undefined {
  const parts: Part[] = [];
  for (const [product, same] of Map.groupBy(lines, (line) => line.product)) {
    let left = same.reduce((total, { quantity }) => total.plus(quantity), Big(0));
    for (const move of moves.filter(({ product_id: [id] }) => id === product)) {
      const quantity = left.gt(move.product_qty) ? Big(move.product_qty) : left;
      left = left.minus(quantity);
      if (quantity.gt(0)) parts.push({ move: move.id, product, quantity: quantity.toNumber() });
    }
    if (left.gt(0)) return undefined;
  }
  return parts;
}

async function create(odoo: Odoo, picking: number, parts: readonly Part[]): Promise<number> {
  const context = { active_model: 'stock.picking', active_id: picking, active_ids: [picking] };
  const moves = parts.map(({ move, product, quantity }) => [
    0,
    0,
    { move_id: move, product_id: product, quantity, to_refund: true },
  ]);
  const vals = { picking_id: picking, product_return_moves: moves };
  const [wizard] = await odoo.call<number[]>('stock.return.picking', 'create', {
    vals_list: [vals],
    context,
  });
  const { createReturns } = namesOf(await odoo.version());
  const answer = await odoo.call<{ res_id?: number } | null>('stock.return.picking', createReturns, {
    ids: [wizard!],
    context,
  });
  if (answer?.res_id) return answer.res_id;
  throw new CodedError('ODOO_ANSWER_INVALID', 'Odoo made a return and did not say which', { picking });
}
