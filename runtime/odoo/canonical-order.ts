/** The canonical order as TypeScript; definitions/schemas/order.v1.json is the truth, and what comes in was checked by it. */
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
  /** Of a tax that Odoo itself told; no message has it. */
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
  /** How many pieces the partner says one of the unit holds. */
  pack?: string;
  unitPrice: string;
  /** Off the whole line. */
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
