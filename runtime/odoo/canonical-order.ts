/**
 * The canonical order in TypeScript. definitions/schemas/order.v1.json defines it, and incoming orders were validated
 * by it.
 */
import type { OdooTax } from './arithmetic.ts';

export interface CanonicalOrder {
  source: string;
  id: string;
  number: string;
  reference?: string;
  version?: string;
  placedAt: string;
  currency: string;
  customer: Customer;
  billTo?: Address;
  shipTo?: Address;
  hold?: 'unpaid' | 'test' | 'fulfilled-elsewhere';
  delivered?: boolean;
  warehouse?: string;
  paymentTerms?: string;
  pricesIncludeTax: boolean;
  taxesUntold?: boolean;
  lines: Line[];
  shipping?: Charge[];
  totals: { net: string; tax: string; gross: string };
  note?: string;
}

export interface Customer {
  id: string;
  name: string;
  email?: string;
  phone?: string;
  company?: string;
  taxId?: string;
}

export interface Address {
  name?: string;
  company?: string;
  street?: string;
  street2?: string;
  city?: string;
  postalCode?: string;
  region?: string;
  country: string;
  phone?: string;
  email?: string;
}

export interface Tax {
  code: string;
  rate: string;
  amount: string;
  /** The tax in Odoo, if it comes from there. No message has it. */
  inOdoo?: OdooTax;
}

export interface Line {
  id: string;
  sku: string;
  kind?: 'tip' | 'gift-card' | 'custom';
  barcode?: string;
  name: string;
  quantity: string;
  uom?: string;
  /** How many pieces one of the unit holds, as the partner says. */
  pack?: string;
  unitPrice: string;
  /** Amount off the whole line. */
  discount?: string;
  taxes: Tax[];
}

export interface Charge {
  id: string;
  code?: string;
  name: string;
  price: string;
  discount?: string;
  taxes: Tax[];
}
