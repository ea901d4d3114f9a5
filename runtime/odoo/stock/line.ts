/** A line of what a warehouse moved or counted. */

export interface StockLine {
  sku: string;
  /** If there are lots, the sum of their quantities. */
  quantity: string;
  /** Unit as the partner names it. Default: the product's own. */
  uom?: string;
  lots?: { lot: string; quantity: string }[];
}
