/** Moves stock in Odoo as warehouses report it: shipments, receipts, returns, transfers and counts, each once. */
import type Big from 'big.js';
import { CodedError } from '../../errors/coded-error.ts';
import { escaped } from '../../markup/escaped.ts';
import type { ByTier, Tier } from '../../limits/limits.ts';
import { bind, bound, findBinding, type Binding, type Document } from '../binding.ts';
import type { Odoo } from '../client.ts';
import { findOrder, type FoundOrder, type OrderModel, type OrderReference } from '../find-order.ts';
import { oneByOne } from '../together/one-by-one.ts';
import {
  covers,
  exceeded,
  openMoves,
  openOf,
  pickingsOf,
  readPicking,
  validate,
  type DoneLine,
  type Move,
  type OrderPicking,
  type Rest,
} from './picking.ts';
import type { Resolver } from '../resolve.ts';
import { makeReturn } from './returns.ts';
import { sideBySide } from '../together/side-by-side.ts';
import type { Together } from '../together/together.ts';
import { count, transfer, type Count, type Done, type Transfer } from './warehouse.ts';
import type { StockLine } from './line.ts';

/** What a warehouse did for an order. See definitions/schemas/shipment.v1.json, receipt.v1.json and return.v1.json. */
export interface Movement {
  source: string;
  id: string;
  order: OrderReference;
  carrier?: string;
  tracking?: string;
  /** What happens to the quantity that stays open. Default: `backorder`. */
  rest?: Rest;
  lines: StockLine[];
}

export interface Moved {
  /** The reference that was given. */
  order: OrderReference;
  /** Id of the stock.picking. */
  id: number;
  /** Name of the picking, such as `WH/OUT/00042`. */
  name: string;
  state: string;
  /** True when Odoo already had it and nothing was written. */
  repeated: boolean;
  /** What was moved, in the units of the products. */
  lines: { sku: string; quantity: string }[];
  /** The pickings of the order that are still open. */
  open: { id: number; name: string }[];
}

export type OrderMovement = 'shipment' | 'receipt' | 'return';

export interface StockWriter {
  /**
   * Validates a picking of the order with these quantities. Safe to call again after any failure: the same movement is
   * the same picking. Throws CodedError ORDER_UNKNOWN, ORDER_AMBIGUOUS, ORDER_NOT_OPEN, QUANTITY_EXCEEDED,
   * SHIPMENT_MISSING for a return, PRODUCT_UNKNOWN, PRODUCT_AMBIGUOUS, VALUE_UNMAPPED or UNIT_DIFFERS for a unit,
   * ODOO_VALUE_UNKNOWN for a unit or lot, ODOO_BUSY while another movement of the order is open, CLAIM_CONFLICT if the
   * message came before about another order, or what a call to Odoo throws.
   */
  move(kind: OrderMovement, movement: Movement, tier?: Tier): Promise<Moved>;
  /** Moves goods between places. Throws as `move`, and VALUE_UNMAPPED or ODOO_VALUE_UNKNOWN for a place. */
  transfer(transfer: Transfer, tier?: Tier): Promise<Done>;
  /** Sets the counted stock of a place. Throws as `transfer`. */
  count(count: Count, tier?: Tier): Promise<Done>;
  /** Resolves when all messages given so far have an outcome. */
  idle(): Promise<void>;
}

const kinds: Record<OrderMovement, { model: OrderModel; field: string; code: string }> = {
  shipment: { model: 'sale.order', field: 'sale_id', code: 'outgoing' },
  receipt: { model: 'purchase.order', field: 'purchase_id', code: 'incoming' },
  return: { model: 'sale.order', field: 'sale_id', code: 'incoming' },
};

export interface StockWriterOptions {
  /** Option of the batcher, in ms. */
  windowMs?: number;
  /** Messages in one batch, 20 at most: Odoo validates their pickings in one transaction, in about 0.1 s each. */
  max?: number;
  weights?: ByTier<number>;
}

const most = 20;

/**
 * Messages that come at the same time share calls to Odoo (see `together`). Two batches run at once: one computes while
 * the other waits for the database.
 */
export function stockWriter(
  odoo: Odoo,
  known: Resolver,
  { windowMs, max = most, weights }: StockWriterOptions = {},
): StockWriter {
  const inOrder = oneByOne();
  const messages = sideBySide(odoo, { windowMs, max: Math.min(max, most), atOnce: 2, beside: 8, weights });

  async function move(odoo: Together, kind: OrderMovement, movement: Movement): Promise<Moved> {
    const { model } = kinds[kind];
    const document: Document = { ...movement, kind, content: movement };
    const lines = goodsOf(await orderedLines(known, movement.lines, movement.source), movement);
    const search = findOrder(odoo, model, movement.order);
    search.catch(() => {});
    const before = await findBinding(odoo, document);
    const order = await search;
    return inOrder(`${model} ${order.id}`, () =>
      moveOf(odoo, kind, { document, before, order, lines }, movement),
    );
  }

  const done = (lines: readonly StockLine[], source: string) => doneLines(known, lines, source);
  return {
    move: (kind, movement, tier) => messages.run(kind, movement, (all) => move(all, kind, movement), tier),
    transfer: (given, tier) =>
      messages.run('transfer', given, (all) => transfer(all, known, done, given), tier),
    count: (given, tier) =>
      messages.run('count', given, (all) => count(all, known, done, inOrder, given), tier),
    idle: () => messages.idle(),
  };
}

interface Asked {
  document: Document;
  /** The picking that the message already has. */
  before: Binding | undefined;
  order: FoundOrder;
  lines: DoneLine[];
}

async function moveOf(
  odoo: Together,
  kind: OrderMovement,
  { document, before, order, lines }: Asked,
  movement: Movement,
): Promise<Moved> {
  const { field, code } = kinds[kind];
  let pickings = await pickingsOf(odoo, field, order.id);
  const chosen = before ?? (await choose(odoo, kind, order, pickings, lines));
  const { id } = before ?? (await bind(odoo, document, { model: 'stock.picking', id: chosen.id }));
  const known = 'moves' in chosen && chosen.id === id ? chosen.moves : undefined;
  const picking = pickings.find((one) => one.id === id) ?? (await readPicking(odoo, id));
  const repeated = picking.state === 'done';
  const { plainNotes } = await odoo.dialect();
  const note = noteOf(movement, plainNotes);
  const how = { rest: movement.rest, note, incoming: code === 'incoming' };
  const { name, state } = await validate(odoo, picking, lines, how, {
    moves: known,
    async after() {
      if (repeated) return picking;
      pickings = await pickingsOf(odoo, field, order.id);
      return pickings.find((one) => one.id === id) ?? (await readPicking(odoo, id));
    },
  });
  return {
    order: order.reference,
    id,
    name,
    state,
    repeated,
    lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
    open: openOf(pickings, code),
  };
}

/** Chooses the first open picking that has all of the lines and belongs to no other message. */
async function choose(
  odoo: Together,
  kind: OrderMovement,
  order: FoundOrder,
  pickings: readonly OrderPicking[],
  lines: DoneLine[],
): Promise<{ id: number; moves?: Move[] }> {
  if (kind === 'return') return { id: await makeReturn(odoo, order, pickings, lines) };
  const candidates = openOf(pickings, kinds[kind].code).map(({ id }) => id);
  const [taken, moves] = await Promise.all([
    bound(odoo, 'stock.picking', candidates, kind),
    openMoves(odoo, candidates),
  ]);
  const free = candidates.filter((id) => !taken.has(id));
  if (free.length === 0 && candidates.length > 0)
    throw new CodedError('ODOO_BUSY', `Another ${kind} of ${order.name} is not done yet`, {
      order: order.name,
    });
  let tooMuch: CodedError | undefined;
  for (const id of free) {
    const own = moves.filter((move) => move.picking_id[0] === id);
    if (covers(own, lines)) return { id, moves: own };
    tooMuch ??= exceeded(own, lines);
  }
  throw (
    tooMuch ??
    new CodedError('ORDER_NOT_OPEN', `${order.name} has no open ${kind}`, { order: order.name, kind })
  );
}

/**
 * Converts lines to the units of the products. Throws the error of the first product that Odoo does not have, and those
 * of units.
 */
export function doneLines(known: Resolver, lines: readonly StockLine[], source: string): Promise<DoneLine[]> {
  return linesOf(known, known.findProducts, lines, source);
}

/** Converts lines of an existing order, as `doneLines` does. Finds archived products too. */
export function orderedLines(
  known: Resolver,
  lines: readonly StockLine[],
  source: string,
): Promise<DoneLine[]> {
  return linesOf(known, known.findOrdered, lines, source);
}

async function linesOf(
  known: Resolver,
  find: Resolver['findProducts'],
  lines: readonly StockLine[],
  source: string,
): Promise<DoneLine[]> {
  const called = (sku: string) => known.reference(sku, { source });
  const products = await find(lines.map(({ sku }) => ({ sku: called(sku), barcode: called(sku) })));
  const done: DoneLine[] = [];
  for (const { uom, ...line } of lines) {
    const article = called(line.sku);
    const product = products.get(article)!;
    if (product instanceof CodedError) throw product;
    const ratio = uom === undefined ? undefined : await known.inUnit(uom, product.uom, { source, article });
    const { id, isService, uom: own } = product;
    const moved = ratio ? inOwnUnit(line, ratio) : line;
    done.push({ ...moved, product: id, uom: own, ...(isService && { isService }) });
  }
  return done;
}

/** Removes services such as a tip, which are in the order but never moved. Throws ORDER_NOT_OPEN if no line is left. */
function goodsOf(lines: DoneLine[], { order }: Movement): DoneLine[] {
  const goods = lines.filter(({ isService }) => !isService);
  if (goods.length > 0) return goods;
  const called = order.number ?? order.id ?? '';
  throw new CodedError('ORDER_NOT_OPEN', `Nothing of this is goods: ${called} has only services here`, {
    order: called,
  });
}

function inOwnUnit(line: Omit<StockLine, 'uom'>, ratio: Big): Omit<StockLine, 'uom'> {
  const times = (quantity: string) => ratio.times(quantity).round(6).toFixed();
  return {
    ...line,
    quantity: times(line.quantity),
    ...(line.lots && { lots: line.lots.map(({ lot, quantity }) => ({ lot, quantity: times(quantity) })) }),
  };
}

function noteOf({ carrier, tracking }: Movement, isPlain: boolean): string | undefined {
  if (!tracking) return undefined;
  const text = carrier ? `${carrier} ${tracking}` : tracking;
  return isPlain ? text : escaped(text);
}
