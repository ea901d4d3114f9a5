/** Changes a sale order in Odoo, confirmed or not, to what the partner says now. */
import { createHash } from 'node:crypto';
import Big from 'big.js';
import { CodedError } from '../../errors/coded-error.ts';
import { bind, findBinding, type Document } from '../binding.ts';
import type { CanonicalOrder } from '../canonical-order.ts';
import type { Odoo } from '../client.ts';
import { findOrder, type FoundOrder } from '../find-order.ts';
import { load, plain, type LoadRecord } from '../load.ts';
import type { Dialect } from '../versions/dialect.ts';
import { ownLines } from './lines.ts';
import { orderRecord, type References } from './rows.ts';
import { closeTotals, roundingLineId, type Rounding } from './rounding.ts';
import { isQuotation, type ChangedOrder } from './state.ts';
import { openPickings } from '../stock/picking.ts';
import { lowerMoves } from '../stock/lower-moves.ts';

/** What the partner said about an order, as far as an update can change it, and the result. Stored as JSON. */
export interface PartnerSnapshot {
  /** Id of the sale.order. */
  order: number;
  name: string;
  state: string;
  /** Version of the message; empty if it has none. */
  version: string;
  /** Whether this version changed something in Odoo. */
  changed: boolean;
  /** Digest of everything that an update can change. */
  digest: string;
  /** Quantity, unit, price, discount and article of each line, by external id of the line. */
  lines: Record<string, string>;
  /** Id of the delivery address, a res.partner. */
  shipTo: number;
}

export interface UpdatedOrder extends ChangedOrder {
  /**
   * What the partner has said about the order so far; the next update compares with it. Undefined if the order is
   * cancelled.
   */
  partnerSnapshot?: PartnerSnapshot;
  /** Whether this version changed something in Odoo, now or at an earlier attempt. */
  changed: boolean;
  /** Whether the order is a quotation and this version does not hold it. */
  ready: boolean;
  /** The open transfers to the customer. Empty for a repeated message, for which Odoo is not asked. */
  open: { id: number; name: string }[];
}

type Row = Record<string, string>;

interface StoredLine {
  id: number;
  product_id: [number, string];
  /** True when nothing of the line was shipped or waits to be shipped. */
  product_updatable: boolean;
  product_uom_qty: number;
  price_unit: number;
  discount: number;
  qty_delivered: number;
  qty_invoiced: number;
  [uom: string]: unknown;
}

/** What an update has to write. */
interface Difference {
  /** Lines that are new or differ from Odoo. */
  rows: Row[];
  /** Ids of lines that the order no longer has. Odoo keeps the lines of a confirmed order, with a quantity of 0. */
  gone: number[];
  shipTo?: number;
}

/**
 * Writes the differences between the message and Odoo, and attaches the message to the order. Safe to call again: the
 * same message writes nothing the second time. `before` is the snapshot of the last update: what a person changed in
 * Odoo since then stays, unless the partner changed the same. Without `before` every difference is written. Throws
 * CodedError ORDER_UNKNOWN; ORDER_NOT_OPEN if a cancelled order, or something shipped or invoiced, would change;
 * ODOO_REFUSED if the article of a line on its way would change; ODOO_TOTAL_MISMATCH; or what the references or a call
 * to Odoo throw.
 */
export async function updateOrder(
  odoo: Odoo,
  given: CanonicalOrder,
  referencesOf: (order: CanonicalOrder) => Promise<References>,
  rounding: Rounding,
  before?: PartnerSnapshot,
): Promise<UpdatedOrder> {
  const { source, id: of, version = '' } = given;
  const digest = digestOf(given);
  if (before?.digest === digest && !(before.version === version && before.changed))
    return unchanged(given, before);
  const found = await findOrder(odoo, 'sale.order', { source, id: of });
  const { id, name, state, reference: order } = found;
  const document: Document = {
    source,
    id: `${of}/${version}`,
    kind: 'update',
    order: { source, id: of },
    content: given,
  };
  const refs = await referencesOf(given);
  const names = await odoo.dialect();
  const record = orderRecord(given, refs, names);
  const [lines, shipTo] = [snapshotLines(record, names), refs.parties.shipTo];
  const partnerSnapshot: PartnerSnapshot = {
    order: id,
    name,
    state,
    version,
    changed: false,
    digest,
    lines,
    shipTo,
  };
  const last = before?.order === id ? before : undefined;
  const difference = await differenceOf(
    odoo,
    found,
    names,
    record,
    refs.currency.unit,
    partnerSnapshot,
    last,
  );
  const isDifferent = difference.rows.length + difference.gone.length > 0 || difference.shipTo !== undefined;
  if (state === 'cancel') {
    if (isDifferent)
      throw new CodedError('ORDER_NOT_OPEN', `${name} is cancelled in Odoo, and the partner changes it`, {
        order: name,
      });
    return { order, id, name, state, repeated: true, changed: false, ready: false, open: [] };
  }
  const attached = await findBinding(odoo, document);
  if (isDifferent) {
    if (!attached) await bind(odoo, document, { model: 'sale.order', id });
    await write(odoo, id, record, difference);
  }
  const changed = isDifferent || attached !== undefined;
  if (changed && !names.lowersMoves && !isQuotation(found)) await lowerMoves(odoo, id);
  if (changed) await closeTotals(odoo, rounding, id, given, refs, names);
  const open = await openPickings(odoo, 'sale_id', id, 'outgoing');
  const ready = isReady(given, partnerSnapshot);
  return {
    order,
    id,
    name,
    state,
    repeated: !isDifferent,
    changed,
    ready,
    open,
    partnerSnapshot: { ...partnerSnapshot, changed },
  };
}

/** The result for a message that repeats the last one, as most updates of a shop do. Odoo is not asked. */
function unchanged(given: CanonicalOrder, partnerSnapshot: PartnerSnapshot): UpdatedOrder {
  const { source, id: of, number } = given;
  const { order: id, name, state } = partnerSnapshot;
  const order = { source, id: of, number };
  return {
    order,
    id,
    name,
    state,
    repeated: true,
    changed: false,
    ready: isReady(given, partnerSnapshot),
    open: [],
    partnerSnapshot,
  };
}

/**
 * Whether a flow has to act on the order. True for one version only: a later version that repeats it is not acted on
 * again.
 */
function isReady({ hold, version = '' }: CanonicalOrder, partnerSnapshot: PartnerSnapshot): boolean {
  return hold === undefined && isQuotation(partnerSnapshot) && partnerSnapshot.version === version;
}

function digestOf({ currency, lines, shipping, shipTo, billTo, totals, hold }: CanonicalOrder): string {
  const content = JSON.stringify([currency, lines, shipping, shipTo ?? billTo, totals, hold]);
  return createHash('sha256').update(content).digest('base64');
}

function snapshotLines({ rows }: LoadRecord, { lineUom }: Dialect): Record<string, string> {
  const columns = ['product_uom_qty', `${lineUom}/.id`, 'price_unit', 'discount', 'product_id/.id'];
  return Object.fromEntries(
    rows.map((row) => [
      row['order_line/id']!,
      columns.map((column) => row[`order_line/${column}`]).join(' '),
    ]),
  );
}

/** Finds what differs between the message and Odoo. Throws CodedError ORDER_NOT_OPEN or ODOO_REFUSED. */
async function differenceOf(
  odoo: Odoo,
  { id, name }: FoundOrder,
  names: Dialect,
  record: LoadRecord,
  unit: string,
  partnerSnapshot: PartnerSnapshot,
  before?: PartnerSnapshot,
): Promise<Difference> {
  const stored = await readLines(odoo, id, names);
  const own = await ownLines(odoo, [...stored.keys()], record.externalId);
  const wanted = new Map(record.rows.map((row) => [row['order_line/id']!, row]));
  const lineOf = (externalId: string) => stored.get(own.get(externalId) ?? 0);
  const rows = [...wanted].flatMap(([externalId, row]) => {
    const line = lineOf(externalId);
    const last = before?.lines[externalId];
    if (line && (isRepeated(last, partnerSnapshot.lines[externalId]!) || isSame(row, line, unit, names)))
      return [];
    if (line) checkArticle(name, line, row);
    if (line) checkOpen(name, line, Big(row['order_line/product_uom_qty']!), !isSamePrice(row, line, unit));
    return [row];
  });
  // The rounding line is computed after the other lines are written.
  own.delete(roundingLineId(record.externalId));
  const gone = [...own.keys()].flatMap((externalId) => {
    const line = lineOf(externalId);
    if (!line || wanted.has(externalId) || line.product_uom_qty === 0) return [];
    if (before && !(externalId in before.lines)) return [];
    checkOpen(name, line, Big(0), false);
    return [line.id];
  });
  const [head] = await odoo.call<{ partner_shipping_id: [number, string] }[]>('sale.order', 'search_read', {
    domain: [['id', '=', id]],
    fields: ['partner_shipping_id'],
  });
  const { shipTo } = partnerSnapshot;
  const isMoved = before?.shipTo !== shipTo && head?.partner_shipping_id[0] !== shipTo;
  return { rows, gone, ...(isMoved && { shipTo }) };
}

async function readLines(odoo: Odoo, order: number, names: Dialect): Promise<Map<number, StoredLine>> {
  const lines = await odoo.call<StoredLine[]>('sale.order.line', 'search_read', {
    domain: [['order_id', '=', order]],
    fields: [
      'product_id',
      'product_uom_qty',
      'price_unit',
      'discount',
      'qty_delivered',
      'qty_invoiced',
      'product_updatable',
      names.lineUom,
    ],
  });
  return new Map(lines.map((line) => [line.id, line]));
}

/** Whether the partner said the same before. Older snapshots do not contain the article. */
function isRepeated(before: string | undefined, now: string): boolean {
  return before !== undefined && (now === before || now.startsWith(`${before} `));
}

function isSame(row: Row, line: StoredLine, unit: string, names: Dialect): boolean {
  const [uom] = line[names.lineUom] as [number, string];
  return (
    Big(row['order_line/product_uom_qty']!).eq(line.product_uom_qty) &&
    isSamePrice(row, line, unit) &&
    String(line.product_id[0]) === row['order_line/product_id/.id'] &&
    String(uom) === row[`order_line/${names.lineUom}/.id`]
  );
}

/**
 * Odoo rounds prices to its own decimals. A difference of less than half a currency unit for the line counts as none.
 */
function isSamePrice(
  row: Row,
  { price_unit: price, discount, product_uom_qty: quantity }: StoredLine,
  unit: string,
): boolean {
  const apart = Big(row['order_line/price_unit']!).minus(price).times(quantity).abs();
  return apart.lt(Big(unit).div(2)) && Big(row['order_line/discount']!).eq(discount);
}

/** Throws ODOO_REFUSED: Odoo 14 would accept another article and still ship the first. */
function checkArticle(order: string, { product_id: product, product_updatable: free }: StoredLine, row: Row) {
  if (free || String(product[0]) === row['order_line/product_id/.id']) return;
  const [, article] = product;
  throw new CodedError('ODOO_REFUSED', `${article} of ${order} is on its way: no other takes its line`, {
    order,
    article,
  });
}

/** Throws ORDER_NOT_OPEN: only a return reverses what was shipped, and only a credit note what was invoiced. */
function checkOpen(order: string, line: StoredLine, quantity: Big, isPriced: boolean): void {
  const { product_id: product, qty_delivered: delivered, qty_invoiced: invoiced } = line;
  const article = product[1];
  if (quantity.lt(delivered))
    throw new CodedError(
      'ORDER_NOT_OPEN',
      `${delivered} of ${article} were shipped for ${order}, and ${quantity} are ordered now: it takes a return`,
      { order, article },
    );
  if (quantity.lt(invoiced) || (isPriced && invoiced > 0))
    throw new CodedError(
      'ORDER_NOT_OPEN',
      `${article} of ${order} was invoiced otherwise: it takes a credit note`,
      { order, article },
    );
}

/** Writes the difference. Safe to call again: what an earlier attempt wrote is no longer a difference. */
async function write(odoo: Odoo, id: number, record: LoadRecord, difference: Difference): Promise<void> {
  const { rows, gone, shipTo } = difference;
  if (shipTo !== undefined) {
    // Transfers come first: Odoo would only remind a person of them, and lines added next would lose the address.
    const open = await openPickings(odoo, 'sale_id', id, 'outgoing');
    if (open.length > 0)
      await odoo.call('stock.picking', 'write', {
        ids: open.map((picking) => picking.id),
        vals: { partner_id: shipTo },
        context: plain,
      });
    await odoo.call('sale.order', 'write', {
      ids: [id],
      vals: { partner_shipping_id: shipTo },
      context: { ...plain, mail_activity_automation_skip: true },
    });
  }
  if (rows.length > 0) {
    const [first, ...more] = rows.map(onlyLine);
    const [outcome] = await load(odoo, 'sale.order', [
      { externalId: record.externalId, rows: [{ id: record.externalId, ...first }, ...more] },
    ]);
    if (outcome!.status === 'rejected') throw outcome!.reason;
  }
  if (gone.length > 0)
    await odoo.call('sale.order.line', 'write', { ids: gone, vals: { product_uom_qty: 0 }, context: plain });
}

function onlyLine(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([column]) => column.startsWith('order_line/')));
}
