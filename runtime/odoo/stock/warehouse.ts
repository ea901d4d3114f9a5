/** Moves goods between places of warehouses in Odoo, and sets counted stock, each once. */
import { CodedError } from '../../errors/coded-error.ts';
import { bind, findBinding, type Document } from '../binding.ts';
import type { Odoo } from '../client.ts';
import type { OneByOne } from '../together/one-by-one.ts';
import { plain } from '../load.ts';
import { externalId } from '../external-id.ts';
import { lotOf, readPicking, validate, type DoneLine } from './picking.ts';
import type { Resolver } from '../resolve.ts';
import type { StockLine } from './line.ts';
import type { Together } from '../together/together.ts';
import { countByInventory, type Counted } from './inventory.ts';

export interface StockPlace {
  /** The partner's name of the warehouse; the value map `warehouse` maps it to Odoo's. */
  warehouse: string;
  /** Full name of the location in Odoo, such as `WH/Stock/Shelf 1`. Default: the stock location of the warehouse. */
  location?: string;
}

/** See definitions/schemas/transfer.v1.json. */
export interface Transfer {
  source: string;
  id: string;
  from: StockPlace;
  to: StockPlace;
  lines: StockLine[];
}

/** The counted quantity of each article, whatever Odoo has. See definitions/schemas/count.v1.json. */
export interface Count {
  source: string;
  id: string;
  place: StockPlace;
  lines: StockLine[];
}

export interface Done {
  /** stock.picking for a transfer. For a count stock.move, its first move; in Odoo 14 stock.inventory. */
  model: string;
  id: number;
  /** Name of the picking, such as `WH/INT/00042`, or of the count. */
  name: string;
  state: string;
  repeated: boolean;
}

type DoneLines = (lines: readonly StockLine[], source: string) => Promise<DoneLine[]>;

interface Spot {
  location: number;
  /** Id of the operation type for internal transfers of the warehouse. */
  type: number;
}

/**
 * Moves goods as one internal transfer. Safe to call again. Throws CodedError VALUE_UNMAPPED, ODOO_VALUE_UNKNOWN,
 * PRODUCT_UNKNOWN, CLAIM_CONFLICT, what `validate` throws, or what a call to Odoo throws.
 */
export async function transfer(
  odoo: Together,
  known: Resolver,
  doneLines: DoneLines,
  given: Transfer,
): Promise<Done> {
  const { source, id, from, to } = given;
  const document: Document = { source, id, kind: 'transfer', order: { from, to }, content: given };
  const lines = await doneLines(given.lines, source);
  const bound = await findBinding(odoo, document);
  const picking = bound?.id ?? (await made(odoo, known, given, lines));
  if (!bound) await bind(odoo, document, { model: 'stock.picking', id: picking });
  const before = await readPicking(odoo, picking);
  if (before.state === 'draft')
    await odoo.call('stock.picking', 'action_confirm', { ids: [picking], context: plain });
  const { name, state } = await validate(
    odoo,
    before,
    lines,
    { rest: 'cancel' },
    { after: () => readPicking(odoo, picking) },
  );
  return { model: 'stock.picking', id: picking, name, state, repeated: before.state === 'done' };
}

/** Returns a transfer that an earlier attempt created, or creates one. */
async function made(
  odoo: Odoo,
  known: Resolver,
  { source, id, from, to }: Transfer,
  lines: readonly DoneLine[],
): Promise<number> {
  const origin = `transfer ${source} ${id}`;
  const [one] = await odoo.call<{ id: number }[]>('stock.picking', 'search_read', {
    domain: [
      ['origin', '=', origin],
      ['state', '!=', 'cancel'],
    ],
    fields: ['id'],
    limit: 1,
  });
  if (one) return one.id;
  const [start, end] = await Promise.all([
    spotOf(odoo, known, from, source),
    spotOf(odoo, known, to, source),
  ]);
  const { moves, moveName, moveUom } = await odoo.dialect();
  const ends = { location_id: start.location, location_dest_id: end.location };
  const move = ({ product, quantity, sku, uom }: DoneLine) => [
    0,
    0,
    {
      product_id: product,
      product_uom_qty: Number(quantity),
      ...ends,
      ...(moveName && { name: sku }),
      ...(moveUom && { product_uom: uom }),
    },
  ];
  const vals = { picking_type_id: start.type, ...ends, origin, [moves]: lines.map(move) };
  const [picking] = await odoo.call<number[]>('stock.picking', 'create', {
    vals_list: [vals],
    context: plain,
  });
  return picking!;
}

/**
 * Sets the stock of these articles in one transaction. Counts of one place run one after the other, because Odoo keeps
 * their counted quantities on the same records. Safe to call again: an applied count is not applied again, so later
 * moves stay. Throws as `transfer`, and ODOO_REFUSED if Odoo asks a person.
 */
export async function count(
  odoo: Odoo,
  known: Resolver,
  doneLines: DoneLines,
  inOrder: OneByOne,
  given: Count,
): Promise<Done> {
  const name = `count ${given.source} ${given.id}`;
  const lines = await doneLines(given.lines, given.source);
  if ((await odoo.dialect()).inventories) return byInventory(odoo, known, inOrder, given, lines);
  const before = await applied(odoo, name);
  if (before) return { ...before, model: 'stock.move', name, repeated: true };
  const { location } = await spotOf(odoo, known, given.place, given.source);
  const answer = await inOrder(`count at ${location}`, () => apply(odoo, name, lines, location));
  const after = await applied(odoo, name);
  if (after) return { ...after, model: 'stock.move', name, repeated: false };
  throw new CodedError('ODOO_REFUSED', `Odoo asks a person about ${name}: ${titleOf(answer)}`, {
    about: name,
  });
}

async function byInventory(
  odoo: Odoo,
  known: Resolver,
  inOrder: OneByOne,
  { source, id, place }: Count,
  lines: readonly DoneLine[],
): Promise<Done> {
  const name = `count ${source} ${id}`;
  const { location } = await spotOf(odoo, known, place, source);
  const counted = await Promise.all(lines.map((line) => countedOf(odoo, line)));
  const as = { externalId: externalId(source, 'count', id), name, location };
  const done = await inOrder(`count at ${location}`, () => countByInventory(odoo, as, counted.flat()));
  return { model: 'stock.inventory', name, ...done };
}

async function countedOf(odoo: Odoo, line: DoneLine): Promise<Counted[]> {
  const { product, uom } = line;
  return (await byLot(odoo, line)).map((part) => ({ product, uom, ...part }));
}

/** Returns the quantity of each lot, or the quantity of a line without lots. */
async function byLot(
  odoo: Odoo,
  { product, quantity, lots }: DoneLine,
): Promise<{ lot?: number; quantity: string }[]> {
  if (!lots) return [{ quantity }];
  return Promise.all(
    lots.map(async (one) => ({ lot: await lotOf(odoo, product, one.lot), quantity: one.quantity })),
  );
}

async function apply(
  odoo: Odoo,
  name: string,
  lines: readonly DoneLine[],
  location: number,
): Promise<unknown> {
  const context = { ...plain, inventory_mode: true, inventory_name: name };
  const rows = await Promise.all(lines.map((line) => quants(odoo, line, location)));
  const ids = await odoo.call<number[]>('stock.quant', 'create', { vals_list: rows.flat(), context });
  return odoo.call('stock.quant', 'action_apply_inventory', { ids: [...new Set(ids)], context });
}

async function quants(odoo: Odoo, line: DoneLine, location: number): Promise<object[]> {
  return (await byLot(odoo, line)).map(({ lot, quantity }) => ({
    product_id: line.product,
    location_id: location,
    ...(lot !== undefined && { lot_id: lot }),
    inventory_quantity: Number(quantity),
  }));
}

/** Finds the first move of an applied count. Odoo records a move for each article, even without a difference. */
async function applied(odoo: Odoo, name: string): Promise<{ id: number; state: string } | undefined> {
  const [row] = await odoo.call<{ id: number; state: string }[]>('stock.move', 'search_read', {
    domain: [
      ['reference', '=', name],
      ['state', '=', 'done'],
    ],
    fields: ['state'],
    order: 'id',
    limit: 1,
  });
  return row;
}

function titleOf(answer: unknown): string {
  return String((answer as { name?: unknown } | null)?.name ?? 'it says nothing');
}

async function spotOf(
  odoo: Odoo,
  known: Resolver,
  { warehouse, location }: StockPlace,
  source: string,
): Promise<Spot> {
  const id = await known.value('warehouse', warehouse, { source });
  const [row] = await odoo.call<{ lot_stock_id: [number, string]; int_type_id: [number, string] }[]>(
    'stock.warehouse',
    'search_read',
    { domain: [['id', '=', id]], fields: ['lot_stock_id', 'int_type_id'] },
  );
  if (!row) throw new CodedError('ODOO_NOT_FOUND', 'The warehouse was deleted in Odoo', { id });
  const type = row.int_type_id[0];
  if (location === undefined) return { location: row.lot_stock_id[0], type };
  const found = await odoo.call<{ id: number }[]>('stock.location', 'search_read', {
    domain: [
      ['complete_name', '=', location],
      ['usage', '=', 'internal'],
    ],
    fields: ['id'],
    limit: 2,
  });
  if (found.length === 1) return { location: found[0]!.id, type };
  throw new CodedError('ODOO_VALUE_UNKNOWN', `Odoo does not have exactly one location '${location}'`, {
    map: 'location',
    value: location,
  });
}
