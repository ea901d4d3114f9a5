/** Sample orders in the partners' own shapes, signed as the partners sign. */
import Big from 'big.js';
import { sum } from '../runtime/decimal/sum.ts';
import { sign } from '../runtime/verify/sign.ts';

export interface Sample {
  /** What is special about it. */
  kind: 'valid' | 'duplicate' | 'tampered' | 'stale' | 'unknown product';
  partner: 'Shopify' | 'WooCommerce' | 'partner';
  /** The order number. */
  number: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

export interface Secrets {
  shopify: string;
  woocommerce: string;
  partner: string;
}

export interface Item {
  sku: string;
  name: string;
  price: string;
  quantity: number;
}

const rate = '0.15';

interface Amounts {
  net: string;
  tax: string;
  gross: string;
}

/** Of a line or an order: 15 % tax, rounded per line as the shops do. */
export function amounts(items: readonly Item[]): Amounts {
  const prices = items.map(({ price, quantity }) => new Big(price).times(quantity));
  const net = sum(prices);
  const tax = sum(prices.map((price) => price.times(rate).round(2)));
  return { net: net.toFixed(2), tax: tax.toFixed(2), gross: net.plus(tax).toFixed(2) };
}

const customer = { first_name: 'Robin', last_name: 'Mercer', email: 'robin.mercer@example.com' };
const street = {
  address1: '12 Harbor Way',
  city: 'Oakland',
  zip: '94607',
  province_code: 'CA',
  country_code: 'US',
};

/** Shopify `orders/create`; `id` may have more digits than a JavaScript number holds. */
export function shopifyOrder(id: string, number: number, items: readonly Item[], at = new Date()): string {
  const total = amounts(items);
  const address = { ...customer, ...street, email: undefined, phone: null };
  const order = {
    id: 0,
    order_number: number,
    name: `#${number}`,
    created_at: at.toISOString(),
    updated_at: at.toISOString(),
    processed_at: at.toISOString(),
    currency: 'USD',
    taxes_included: false,
    subtotal_price: total.net,
    total_tax: total.tax,
    total_price: total.gross,
    total_discounts: '0.00',
    customer: { id: 7001, ...customer, phone: null },
    billing_address: address,
    shipping_address: address,
    discount_codes: [],
    shipping_lines: [],
    line_items: items.map((item, index) => ({
      id: number * 100 + index,
      sku: item.sku,
      title: item.name,
      name: item.name,
      quantity: item.quantity,
      price: item.price,
      total_discount: '0.00',
      discount_allocations: [],
      tax_lines: [{ title: 'State Tax', rate: Number(rate), price: amounts([item]).tax }],
    })),
  };
  return JSON.stringify(order).replace('"id":0', `"id":${id}`);
}

/** WooCommerce `order.created`. */
export function wooOrder(id: number, items: readonly Item[], at = new Date()): string {
  const total = amounts(items);
  const when = at.toISOString().slice(0, 19);
  const address = {
    first_name: customer.first_name,
    last_name: customer.last_name,
    company: '',
    address_1: street.address1,
    address_2: '',
    city: street.city,
    state: street.province_code,
    postcode: street.zip,
    country: street.country_code,
    phone: '',
  };
  return JSON.stringify({
    id,
    number: String(id),
    status: 'processing',
    currency: 'USD',
    prices_include_tax: false,
    date_created_gmt: when,
    date_modified_gmt: when,
    customer_id: 26,
    customer_note: '',
    discount_total: '0.00',
    total_tax: total.tax,
    total: total.gross,
    billing: { ...address, email: customer.email },
    shipping: address,
    meta_data: [],
    line_items: items.map((item, index) => ({
      id: id * 100 + index,
      name: item.name,
      product_id: 93 + index,
      variation_id: 0,
      quantity: item.quantity,
      subtotal: amounts([item]).net,
      total: amounts([item]).net,
      total_tax: amounts([item]).tax,
      taxes: [{ id: 75, total: amounts([item]).tax, subtotal: amounts([item]).tax }],
      sku: item.sku,
      price: Number(item.price),
    })),
    tax_lines: [
      {
        id: 318,
        rate_code: 'US-CA-STATE TAX-1',
        rate_id: 75,
        label: 'State Tax',
        compound: false,
        tax_total: total.tax,
        shipping_tax_total: '0.00',
        rate_percent: 15,
      },
    ],
    shipping_lines: [],
    fee_lines: [],
    coupon_lines: [],
  });
}

/** A canonical order, as a partner without a shop system sends it. */
export function partnerOrder(
  source: string,
  number: string,
  items: readonly Item[],
  at = new Date(),
): string {
  return JSON.stringify({
    source,
    id: number,
    number,
    placedAt: at.toISOString(),
    currency: 'USD',
    customer: { id: 'c-31', name: 'Mercer Supply', email: customer.email },
    pricesIncludeTax: false,
    lines: items.map((item, index) => ({
      id: String(index + 1),
      sku: item.sku,
      name: item.name,
      quantity: String(item.quantity),
      uom: 'EA',
      unitPrice: item.price,
      taxes: [{ code: '15%', rate, amount: amounts([item]).tax }],
    })),
    totals: amounts(items),
  });
}

const routes = {
  Shopify: { path: '/hooks/shopify/orders', scheme: 'shopify', secret: 'shopify' },
  WooCommerce: { path: '/hooks/woocommerce/orders', scheme: 'woocommerce', secret: 'woocommerce' },
  partner: { path: '/hooks/partners/orders', scheme: 'standard-webhooks', secret: 'partner' },
} as const;

/** `body` signed and addressed as its partner does; `sentAt` is Unix time in seconds. */
export function signed(
  known: Pick<Sample, 'kind' | 'partner' | 'number'>,
  body: string,
  secrets: Secrets,
  sentAt = Math.floor(Date.now() / 1000),
): Sample {
  const { path, scheme, secret } = routes[known.partner];
  const made = sign(scheme, {}, secrets[secret], body, { timestamp: sentAt });
  const headers = { 'content-type': 'application/json', ...made.headers };
  return { ...known, path, headers, body: made.body };
}
