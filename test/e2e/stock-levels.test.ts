/** Stock levels of the real Odoo in a shop: within seconds, the newest wins, and after an outage only the newest goes. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Figures } from '../../runtime/figures/figures.ts';
import type { SealedRun } from '../../runtime/reconcile/run.ts';
import { stockedGoods } from '../acceptance/purchase.ts';
import { openOdoo } from '../../runtime/odoo/client.ts';
import { describeReal } from '../real.ts';
import { odooEnvironment, startHubProcess, type HubProcess } from './hub-process.ts';

const run = promisify(execFile);

interface Asked {
  query: string;
  variables: { sku?: string; input?: { quantities: { inventoryItemId: string; quantity: number }[] } };
}

describeReal(['odoo'], 'stock levels', function (services) {
  this.timeout(360_000);
  const source = `lvl${randomBytes(4).toString('hex')}`;
  const odoo = openOdoo({ ...services.odoo, timeoutMs: 60_000 });
  /** Each level the shop was told, by SKU, in its order. */
  const told = new Map<string, number[]>();
  let away = false;
  let shop: Server;
  let hub: HubProcess;
  let location: number;

  before(async () => {
    shop = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      if (away) return void response.writeHead(503).end();
      const { variables } = JSON.parse(text) as Asked;
      const sku = /^sku:"(.*)"$/.exec(variables.sku ?? '')?.[1];
      for (const { inventoryItemId: id, quantity } of variables.input?.quantities ?? [])
        told.set(id, [...(told.get(id) ?? []), quantity]);
      const nodes = sku?.startsWith(source) ? [{ sku, inventoryItem: { id: sku } }] : [];
      const data = sku ? { productVariants: { nodes } } : { inventorySetQuantities: { userErrors: [] } };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data }));
    });
    await new Promise<void>((listening) => shop.listen(0, '127.0.0.1', listening));
    const [warehouse] = await odoo.call<{ lot_stock_id: [number, string] }[]>(
      'stock.warehouse',
      'search_read',
      {
        domain: [['code', '=', 'WH']],
        fields: ['lot_stock_id'],
        limit: 1,
      },
    );
    location = warehouse!.lot_stock_id[0];
    hub = await startHubProcess(
      {
        ...odooEnvironment(services.odoo),
        SHOPIFY_ADMIN_URL: `http://127.0.0.1:${(shop.address() as AddressInfo).port}`,
      },
      mkdtempSync(join(tmpdir(), 'crossdock-levels-')),
    );
  });
  after(async () => {
    await hub?.stop();
    shop.closeAllConnections();
    shop.close();
  });

  async function article(name: string): Promise<{ sku: string; count(quantity: number): Promise<unknown> }> {
    const sku = `${source}-${name}`;
    const [product] = await odoo.call<number[]>('product.product', 'create', {
      vals_list: [{ name, default_code: sku, ...(await stockedGoods(odoo)) }],
    });
    return {
      sku,
      async count(quantity) {
        const [quant] = await odoo.call<number[]>('stock.quant', 'create', {
          vals_list: [{ product_id: product, location_id: location, inventory_quantity: quantity }],
          context: { inventory_mode: true },
        });
        // Odoo 14 applies what is noted at once.
        if (!(await odoo.dialect()).inventories)
          await odoo.call('stock.quant', 'action_apply_inventory', { ids: [quant!] });
      },
    };
  }
  async function until(sku: string, quantity: number, withinMs: number): Promise<number> {
    const started = Date.now();
    for (; Date.now() - started < withinMs; await sleep(100))
      if (told.get(sku)?.at(-1) === quantity) return Date.now() - started;
    throw new Error(`the shop has ${JSON.stringify(told.get(sku))} of ${sku}\n${hub.log().slice(-3000)}`);
  }

  it('reach the shop within seconds, and a reservation counts', async () => {
    const { sku, count } = await article('A');
    await count(25);
    await until(sku, 25, 90_000);
    const [product] = await odoo.call<number[]>('product.product', 'search', {
      domain: [['default_code', '=', sku]],
    });
    const [partner] = await odoo.call<number[]>('res.partner', 'create', { vals_list: [{ name: source }] });
    const [order] = await odoo.call<number[]>('sale.order', 'create', {
      vals_list: [{ partner_id: partner, order_line: [[0, 0, { product_id: product, product_uom_qty: 4 }]] }],
    });
    await odoo.call('sale.order', 'action_confirm', { ids: [order!] });
    await until(sku, 21, 90_000);
  });

  it('that changed while the shop was away go once, as they are now', async () => {
    const { sku, count } = await article('B');
    await count(1);
    await until(sku, 1, 90_000);
    away = true;
    // Each is seen by itself: the hub looks every two seconds.
    for (const quantity of [2, 3, 4, 5]) {
      await count(quantity);
      await sleep(2500);
    }
    away = false;
    await until(sku, 5, 60_000);
    await sleep(3000);
    assert.deepEqual(told.get(sku), [1, 5]);
  });

  it('that the shop took are remembered, measured, and compared with Odoo', async () => {
    const { sku, count } = await article('C');
    await count(9);
    await until(sku, 9, 15_000);
    const env = { ...process.env, ...odooEnvironment(services.odoo), CROSSDOCK_DATA: hub.dataDir };
    const command = async (...args: string[]) =>
      run(process.execPath, ['cli/crossdock.js', ...args, '--json'], { env }).catch(
        // It ends with 1 where somebody has to act.
        (error: { stdout: string }) => error,
      );
    const reconciled = async () => {
      const cutOff = new Date().toISOString();
      const { stdout } = await command('reconcile', 'stock', '--cut-off', cutOff);
      return (JSON.parse(stdout) as SealedRun).run;
    };
    const lag = async () => {
      const { stdout } = await command('figures', '--days', '7');
      return (JSON.parse(stdout) as Figures).figures.find(({ indicator }) => indicator === 'inventory-lag')!;
    };
    // What it took is remembered behind its answer.
    let measured = await lag();
    for (const end = Date.now() + 15_000; measured.count < 4 && Date.now() < end; await sleep(200))
      measured = await lag();
    const { count: all, missing, by } = measured;
    assert.ok(all >= 4 && missing === undefined, JSON.stringify(measured));
    assert.deepEqual(
      by.partner!.map(({ name }) => name),
      ['shopify'],
    );
    const own = await reconciled();
    assert.deepEqual(
      own.breaks.filter(({ order }) => order === sku),
      [],
    );
    assert.ok(own.orders.matched >= 3 && own.scope.looked!.includes('shopify'));
    // It changes in Odoo, and the shop does not take it.
    away = true;
    await count(2);
    await sleep(1100);
    const found = (await reconciled()).breaks.filter(({ order }) => order === sku);
    assert.deepEqual(
      found.map(({ situation, class: kind, left, right }) => [situation, kind, left.amount, right.amount]),
      [['channel quantity', 'timing', '2', '9']],
    );
    away = false;
  });
});
