/** Lowers the open transfers of an order to what is still to be shipped. Odoo 14 itself only raises them. */
import Big from 'big.js';
import type { Odoo } from '../client.ts';
import { plain } from '../load.ts';
import { openMoves, type Move } from './picking.ts';
import { scaleOf, type Scale } from '../units.ts';

interface Line {
  id: number;
  product_uom_qty: number;
  qty_delivered: number;
  [uom: string]: unknown;
}

type OpenMove = Pick<Move, 'id' | 'picking_id' | 'product_uom_qty' | 'product_uom'> & {
  sale_line_id: [number, string];
};

/** Safe to call again. Cancels a transfer of which nothing is left. Throws what a call to Odoo throws. */
export async function lowerMoves(odoo: Odoo, order: number): Promise<void> {
  const { lineUom } = await odoo.dialect();
  const lines = await odoo.call<Line[]>('sale.order.line', 'search_read', {
    domain: [['order_id', '=', order]],
    fields: ['product_uom_qty', 'qty_delivered', lineUom],
  });
  const moves = await odoo.call<OpenMove[]>('stock.move', 'search_read', {
    domain: [
      ['sale_line_id', 'in', lines.map(({ id }) => id)],
      ['state', 'not in', ['done', 'cancel']],
      ['location_dest_id.usage', '=', 'customer'],
    ],
    fields: ['sale_line_id', 'picking_id', 'product_uom', 'product_uom_qty'],
    order: 'id',
  });
  const scales = await scalesOf(odoo, [
    ...lines.map((line): [number, string] => (line[lineUom] as [number, string] | false) || [0, '']),
    ...moves.map(({ product_uom: uom }) => uom),
  ]);
  const lowered = lines.flatMap((line) => {
    const own = moves.filter(({ sale_line_id: [id] }) => id === line.id);
    return lowerThan(line, line[lineUom] as [number, string], own, scales);
  });
  for (const { move, quantity } of lowered)
    await odoo.call('stock.move', 'write', {
      ids: [move.id],
      vals: { product_uom_qty: quantity.toNumber() },
      context: plain,
    });
  const pickings = [...new Set(lowered.map(({ move }) => move.picking_id[0]))];
  if (pickings.length > 0) await settle(odoo, pickings);
}

/** Lowers the moves of a line to what is still to be shipped, the last ones first. */
function lowerThan(
  { product_uom_qty: ordered, qty_delivered: delivered }: Line,
  uom: [number, string],
  moves: readonly OpenMove[],
  scales: ReadonlyMap<number, Scale>,
): { move: OpenMove; quantity: Big }[] {
  let left = Big(ordered).minus(delivered);
  return moves.flatMap((move) => {
    const [own, wanted] = [scales.get(move.product_uom[0]), scales.get(uom[0])];
    const each = own && wanted ? wanted.size.div(own.size) : Big(1);
    const open = left.lt(0) ? Big(0) : left.times(each).round(6);
    const is = Big(move.product_uom_qty);
    const quantity = open.lt(is) ? open : is;
    left = left.minus(quantity.div(each));
    return quantity.eq(is) ? [] : [{ move, quantity }];
  });
}

async function scalesOf(odoo: Odoo, units: readonly [number, string][]): Promise<Map<number, Scale>> {
  const ids = [...new Set(units.map(([id]) => id))].filter((id) => id !== 0);
  // A single unit needs no conversion.
  if (ids.length < 2) return new Map();
  const scales = await Promise.all(ids.map(async (id) => [id, await scaleOf(odoo, id)] as const));
  return new Map(scales.flatMap(([id, scale]) => (scale ? [[id, scale] as const] : [])));
}

/** Gives back reserved stock that is no longer needed, and cancels empty transfers. */
async function settle(odoo: Odoo, pickings: readonly number[]): Promise<void> {
  const moves = await openMoves(odoo, pickings);
  const hasLeft = (picking: number) =>
    moves.some((move) => move.picking_id[0] === picking && move.product_uom_qty > 0);
  const [some, none] = [pickings.filter(hasLeft), pickings.filter((id) => !hasLeft(id))];
  if (some.length > 0) await odoo.call('stock.picking', 'action_assign', { ids: some, context: plain });
  if (none.length > 0) await odoo.call('stock.picking', 'action_cancel', { ids: none, context: plain });
}
