/** How an Odoo calls what the versions call differently, and the ways it does things, chosen by what it has. */
import { fieldOf, type Field } from './table.ts';

export interface Dialect {
  /** Fields of sale.order.line. */
  lineUom: string;
  lineTaxes: string;
  /** An order of the company's own currency needs a price list too. */
  needsPricelist: boolean;
  /** Notes of orders and transfers are plain text, not HTML. */
  plainNotes: boolean;
  /** Less of a confirmed line lowers its open moves. */
  lowersMoves: boolean;
  /** Fields of uom.uom: how many of the reference it is, and what it can be converted into. */
  unitSize: string;
  unitFamily: string;
  /** Field of product.product that says service or goods. */
  productType: string;
  /** Conditions on product.product: stock is kept of it. */
  storable: Condition;
  /** Field of stock.picking. */
  moves: string;
  /** Fields of stock.move and stock.move.line: how much was done. */
  done: string;
  lineDone: string;
  /** Whether a move says that it was picked; before, a quantity said so. */
  picked: boolean;
  /** Whether a move that is made must have a name, and a unit. */
  moveName: boolean;
  moveUom: boolean;
  lotModel: string;
  /** Counts are a document of their own; else they are noted at the stock and applied. */
  inventories: boolean;
  /** Whether the wizard of returns must be told where the goods go, and its method. */
  returnsTo: boolean;
  createReturns: string;
  reverse: string;
  /** Whether the wizard of invoices names the orders; else the context alone does. */
  namesOrders: boolean;
  /** Whether it can make an invoice of each of several orders of one customer. */
  invoicesApart: boolean;
  /** Conditions on account.move.line: of goods and services; of the account of customers, and of suppliers. */
  goods: Condition[];
  receivable: Condition;
  payable: Condition;
  /** Field of account.payment. */
  paymentMemo: string;
  /** Whether a journal item says its analytic distribution; before, its one account. */
  distribution: boolean;
  /** Whether stock says its warehouse, and can be asked by it. */
  placed: boolean;
}

export type Condition = [field: string, operator: string, value: unknown];

/** What this Odoo has of a field; undefined: nothing. */
export type Fields = (model: string, name: string) => Field | undefined;

/** The fields that tell the versions apart. What no field tells is told by one that came or went with it. */
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

/** By the table alone. `major`: 14 or later. */
export function dialectOfVersion(major: number): Dialect {
  return dialectOf((model, name) => fieldOf(major, model, name));
}
