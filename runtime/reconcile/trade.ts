/** The two ways of trade in Odoo, which are one chain: what customers order and pay, and what is ordered from suppliers. */

export interface Trade {
  /** Of account.move. */
  invoice: string;
  credit: string;
  /** Field of an invoice line: which lines of orders it is of. */
  lines: 'sale_line_ids' | 'purchase_line_id';
  /** Model of the lines of orders. */
  orderLines: 'sale.order.line' | 'purchase.order.line';
  /** Field of stock.move. */
  line: 'sale_line_id' | 'purchase_line_id';
  /** Where the goods go in the one and come from in the other. */
  place: 'customer' | 'supplier';
  /** Condition of the dialect: the account that is settled. */
  account: 'receivable' | 'payable';
}

export const sales: Trade = {
  invoice: 'out_invoice',
  credit: 'out_refund',
  lines: 'sale_line_ids',
  orderLines: 'sale.order.line',
  line: 'sale_line_id',
  place: 'customer',
  account: 'receivable',
};

export const purchases: Trade = {
  invoice: 'in_invoice',
  credit: 'in_refund',
  lines: 'purchase_line_id',
  orderLines: 'purchase.order.line',
  line: 'purchase_line_id',
  place: 'supplier',
  account: 'payable',
};
