/** Reads the content of an invoice in Odoo, for partners who get it in their own form. */
import { CodedError } from '../../errors/coded-error.ts';
import { amountText } from './account-move.ts';
import type { Odoo } from '../client.ts';

export interface InvoiceDetails {
  /** Date of the invoice, such as `2026-11-25`. */
  date: string;
  currency: string;
  net: string;
  tax: string;
  lines: InvoiceLine[];
}

export interface InvoiceLine {
  /** Internal reference. Missing if the line has no product or the product no reference. */
  sku?: string;
  name: string;
  quantity: string;
  /** Price of one unit, before discount. */
  unitPrice: string;
  /** Amount of the line, without tax. */
  net: string;
}

/**
 * Reads the content of a posted invoice or credit note by its id. Amounts have at least two decimals. Throws CodedError
 * ODOO_REFUSED for one without lines, ODOO_NOT_FOUND, or what a call to Odoo throws.
 */
export async function invoiceDetails(odoo: Odoo, id: number): Promise<InvoiceDetails> {
  const [move] = await odoo.call<
    {
      name: string;
      invoice_date: string;
      currency_id: [number, string];
      amount_untaxed: number;
      amount_tax: number;
    }[]
  >('account.move', 'search_read', {
    domain: [['id', '=', id]],
    fields: ['name', 'invoice_date', 'currency_id', 'amount_untaxed', 'amount_tax'],
  });
  if (!move) throw new CodedError('ODOO_NOT_FOUND', 'The invoice was deleted in Odoo', { id });
  const { goods } = await odoo.dialect();
  const lines = await odoo.call<
    {
      name: string | false;
      product_id: [number, string] | false;
      quantity: number;
      price_unit: number;
      price_subtotal: number;
    }[]
  >('account.move.line', 'search_read', {
    domain: [['move_id', '=', id], ...goods],
    fields: ['name', 'product_id', 'quantity', 'price_unit', 'price_subtotal'],
    order: 'id',
  });
  // A partner would take an invoice without lines for a complete document.
  if (lines.length === 0)
    throw new CodedError('ODOO_REFUSED', `${move.name} has no line of goods or services in Odoo`, { id });
  const products = lines.flatMap(({ product_id: product }) => (product ? [product[0]] : []));
  const known = await odoo.call<{ id: number; default_code: string | false }[]>(
    'product.product',
    'search_read',
    {
      domain: [['id', 'in', [...new Set(products)]]],
      fields: ['default_code'],
      context: { active_test: false },
    },
  );
  const skus = new Map(known.map((product) => [product.id, product.default_code]));
  return {
    date: move.invoice_date,
    currency: move.currency_id[1],
    net: amountText(move.amount_untaxed),
    tax: amountText(move.amount_tax),
    lines: lines.map((line) => {
      const sku = line.product_id && skus.get(line.product_id[0]);
      return {
        ...(sku && { sku }),
        name: line.name || '',
        quantity: String(line.quantity),
        unitPrice: amountText(line.price_unit),
        net: amountText(line.price_subtotal),
      };
    }),
  };
}
