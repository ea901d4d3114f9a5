/**
 * The project's Shopify mapping in plain JavaScript, written by hand: what comes out is the same. It looks up no value
 * map and no rule of a partner, knows no limits of time and size, and does not check its result against the schema.
 */
import { decimal, money, over, times, units } from './units.ts';

type Amount = string | number;

interface TaxLine {
  title?: string;
  rate?: Amount;
  price?: Amount;
}

interface Address {
  [field: string]: string | null | undefined;
}

interface MoneySet {
  shop_money?: { amount?: Amount };
}

interface Line {
  id: Amount;
  sku?: string | null;
  name?: string;
  title?: string;
  quantity: number;
  current_quantity?: number | null;
  fulfillable_quantity?: number;
  price: Amount;
  total_discount?: Amount;
  discount_allocations?: { amount: Amount }[] | null;
  tax_lines?: TaxLine[] | null;
  variant_id?: Amount | null;
  product_id?: Amount | null;
  tip?: object | null;
  gift_card?: boolean;
  duties?: ({ id: Amount; price?: Amount; tax_lines?: TaxLine[] } & MoneySet)[] | null;
}

interface ShippingLine {
  id: Amount;
  code?: string | null;
  title?: string | null;
  price: Amount;
  is_removed?: boolean;
  discount_allocations?: { amount: Amount }[] | null;
  tax_lines?: TaxLine[] | null;
}

export interface ShopifyOrder {
  id: Amount;
  line_items?: Line[] | null;
  shipping_lines?: ShippingLine[] | null;
  additional_fees?: {
    id: Amount;
    name?: string;
    price?: Amount;
    price_set?: MoneySet;
    tax_lines?: TaxLine[];
  }[];
  fulfillments?: { status?: string; line_items?: { id: Amount; quantity: number }[] }[] | null;
  refunds?: { order_adjustments?: object[] }[] | null;
  customer?: (Address & { default_address?: Address | null }) | null;
  billing_address?: Address | null;
  shipping_address?: Address | null;
  [field: string]: unknown;
}

interface Tax {
  code: string;
  rate: string | undefined;
  amount: string | undefined;
}

interface Charge {
  id: string | undefined;
  code: string | undefined;
  name: string | undefined;
  price: string | undefined;
  discount?: string | undefined;
  taxes: Tax[];
}

/** What the value map `article` of the project says. */
const articles = { tip: 'TIP', 'gift-card': 'GIFT-CARD', custom: 'CUSTOM' };
const undone = new Set(['cancelled', 'error', 'failure']);
const threeDecimals = new Set(['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND']);
const noDecimals = new Set(['CLP', 'ISK', 'JPY', 'KRW', 'PYG', 'UGX', 'VND', 'XAF', 'XOF', 'XPF']);

export function plainMap(order: ShopifyOrder): Record<string, unknown> {
  const all = (order.line_items ?? []).map((line) => ({ line, quantity: wanted(line, order.fulfillments) }));
  const lines = all.filter(({ quantity }) => quantity > 0).map(lineOf);
  const edited =
    all.some(({ line, quantity }) => quantity !== line.quantity) ||
    (order.shipping_lines ?? []).some((one) => one?.is_removed === true);
  const returned =
    all.some(({ line, quantity }) => ![undefined, quantity].includes(line.current_quantity as number)) ||
    (order.refunds ?? []).some((one) => (one.order_adjustments ?? []).length > 0);
  const isCurrent = edited && !returned;
  const charges = chargesOf(order, isCurrent);
  const billing = order.billing_address ?? {};
  const shipping = order.shipping_address ?? {};
  const billTo = addressOf(billing, shipping);
  const shipTo = addressOf(shipping, billing);
  return {
    source: 'shopify',
    id: text(order.id),
    number: text(order['order_number']),
    reference: text(order['po_number']),
    version: time(order['updated_at']),
    placedAt: time(first(order['processed_at'], order['created_at'])),
    currency: text(order['currency']),
    customer: customerOf(order),
    billTo:
      billTo && !billTo['street'] && billTo['country'] === shipTo?.['country']
        ? streetFrom(billTo, shipTo)
        : billTo,
    shipTo,
    delivered: order['fulfillment_status'] === 'fulfilled' ? true : undefined,
    warehouse: text(order['location_id']),
    paymentTerms: text((order['payment_terms'] as Address | null)?.['payment_terms_name']),
    pricesIncludeTax: order['taxes_included'] === true,
    lines,
    shipping: charges,
    totals: totalsOf(order, lines, charges, { edited, isCurrent }),
    note: text(order['note']),
  };
}

/** An edit leaves `quantity` and takes off `current_quantity`; what was shipped counts. */
function wanted(
  { id, quantity, current_quantity, fulfillable_quantity }: Line,
  fulfillments: ShopifyOrder['fulfillments'],
): number {
  if (current_quantity === undefined || current_quantity === null) return quantity;
  let shipped = fulfillable_quantity ?? 0;
  for (const { status, line_items } of fulfillments ?? [])
    if (!undone.has(status ?? ''))
      for (const one of line_items ?? []) if (one.id === id) shipped += one.quantity;
  return Math.max(current_quantity, shipped);
}

function lineOf({ line, quantity }: { line: Line; quantity: number }) {
  const share = (amount: number): number =>
    quantity === line.quantity ? amount : over(times(amount, units(quantity)!), units(line.quantity)!);
  const known = kindOf(line);
  const allocated = (line.discount_allocations ?? []).filter((one) => one !== null);
  const off =
    allocated.length > 0 ? sum(allocated.map(({ amount }) => amount)) : (units(line.total_discount) ?? 0);
  return {
    id: text(line.id),
    sku: known
      ? articles[known]
      : first(line.sku, text(line.variant_id) && `variant:${line.variant_id}`, `product:${line.product_id}`),
    kind: known,
    name: first(line.name, line.title),
    quantity: decimal(units(quantity)!),
    uom: 'EA',
    unitPrice: money(units(line.price) ?? 0),
    discount: unlessZero(share(off)),
    taxes: taxesOf(line.tax_lines, share),
  };
}

function kindOf({ sku, tip, gift_card, variant_id, product_id }: Line): keyof typeof articles | undefined {
  if (text(sku)) return undefined;
  if (tip !== undefined && tip !== null) return 'tip';
  if (gift_card === true) return 'gift-card';
  return first(variant_id, product_id) ? undefined : 'custom';
}

function taxesOf(lines: readonly TaxLine[] | null | undefined, share = (amount: number) => amount): Tax[] {
  const taxes: Tax[] = [];
  for (const { title, rate, price } of lines ?? []) {
    const [percent, amount] = [units(rate), units(price)];
    if (percent === 0 && amount === 0) continue;
    taxes.push({
      code: `${text(title) ?? ''} ${percent === undefined ? '' : decimal(percent * 100)}%`,
      rate: percent === undefined ? undefined : decimal(percent),
      amount: amount === undefined ? undefined : money(share(amount)),
    });
  }
  return taxes;
}

function chargesOf(order: ShopifyOrder, isCurrent: boolean): Charge[] {
  const charges: (Charge | undefined)[] = (order.shipping_lines ?? [])
    .filter((one) => one !== null && one.is_removed !== true)
    .map(({ id, code, title, price, discount_allocations, tax_lines }) => ({
      id: text(id),
      code: text(code),
      name: first(title, 'Shipping'),
      price: money(units(price) ?? 0),
      discount: unlessZero(sum((discount_allocations ?? []).map(({ amount }) => amount))),
      taxes: taxesOf(tax_lines),
    }));
  const charged = (what: string): string | undefined => {
    const at = (when: string) => (order[`${when}_total_${what}_set`] as MoneySet | null)?.shop_money?.amount;
    return isCurrent ? first(at('current'), at('original')) : first(at('original'));
  };
  const duties = (order.line_items ?? []).flatMap((line) => line.duties ?? []);
  for (const one of duties)
    charges.push(
      fee(`duty-${one.id}`, 'duties', 'Duties', first(one.shop_money?.amount, one.price), one.tax_lines),
    );
  if (duties.length === 0) charges.push(fee('duties', 'duties', 'Duties', charged('duties')));
  const fees = order.additional_fees ?? [];
  for (const { id, name, price_set, price, tax_lines } of fees) {
    const amount = first(price_set?.shop_money?.amount, price);
    charges.push(fee(`fee-${id}`, 'fee', first(name, 'Additional fee'), amount, tax_lines));
  }
  if (fees.length === 0) charges.push(fee('fees', 'fee', 'Additional fees', charged('additional_fees')));
  const tipped = (order.line_items ?? []).filter(({ tip }) => tip !== undefined && tip !== null);
  const onLines = tipped.reduce((total, one) => total + times(units(one.price)!, units(one.quantity)!), 0);
  const tip = (units(order['total_tip_received']) ?? 0) - onLines;
  if (tip > 0) charges.push(fee('tip', 'tip', 'Tip', money(tip)));
  return charges.filter((one) => one !== undefined);
}

function fee(
  id: string,
  code: string,
  name: string | undefined,
  price: Amount | undefined,
  taxes: TaxLine[] = [],
): Charge | undefined {
  const amount = units(price);
  return amount ? { id, code, name, price: money(amount), taxes: taxesOf(taxes) } : undefined;
}

function totalsOf(
  order: ShopifyOrder,
  lines: readonly ReturnType<typeof lineOf>[],
  charges: readonly Charge[],
  { edited, isCurrent }: { edited: boolean; isCurrent: boolean },
) {
  let amount = 0;
  for (const { unitPrice, quantity, discount } of lines)
    amount += times(units(unitPrice)!, units(quantity)!) - (units(discount) ?? 0);
  for (const { price, discount } of charges) amount += (units(price) ?? 0) - (units(discount) ?? 0);
  const each = [...lines, ...charges].flatMap(({ taxes }) => taxes.map((one) => one.amount));
  const taxed = sum(each);
  const coins = coin(text(order['currency'])) * (lines.length + charges.length + each.length);
  const said = (what: string, computed: number): number | undefined => {
    if (edited && !isCurrent) return computed;
    return units(order[edited ? `current_total_${what}` : `total_${what}`]);
  };
  const tax = said('tax', taxed) ?? 0;
  const computed = order['taxes_included'] ? amount : amount + tax;
  const gross = said('price', computed);
  const presented = text(order['presentment_currency']);
  const isAbroad = presented !== undefined && presented !== order['currency'];
  agree(tax, taxed, coins);
  if (gross !== undefined) agree(gross, computed, edited || isAbroad ? coins : 0);
  return {
    net: money((gross ?? 0) - tax),
    tax: money(tax),
    gross: gross === undefined ? undefined : money(gross),
  };
}

function agree(said: number, computed: number, tolerance: number): void {
  if (Math.abs(said - computed) > tolerance)
    throw new Error(`${money(said)} is said, ${money(computed)} computed`);
}

function customerOf(order: ShopifyOrder) {
  const { customer, billing_address: billing, shipping_address: shipping } = order;
  const email = first(customer?.['email'], order['email'], order['contact_email'])?.toLowerCase();
  const names = [text(customer?.['first_name']), text(customer?.['last_name'])].filter(Boolean).join(' ');
  return {
    id: first(customer?.['id'], email && `guest:${email}`, `guest:order:${order.id}`),
    name: first(names, billing?.['name'], shipping?.['name'], billing?.['company'], email, 'Guest'),
    email,
    phone: first(customer?.['phone'], order['phone'], billing?.['phone']),
    company: first(billing?.['company'], customer?.default_address?.['company']),
  };
}

function addressOf(a: Address, other: Address): Record<string, string | undefined> | undefined {
  if (!first(a['address1'], a['city'], a['zip'], a['country_code'])) return undefined;
  const names = [text(a['first_name']), text(a['last_name'])].filter(Boolean).join(' ');
  return {
    name: first(a['name'], names),
    company: text(a['company']),
    street: text(a['address1']),
    street2: text(a['address2']),
    city: text(a['city']),
    postalCode: text(a['zip']),
    region: first(a['province_code'], a['province']),
    country: first(a['country_code'], other['country_code']),
    phone: text(a['phone']),
  };
}

/** A wallet tells no street of the payer: then it is that of the delivery. */
function streetFrom(
  billTo: Record<string, string | undefined>,
  shipTo: Record<string, string | undefined> = {},
) {
  const where = ['street', 'street2', 'city', 'postalCode', 'region'].filter((name) => shipTo[name]);
  return { ...billTo, ...Object.fromEntries(where.map((name) => [name, shipTo[name]])) };
}

function coin(currency = ''): number {
  if (noDecimals.has(currency)) return 1_000_000;
  return threeDecimals.has(currency) ? 1000 : 10_000;
}

function unlessZero(amount: number): string | undefined {
  return amount === 0 ? undefined : money(amount);
}

function sum(list: readonly (Amount | undefined)[]): number {
  return list.reduce<number>((total, one) => total + (units(one) ?? 0), 0);
}

function time(x: unknown): string | undefined {
  const given = text(x);
  return given === undefined ? undefined : new Date(given).toISOString();
}

function text(x: unknown): string | undefined {
  if (x === undefined || x === null) return undefined;
  return (typeof x === 'string' ? x.trim() : String(x)) || undefined;
}

function first(...list: unknown[]): string | undefined {
  for (const one of list) {
    const found = text(one);
    if (found) return found;
  }
  return undefined;
}
