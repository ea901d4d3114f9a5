/** What Odoo has of the orders of a run, read in a few calls: orders, lines, transfers, invoices. */
import type { Odoo } from '../../runtime/odoo/client.ts';

export interface Books {
  number: string;
  id: number;
  state: string;
  total: number;
  ordered: number;
  delivered: number;
  invoiced: number;
  /** Pieces in transfers that are not done. */
  open: number;
  invoices: Money[];
  credits: Money[];
}

interface Money {
  state: string;
  total: number;
  residual: number;
  /** Pieces. */
  quantity: number;
}

type Many = [number, string];

export async function readBooks(odoo: Odoo, numbers: readonly string[]): Promise<Map<string, Books>> {
  const read = <Row>(model: string, domain: unknown[], fields: string[]) =>
    odoo.call<Row[]>(model, 'search_read', { domain, fields });
  const orders = await read<{
    id: number;
    client_order_ref: string;
    state: string;
    amount_total: number;
    invoice_ids: number[];
  }>(
    'sale.order',
    [['client_order_ref', 'in', numbers]],
    ['client_order_ref', 'state', 'amount_total', 'invoice_ids'],
  );
  const ids = orders.map(({ id }) => id);
  const [lines, moves, documents] = await Promise.all([
    read<{ order_id: Many; product_uom_qty: number; qty_delivered: number; qty_invoiced: number }>(
      'sale.order.line',
      [['order_id', 'in', ids]],
      ['order_id', 'product_uom_qty', 'qty_delivered', 'qty_invoiced'],
    ),
    read<{ sale_line_id: Many; product_uom_qty: number; 'sale_line_id.order_id': Many }>(
      'stock.move',
      [
        ['sale_line_id.order_id', 'in', ids],
        ['state', 'not in', ['done', 'cancel']],
      ],
      ['sale_line_id', 'product_uom_qty'],
    ),
    read<{
      id: number;
      move_type: string;
      state: string;
      amount_total: number;
      amount_residual: number;
    }>(
      'account.move',
      [['id', 'in', orders.flatMap(({ invoice_ids: own }) => own)]],
      ['move_type', 'state', 'amount_total', 'amount_residual'],
    ),
  ]);
  const documentLines = await read<{ move_id: Many; quantity: number }>(
    'account.move.line',
    [
      ['move_id', 'in', documents.map(({ id }) => id)],
      ['display_type', '=', 'product'],
    ],
    ['move_id', 'quantity'],
  );
  const lineOrders = await read<{ id: number; order_id: Many }>(
    'sale.order.line',
    [['id', 'in', moves.map(({ sale_line_id: [id] }) => id)]],
    ['order_id'],
  );
  const orderOf = new Map(lineOrders.map(({ id, order_id: [order] }) => [id, order]));
  const sum = (values: number[]) => Math.round(values.reduce((all, one) => all + one, 0) * 100) / 100;
  return new Map(
    orders.map(({ id, client_order_ref: number, state, amount_total: total, invoice_ids: own }) => {
      const ownLines = lines.filter(({ order_id: [order] }) => order === id);
      const money = (type: string): Money[] =>
        documents
          .filter((one) => own.includes(one.id) && one.move_type === type)
          .map((one) => ({
            state: one.state,
            total: one.amount_total,
            residual: one.amount_residual,
            quantity: sum(
              documentLines.filter(({ move_id: [move] }) => move === one.id).map(({ quantity }) => quantity),
            ),
          }));
      const books: Books = {
        number,
        id,
        state,
        total,
        ordered: sum(ownLines.map((line) => line.product_uom_qty)),
        delivered: sum(ownLines.map((line) => line.qty_delivered)),
        invoiced: sum(ownLines.map((line) => line.qty_invoiced)),
        open: sum(
          moves
            .filter(({ sale_line_id: [line] }) => orderOf.get(line) === id)
            .map((move) => move.product_uom_qty),
        ),
        invoices: money('out_invoice'),
        credits: money('out_refund'),
      };
      return [number, books];
    }),
  );
}
