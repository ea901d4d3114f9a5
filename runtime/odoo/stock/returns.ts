/** Returns delivered goods with Odoo's return wizard, once for each message. */
import Big from 'big.js';
import { CodedError } from '../../errors/coded-error.ts';
import { sum } from '../../decimal/sum.ts';
import { bound } from '../binding.ts';
import type { Odoo } from '../client.ts';
import { openMoves, openOf, type DoneLine, type OrderPicking } from './picking.ts';

interface OrderMove {
  id: number;
  product_id: [number, string];
  picking_id: [number, string];
  /** The location that the goods left. */
  location_id: [number, string];
  product_qty: number;
  state: string;
}

/**
 * Returns the id of the picking that takes these lines back. It is created from the first delivery that contains them,
 * or is one that an earlier attempt created. `pickings`: all pickings of the order. Throws CodedError ORDER_NOT_OPEN if
 * nothing was delivered, SHIPMENT_MISSING if it was not shipped yet, QUANTITY_EXCEEDED if no delivery has all of it, or
 * what a call to Odoo throws.
 */
export async function makeReturn(
  odoo: Odoo,
  order: { name: string },
  pickings: readonly OrderPicking[],
  lines: readonly DoneLine[],
): Promise<number> {
  const started = await unfinished(odoo, pickings, lines);
  if (started !== undefined) return started;
  const moves = await movesOut(odoo, pickings);
  const delivered = await notReturned(
    odoo,
    moves.filter(({ state }) => state === 'done'),
  );
  const open = moves.filter(({ state }) => state !== 'done' && state !== 'cancel');
  if (delivered.length === 0 && open.length === 0)
    throw new CodedError('ORDER_NOT_OPEN', `Nothing of ${order.name} was delivered`, { order: order.name });
  for (const ofOne of Map.groupBy(delivered, (move) => move.picking_id[0]).values()) {
    const parts = partsOf(ofOne, lines);
    if (parts) return create(odoo, ofOne[0]!, parts);
  }
  if (open.length > 0 && partsOf([...delivered, ...open], lines))
    throw new CodedError('SHIPMENT_MISSING', `What comes back of ${order.name} was not shipped yet`, {
      order: order.name,
    });
  throw new CodedError('QUANTITY_EXCEEDED', `No delivery of ${order.name} has all of this to return`, {
    order: order.name,
  });
}

/** Finds an open return of the same lines that belongs to no other message. */
async function unfinished(
  odoo: Odoo,
  pickings: readonly OrderPicking[],
  lines: readonly DoneLine[],
): Promise<number | undefined> {
  const ids = openOf(pickings, 'incoming').map(({ id }) => id);
  const [taken, moves] = await Promise.all([
    bound(odoo, 'stock.picking', ids, 'return'),
    openMoves(odoo, ids),
  ]);
  return ids.find(
    (id) =>
      !taken.has(id) &&
      isSame(
        moves.filter((move) => move.picking_id[0] === id),
        lines,
      ),
  );
}

function isSame(
  moves: { product_id: [number, string]; product_qty: number }[],
  lines: readonly DoneLine[],
): boolean {
  const text = (list: [number, string | number][]): string => {
    const totals = [...Map.groupBy(list, ([product]) => product)].map(
      ([product, same]) => `${product}:${sum(same.map(([, quantity]) => quantity)).toString()}`,
    );
    return totals.toSorted().join();
  };
  return (
    text(moves.map((move) => [move.product_id[0], move.product_qty])) ===
    text(lines.map((line) => [line.product, line.quantity]))
  );
}

async function movesOut(odoo: Odoo, pickings: readonly OrderPicking[]): Promise<OrderMove[]> {
  const ids = pickings.filter((one) => one.picking_type_code === 'outgoing').map(({ id }) => id);
  if (ids.length === 0) return [];
  return odoo.call<OrderMove[]>('stock.move', 'search_read', {
    domain: [['picking_id', 'in', ids]],
    fields: ['product_id', 'picking_id', 'location_id', 'product_qty', 'state'],
    order: 'id',
  });
}

/** Returns the moves with the quantities that have not been returned yet. */
async function notReturned(odoo: Odoo, moves: readonly OrderMove[]): Promise<OrderMove[]> {
  if (moves.length === 0) return [];
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
    const returned = back.filter(({ origin_returned_move_id: [id] }) => id === move.id);
    const left = Big(move.product_qty).minus(sum(returned.map((one) => one.product_qty)));
    return { ...move, product_qty: left.toNumber() };
  });
}

interface Part {
  move: number;
  product: number;
  quantity: number;
}

/** Distributes the lines over the moves of one delivery. Undefined if the delivery does not have all of them. */
function partsOf(moves: readonly OrderMove[], lines: readonly DoneLine[]): Part[] | undefined {
  const parts: Part[] = [];
  for (const [product, same] of Map.groupBy(lines, (line) => line.product)) {
    let left = sum(same.map(({ quantity }) => quantity));
    for (const move of moves.filter(({ product_id: [id] }) => id === product)) {
      const quantity = left.gt(move.product_qty) ? Big(move.product_qty) : left;
      left = left.minus(quantity);
      if (quantity.gt(0)) parts.push({ move: move.id, product, quantity: quantity.toNumber() });
    }
    if (left.gt(0)) return undefined;
  }
  return parts;
}

async function create(odoo: Odoo, delivered: OrderMove, parts: readonly Part[]): Promise<number> {
  const { createReturns, returnsTo } = await odoo.dialect();
  const picking = delivered.picking_id[0];
  const context = { active_model: 'stock.picking', active_id: picking, active_ids: [picking] };
  const moves = parts.map(({ move, product, quantity }) => [
    0,
    0,
    { move_id: move, product_id: product, quantity, to_refund: true },
  ]);
  // The goods go back to where they came from, which is the default in the form of the wizard.
  const to = returnsTo ? { location_id: delivered.location_id[0] } : {};
  const vals = { picking_id: picking, product_return_moves: moves, ...to };
  const [wizard] = await odoo.call<number[]>('stock.return.picking', 'create', {
    vals_list: [vals],
    context,
  });
  const answer = await odoo.call<{ res_id?: number } | null>('stock.return.picking', createReturns, {
    ids: [wizard!],
    context,
  });
  if (answer?.res_id) return answer.res_id;
  throw new CodedError('ODOO_ANSWER_INVALID', 'Odoo made a return and did not say which', { picking });
}
