/** Converts a canonical order to rows for Odoo's `load` of sale.order. */
import Big from 'big.js';
import { CodedError } from '../../errors/coded-error.ts';
import { escaped } from '../../markup/escaped.ts';
import type { Arithmetic, OdooTax } from '../arithmetic.ts';
import type { Charge, Line, CanonicalOrder, Tax } from '../canonical-order.ts';
import { externalId } from '../external-id.ts';
import type { LoadRecord } from '../load.ts';
import type { Dialect } from '../versions/dialect.ts';
import { basisOf, percentage, priceIn } from './prices.ts';
import type { Parties } from './party.ts';
import type { Currency } from '../company.ts';
import type { Product } from '../products.ts';
import type { Unit } from '../resolve.ts';

/** Everything that an order names, with database ids of Odoo. */
export interface References {
  parties: Parties;
  currency: Currency;
  warehouse?: number;
  paymentTerms?: number;
  /** By SKU. */
  products: Map<string, Product>;
  charges: Map<Charge, Product>;
  discount?: Product;
  /** By tax code. */
  taxes: Map<string, OdooTax>;
  arithmetic: Arithmetic;
  /** The units of the lines that name one. */
  units: Map<Line, Unit>;
}

export interface Position {
  externalId: string;
  name: string;
  product: Product;
  uom: number;
  quantity: string;
  price: string;
  discount: string;
  taxes: Tax[];
}

/** Throws CodedError TEXT_INVALID. */
export function orderExternalId({ source, id }: Pick<CanonicalOrder, 'source' | 'id'>): string {
  return externalId(source, 'order', id);
}

type Computing = Pick<References, 'taxes' | 'arithmetic' | 'currency'>;

/** True when a discount of the order needs its own line. */
export function needsDiscountLine(order: CanonicalOrder, computing: Computing): boolean {
  const charges = (order.shipping ?? []).map((charge) => ({ ...charge, quantity: '1' }));
  const lines = order.lines.map((line) => ({ ...line, price: line.unitPrice }));
  return [...lines, ...charges].some((one) => termsOf(order, one, computing).percent === undefined);
}

/** Throws CodedError QUANTITY_INEXACT or TEXT_INVALID. */
export function orderRecord(order: CanonicalOrder, refs: References, names: Dialect): LoadRecord {
  const id = orderExternalId(order);
  const head: Record<string, string> = {
    id,
    'partner_id/.id': String(refs.parties.customer),
    'partner_invoice_id/.id': String(refs.parties.billTo),
    'partner_shipping_id/.id': String(refs.parties.shipTo),
    'pricelist_id/.id': String(refs.currency.pricelist ?? ''),
    client_order_ref: order.number,
    origin: order.reference ?? '',
    date_order: new Date(order.placedAt).toISOString().slice(0, 19).replace('T', ' '),
    note: names.plainNotes ? (order.note ?? '') : html(order.note ?? ''),
  };
  if (refs.warehouse !== undefined) head['warehouse_id/.id'] = String(refs.warehouse);
  if (refs.paymentTerms !== undefined) head['payment_term_id/.id'] = String(refs.paymentTerms);
  const lines = positions(order, refs).map((position) => lineCells(position, refs, names));
  const [first, ...more] = lines;
  return { externalId: id, rows: [{ ...head, ...first }, ...more] };
}

function positions(order: CanonicalOrder, refs: References): Position[] {
  const goods = order.lines.flatMap((line) => linePositions(order, line, refs));
  const charges = (order.shipping ?? []).flatMap((charge) => chargePositions(order, charge, refs));
  return [...goods, ...charges];
}

function linePositions(order: CanonicalOrder, line: Line, refs: References): Position[] {
  const product = refs.products.get(line.sku)!;
  const { id: uom, factor } = refs.units.get(line) ?? { id: product.uom, factor: Big(1) };
  const externalId = lineExternalId(order, 'line', line.id);
  const priced = { ...line, price: line.unitPrice, externalId, product, uom, factor };
  return discounted(order, priced, refs);
}

function chargePositions(order: CanonicalOrder, charge: Charge, refs: References): Position[] {
  const product = refs.charges.get(charge)!;
  const externalId = lineExternalId(order, 'charge', charge.id);
  const priced = { ...charge, quantity: '1', externalId, product, uom: product.uom, factor: Big(1) };
  return discounted(order, priced, refs);
}

function lineExternalId({ source, id }: CanonicalOrder, kind: 'line' | 'charge', of: string): string {
  return externalId(source, 'order', id, kind, of);
}

/** A line or charge with its values and references. */
interface Priced {
  externalId: string;
  name: string;
  product: Product;
  uom: number;
  /** How many of Odoo's unit are in one of the partner's. */
  factor: Big;
  quantity: string;
  price: string;
  discount?: string;
  taxes: Tax[];
}

/** Returns the position with its discount as a percentage, or with a second position that subtracts the amount. */
function discounted(order: CanonicalOrder, priced: Priced, refs: References): Position[] {
  const { externalId, name, product, uom, factor, price, discount = '0', taxes } = priced;
  const { arithmetic } = refs;
  const { basis, percent } = termsOf(order, priced, refs);
  const position: Position = {
    externalId,
    name,
    product,
    uom,
    quantity: quantityIn(arithmetic, priced),
    price: priceIn(arithmetic, Big(price).times(basis).div(factor)),
    discount: percent ?? '0',
    taxes,
  };
  if (percent !== undefined) return [position];
  const off: Position = {
    externalId: `${externalId}_discount`,
    name: `Discount: ${name}`,
    product: refs.discount!,
    uom: refs.discount!.uom,
    quantity: '1',
    price: priceIn(arithmetic, Big(discount).times(-1).times(basis)),
    discount: '0',
    taxes,
  };
  return [position, off];
}

/** The factor for its price in Odoo, and its discount in percent. Undefined if the discount needs its own line. */
function termsOf(
  { pricesIncludeTax }: CanonicalOrder,
  { quantity, price, discount = '0', taxes }: Pick<Priced, 'quantity' | 'price' | 'discount' | 'taxes'>,
  { taxes: known, arithmetic, currency }: Computing,
): { basis: Big; percent: string | undefined } {
  const mapped = taxes.map(({ code, rate }) => ({ rate, inOdoo: known.get(code)! }));
  const basis = basisOf(pricesIncludeTax, mapped);
  const percent = percentage(quantity, price, discount, basis, arithmetic, currency.unit);
  return { basis, percent };
}

/** Throws QUANTITY_INEXACT: a rounded quantity would not be what was ordered. */
function quantityIn({ quantity: decimals }: Arithmetic, { name, quantity, factor }: Priced): string {
  const ordered = factor.times(quantity);
  if (ordered.round(decimals).eq(ordered)) return ordered.toFixed();
  throw new CodedError(
    'QUANTITY_INEXACT',
    `${ordered.toFixed()} of '${name}' have more decimals than the ${decimals} that Odoo keeps of a quantity`,
    { quantity: ordered.toFixed(), decimals },
  );
}

export function lineCells(position: Position, refs: References, names: Dialect): Record<string, string> {
  const cells = {
    id: position.externalId,
    name: position.name,
    'product_id/.id': String(position.product.id),
    [`${names.lineUom}/.id`]: String(position.uom),
    product_uom_qty: position.quantity,
    price_unit: position.price,
    discount: position.discount,
    // An empty cell means no tax. Without the cell Odoo would use the taxes of the product.
    [`${names.lineTaxes}/.id`]: position.taxes.map(({ code }) => refs.taxes.get(code)!.id).join(),
  };
  return Object.fromEntries(Object.entries(cells).map(([name, cell]) => [`order_line/${name}`, cell]));
}

function html(text: string): string {
  return escaped(text).replaceAll('\n', '<br>');
}
