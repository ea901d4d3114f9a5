/** Intake and loader written by hand, in one process: mapped inline, staged, and each order loaded by a call of its own. */
import { connect } from 'amqplib';
import type { CanonicalOrder } from '../../runtime/odoo/canonical-order.ts';
import { openOdoo } from '../../runtime/odoo/client.ts';
import { orderColumns } from './order-to-cash.ts';
import { floorQueue } from './stage.ts';

const {
  AMQP_URL: amqp = '',
  ODOO_URL: url = '',
  ODOO_DATABASE: database = '',
  ODOO_API_KEY: apiKey = '',
} = process.env;
const odoo = openOdoo({ url, database, apiKey, timeoutMs: 60_000 });
const skus = ['E-COM07', 'FURN_7777', 'FURN_8888'];
const found = await odoo.call<{ id: number; default_code: string }[]>('product.product', 'search_read', {
  domain: [['default_code', 'in', skus]],
  fields: ['id', 'default_code'],
});
const products = new Map(found.map(({ id, default_code }) => [default_code, id]));
const { ids: customers } = await odoo.call<{ ids: number[] }>('res.partner', 'load', {
  fields: ['id', 'name'],
  data: [['bench.customer', 'Robin Mercer']],
});
const [tax] = await odoo.call<{ id: number }[]>('account.tax', 'search_read', {
  domain: [
    ['name', '=', '15%'],
    ['type_tax_use', '=', 'sale'],
  ],
  fields: ['id'],
  limit: 1,
});

async function land({ number, lines }: CanonicalOrder): Promise<void> {
  const id = `bench.order_${number}`;
  const data = lines.map(({ name, sku, quantity, unitPrice }, at) => [
    at === 0 ? id : '',
    at === 0 ? String(customers[0]) : '',
    at === 0 ? number : '',
    `${id}_line_${at}`,
    name,
    String(products.get(sku)),
    quantity,
    unitPrice,
    String(tax!.id),
  ]);
  const answer = await odoo.call<{ ids: number[] | false }>('sale.order', 'load', { fields, data });
  if (!answer.ids) throw new Error(`Odoo refused order ${number}`);
  await odoo.call('sale.order', 'action_confirm', { ids: answer.ids });
}

const fields = [...orderColumns, 'order_line/tax_ids/.id'];

await import('./intake.ts');
const channel = await (await connect(amqp, { noDelay: true })).createChannel();
await channel.prefetch(64);
await channel.consume(floorQueue, (message) => {
  if (!message) return;
  void land(JSON.parse(message.content.toString('utf8')) as CanonicalOrder).then(() => channel.ack(message));
});
