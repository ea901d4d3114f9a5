/**
 * Fills a picking with what a warehouse did and validates it. A question that Odoo asks a person is answered or
 * refused.
 */
import Big from 'big.js';
import { CodedError } from '../../errors/coded-error.ts';
import { sum } from '../../decimal/sum.ts';
import type { Odoo } from '../client.ts';
import { isOfRecords } from '../protocol/faults.ts';
import { load, plain, type LoadRecord } from '../load.ts';
import type { Dialect } from '../versions/dialect.ts';
import { apart, type Together } from '../together/together.ts';

export interface DoneLine {
  sku: string;
  /** Id of the product.product. */
  product: number;
  isService?: boolean;
  /** Id of the uom.uom: the product's own unit. */
  uom: number;
  /** Quantity in that unit. */
  quantity: string;
  lots?: { lot: string; quantity: string }[];
}

export interface Picking {
  id: number;
  name: string;
  state: string;
}

/** A picking of an order. */
export interface OrderPicking extends Picking {
  /** `outgoing` or `incoming`. */
  picking_type_code: string;
}

export interface Move {
  id: number;
  picking_id: [number, string];
  product_id: [number, string];
  /** Quantity in the unit of the move. */
  product_uom_qty: number;
  /** Quantity in the unit of the product. */
  product_qty: number;
  product_uom: [number, string];
  location_id: [number, string];
  location_dest_id: [number, string];
  move_line_ids: number[];
  /** A person, or an earlier attempt for this message, has entered what was done. */
  ticked: boolean;
}

/** What happens to the quantity that was not done. */
export type Rest = 'backorder' | 'cancel';

/** Throws CodedError ODOO_NOT_FOUND, or what a call to Odoo throws. */
export async function readPicking(odoo: Odoo, id: number): Promise<Picking> {
  const [row] = await odoo.call<Picking[]>('stock.picking', 'search_read', {
    domain: [['id', '=', id]],
    fields: ['id', 'name', 'state'],
  });
  if (row) return row;
  throw new CodedError('ODOO_NOT_FOUND', 'The transfer was deleted in Odoo', { id });
}

/** Reads all pickings of an order. `field` is the field of stock.picking that refers to the order. */
export function pickingsOf(odoo: Odoo, field: string, order: number): Promise<OrderPicking[]> {
  return odoo.call('stock.picking', 'search_read', {
    domain: [[field, '=', order]],
    fields: ['id', 'name', 'state', 'picking_type_code'],
    order: 'id',
    context: plain,
  });
}

/** Returns pickings that are neither done nor cancelled. `code`: `outgoing` or `incoming`. */
export function openOf(pickings: readonly OrderPicking[], code: string): { id: number; name: string }[] {
  return pickings
    .filter((one) => one.picking_type_code === code && !closed.includes(one.state))
    .map(({ id, name }) => ({ id, name }));
}

const closed = ['done', 'cancel'];

export async function openPickings(
  odoo: Odoo,
  field: string,
  order: number,
  code: string,
): Promise<{ id: number; name: string }[]> {
  return openOf(await pickingsOf(odoo, field, order), code);
}

export async function openMoves(odoo: Odoo, pickings: readonly number[]): Promise<Move[]> {
  if (pickings.length === 0) return [];
  const { done, picked } = await odoo.dialect();
  const noted = picked ? ['picked', done] : [done];
  const rows = await odoo.call<(Omit<Move, 'ticked'> & Record<string, unknown>)[]>(
    'stock.move',
    'search_read',
    {
      domain: [
        ['picking_id', 'in', pickings],
        ['state', 'not in', closed],
      ],
      fields: [
        'picking_id',
        'product_id',
        'product_uom_qty',
        'product_qty',
        'product_uom',
        'location_id',
        'location_dest_id',
        'move_line_ids',
        ...noted,
      ],
      order: 'id',
    },
  );
  return rows.map((row) => ({ ...row, ticked: noted.every((name) => Boolean(row[name])) }));
}

/** True when the moves have all of these lines open. */
export function covers(moves: readonly Move[], lines: readonly DoneLine[]): boolean {
  return exceeded(moves, lines) === undefined;
}

/** Returns QUANTITY_EXCEEDED for the first product with more in the lines than the moves have open. */
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

export interface How {
  /** What happens to the rest. Default: Odoo makes a backorder. */
  rest?: Rest | undefined;
  note?: string | undefined;
  incoming?: boolean | undefined;
}

/**
 * Enters these lines in a picking and validates it; one call validates all pickings of the same round. Safe to call
 * again: a picking that is done stays as it is. `moves`: the open moves of the picking, if known. `after` reads the
 * picking afterwards. Throws CodedError QUANTITY_EXCEEDED, ODOO_VALUE_UNKNOWN for a lot, ORDER_NOT_OPEN for a cancelled
 * picking, ODOO_REFUSED with what Odoo asks, or what a call to Odoo throws.
 */
export async function validate<Read extends Picking>(
  odoo: Together,
  before: Picking,
  lines: readonly DoneLine[],
  { rest, ...how }: How,
  { moves, after }: { moves?: readonly Move[] | undefined; after(): Promise<Read> },
): Promise<Read> {
  const { id } = before;
  if (before.state === 'done') return after();
  if (before.state === 'cancel') throw cancelled(before);
  try {
    await fill(odoo, id, lines, how, moves ?? (await openMoves(odoo, [id])));
    const answer = await odoo.asOne('button_validate', { id, rest }, validateAll);
    const read = await after();
    if (read.state !== 'done') throw asked(answer, read.name);
    return read;
  } catch (error) {
    // A person may have validated or cancelled the picking meanwhile.
    const read = isOfRecords(error) ? await after() : undefined;
    if (read?.state === 'done') return read;
    throw read?.state === 'cancel' ? cancelled(read) : error;
  }
}

function cancelled({ name }: Picking): CodedError {
  return new CodedError('ORDER_NOT_OPEN', `${name} was cancelled in Odoo`, { picking: name });
}

/** Returns ODOO_REFUSED for a wizard: Odoo's question to a person is never a success. */
export function asked(answer: unknown, about: string): CodedError {
  const { name, res_model: model } = (answer ?? {}) as { name?: string; res_model?: string };
  const said = name ? `asks: ${name}` : 'did not do it and said nothing';
  return new CodedError('ODOO_REFUSED', `Odoo ${said} (${about})`, { about, wizard: model });
}

/** If Odoo asks about one of several pickings, none is validated. They are then halved until the one is found. */
function validateAll(
  all: { id: number; rest: Rest | undefined }[],
  odoo: Odoo,
): Promise<PromiseSettledResult<unknown>[]> {
  return apart(all, async (some) => {
    const short = some.filter(({ rest }) => rest === 'cancel').map(({ id }) => id);
    const context = {
      ...plain,
      skip_backorder: true,
      skip_sms: true,
      skip_immediate: true,
      skip_expired: true,
      ...(short.length > 0 && { picking_ids_not_to_backorder: short }),
    };
    const ids = some.map(({ id }) => id);
    const answer = await odoo.call('stock.picking', 'button_validate', { ids, context });
    if (some.length > 1 && isWizard(answer)) throw asked(answer, 'several transfers');
    return some.map(() => answer);
  });
}

/** True for a question to a person. False for the reports that Odoo returns after validation. */
function isWizard(answer: unknown): boolean {
  return (answer as { type?: unknown } | null)?.type === 'ir.actions.act_window';
}

async function fill(
  odoo: Together,
  picking: number,
  lines: readonly DoneLine[],
  { note, incoming }: How,
  moves: readonly Move[],
): Promise<void> {
  const tooMuch = exceeded(moves, lines);
  if (tooMuch) throw tooMuch;
  const names = await odoo.dialect();
  const picked = names.picked ? { picked: true } : {};
  const [commands, done]: [unknown[], { move: number; quantity: Big }[]] = [[], []];
  const withLots = new Set<number>();
  for (const [product, same] of Map.groupBy(lines, (line) => line.product)) {
    const ofProduct = moves.filter((move) => move.product_id[0] === product);
    const lots = same.flatMap((line) => line.lots ?? []);
    if (lots.length > 0) {
      withLots.add(ofProduct[0]!.id);
      commands.push(await lotCommand(odoo, names, picking, ofProduct[0]!, lots, incoming));
    } else done.push(...spread(ofProduct, sum(same.map(({ quantity }) => quantity))));
  }
  const named = new Set([...withLots, ...done.map(({ move }) => move)]);
  await untick(
    odoo,
    names,
    moves.filter(({ id, ticked }) => ticked && !named.has(id)),
  );
  const [{ quantity: first } = { quantity: Big(0) }] = done;
  if (commands.length === 0 && note === undefined && done.every(({ quantity }) => quantity.eq(first))) {
    const vals = { [names.done]: first.toNumber(), ...picked };
    await odoo.call('stock.move', 'write', { ids: done.map(({ move }) => move), vals, context: plain });
  } else if (commands.length === 0) {
    const record = filled(names, picking, done, note);
    await odoo.asOne(`fill ${Object.keys(record.rows[0]!).join()}`, record, fillAll);
  } else {
    for (const { move, quantity } of done)
      commands.push([1, move, { [names.done]: quantity.toNumber(), ...picked }]);
    const vals = { [names.moves]: commands, ...(note && { note }) };
    await odoo.call('stock.picking', 'write', { ids: [picking], vals, context: plain });
  }
}

/** What a person entered and the message does not name stays open. Otherwise Odoo would ship it too. */
async function untick(odoo: Odoo, names: Dialect, others: readonly Move[]): Promise<void> {
  if (others.length === 0) return;
  const [model, ids, vals] = names.picked
    ? ['stock.move', others.map(({ id }) => id), { picked: false }]
    : ['stock.move.line', others.flatMap((move) => move.move_line_ids), { [names.lineDone]: 0 }];
  await odoo.call(model, 'write', { ids, vals, context: plain });
}

/** If Odoo refuses one, it reports others with it. They are then halved until the one is found. */
function fillAll(all: LoadRecord[], odoo: Odoo): Promise<PromiseSettledResult<unknown>[]> {
  return apart(all, async (some) => {
    const outcomes = await load(odoo, 'stock.picking', some);
    const refused = outcomes.find((one) => one.status === 'rejected');
    if (refused) throw refused.reason;
    return outcomes;
  });
}

/** A picking with its moves, in the form of Odoo's import. */
function filled(
  names: Dialect,
  picking: number,
  done: readonly { move: number; quantity: Big }[],
  note: string | undefined,
): LoadRecord {
  const rows = done.map(({ move, quantity }) => ({
    [`${names.moves}/.id`]: String(move),
    [`${names.moves}/${names.done}`]: quantity.toFixed(),
    ...(names.picked && { [`${names.moves}/picked`]: '1' }),
  }));
  const own = { '.id': String(picking), ...(note !== undefined && { note }) };
  return { externalId: String(picking), rows: rows.map((row, at) => ({ ...(at === 0 && own), ...row })) };
}

/** Replaces the lots that Odoo reserved with the lots that were picked. */
async function lotCommand(
  odoo: Odoo,
  names: Dialect,
  picking: number,
  move: Move,
  lots: readonly { lot: string; quantity: string }[],
  incoming: boolean | undefined,
): Promise<unknown> {
  const picked = names.picked ? { picked: true } : {};
  const made = lots.map(async ({ lot, quantity }) => {
    const named = incoming ? { lot_name: lot } : { lot_id: await lotOf(odoo, move.product_id[0], lot) };
    return [0, 0, { ...lineOf(move, picking), ...named, ...picked, [names.lineDone]: Number(quantity) }];
  });
  const gone = move.move_line_ids.map((id) => [2, id]);
  return [1, move.id, { move_line_ids: [...gone, ...(await Promise.all(made))], ...picked }];
}

/** Distributes the quantity over the moves, in the unit of each. */
function spread(moves: readonly Move[], quantity: Big): { move: number; quantity: Big }[] {
  const parts: { move: number; quantity: Big }[] = [];
  let left = quantity;
  for (const move of moves) {
    const part = left.gt(move.product_qty) ? Big(move.product_qty) : left;
    if (part.lte(0)) continue;
    left = left.minus(part);
    parts.push({ move: move.id, quantity: part.times(move.product_uom_qty).div(move.product_qty).round(6) });
  }
  return parts;
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

/** Finds a lot of a product by its name. Throws CodedError ODOO_VALUE_UNKNOWN unless there is exactly one. */
export async function lotOf(odoo: Odoo, product: number, lot: string): Promise<number> {
  const { lotModel } = await odoo.dialect();
  const rows = await odoo.call<{ id: number }[]>(lotModel, 'search_read', {
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
