/** Purchase orders of Odoo that were confirmed in a scope, with their lines, and what the journal knows of them. Reads only. */
import { CodedError } from '../errors/coded-error.ts';
import type { Processes } from '../journal/processes.ts';
import type { ProcessRow } from '../journal/tables.ts';
import type { Odoo } from '../odoo/client.ts';
import type { ProcessDefinition } from '../process/definition.ts';
import type { Instance } from '../process/state.ts';
import { odooTime, type Many, type Maybe } from './odoo-values.ts';
import { readAll, readWhere } from './pages.ts';
import type { HubPurchase, Purchase } from './purchases.ts';
import { eachProcess, goodsOf, moneyOf, toldOf, type Scope } from './read-hub.ts';
import { readChain } from './read-odoo.ts';
import type { LineRow, OrderBooks, ProductRow } from './read-orders.ts';
import { purchases } from './trade.ts';

interface PurchaseRow {
  id: number;
  name: string;
  partner_ref: Maybe<string>;
  state: string;
  partner_id: Many;
  currency_id: Many;
  amount_total: number;
  date_approve: string;
}

interface PurchaseLineRow {
  id: number;
  order_id: Many;
  product_id: Maybe<Many>;
  name: string;
  product_qty: number;
  price_subtotal: number;
  price_total: number;
  qty_received_method: Maybe<string>;
  qty_received: number;
}

/**
 * `scope.partner`: the supplier, as Odoo shows its name. Throws what a call to Odoo throws, and CodedError REQUEST_INVALID where it
 * knows none of that name.
 */
export async function readPurchases(odoo: Odoo, scope: Scope): Promise<Purchase[]> {
  const suppliers = scope.partner ? await suppliersCalled(odoo, scope.partner) : undefined;
  const rows = await readConfirmed(odoo, scope, suppliers);
  const books = { orders: rows.map(orderOf), ...(await readLines(odoo, rows)) };
  const names = new Map(rows.map(({ id, partner_id: [, name] }) => [id, name]));
  const found = await readChain(odoo, [], { books, scope, trade: purchases });
  return found.map((one) => ({ supplier: names.get(one.id)!, odoo: one }));
}

/** Ids of all that are shown so, also those that were archived. A contact is shown with its company, `Mill, Ida`. */
async function suppliersCalled(odoo: Odoo, partner: string): Promise<number[]> {
  const found = await odoo.call<Many[]>('res.partner', 'name_search', {
    name: partner,
    operator: '=',
    limit: 1000,
    context: { active_test: false },
  });
  // It finds others too: by their number, or their email.
  const ids = found.flatMap(([id, name]) => (name === partner ? [id] : []));
  if (ids.length > 0) return ids;
  throw new CodedError('REQUEST_INVALID', `Odoo shows no supplier by the name ${partner}`, { partner });
}

async function readConfirmed(
  odoo: Odoo,
  { since, cutOff }: Scope,
  suppliers: readonly number[] | undefined,
): Promise<PurchaseRow[]> {
  return readAll<PurchaseRow>(odoo, {
    model: 'purchase.order',
    fields: ['name', 'partner_ref', 'state', 'partner_id', 'currency_id', 'amount_total', 'date_approve'],
    domain: [
      ['state', 'in', ['purchase', 'done', 'cancel']],
      ['date_approve', '>=', odooTime(since)],
      ['date_approve', '<=', odooTime(cutOff)],
      ...(suppliers ? [['partner_id', 'in', suppliers]] : []),
    ],
  });
}

/** An order counts from when it was confirmed: before, it is only asked for. */
function orderOf({ partner_ref: reference, date_approve: made, ...row }: PurchaseRow) {
  return { ...row, client_order_ref: reference, create_date: made };
}

async function readLines(
  odoo: Odoo,
  orders: readonly PurchaseRow[],
): Promise<Pick<OrderBooks, 'lines' | 'products'>> {
  const { lineUom } = await odoo.dialect();
  const rows = await readWhere<PurchaseLineRow & Record<string, unknown>>(
    odoo,
    {
      model: 'purchase.order.line',
      fields: [
        'order_id',
        'product_id',
        'name',
        'product_qty',
        lineUom,
        'price_subtotal',
        'price_total',
        'qty_received_method',
        'qty_received',
      ],
      domain: [['display_type', '=', false]],
    },
    'order_id',
    orders.map(({ id }) => id),
  );
  const products = await readWhere<{ id: number; default_code: Maybe<string>; purchase_method: string }>(
    odoo,
    { model: 'product.product', fields: ['default_code', 'purchase_method'] },
    'id',
    rows.flatMap(({ product_id: product }) => (product ? [product[0]] : [])),
  );
  return {
    lines: rows.map((row): LineRow => ({
      id: row.id,
      order_id: row.order_id,
      product_id: row.product_id,
      name: row.name,
      product_uom_qty: row.product_qty,
      unit: (row[lineUom] as Maybe<Many> | undefined) ?? false,
      price_subtotal: row.price_subtotal,
      price_total: row.price_total,
      qty_delivered_method: row.qty_received_method === 'stock_moves' ? 'stock_move' : 'manual',
      qty_delivered: row.qty_received,
    })),
    products: new Map(
      products.map(({ id, default_code, purchase_method: method }): [number, ProductRow] => [
        id,
        { id, default_code, invoice_policy: method === 'purchase' ? 'order' : 'delivery' },
      ]),
    ),
  };
}

/** By the number of the purchase order. Receipts of after the cut-off too, so that none is taken for unreported. */
export async function readHubPurchases(
  processes: Pick<Processes, 'list'>,
  { process, steps }: Pick<ProcessDefinition, 'process' | 'steps'>,
  { cutOff }: Pick<Scope, 'cutOff'>,
): Promise<Map<string, HubPurchase>> {
  const found = new Map<string, HubPurchase>();
  const take = ({ number, body }: ProcessRow): void => {
    const instance = JSON.parse(body) as Instance;
    if (!instance.started || !number) return;
    const bills = toldOf(instance, steps, 'bill.posted.v1').filter(({ at }) => at <= cutOff);
    found.set(number, {
      receipts: toldOf(instance, steps, 'receipt.booked.v1').flatMap(goodsOf),
      bills: moneyOf(bills),
    });
  };
  await eachProcess(processes, process, take);
  return found;
}
