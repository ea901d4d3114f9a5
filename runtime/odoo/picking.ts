/** Fills a picking with what a warehouse did, and validates it; whatever Odoo would ask a person is answered or refused. */
import Big from 'big.js';
import { CodedError } from '../errors/coded-error.ts';
import type { Odoo } from './client.ts';
import { plain } from './load.ts';
import { namesOf, type Names } from './model.ts';

export interface DoneLine {
  sku: string;
  /** Of product.product. */
  product: number;
  isService?: boolean;
  /** In the product's own unit. */
  quantity: string;
  lots?: { lot: string; quantity: string }[];
}

export interface Picking {
  id: number;
  name: string;
  state: string;
}

interface Move {
  id: number;
  product_id: [number, string];
  /** In the unit of the move, and in that of the product. */
  product_uom_qty: number;
  product_qty: number;
  product_uom: [number, string];
  location_id: [number, string];
  location_dest_id: [number, string];
  move_line_ids: number[];
}

/** What happens to what was not done. */
export type Rest = 'backorder' | 'cancel';

export async function readPicking(odoo: Odoo, id: number): Promise<Picking> {
  const [row] = await odoo.call<Picking[]>('stock.picking', 'search_read', {
    domain: [['id', '=', id]],
    fields: ['id', 'name', 'state'],
  });
  if (row) return row;
  throw new CodedError('ODOO_NOT_FOUND', 'The transfer was deleted in Odoo', { id });
}

/** Of an order, which `field` leads to: neither done nor cancelled. `code` is outgoing or incoming. */
export function openPickings(
  odoo: Odoo,
  field: string,
  order: number,
  code: string,
): Promise<{ id: number; name: string }[]> {
  return odoo.call('stock.picking', 'search_read', {
    domain: [
      [field, '=', order],
      ['picking_type_code', '=', code],
      ['state', 'in', ['draft', 'waiting', 'confirmed', 'assigned']],
    ],
    fields: ['id', 'name'],
    order: 'id',
    context: plain,
  });
}

export async function openMoves(odoo: Odoo, picking: number): Promise<Move[]> {
  return odoo.call<Move[]>('stock.move', 'search_read', {
    domain: [
      ['picking_id', '=', picking],
      ['state', 'not in', ['done', 'cancel']],
    ],
    fields: [
      'product_id',
      'product_uom_qty',
      'product_qty',
      'product_uom',
      'location_id',
      'location_dest_id',
      'move_line_ids',
    ],
    order: 'id',
  });
}

/** Whether the picking has all of this open. */
export function covers(moves: readonly Move[], lines: readonly DoneLine[]): boolean {
  return exceeded(moves, lines) === undefined;
}

/** The error for the first line that has more than the moves have open. */
export function exceeded(moves: readonly Move[], lines: readonly DoneLine[]): CodedError | undefined {
  for (const [product, same] of Map.groupBy(lines, (line) => line.product)) {
    const wanted = sum(same.map(({ quantity }) => quantity));
    const open = sum(moves.filter((move) => move.product_id[0] === product).map((move) => move.product_qty));
    const { sku } = same[0]!;
    if (wanted.gt(open))
      return new CodedError('QUANTITY_EXCEEDED', `${wanted} of ${sku} were done; ${open} are open`, {
        sku,
        done: wanted.toString(),
        open: open.toString(),
      });
  }
  return undefined;
}

/**
 * Does these lines in one transaction, then validates. Once more after any failure is safe: a picking that is done
 * stays as it is. Throws QUANTITY_EXCEEDED, ODOO_VALUE_UNKNOWN for a lot, ODOO_REFUSED with what Odoo asks.
 */
export async function validate(
  odoo: Odoo,
  picking: number,
  lines: readonly DoneLine[],
  { rest = 'backorder', note, incoming }: { rest?: Rest; note?: string; incoming?: boolean } = {},
): Promise<Picking> {
  const before = await readPicking(odoo, picking);
  if (before.state === 'done') return before;
  if (before.state === 'cancel')
    throw new CodedError('ORDER_NOT_OPEN', `${before.name} was cancelled in Odoo`, { picking: before.name });
  await fill(odoo, picking, lines, { note, incoming });
  const context = {
    ...plain,
    skip_backorder: true,
    skip_sms: true,
    skip_immediate: true,
    skip_expired: true,
    ...(rest === 'cancel' && { picking_ids_not_to_backorder: [picking] }),
  };
  const answer = await odoo.call('stock.picking', 'button_validate', { ids: [picking], context });
  const after = await readPicking(odoo, picking);
  if (after.state === 'done') return after;
  throw asked(answer, after.name);
}

/** A wizard is Odoo's question to a person, never a success. */
export function asked(answer: unknown, about: string): CodedError {
  const { name, res_model: model } = (answer ?? {}) as { name?: string; res_model?: string };
  const said = name ? `asks: ${name}` : 'did not do it and said nothing';
  return new CodedError('ODOO_REFUSED', `Odoo ${said} (${about})`, { about, wizard: model });
}

async function fill(
  odoo: Odoo,
  picking: number,
  lines: readonly DoneLine[],
  { note, incoming }: { note?: string | undefined; incoming?: boolean | undefined },
): Promise<void> {
  const names = namesOf(await odoo.version());
  const moves = await openMoves(odoo, picking);
  const tooMuch = exceeded(moves, lines);
  if (tooMuch) throw tooMuch;
  const commands: unknown[] = [];
  for (const [product, same] of Map.groupBy(lines, (line) => line.product)) {
    const ofProduct = moves.filter((move) => move.product_id[0] === product);
    const lots = same.flatMap((line) => line.lots ?? []);
    const made =
      lots.length > 0
        ? [await lotCommand(odoo, names, picking, ofProduct[0]!, lots, incoming)]
        : quantityCommands(names, ofProduct, sum(same.map(({ quantity }) => quantity)));
    commands.push(...made);
  }
  const vals = { [names.moves]: commands, ...(note && { note }) };
  await odoo.call('stock.picking', 'write', { ids: [picking], vals, context: plain });
}

/** The lots that were picked, in place of those that Odoo had reserved. */
async function lotCommand(
  odoo: Odoo,
  names: Names,
  picking: number,
  move: Move,
  lots: readonly { lot: string; quantity: string }[],
  incoming: boolean | undefined,
): Promise<unknown> {
  const picked = names.picked ? { picked: true } : {};
  const made: unknown[] = [];
  for (const { lot, quantity } of lots) {
    const named = incoming ? { lot_name: lot } : { lot_id: await lotOf(odoo, move.product_id[0], lot) };
    made.push([0, 0, { ...lineOf(move, picking), ...named, ...picked, [names.done]: Number(quantity) }]);
  }
  const gone = move.move_line_ids.map((id) => [2, id]);
  return [1, move.id, { move_line_ids: [...gone, ...made], ...picked }];
}

/** The quantity over the moves, in the unit of each. */
function quantityCommands(names: Names, moves: readonly Move[], quantity: Big): unknown[] {
  const picked = names.picked ? { picked: true } : {};
  const commands: unknown[] = [];
  let left = quantity;
  for (const move of moves) {
    const part = left.gt(move.product_qty) ? Big(move.product_qty) : left;
    left = left.minus(part);
    const inUnit = part.times(move.product_uom_qty).div(move.product_qty).round(6);
    if (part.gt(0)) commands.push([1, move.id, { [names.done]: inUnit.toNumber(), ...picked }]);
  }
  return commands;
}

function lineOf(move: Move, picking: number): Record<string, unknown> {
  return {
    picking_id: picking,
    product_id: move.product_id[0],
    product_uom_id: move.product_uom[0],
    location_id: move.location_id[0],
    location_dest_id: move.location_dest_id[0],
  };
}

export async function lotOf(odoo: Odoo, product: number, lot: string): Promise<number> {
  const rows = await odoo.call<{ id: number }[]>('stock.lot', 'search_read', {
    domain: [
      ['name', '=', lot],
      ['product_id', '=', product],
    ],
    fields: ['id'],
    limit: 2,
  });
  if (rows.length === 1) return rows[0]!.id;
  throw new CodedError('ODOO_VALUE_UNKNOWN', `Odoo does not have exactly one lot '${lot}'`, {
    map: 'lot',
    value: lot,
  });
}

function sum(values: readonly (string | number)[]): Big {
  return values.reduce((total, value) => total.plus(value), Big(0));
}
