/** What has moved for the lines of orders and came back, from the moves to and from customers, or from and to suppliers. */
import Big from 'big.js';
import type { Odoo } from '../odoo/client.ts';
import type { OdooMove } from './facts.ts';
import { amountOf, timeOf, type Many, type Maybe } from './odoo-values.ts';
import { readAll, readWhere } from './pages.ts';
import type { LineRow } from './read-orders.ts';
import type { Trade } from './trade.ts';

interface MoveRow {
  id: number;
  line: Many;
  product_id: Many;
  picking_id: Maybe<Many>;
  product_uom: Many;
  /** In its unit, and what was to be done in the product's own. */
  product_uom_qty: number;
  product_qty: number;
  to_refund: boolean;
  date: string;
  done: number;
}

/** By line. The goods of a kit never move, only its parts. */
export async function readGoods(
  odoo: Odoo,
  lines: readonly LineRow[],
  trade: Trade,
): Promise<Map<number, OdooMove[]>> {
  const [out, back, sizes] = [
    await readMoves(odoo, lines, trade, 'out'),
    await readMoves(odoo, lines, trade, 'back'),
    await readSizes(odoo),
  ];
  const lineOf = new Map(lines.map((line) => [line.id, line]));
  const found = new Map<number, OdooMove[]>();
  const kits = new Map<number, OdooMove>();
  for (const { direction, row } of [...out, ...back]) {
    const line = lineOf.get(row.line[0]);
    if (!line?.product_id) continue;
    const isPart = line.product_id[0] !== row.product_id[0];
    const move = moveOf(row, direction, line, sizes);
    if (isPart) kits.set(line.id, { ...move, direction: 'out', credited: false, kit: true });
    else found.set(line.id, [...(found.get(line.id) ?? []), move]);
  }
  for (const [id, move] of kits) {
    const quantity = amountOf(lineOf.get(id)!.qty_delivered);
    if (!found.has(id)) found.set(id, [{ ...move, quantity, pieces: quantity }]);
  }
  return found;
}

async function readMoves(
  odoo: Odoo,
  lines: readonly LineRow[],
  { line, place }: Trade,
  direction: OdooMove['direction'],
) {
  const { done } = await odoo.dialect();
  const arrives = (direction === 'out') === (place === 'customer');
  const [to, from] = arrives ? ['=', '!='] : ['!=', '='];
  const rows = await readWhere<MoveRow & Record<string, unknown>>(
    odoo,
    {
      model: 'stock.move',
      fields: [
        line,
        'product_id',
        'picking_id',
        'product_uom',
        'product_uom_qty',
        'product_qty',
        'to_refund',
        'date',
        done,
      ],
      domain: [
        ['state', '=', 'done'],
        ['location_dest_id.usage', to, place],
        ['location_id.usage', from, place],
      ],
    },
    line,
    lines.map(({ id }) => id),
  );
  return rows.map((row) => ({
    direction,
    row: { ...row, line: row[line] as Many, done: Number(row[done]) },
  }));
}

/** How many of the reference each unit is. */
export async function readSizes(odoo: Odoo): Promise<Map<number, Big>> {
  const { unitSize } = await odoo.dialect();
  const rows = await readAll<{ id: number } & Record<string, number>>(odoo, {
    model: 'uom.uom',
    fields: [unitSize],
  });
  return new Map(rows.map((row) => [row.id, Big(row[unitSize] ?? 1)]));
}

/** A quantity of one unit in the other; as it is where one of them is not known. */
export function inUnit(
  quantity: number,
  from: Maybe<Many>,
  to: Maybe<Many>,
  sizes: ReadonlyMap<number, Big>,
): string {
  const [own, wanted] = [from && sizes.get(from[0]), to && sizes.get(to[0])];
  if (!from || !to || from[0] === to[0] || !own || !wanted) return amountOf(quantity);
  return Big(quantity).times(own).div(wanted).round(6).toFixed();
}

function moveOf(
  row: MoveRow,
  direction: OdooMove['direction'],
  { unit }: LineRow,
  sizes: ReadonlyMap<number, Big>,
): OdooMove {
  const done = Big(row.done);
  const planned = Big(row.product_uom_qty);
  const each = planned.eq(0) ? Big(1) : Big(row.product_qty).div(planned);
  return {
    picking: row.picking_id ? { id: row.picking_id[0], name: row.picking_id[1] } : { id: 0, name: '' },
    direction,
    credited: direction === 'back' && row.to_refund,
    quantity: inUnit(row.done, row.product_uom, unit, sizes),
    pieces: done.times(each).round(6).toFixed(),
    at: timeOf(row.date),
  };
}
