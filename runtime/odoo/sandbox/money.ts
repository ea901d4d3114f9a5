/**
 * Invoices, credit notes and payments as in Odoo: created by wizards, numbered when posted, reconciled with each other.
 */
import Big from 'big.js';
import { userError } from './fault.ts';
import { baseLine, currencyOf, roundedIn } from './sales.ts';
import { existing, type Row, type Tables, type Value } from './tables.ts';
import { totalsOf } from './taxes.ts';

type Args = Record<string, unknown>;

/** Stores the values of a wizard until its button is pressed. */
export function createWizard(tables: Tables, model: string, { vals_list: list, context }: Args): number[] {
  return (list as object[]).map((vals) => {
    const { active_ids: ids = [] } = (context ?? {}) as { active_ids?: number[] };
    return tables.insert(model, { vals: JSON.stringify({ ...vals, active_ids: ids }) }).id;
  });
}

function valuesOf<T>(tables: Tables, model: string, ids: unknown): T {
  return JSON.parse(String(existing(tables, model, (ids as number[])[0]!)['vals'])) as T;
}

/** Creates one invoice for each order. Orders with nothing to invoice are left out, unless no other order is left. */
export function createInvoices(tables: Tables, { ids }: Args): unknown {
  const wizard = valuesOf<{
    sale_order_ids?: [6, 0, number[]][];
    active_ids: number[];
    consolidated_billing?: boolean;
  }>(tables, 'sale.advance.payment.inv', ids);
  const orders = wizard.sale_order_ids?.[0]?.[2] ?? wizard.active_ids;
  if (orders.length > 1 && wizard.consolidated_billing !== false)
    throw new Error('The sandbox makes no invoice of several orders');
  const made = orders.flatMap((order) => createInvoice(tables, order) ?? []);
  if (made.length === 0) throw userError('Cannot create an invoice. No items are available to invoice.');
  return {
    type: 'ir.actions.act_window',
    res_model: 'account.move',
    ...(made.length === 1 && { res_id: made[0] }),
  };
}

function createInvoice(tables: Tables, order: number): number | undefined {
  const lines = tables.linesOf(order).flatMap((line) => {
    const left = toInvoice(tables, line);
    return left.gt(0) ? [{ line, quantity: left }] : [];
  });
  if (existing(tables, 'sale.order', order)['state'] !== 'sale' || lines.length === 0) return undefined;
  const move = insertMove(tables, 'out_invoice', order);
  for (const { line, quantity } of lines) {
    insertLine(tables, move.id, line, quantity.toNumber());
    line['qty_invoiced'] = Big(line['qty_invoiced'] as number)
      .plus(quantity)
      .toNumber();
  }
  total(tables, move);
  status(tables, order);
  return move.id;
}

function toInvoice(tables: Tables, line: Row): Big {
  const product = tables.rows('product.product').get(line['product_id'] as number);
  const delivered = product?.['invoice_policy'] === 'Delivered quantities';
  return Big(line[delivered ? 'qty_delivered' : 'product_uom_qty'] as number).minus(
    line['qty_invoiced'] as number,
  );
}

function status(tables: Tables, order: number): void {
  const lines = tables.linesOf(order);
  const all = lines.every((line) =>
    Big(line['qty_invoiced'] as number).gte(line['product_uom_qty'] as number),
  );
  existing(tables, 'sale.order', order)['invoice_status'] = all ? 'invoiced' : 'no';
}

function insertMove(tables: Tables, type: string, order: number, reversed?: number): Row {
  return tables.insert('account.move', {
    name: false,
    state: 'draft',
    move_type: type,
    sale_id: order,
    journal_id: 1,
    company_id: 1,
    currency_id: currencyOf(tables, existing(tables, 'sale.order', order)),
    ...(reversed !== undefined && { reversed_entry_id: reversed }),
  });
}

function insertLine(tables: Tables, move: number, line: Row, quantity: number): void {
  tables.insert('account.move.line', {
    name: line['name']!,
    move_id: move,
    sale_line_id: line.id,
    product_id: line['product_id']!,
    quantity,
    price_unit: line['price_unit']!,
    discount: line['discount']!,
    tax_ids: line['tax_ids']!,
    display_type: 'product',
  });
}

function linesOf(tables: Tables, move: number): Row[] {
  return [...tables.rows('account.move.line').values()].filter(
    (line) => line['move_id'] === move && line['display_type'] === 'product',
  );
}

/** Computes the totals of an invoice from its lines. */
function total(tables: Tables, move: Row): void {
  const how = roundedIn(tables, existing(tables, 'sale.order', move['sale_id'] as number));
  const lines = linesOf(tables, move.id).map((line) => {
    const base = baseLine(tables, line, line['quantity'] as number);
    line['price_subtotal'] = totalsOf([base], how).untaxed;
    return base;
  });
  const { untaxed, tax, total: gross } = totalsOf(lines, how);
  Object.assign(move, {
    amount_untaxed: untaxed,
    amount_tax: tax,
    amount_total: gross,
    amount_residual: gross,
  });
}

export function writeMove(tables: Tables, { ids, vals }: Args): true {
  const { invoice_line_ids: commands = [], ...values } = vals as {
    invoice_line_ids?: [number, number, Record<string, Value>?][];
  };
  for (const move of (ids as number[]).map((id) => existing(tables, 'account.move', id))) {
    if (move['state'] === 'posted' && commands.length > 0)
      throw userError('A posted entry cannot be changed.');
    Object.assign(move, values);
    for (const [command, id, changes] of commands) {
      if (command === 0) addLine(tables, move.id, changes!);
      else if (command === 2) tables.remove('account.move.line', id);
      else Object.assign(existing(tables, 'account.move.line', id), changes);
    }
    if (commands.length > 0) total(tables, move);
  }
  return true;
}

/** Adds a line that belongs to no order line. */
function addLine(tables: Tables, move: number, values: Record<string, unknown>): void {
  const [[, , taxes]] = values['tax_ids'] as [[6, 0, number[]]];
  tables.insert('account.move.line', {
    ...(values as Record<string, Value>),
    tax_ids: taxes,
    move_id: move,
    display_type: 'product',
  });
}

export function postMoves(tables: Tables, { ids }: Args): false {
  const moves = (ids as number[]).map((id) => existing(tables, 'account.move', id));
  for (const { id, state, sale_id: order } of moves) {
    if (state !== 'draft') throw userError('The entry is not a draft.');
    // The sandbox has no lines of bills.
    if (order && linesOf(tables, id).length === 0) throw userError('You need to add a line before posting.');
  }
  for (const move of moves) {
    move['state'] = 'posted';
    if (move['amount_residual'] === 0) move['payment_state'] = 'paid';
    const prefix = { out_refund: 'RINV', in_invoice: 'BILL' }[String(move['move_type'])] ?? 'INV';
    move['invoice_date'] ||= new Date().toISOString().slice(0, 10);
    move['name'] ||= `${prefix}/${new Date().getFullYear()}/${String(move.id).padStart(5, '0')}`;
    tables.insert('account.move.line', {
      name: 'receivable',
      move_id: move.id,
      display_type: 'payment_term',
      account_id: 1,
      reconciled: false,
    });
  }
  return false;
}

export function refundMoves(tables: Tables, { ids }: Args): unknown {
  const { reason, active_ids: of } = valuesOf<{ reason: string; active_ids: number[] }>(
    tables,
    'account.move.reversal',
    ids,
  );
  const invoice = existing(tables, 'account.move', of[0]!);
  const note = insertMove(tables, 'out_refund', invoice['sale_id'] as number, invoice.id);
  note['ref'] = `Reversal of: ${String(invoice['name'])}, ${reason}`;
  for (const line of linesOf(tables, invoice.id)) {
    const { id: _id, ...values } = line;
    tables.insert('account.move.line', { ...values, move_id: note.id });
    if (!line['sale_line_id']) continue;
    const sold = existing(tables, 'sale.order.line', line['sale_line_id'] as number);
    sold['qty_invoiced'] = Big(sold['qty_invoiced'] as number)
      .minus(line['quantity'] as number)
      .toNumber();
  }
  total(tables, note);
  return { type: 'ir.actions.act_window', res_model: 'account.move', res_id: note.id };
}

/** Reconciles the credit note of the line with the invoice. */
export function assignOutstanding(tables: Tables, { ids, line_id: line }: Args): true {
  const invoice = existing(tables, 'account.move', (ids as number[])[0]!);
  const receivable = existing(tables, 'account.move.line', line as number);
  const note = existing(tables, 'account.move', receivable['move_id'] as number);
  const part = Math.min(invoice['amount_residual'] as number, note['amount_residual'] as number);
  for (const move of [invoice, note]) pay(move, Big(part));
  receivable['reconciled'] = note['amount_residual'] === 0;
  return true;
}

export function createPayments(tables: Tables, { ids }: Args): unknown {
  const { amount, communication, line_ids } = valuesOf<{
    amount: number;
    communication: string;
    line_ids: [[6, 0, number[]]];
  }>(tables, 'account.payment.register', ids);
  const lines = line_ids[0][2].map((id) => existing(tables, 'account.move.line', id));
  let left = Big(amount);
  for (const id of lines.map((line) => line['move_id'] as number)) {
    const move = existing(tables, 'account.move', id);
    const part = left.gt(move['amount_residual'] as number) ? Big(move['amount_residual'] as number) : left;
    pay(move, part);
    left = left.minus(part);
  }
  const payment = tables.insert('account.payment', { state: 'in_process', amount, memo: communication });
  payment['name'] = `PBNK1/${new Date().getFullYear()}/${String(payment.id).padStart(5, '0')}`;
  return { type: 'ir.actions.act_window', res_model: 'account.payment', res_id: payment.id };
}

function pay(move: Row, part: Big): void {
  move['amount_residual'] = Big(move['amount_residual'] as number)
    .minus(part)
    .toNumber();
  move['payment_state'] = move['amount_residual'] === 0 ? 'in_payment' : 'partial';
}
