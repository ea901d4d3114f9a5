/** Everything of Odoo that a reconciliation compares, in some two dozen reads for a thousand orders. */
import type { Odoo } from '../odoo/client.ts';
import type { HubOrder, OdooLine, OdooMove, OdooOrder } from './facts.ts';
import { amountOf } from './odoo-values.ts';
import { readGoods } from './read-goods.ts';
import type { Scope } from './read-hub.ts';
import { readInvoices } from './read-invoices.ts';
import { headOf, readOrders, type LineRow, type OrderBooks, type ProductRow } from './read-orders.ts';
import { readPayments } from './read-payments.ts';
import { sales, type Trade } from './trade.ts';

/** Throws what a call to Odoo throws. */
export async function readOdoo(odoo: Odoo, hub: readonly HubOrder[], scope: Scope): Promise<OdooOrder[]> {
  return readChain(odoo, hub, { books: await readOrders(odoo, hub, scope), scope, trade: sales });
}

/** What hangs on these orders. `hub`: as the hub knows them, where it booked their payments. */
export async function readChain(
  odoo: Odoo,
  hub: readonly HubOrder[],
  { books, scope, trade }: { books: OrderBooks; scope: Scope; trade: Trade },
): Promise<OdooOrder[]> {
  const goods = await readGoods(odoo, books.lines, trade);
  const invoices = await readInvoices(odoo, books, scope, trade);
  const payments = await readPayments(odoo, hub, books, invoices, trade);
  const lines = Map.groupBy(books.lines, ({ order_id: [id] }) => id);
  return books.orders.map((row) => ({
    ...headOf(row),
    lines: (lines.get(row.id) ?? []).map((line) => lineOf(line, books.products, goods.get(line.id) ?? [])),
    invoices: invoices.invoices.get(row.id) ?? [],
    strays: invoices.strays.get(row.id) ?? [],
    loose: payments.loose.get(row.id) ?? [],
    lostPayments: payments.lost.get(row.id) ?? [],
  }));
}

function lineOf(
  row: LineRow,
  products: ReadonlyMap<number, ProductRow>,
  moves: readonly OdooMove[],
): OdooLine {
  const product = row.product_id ? products.get(row.product_id[0]) : undefined;
  return {
    id: row.id,
    ...(row.of && { of: row.of }),
    sku: product?.default_code || '',
    name: row.name.split('\n')[0]!,
    goods: row.qty_delivered_method === 'stock_move',
    byOrder: product?.invoice_policy === 'order',
    quantity: amountOf(row.product_uom_qty),
    subtotal: amountOf(row.price_subtotal),
    total: amountOf(row.price_total),
    moves,
  };
}
