/** A canonical order as rows for Odoo's `load` of sale.order; the money arithmetic of its lines. */
import Big from 'big.js';
import type { Charge, Line, CanonicalOrder, Tax } from './canonical-order.ts';
import { externalId } from './external-id.ts';
import type { LoadRecord } from './load.ts';
import type { Names } from './model.ts';
import type { Parties } from './party.ts';
import type { Currency, Product, Unit } from './resolve.ts';

/** Everything an order names, as database ids of Odoo. */
export interface References {
  parties: Parties;
  currency: Currency;
  warehouse?: number;
  paymentTerms?: number;
  /** By SKU. */
  products: Map<string, Product>;
  shipping?: Product;
  discount?: Product;
  /** By tax code. */
  taxes: Map<string, number>;
  /** Of the lines that name theirs. */
  units: Map<Line, Unit>;
}

interface Position {
  externalId: string;
  name: string;
  product: Product;
  uom: number;
  quantity: string;
  price: string;
  discount: string;
  taxes: Tax[];
}

export function orderExternalId({ source, id }: Pick<CanonicalOrder, 'source' | 'id'>): string {
  return externalId(source, 'order', id);
}

/**
 * Odoo keeps a discount as a percentage with two decimals. Undefined when none is exactly the amount:
 * a fraction of a cent a line adds up, since Odoo may round once for the whole order.
 */
export function percentage(quantity: string, price: string, discount: string): string | undefined {
  const full = Big(quantity).times(price);
  if (Big(discount).eq(0)) return '0';
  if (full.eq(0)) return undefined;
  const percent = Big(discount).div(full).times(100).round(2);
  return full.times(percent).div(100).eq(discount) ? percent.toString() : undefined;
}

/** True when a discount of the order needs a line of its own. */
export function needsDiscountLine({ lines, shipping = [] }: CanonicalOrder): boolean {
  const asLine = ({ quantity, unitPrice, discount = '0' }: Line) => percentage(quantity, unitPrice, discount);
  const asCharge = ({ price, discount = '0' }: Charge) => percentage('1', price, discount);
  return [...lines.map(asLine), ...shipping.map(asCharge)].includes(undefined);
}

export function orderRecord(order: CanonicalOrder, refs: References, names: Names): LoadRecord {
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
    note: html(order.note ?? ''),
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
  const id = externalId(order.source, 'order', order.id, 'line', line.id);
  const { name, discount = '0', taxes } = line;
  const { id: uom, factor } = refs.units.get(line) ?? { id: product.uom, factor: Big(1) };
  const quantity = factor.times(line.quantity).toFixed();
  const price = Big(line.unitPrice).div(factor).round(6).toFixed();
  const percent = percentage(line.quantity, line.unitPrice, discount);
  return discounted({ externalId: id, name, product, uom, quantity, price, discount, taxes }, percent, refs);
}

function chargePositions(order: CanonicalOrder, charge: Charge, refs: References): Position[] {
  const product = refs.shipping!;
  const id = externalId(order.source, 'order', order.id, 'charge', charge.id);
  const { name, price, discount = '0', taxes } = charge;
  return discounted(
    { externalId: id, name, product, uom: product.uom, quantity: '1', price, discount, taxes },
    percentage('1', price, discount),
    refs,
  );
}

/** The position with its discount as a percentage, or followed by a line that takes the amount off. */
function discounted(position: Position, percent: string | undefined, refs: References): Position[] {
  const { discount, taxes } = position;
  if (percent !== undefined) return [{ ...position, discount: percent }];
  const product = refs.discount!;
  const off: Position = {
    externalId: `${position.externalId}_discount`,
    name: `Discount: ${position.name}`,
    product,
    uom: product.uom,
    quantity: '1',
    price: Big(discount).times(-1).toString(),
    discount: '0',
    taxes,
  };
  return [{ ...position, discount: '0' }, off];
}

function lineCells(position: Position, refs: References, names: Names): Record<string, string> {
  const cells = {
    id: position.externalId,
    name: position.name,
    'product_id/.id': String(position.product.id),
    [`${names.lineUom}/.id`]: String(position.uom),
    product_uom_qty: position.quantity,
    price_unit: position.price,
    discount: position.discount,
    // Empty says: no tax. Left out, Odoo would take the taxes of the product.
    [`${names.lineTaxes}/.id`]: position.taxes.map(({ code }) => refs.taxes.get(code)!).join(),
  };
  return Object.fromEntries(Object.entries(cells).map(([name, cell]) => [`order_line/${name}`, cell]));
}

function html(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\n', '<br>');
}
