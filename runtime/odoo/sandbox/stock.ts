/**
 * Transfers as in Odoo: created when an order is confirmed, validated with quantities, the rest left as a backorder.
 */
import Big from 'big.js';
import { notInSandbox, unprocessable, userError } from './fault.ts';
import type { Loaded } from './loaded.ts';
import { receive } from './purchase.ts';
import { existing, fieldOf, type Row, type Tables, type Value } from './tables.ts';
import { insertMove, insertPicking, type ForLine, type ForOrder } from './transfers.ts';

type Args = Record<string, unknown>;
const open = new Set(['confirmed', 'assigned']);

/** Creates the transfer of an order. Services are not moved. */
export function makePicking(tables: Tables, order: number): void {
  const goods = tables
    .linesOf(order)
    .filter((line) => isGoods(tables, line) && line['product_uom_qty'] !== 0);
  if (goods.length === 0) return;
  const picking = insertPicking(tables, { sale_id: order }, 'outgoing');
  for (const line of goods) moveOf(tables, picking, line, line['product_uom_qty'] as number);
}

/** Changes the open quantity of a line of a confirmed order by `more`, which may be negative. */
export function reorder(tables: Tables, line: Row, more: number): void {
  if (more === 0 || !isGoods(tables, line)) return;
  const order = line['order_id'] as number;
  const pickings = [...tables.rows('stock.picking').values()].filter(
    (picking) =>
      picking['sale_id'] === order &&
      picking['picking_type_code'] === 'outgoing' &&
      open.has(String(picking['state'])),
  );
  const move = pickings
    .flatMap(({ id }) => movesOf(tables, id))
    .find((one) => one['sale_line_id'] === line.id && open.has(String(one['state'])));
  if (!move)
    return moveOf(
      tables,
      pickings[0]?.id ?? insertPicking(tables, { sale_id: order }, 'outgoing'),
      line,
      more,
    );
  const left = Math.max(
    Big(move['product_uom_qty'] as number)
      .plus(Big(more).times(perLine(tables, line)))
      .toNumber(),
    0,
  );
  move['product_uom_qty'] = move['product_qty'] = left;
  if (left === 0) move['state'] = 'cancel';
  const picking = existing(tables, 'stock.picking', move['picking_id'] as number);
  if (movesOf(tables, picking.id).every(({ state }) => state === 'cancel')) picking['state'] = 'cancel';
}

function isGoods(tables: Tables, line: Row): boolean {
  return tables.rows('product.product').get(line['product_id'] as number)?.['type'] !== 'service';
}

/** Creates a move in the product's own unit. */
function moveOf(tables: Tables, picking: number, line: Row, quantity: number): void {
  const own = quantity * perLine(tables, line);
  insertMove(tables, picking, { sale_line_id: line.id }, line['product_id'] as number, own);
}

/** How many of the product's own unit one of the line's unit is. */
function perLine(tables: Tables, line: Row): number {
  const factor = (uom: Value) => Number(existing(tables, 'uom.uom', uom as number)['factor']);
  const product = existing(tables, 'product.product', line['product_id'] as number);
  return line['product_uom_id'] ? factor(line['product_uom_id']) / factor(product['uom_id']!) : 1;
}

export function movesOf(tables: Tables, picking: number): Row[] {
  return [...tables.rows('stock.move').values()].filter((move) => move['picking_id'] === picking);
}

/** Writes a picking and its moves, with `move_ids` as `[1, id, values]`. */
export function writePicking(tables: Tables, { ids, vals }: Args): true {
  const { move_ids: commands = [], ...values } = vals as { move_ids?: [number, number, Values][] };
  for (const id of ids as number[]) Object.assign(existing(tables, 'stock.picking', id), values);
  for (const [command, id, changes] of commands) {
    if (command !== 1) throw unprocessable('the sandbox changes moves, and makes none');
    writeMoves(tables, { ids: [id], vals: changes });
  }
  return true;
}

type Values = Record<string, Value>;

const cancelledMove = 'You cannot change a cancelled stock move, create a new line instead.';

export function writeMoves(tables: Tables, { ids, vals }: Args): true {
  const moves = (ids as number[]).map((id) => existing(tables, 'stock.move', id));
  for (const name of Object.keys(vals as Values)) fieldOf('stock.move', name);
  if (moves.some(({ state }) => state === 'cancel')) throw userError(cancelledMove);
  for (const move of moves) Object.assign(move, vals);
  return true;
}

/** Writes quantities of the moves of existing pickings. If one is refused, Odoo reports all of them. */
export function loadPickings(tables: Tables, fields: string[], data: string[][]): Loaded {
  const known = new Set(['.id', 'note', 'move_ids/.id', 'move_ids/quantity', 'move_ids/picked']);
  const other = fields.find((name) => !known.has(name));
  if (other !== undefined || fields[0] !== '.id') throw notInSandbox(`the column ${other} of load`);
  const firsts = data.flatMap(([picking], at) => (picking ? [at] : []));
  const refused = (message: string, all = firsts): Loaded => ({
    ids: false,
    messages: all.map((from) => ({
      rows: { from, to: (firsts[firsts.indexOf(from) + 1] ?? data.length) - 1 },
      type: 'error',
      record: firsts.indexOf(from),
      message,
    })),
    nextrow: 0,
  });
  const lost = firsts.find((at) => !tables.rows('stock.picking').has(Number(data[at]![0])));
  if (lost !== undefined) return refused(`Unknown database identifier '${data[lost]![0]}'`, [lost]);
  const rows = data.map((cells) => Object.fromEntries(fields.map((name, at) => [name, cells[at]!])));
  const moves = rows.map((row) => existing(tables, 'stock.move', Number(row['move_ids/.id'])));
  if (moves.some(({ state }) => state === 'cancel')) return refused(cancelledMove);
  for (const [at, row] of rows.entries()) {
    if (row['.id'] && row['note'] !== undefined)
      existing(tables, 'stock.picking', Number(row['.id']))['note'] = row['note'];
    Object.assign(moves[at]!, {
      quantity: Number(row['move_ids/quantity']),
      picked: row['move_ids/picked'] === '1',
    });
  }
  return { ids: firsts.map((at) => Number(data[at]![0])), messages: [], nextrow: 0 };
}

/**
 * Validates pickings, all or none. With skip_backorder the rest goes into a new picking, unless
 * `picking_ids_not_to_backorder` names it. Pickings that are done are left alone, and among several also those that are
 * cancelled.
 */
export function validatePickings(tables: Tables, { ids, context = {} }: Args): unknown {
  const { skip_backorder: skip, picking_ids_not_to_backorder: dropped = [] } = context as {
    skip_backorder?: boolean;
    picking_ids_not_to_backorder?: number[];
  };
  const all = (ids as number[]).map((id) => existing(tables, 'stock.picking', id));
  const pickings = all.filter(({ state }) => open.has(String(state)));
  const isCancelled = all.length === 1 && all[0]!['state'] === 'cancel';
  if (isCancelled || pickings.some(({ id }) => doneOf(tables, id).length === 0))
    throw userError('You cannot validate a transfer if no quantities are reserved.');
  const asks = pickings.some(({ id }) => restOf(tables, id).length > 0 && !skip && !dropped.includes(id));
  if (asks)
    return {
      name: 'Create Backorder?',
      type: 'ir.actions.act_window',
      res_model: 'stock.backorder.confirmation',
    };
  for (const picking of pickings) complete(tables, picking, !dropped.includes(picking.id));
  return true;
}

function doneOf(tables: Tables, picking: number): Row[] {
  return movesOf(tables, picking).filter((move) => move['picked'] && (move['quantity'] as number) > 0);
}

function restOf(tables: Tables, picking: number): { move: Row; left: number }[] {
  const done = doneOf(tables, picking);
  return movesOf(tables, picking).flatMap((move) => {
    const left = Big(move['product_uom_qty'] as number).minus(
      done.includes(move) ? (move['quantity'] as number) : 0,
    );
    return left.gt(0) ? [{ move, left: left.toNumber() }] : [];
  });
}

function complete(tables: Tables, picking: Row, isLeftOpen: boolean): void {
  const [done, rest] = [doneOf(tables, picking.id), restOf(tables, picking.id)];
  const moves = movesOf(tables, picking.id);
  if (rest.length > 0 && isLeftOpen) {
    const code = picking['picking_type_code'] as 'outgoing' | 'incoming';
    const backorder = insertPicking(tables, orderOf(picking), code);
    for (const { move, left } of rest)
      insertMove(tables, backorder, lineOf(move), move['product_id'] as number, left);
  }
  for (const move of moves) {
    const isDone = done.includes(move);
    move['state'] = isDone ? 'done' : 'cancel';
    if (isDone) move['product_uom_qty'] = move['product_qty'] = move['quantity'] as number;
  }
  picking['state'] = 'done';
  for (const move of done)
    if (move['purchase_line_id']) receive(tables, move);
    else if (move['sale_line_id'])
      deliver(tables, move, picking['picking_type_code'] === 'incoming' ? -1 : 1);
}

function orderOf({ sale_id, purchase_id }: Row): ForOrder {
  return purchase_id ? { purchase_id } : { sale_id: sale_id! };
}

function lineOf({ sale_line_id, purchase_line_id }: Row): ForLine {
  return purchase_line_id ? { purchase_line_id } : { sale_line_id: sale_line_id! };
}

function deliver(tables: Tables, move: Row, sign: number): void {
  const line = tables.rows('sale.order.line').get(move['sale_line_id'] as number)!;
  line['qty_delivered'] = Big(line['qty_delivered'] as number)
    .plus(
      Big(move['quantity'] as number)
        .div(perLine(tables, line))
        .times(sign),
    )
    .toNumber();
}

export function cancelPickings(tables: Tables, order: number): void {
  for (const picking of tables.rows('stock.picking').values())
    if (picking['sale_id'] === order && open.has(String(picking['state']))) {
      picking['state'] = 'cancel';
      for (const move of movesOf(tables, picking.id)) move['state'] = 'cancel';
    }
}

/** Creates the transfer that returns the lines of the wizard. */
export function createReturn(tables: Tables, { ids }: Args): unknown {
  const wizard = existing(tables, 'stock.return.picking', (ids as number[])[0]!);
  const { picking_id: of, product_return_moves: lines } = JSON.parse(String(wizard['vals'])) as {
    picking_id: number;
    product_return_moves: [0, 0, { move_id: number; product_id: number; quantity: number }][];
  };
  const from = existing(tables, 'stock.picking', of);
  const picking = insertPicking(tables, orderOf(from), 'incoming', of);
  for (const [, , { move_id: origin, product_id: product, quantity }] of lines) {
    const move = existing(tables, 'stock.move', origin);
    insertMove(tables, picking, lineOf(move), product, quantity, origin);
  }
  return { type: 'ir.actions.act_window', res_model: 'stock.picking', res_id: picking };
}
