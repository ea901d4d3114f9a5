import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import Big from 'big.js';
import { amounts, shopifyOrder, signed, type Item, type Sample } from '../../cli/samples.ts';
import { openOdoo, type Odoo } from '../../runtime/odoo/client.ts';
import { describeReal } from '../real.ts';
import {
  clusterEnvironment,
  odooEnvironment,
  orderFlows,
  post,
  secrets,
  startHubProcess,
  type HubProcess,
} from './hub-process.ts';

interface SaleOrder {
  client_order_ref: string;
  state: string;
  amount_untaxed: number;
  amount_tax: number;
  amount_total: number;
  order_line: number[];
}

const orders = 200;

describeReal(
  ['odoo', 'rabbitmq', 'redis', 'postgres'],
  'orders end to end on the cluster profile',
  ({ odoo: real, ...services }) => {
    let hub: HubProcess;
    let odoo: Odoo;
    const base = Math.floor(Date.now() / 1000) * 1000;
    const skus = Array.from({ length: 7 }, (_, at) => `E2E-${base}-${at}`);

    before(async function () {
      this.timeout(360_000);
      odoo = openOdoo({ ...real, timeoutMs: 60_000 });
      // As these shops round, so that no order has a rounding line.
      await odoo.call('res.company', 'write', {
        ids: await odoo.call<number[]>('res.company', 'search', { domain: [] }),
        vals: { tax_calculation_rounding_method: 'round_per_line' },
      });
      await odoo.call('product.product', 'create', {
        vals_list: skus.map((sku) => ({
          name: `Article ${sku}`,
          default_code: sku,
          type: 'consu',
          list_price: 1,
          taxes_id: [],
        })),
      });
      const env = { ...odooEnvironment(real), ...(await clusterEnvironment(services)) };
      hub = await startHubProcess(env, undefined, { flows: orderFlows });
    });
    after(async () => hub?.stop());

    const itemsOf = (at: number): Item[] =>
      Array.from({ length: 1 + (at % 4) }, (_, line) => ({
        sku: skus[(at + line) % skus.length]!,
        name: `Article ${line}`,
        price: new Big(`${(at * 37) % 90}.${String((at * 7 + line * 13) % 100).padStart(2, '0')}`)
          .plus('0.01')
          .toFixed(2),
        quantity: 1 + ((at + line) % 5),
      }));

    it(`${orders} Shopify orders, each sent twice and interleaved, are ${orders} confirmed sale orders to the cent`, async function () {
      this.timeout(360_000);
      const samples = Array.from({ length: orders }, (_, at): Sample => {
        const number = base + at;
        const id = `82098291194${String(number).slice(-8)}`;
        return signed(
          { kind: 'valid', partner: 'Shopify', number: String(number) },
          shopifyOrder(id, number, itemsOf(at)),
          secrets,
        );
      });
      const sent = samples.flatMap((sample, at) => [sample, samples[(at + 3) % orders]!]);
      const ids = new Map<string, Set<string>>();
      const sender = async (): Promise<void> => {
        for (let next = sent.shift(); next; next = sent.shift()) {
          let answer = await post(hub.url, next);
          while ([409, 429, 503].includes(answer.status)) {
            await sleep(Number(answer.retryAfter ?? 1) * 200);
            answer = await post(hub.url, next);
          }
          assert.equal(answer.status, 202, JSON.stringify(answer.body));
          ids.set(next.number, (ids.get(next.number) ?? new Set<string>()).add(answer.body.id));
        }
      };
      await Promise.all(Array.from({ length: 16 }, sender));
      assert.equal(ids.size, orders);
      for (const [number, answers] of ids) assert.equal(answers.size, 1, `order ${number} was counted twice`);

      const numbers = samples.map(({ number }) => number);
      const found = await until(async () => {
        const read = await readOrders(odoo, numbers);
        return read.filter(({ state }) => state === 'sale').length >= orders ? read : undefined;
      }, 240_000);
      assert.equal(found.length, orders);
      const byNumber = new Map(found.map((order) => [order.client_order_ref, order]));
      assert.equal(byNumber.size, orders);
      for (const [at, number] of numbers.entries()) {
        const order = byNumber.get(number)!;
        const expected = amounts(itemsOf(at));
        assert.equal(order.state, 'sale');
        assert.equal(order.order_line.length, itemsOf(at).length, `lines of ${number}`);
        assert.deepEqual(
          {
            net: order.amount_untaxed.toFixed(2),
            tax: order.amount_tax.toFixed(2),
            gross: order.amount_total.toFixed(2),
          },
          expected,
          `totals of ${number}`,
        );
      }
      await sleep(1000);
      assert.equal((await readOrders(odoo, numbers)).length, orders, 'a second order came later');
    });
  },
);

function readOrders(odoo: Odoo, numbers: string[]): Promise<SaleOrder[]> {
  return odoo.call('sale.order', 'search_read', {
    domain: [['client_order_ref', 'in', numbers]],
    fields: ['client_order_ref', 'state', 'amount_untaxed', 'amount_tax', 'amount_total', 'order_line'],
  });
}

async function until<Result>(ask: () => Promise<Result | undefined>, timeoutMs: number): Promise<Result> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const result = await ask();
    if (result !== undefined) return result;
    if (Date.now() > end) throw new Error('It did not come to pass in time');
    await sleep(500);
  }
}
