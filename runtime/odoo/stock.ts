/** Moves stock in Odoo as warehouses report it: shipments, receipts, returns, transfers and counts, each once. */
import type Big from 'big.js';
import { CodedError } from '../errors/coded-error.ts';
import { bind, bound, findBinding, type Document } from './binding.ts';
import type { Odoo } from './client.ts';
import { findOrder, type OrderModel, type OrderReference } from './find-order.ts';
import {
  covers,
  exceeded,
  openMoves,
  openPickings,
  readPicking,
  validate,
  type DoneLine,
  type Rest,
} from './picking.ts';
import type { Resolver } from './resolve.ts';
import { makeReturn } from './returns.ts';
import { count, transfer, type Count, type Done, type Transfer } from './warehouse.ts';

export interface StockLine {
  sku: string;
  /** With lots their sum. */
  quantity: string;
  /** As the partner names it; the product's own when missing. */
  uom?: string;
  lots?: { lot: string; quantity: string }[];
}

/** What a warehouse did for an order; definitions/schemas/shipment.v1.json, receipt.v1.json and return.v1.json. */
export interface Movement {
  source: string;
  id: string;
  order: OrderReference;
  carrier?: string;
  tracking?: string;
  /** Of what the order has open beyond this. Default backorder. */
  rest?: Rest;
  lines: StockLine[];
}

export interface Moved {
  /** As it came in. */
  order: OrderReference;
  /** Of stock.picking. */
  id: number;
  /** `WH/OUT/00042`. */
  name: string;
  state: string;
  /** Odoo had it already; nothing was written. */
  repeated: boolean;
  /** What moved, in the units of the articles. */
  lines: { sku: string; quantity: string }[];
  /** What is open of the order after this: ids and names of its pickings. */
  open: { id: number; name: string }[];
}

export type OrderMovement = 'shipment' | 'receipt' | 'return';

export interface StockWriter {
  /**
   * Validates the order's picking with these quantities. The same movement again, at once or after any failure, is
   * the same picking. Throws CodedError ORDER_UNKNOWN, ORDER_AMBIGUOUS, ORDER_NOT_OPEN, QUANTITY_EXCEEDED,
   * PRODUCT_UNKNOWN, PRODUCT_AMBIGUOUS, ODOO_VALUE_UNKNOWN (a lot) or what a call to Odoo throws.
   */
  move(kind: OrderMovement, movement: Movement): Promise<Moved>;
  /** Throws VALUE_UNMAPPED and ODOO_VALUE_UNKNOWN for a place, beside the above. */
  transfer(transfer: Transfer): Promise<Done>;
  count(count: Count): Promise<Done>;
}

const kinds: Record<OrderMovement, { model: OrderModel; field: string; code: string }> = {
  shipment: { model: 'sale.order', field: 'sale_id', code: 'outgoing' },
  receipt: { model: 'purchase.order', field: 'purchase_id', code: 'incoming' },
  return: { model: 'sale.order', field: 'sale_id', code: 'incoming' },
};

export function stockWriter(odoo: Odoo, known: Resolver): StockWriter {
  async function move(kind: OrderMovement, movement: Movement): Promise<Moved> {
    const document: Document = { ...movement, kind, content: movement };
    const lines = goodsOf(await doneLines(known, movement.lines, movement.source), movement);
    const before = await findBinding(odoo, document);
    const order = await findOrder(odoo, kinds[kind].model, movement.order);
    const found = before ?? { model: 'stock.picking', id: await chosen(kind, order, lines) };
    const { id } = before ?? (await bind(odoo, document, found));
    const repeated = (await readPicking(odoo, id)).state === 'done';
    const { name, state } = await validate(odoo, id, lines, {
      ...(movement.rest && { rest: movement.rest }),
      ...(movement.tracking && { note: trackingNote(movement) }),
      incoming: kinds[kind].code === 'incoming',
    });
    return {
      order: order.reference,
      id,
      name,
      state,
      repeated,
      lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
      open: await openOf(odoo, kind, order.id),
    };
  }

  /** The first open picking that has all of it and is not another message's. */
  async function chosen(
    kind: OrderMovement,
    order: { id: number; name: string },
    lines: DoneLine[],
  ): Promise<number> {
    if (kind === 'return') return makeReturn(odoo, order, lines);
    const candidates = await openOf(odoo, kind, order.id);
    const taken = await bound(
      odoo,
      'stock.picking',
      candidates.map(({ id }) => id),
      kind,
    );
    const free = candidates.filter(({ id }) => !taken.has(id));
    if (free.length === 0 && candidates.length > 0)
      throw new CodedError('ODOO_BUSY', `Another ${kind} of ${order.name} is not done yet`, {
        order: order.name,
      });
    let tooMuch: CodedError | undefined;
    for (const { id } of free) {
      const moves = await openMoves(odoo, id);
      if (covers(moves, lines)) return id;
      tooMuch ??= exceeded(moves, lines);
    }
    throw (
      tooMuch ??
      new CodedError('ORDER_NOT_OPEN', `${order.name} has no open ${kind}`, { order: order.name, kind })
    );
  }

  const done = (lines: readonly StockLine[], source: string) => doneLines(known, lines, source);
  return {
    move,
    transfer: (given) => transfer(odoo, known, done, given),
    count: (given) => count(odoo, known, done, given),
  };
}

function openOf(odoo: Odoo, kind: OrderMovement, order: number): Promise<{ id: number; name: string }[]> {
  const { field, code } = kinds[kind];
  return openPickings(odoo, field, order, code);
}

/** In the units of the articles. Throws the error of the first product that Odoo does not have, and those of units. */
export async function doneLines(
  known: Resolver,
  lines: readonly StockLine[],
  source: string,
): Promise<DoneLine[]> {
  const called = (sku: string) => known.reference(sku, { source });
  const products = await known.findProducts(
    lines.map(({ sku }) => ({ sku: called(sku), barcode: called(sku) })),
  );
  const done: DoneLine[] = [];
  for (const { uom, ...line } of lines) {
    const article = called(line.sku);
    const product = products.get(article)!;
    if (product instanceof CodedError) throw product;
    const ratio = uom === undefined ? undefined : await known.inUnit(uom, product.uom, { source, article });
    const { id, isService } = product;
    done.push({ ...(ratio ? inOwnUnit(line, ratio) : line), product: id, ...(isService && { isService }) });
  }
  return done;
}

/** A tip or a gift wrap stands in the order and is never moved. Throws ORDER_NOT_OPEN where nothing else is there. */
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

function trackingNote({ carrier, tracking = '' }: Movement): string {
  const text = carrier ? `${carrier} ${tracking}` : tracking;
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
