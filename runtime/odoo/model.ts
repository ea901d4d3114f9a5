/** Where the versions of Odoo name the same thing differently: one table. */

export interface Names {
  /** Fields of sale.order.line. */
  lineUom: string;
  lineTaxes: string;
  /** Fields of uom.uom: how many of the reference it is, and what it can be converted into. */
  unitSize: string;
  unitFamily: string;
  /** Field of product.product that says service or goods. */
  productType: string;
  /** Fields of stock.picking and stock.move. */
  moves: string;
  done: string;
  /** Whether a move says that it was picked; before, a quantity said so. */
  picked: boolean;
  /** Whether a move has a name of its own that must be given. */
  moveName: boolean;
  /** Methods of the wizards. */
  createReturns: string;
  reverse: string;
  /** Whether the wizard can make an invoice of each of several orders of one customer. */
  invoicesApart: boolean;
  /** Condition on account.move.line: of the account of customers. */
  receivable: [string, '=', string];
  /** Field of account.payment. */
  paymentMemo: string;
}

/** `major` is Odoo's major version, 14 or later. */
export function namesOf(major: number): Names {
  return {
    lineUom: major >= 19 ? 'product_uom_id' : 'product_uom',
    lineTaxes: major >= 19 ? 'tax_ids' : 'tax_id',
    unitSize: major >= 19 ? 'factor' : 'factor_inv',
    unitFamily: major >= 19 ? 'parent_path' : 'category_id',
    productType: major >= 15 && major <= 17 ? 'detailed_type' : 'type',
    moves: major >= 16 ? 'move_ids' : 'move_lines',
    done: major >= 17 ? 'quantity' : 'quantity_done',
    picked: major >= 17,
    moveName: major < 19,
    createReturns: major >= 18 ? 'action_create_returns' : 'create_returns',
    reverse: major >= 17 ? 'refund_moves' : 'reverse_moves',
    invoicesApart: major >= 18,
    receivable:
      major >= 16
        ? ['account_id.account_type', '=', 'asset_receivable']
        : ['account_id.internal_type', '=', 'receivable'],
    paymentMemo: major >= 18 ? 'memo' : 'ref',
  };
}
