/** Finds the products that messages name, and creates services for charges. */
import { CodedError } from '../errors/coded-error.ts';
import type { Line } from './canonical-order.ts';
import type { Odoo } from './client.ts';
import { externalId } from './external-id.ts';
import { ensure } from './load.ts';

export interface Product {
  id: number;
  uom: number;
  /** True if it is never moved in stock. */
  isService: boolean;
}

/** The names of an article in a message. */
export type Wanted = Pick<Line, 'sku' | 'barcode'>;

/** Names of the services that are created if missing. */
const services = { shipping: 'Shipping', discount: 'Discount', rounding: 'Rounding' };

export type Service = keyof typeof services;

/** The product of each SKU, or the error for lines with it. */
export type ProductsBySku = Map<string, Product | CodedError>;

export interface ProductRow {
  id: number;
  default_code: string | false;
  barcode: string | false;
  uom_id: [number, string];
  type: string;
}

const productFields = ['id', 'default_code', 'barcode', 'uom_id', 'type'];

function productOf({ id, uom_id: uom, type }: ProductRow): Product {
  return { id, uom: uom[0], isService: type === 'service' };
}

export function readProducts(odoo: Odoo, lines: Wanted[], more: unknown[] = []): Promise<ProductRow[]> {
  const barcodes = lines.flatMap(({ barcode }) => barcode ?? []);
  const bySku = ['default_code', 'in', lines.map(({ sku }) => sku)];
  const named = barcodes.length === 0 ? [bySku] : ['|', bySku, ['barcode', 'in', barcodes]];
  const domain = [...more, ...named];
  return odoo.call('product.product', 'search_read', { domain, fields: productFields });
}

/** Returns PRODUCT_AMBIGUOUS or PRODUCT_UNKNOWN unless exactly one product has the SKU, or else the barcode. */
export function pick(rows: ProductRow[], { sku, barcode }: Wanted): Product | CodedError {
  const bySku = rows.filter((row) => row.default_code === sku);
  const hits = bySku.length > 0 || !barcode ? bySku : rows.filter((row) => row.barcode === barcode);
  if (hits.length === 1) return productOf(hits[0]!);
  if (hits.length > 1)
    return new CodedError('PRODUCT_AMBIGUOUS', `Several products have the SKU '${sku}'`, { sku });
  return new CodedError('PRODUCT_UNKNOWN', `No product in Odoo has the SKU '${sku}'`, { sku, barcode });
}

export function isUnknown(found: Product | CodedError | undefined): boolean {
  return found instanceof CodedError && found.code === 'PRODUCT_UNKNOWN';
}

/** Creates a service once. Its name is that of its kind, or derived from the reference. */
export async function makeService(odoo: Odoo, reference: string, kind?: Service): Promise<Product> {
  const { productType } = await odoo.dialect();
  const id = externalId('crossdock', 'product', reference);
  const row = {
    id,
    name: kind ? services[kind] : nameOf(reference),
    default_code: reference,
    [productType]: 'service',
    list_price: '0',
    // It is never shipped, so invoicing by delivered quantities would never invoice it.
    invoice_policy: 'order',
  };
  const [outcome] = await ensure(odoo, 'product.product', [{ externalId: id, rows: [row] }]);
  if (outcome!.status === 'rejected') throw outcome!.reason;
  return made(odoo, outcome!.value);
}

/** Makes a name of a reference: `GIFT-WRAP` gives `Gift wrap`. */
function nameOf(reference: string): string {
  const words = reference.replaceAll(/[-_]+/g, ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

async function made(odoo: Odoo, id: number): Promise<Product> {
  const domain = [['id', '=', id]];
  const [row] = await odoo.call<ProductRow[]>('product.product', 'search_read', {
    domain,
    fields: productFields,
  });
  // The external id exists, but a person archived the product.
  if (!row)
    throw new CodedError('ODOO_NOT_FOUND', 'The product made for charges is archived in Odoo', { id });
  return productOf(row);
}
