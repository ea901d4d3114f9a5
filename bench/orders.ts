/** The orders that every bench sends: Shopify's shape, three lines, each with an id of its own. */
import { shopifyOrder, type Item } from '../cli/samples.ts';

export const secret = 'bench-shopify-secret';
export const path = '/hooks/shopify/orders';

/** Articles of Odoo's demo data, which the sandbox has too. */
const items: Item[] = [
  { sku: 'E-COM07', name: 'Large Cabinet', price: '320.00', quantity: 1 },
  { sku: 'FURN_7777', name: 'Office Chair', price: '70.00', quantity: 2 },
  { sku: 'FURN_8888', name: 'Office Lamp', price: '40.00', quantity: 3 },
];

const placed = new Date('2026-11-02T14:00:00Z');

export function orderBody(number: number): string {
  return shopifyOrder(String(number), number, items, placed);
}

const epoch = Date.parse('2026-01-01T00:00:00Z');

/** Numbers no earlier run has used, about as long as Shopify's own. */
export function firstNumber(): number {
  return Math.floor((Date.now() - epoch) / 1000) * 10_000;
}
