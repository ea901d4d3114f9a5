/** Where the versions of Odoo name the same thing differently: one table. */

export interface Names {
  /** Fields of sale.order.line. */
  lineUom: string;
  lineTaxes: string;
  /** Field of product.product that says service or goods. */
  productType: string;
}

/** `major` is Odoo's major version, 14 or later. */
export function namesOf(major: number): Names {
  return {
    lineUom: major >= 19 ? 'product_uom_id' : 'product_uom',
    lineTaxes: major >= 19 ? 'tax_ids' : 'tax_id',
    productType: major >= 15 && major <= 17 ? 'detailed_type' : 'type',
  };
}
