/** A line of what a warehouse did or counted. */

export interface StockLine {
  sku: string;
  /** With lots their sum. */
  quantity: string;
  /** As the partner names it; the product's own when missing. */
  uom?: string;
  lots?: { lot: string; quantity: string }[];
}
