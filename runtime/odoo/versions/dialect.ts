/** Names and behaviours that differ between versions of Odoo, chosen by what an Odoo has. */
import { fieldOf, type Field } from './table.ts';

export interface Dialect {
  /** Field of sale.order.line for the unit. */
  lineUom: string;
  /** Field of sale.order.line for the taxes. */
  lineTaxes: string;
  /** Whether an order in the company's own currency needs a price list too. */
  needsPricelist: boolean;
  /** Whether notes of orders and transfers are plain text; otherwise HTML. */
  plainNotes: boolean;
  /** Whether a lower quantity of a confirmed line lowers its open moves. */
  lowersMoves: boolean;
  /** Field of uom.uom: how many of the reference unit it is. */
  unitSize: string;
  /** Field of uom.uom: which units it can be converted to. */
  unitFamily: string;
  /** Field of product.product that tells services from goods. */
  productType: string;
  /** Condition on product.product: stock is kept of it. */
  storable: Condition;
  /** Field of stock.picking for its moves. */
  moves: string;
  /** Field of stock.move for the quantity done. */
  done: string;
  /** Field of stock.move.line for the quantity done. */
  lineDone: string;
  /** Whether a move has the field `picked`. Without it, a quantity done means picked. */
  picked: boolean;
  /** Whether a new move needs a name. */
  moveName: boolean;
  /** Whether a new move needs a unit. */
  moveUom: boolean;
  /** Model of lots. */
  lotModel: string;
  /** Whether a count is a stock.inventory; otherwise it is entered at stock.quant and applied. */
  inventories: boolean;
  /** Whether the return wizard needs the location that the goods go to. */
  returnsTo: boolean;
  /** Method of the return wizard. */
  createReturns: string;
  /** Method of the reversal wizard. */
  reverse: string;
  /** Whether the invoice wizard has a field for the orders; otherwise it takes them from the context. */
  namesOrders: boolean;
  /** Whether the invoice wizard can make one invoice for each of several orders of a customer. */
  invoicesApart: boolean;
  /** Conditions on account.move.line: lines of goods and services. */
  goods: Condition[];
  /** Condition on account.move.line: the receivable account. */
  receivable: Condition;
  /** Condition on account.move.line: the payable account. */
  payable: Condition;
  /** Field of account.payment for the memo. */
  paymentMemo: string;
  /** Whether a journal item has an analytic distribution; otherwise it has a single analytic account. */
  distribution: boolean;
  /** Whether stock.quant has a warehouse that a domain can use. */
  placed: boolean;
}

export type Condition = [field: string, operator: string, value: unknown];

/** Looks up a field of this Odoo; undefined if it does not exist. */
export type Fields = (model: string, name: string) => Field | undefined;

/**
 * Fields that distinguish the versions. A difference that no field shows is derived from one that came or went with it.
 */
export const telling: Record<string, readonly string[]> = {
  'sale.order': ['note', 'pricelist_id'],
  'sale.order.line': ['product_uom_id', 'tax_ids'],
  'uom.uom': ['category_id'],
  'product.product': ['detailed_type', 'is_storable'],
  'stock.picking': ['move_ids'],
  'stock.move': ['quantity', 'picked', 'name', 'inventory_id'],
  'stock.move.line': ['quantity'],
  'stock.lot': ['name'],
  'stock.return.picking': ['location_id'],
  'account.move.reversal': ['refund_method'],
  'sale.advance.payment.inv': ['sale_order_ids', 'consolidated_billing'],
  'account.account': ['account_type'],
  'account.move.line': ['exclude_from_invoice_tab', 'analytic_distribution'],
  'stock.quant': ['warehouse_id'],
  'account.payment': ['memo'],
};

export function dialectOf(field: Fields): Dialect {
  const has = (model: string, name: string) => field(model, name) !== undefined;
  const must = (model: string, name: string) => field(model, name)?.required === true;
  const line = 'sale.order.line';
  const move = 'stock.move';
  const families = has('uom.uom', 'category_id');
  const inventories = has(move, 'inventory_id');
  const typed = has('product.product', 'detailed_type');
  return {
    lineUom: has(line, 'product_uom_id') ? 'product_uom_id' : 'product_uom',
    lineTaxes: has(line, 'tax_ids') ? 'tax_ids' : 'tax_id',
    needsPricelist: must('sale.order', 'pricelist_id'),
    plainNotes: field('sale.order', 'note')?.type === 'text',
    lowersMoves: !inventories,
    unitSize: families ? 'factor_inv' : 'factor',
    unitFamily: families ? 'category_id' : 'parent_path',
    productType: typed ? 'detailed_type' : 'type',
    storable: has('product.product', 'is_storable') ? ['is_storable', '=', true] : ['type', '=', 'product'],
    moves: has('stock.picking', 'move_ids') ? 'move_ids' : 'move_lines',
    done: has(move, 'quantity') ? 'quantity' : 'quantity_done',
    lineDone: has('stock.move.line', 'quantity') ? 'quantity' : 'qty_done',
    picked: has(move, 'picked'),
    moveName: has(move, 'name'),
    moveUom: !has('stock.picking', 'move_ids'),
    lotModel: has('stock.lot', 'name') ? 'stock.lot' : 'stock.production.lot',
    inventories,
    returnsTo: has('stock.return.picking', 'location_id'),
    createReturns: has('stock.return.picking', 'location_id') ? 'create_returns' : 'action_create_returns',
    reverse: has('account.move.reversal', 'refund_method') ? 'reverse_moves' : 'refund_moves',
    namesOrders: has('sale.advance.payment.inv', 'sale_order_ids'),
    invoicesApart: has('sale.advance.payment.inv', 'consolidated_billing'),
    goods: has('account.move.line', 'exclude_from_invoice_tab')
      ? [
          ['exclude_from_invoice_tab', '=', false],
          ['display_type', '=', false],
        ]
      : [['display_type', '=', 'product']],
    receivable: has('account.account', 'account_type')
      ? ['account_id.account_type', '=', 'asset_receivable']
      : ['account_id.internal_type', '=', 'receivable'],
    payable: has('account.account', 'account_type')
      ? ['account_id.account_type', '=', 'liability_payable']
      : ['account_id.internal_type', '=', 'payable'],
    paymentMemo: has('account.payment', 'memo') ? 'memo' : 'ref',
    distribution: has('account.move.line', 'analytic_distribution'),
    placed: has('stock.quant', 'warehouse_id'),
  };
}

/** The dialect by the table of names alone. `major`: 14 or later; a later version counts as the last one. */
export function dialectOfVersion(major: number): Dialect {
  return dialectOf((model, name) => fieldOf(major, model, name));
}
