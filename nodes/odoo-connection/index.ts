/** Config node: which Odoo, and how to reach it. */
import { Type } from 'typebox';
import type { Code } from '../../runtime/errors/codes.ts';
import type { Told } from '../../runtime/http/exchange.ts';
import { of } from '../../runtime/limits/limits.ts';
import { defineNode } from '../../runtime/node-red/define-node.ts';
import { openOdoo } from '../../runtime/odoo/client.ts';
import { invoiceWriter } from '../../runtime/odoo/money/invoice.ts';
import { orderWriter } from '../../runtime/odoo/order/order.ts';
import { resolver } from '../../runtime/odoo/resolve.ts';
import { watchedRights } from '../../runtime/odoo/rights/watch.ts';
import { followed } from '../../runtime/secrets/following.ts';
import { stockWriter } from '../../runtime/odoo/stock/stock.ts';

export default defineNode({
  type: 'odoo-connection',
  values: ['article', 'product', 'uom', 'tax', 'warehouse', 'payment-terms'],
  kind: 'config',
  summary: 'An Odoo database and the key the hub works with.',
  help: `Odoo 14 to 19. The hub asks Odoo for its version and speaks JSON-2 from 19 on, JSON-RPC before. Give the hub a user
of its own in Odoo with the rights it needs: \`crossdock odoo user\` makes one. At the start, and when Odoo was away, the hub
asks Odoo what this user may, and tells once what the flows lack. Renew the API key in time: Odoo's keys live three months at the most.
Address and key come from the environment; another key counts for the next call.`,
  icon: 'fa-plug',
  color: '#D7C1E0',
  config: Type.Object({
    url: Type.String({
      refers: 'variable',
      title: 'Address',
      description: 'Without a path.',
      default: '${ODOO_URL}',
      minLength: 1,
    }),
    database: Type.String({
      refers: 'variable',
      title: 'Database',
      description: 'Its name in Odoo.',
      default: '${ODOO_DATABASE}',
      minLength: 1,
    }),
    apiKey: Type.String({
      title: 'API key',
      description: 'Name of the environment variable that holds it.',
      secret: true,
      default: '${ODOO_API_KEY}',
      minLength: 1,
    }),
    login: Type.String({
      refers: 'variable',
      title: 'Login',
      description: 'The user of the key. Only Odoo before 19 needs it.',
      mayLack: true,
      default: '',
    }),
    timeout: Type.Integer({
      group: 'Limits',
      title: 'Time limit',
      description: 'For one call. Odoo itself can block 30 seconds before it answers.',
      default: 60,
      minimum: 5,
      maximum: 600,
      unit: 'seconds',
    }),
    batchSize: Type.Integer({
      group: 'Limits',
      title: 'Batch size',
      description: 'Records written in one call at the most.',
      default: 50,
      minimum: 1,
      maximum: 500,
    }),
    batchWindow: Type.Integer({
      group: 'Limits',
      title: 'Batch window',
      description: 'How long a record waits for others to go with it.',
      default: 5,
      minimum: 0,
      maximum: 1000,
      unit: 'ms',
    }),
    shippingProduct: Type.String({
      group: 'Orders',
      title: 'Shipping product',
      description: 'Internal reference of the service that shipping is booked on; made when missing.',
      default: 'SHIPPING',
    }),
    discountProduct: Type.String({
      group: 'Orders',
      title: 'Discount product',
      description: 'Internal reference of the service for discounts no percentage can express.',
      default: 'DISCOUNT',
    }),
  }),
  inputs: 0,
  outputs: [],
  start({ config, hub, flowContext, secret }) {
    const { url, database, login, timeout, batchSize, batchWindow, shippingProduct, discountProduct } =
      config;
    const count = hub.figures.calls(flowContext.step);
    const told: Told = (came) => {
      count(came);
      rights.heard(came);
    };
    const apiKey = secret('apiKey');
    const at = { url, database, apiKey, ...(login && { login }) };
    const failed = (code: Code) => rights.failed(code);
    const odoo = openOdoo({ ...at, timeoutMs: timeout * 1000, told, failed });
    hub.odoos.add(odoo);
    const rights = watchedRights(odoo, (ready) =>
      hub.targets.add(`${flowContext.step} (${flowContext.flow})`, ready),
    );
    const unfollow = followed(apiKey, rights.again);
    const weights = of(hub.limits, 'turns');
    const orders = orderWriter({
      odoo,
      lookup: hub.values.find,
      windowMs: batchWindow,
      max: batchSize,
      weights,
      shippingProduct,
      discountProduct,
      tolerance: (source) => hub.partners.rules(source).tolerance,
    });
    const known = resolver(odoo, hub.values.find, 60_000);
    const stock = stockWriter(odoo, known, { windowMs: batchWindow, max: batchSize, weights });
    const invoices = invoiceWriter(odoo, known, weights);
    return {
      api: { odoo, orders, stock, invoices, need: rights.need },
      async close() {
        unfollow();
        hub.odoos.delete(odoo);
        rights.close();
        await Promise.all([orders.idle(), stock.idle(), invoices.idle()]);
      },
    };
  },
});
