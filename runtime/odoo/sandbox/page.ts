/**
 * The sandbox's only page for people: its orders with lines, transfers and invoices. Links to Odoo records lead there.
 */
import { escaped } from '../../markup/escaped.ts';
import type { Row, Tables } from './tables.ts';

/** The id on the page matches the end of links to Odoo records: `#id=7&model=sale.order&view_type=form`. */
const placeOf = (model: string, id: number): string => `id="id=${id}&amp;model=${model}&amp;view_type=form"`;

const style = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  article { border: 1px solid #8888; border-radius: 6px; padding: 0 1rem; margin: 1rem 0; overflow-x: auto }
  article:target, article:has(:target) { border: 3px solid #2b6fb5 }
  table { border-collapse: collapse; width: 100% }
  th, td { text-align: left; padding: 0.2rem 0.5rem; border-bottom: 1px solid #8884 }
  .number { text-align: right; font-variant-numeric: tabular-nums }`;

/** Lists the newest order first. */
export function ordersPage(tables: Tables): string {
  const orders = [...tables.rows('sale.order').values()].toReversed();
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sandbox Odoo: orders</title>
<style>${style}
</style>
<h1>Orders in the sandbox Odoo</h1>
<p>This is no real Odoo, but a part of one in memory, to try Crossdock with. ${orders.length} orders; reload to see new ones.</p>
${orders.map((order) => article(tables, order)).join('\n') || '<p>None yet.</p>'}
</html>
`;
}

function article(tables: Tables, order: Row): string {
  const of = (model: string): Row[] =>
    [...tables.rows(model).values()].filter((row) => row['sale_id'] === order.id);
  const customer = tables.rows('res.partner').get(order['partner_id'] as number)?.['name'] ?? '';
  const currency = tables.rows('res.currency').get(order['currency_id'] as number)?.['name'] ?? '';
  const documents = [...of('stock.picking').map(transfer), ...of('account.move').map(invoice)];
  return `<article ${placeOf('sale.order', order.id)}>
<h2>${text(order['name'])}: ${text(order['client_order_ref'] || 'no number of a shop')}</h2>
<p>${text(customer)}, ${text(order['state'])}, ${money(order['amount_total'])} ${text(currency)} with ${money(order['amount_tax'])} tax</p>
${order['note'] ? `<p>Note: ${text(order['note'])}</p>` : ''}
<table>
<tr><th scope="col">Article</th><th scope="col">Name</th><th scope="col" class="number">Quantity</th><th scope="col" class="number">Price</th><th scope="col" class="number">Sum</th></tr>
${tables
  .linesOf(order.id)
  .map((line) => lineRow(tables, line))
  .join('\n')}
</table>
${documents.length > 0 ? `<ul>${documents.join('')}</ul>` : ''}
</article>`;
}

function lineRow(tables: Tables, line: Row): string {
  const sku = tables.rows('product.product').get(line['product_id'] as number)?.['default_code'] ?? '';
  const numbers = [String(line['product_uom_qty']), money(line['price_unit']), money(line['price_subtotal'])];
  const cells = numbers.map((one) => `<td class="number">${one}</td>`).join('');
  return `<tr><td>${text(sku)}</td><td>${text(line['name'])}</td>${cells}</tr>`;
}

const transfer = ({ id, name, state }: Row): string =>
  `<li ${placeOf('stock.picking', id)}>Transfer ${text(name)}: ${text(state)}</li>`;

function invoice({
  id,
  name,
  state,
  move_type: type,
  amount_total: total,
  amount_residual: open,
}: Row): string {
  const kind = type === 'out_refund' ? 'Credit note' : 'Invoice';
  return `<li ${placeOf('account.move', id)}>${kind} ${text(name)}: ${text(state)}, ${money(total)}, open ${money(open)}</li>`;
}

const money = (value: unknown): string => Number(value).toFixed(2);

const text = (value: unknown): string => escaped(String(value));
