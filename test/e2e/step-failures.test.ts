/** Each call of each step of order to cash fails once, in each way, on the real Odoo: also while it is taken back. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openOdoo, type Odoo } from '../../runtime/odoo/client.ts';
import type { Instance } from '../../runtime/process/state.ts';
import { readBooks, type Books } from '../acceptance/books.ts';
import { crossdock, type HubAt } from '../acceptance/order-to-cash.ts';
import { partners } from '../acceptance/partners.ts';
import { odooProxy, type OdooProxy } from '../http-proxy.ts';
import { describeReal } from '../real.ts';
import { odooEnvironment, startHubProcess, type HubProcess } from './hub-process.ts';

type Call = readonly [model: string, method: string];

/** The calls that write, by step: what was asked for is done in full once each of them was. */
const calls = {
  order: [
    ['sale.order', 'load'],
    ['sale.order', 'action_confirm'],
  ],
  shipment: [['stock.picking', 'button_validate']],
  invoice: [
    ['sale.advance.payment.inv', 'create_invoices'],
    ['account.move', 'action_post'],
  ],
  payment: [['account.payment.register', 'action_create_payments']],
  'credit note': [
    ['account.move.reversal', 'refund_moves'],
    ['account.move', 'action_post'],
  ],
  return: [
    ['stock.return.picking', 'action_create_returns'],
    ['stock.picking', 'button_validate'],
  ],
  cancellation: [['sale.order', 'action_cancel']],
  refund: [['account.payment.register', 'action_create_payments']],
} as const satisfies Record<string, readonly Call[]>;

const count = Object.values(calls).flat().length;
/** To whom the process turns, or what it does, when a person has to look. The rest repairs itself. */
const reactions = [
  // A batch of orders that was refused is tried again one by one: the first refusal shows nowhere.
  'order failed with ODOO_REFUSED: escalate',
  'shipment failed with ODOO_REFUSED: escalate',
  ...Array<string>(2).fill('invoice failed with ODOO_REFUSED: retry'),
  'payment failed with ODOO_REFUSED: escalate',
  ...Array<string>(2).fill('invoice failed with ODOO_REFUSED: retry'),
  'order failed with ODOO_REFUSED: escalate',
];

type Fault = (proxy: OdooProxy, call: Call, kill: () => Promise<void>) => Promise<unknown>;

/** Each resolves when the call has failed. */
const faults: Record<string, Fault> = {
  'refused (422)': (proxy, [model, method]) =>
    proxy.instead(model, method, {
      status: 422,
      body: { name: 'odoo.exceptions.UserError', message: 'Refused on purpose', debug: '' },
    }),
  'an error of the server (500)': (proxy, [model, method]) =>
    proxy.instead(model, method, { status: 500, body: '<h1>Internal Server Error</h1>' }),
  'the answer is lost after it was done': (proxy, [model, method]) => proxy.lose(model, method),
  'never answered': (proxy, [model, method]) =>
    new Promise<void>((hit) =>
      proxy.before(model, method, async () => {
        hit();
        await new Promise(() => {});
      }),
    ),
  'the hub is killed in the middle': (proxy, [model, method], kill) =>
    new Promise<void>((hit) => proxy.before(model, method, () => kill().then(hit))),
};

describeReal(['odoo'], 'each step of order to cash fails once', function (services) {
  this.timeout(300_000);
  const odoo = openOdoo({ ...services.odoo, timeoutMs: 60_000 });
  let world: World | undefined;
  afterEach(async () => {
    await world?.close();
    world = undefined;
  });

  /** Its SKU. */
  async function article(source: string): Promise<string> {
    const sku = `${source}-A`;
    await odoo.call('product.product', 'create', {
      vals_list: [
        { name: 'Step', default_code: sku, type: 'consu', invoice_policy: 'delivery', taxes_id: [] },
      ],
    });
    return sku;
  }

  /** Until the order was shipped, invoiced and paid, and all of it was taken back. Gives the process at its end. */
  async function live({ tell, reach, at, fail, source }: World): Promise<Instance> {
    const sku = await article(source);
    fail('order');
    await tell.order('1', [{ sku, quantity: 4, price: '10.00' }]);
    await reach('confirmed', ({ state }) => state === 'sale');
    fail('shipment');
    fail('invoice');
    await tell.shipment('s1', '1', [{ sku, quantity: 4 }]);
    const { invoices } = await reach('invoiced', (one) => one.invoices[0]?.state === 'posted');
    fail('payment');
    await tell.payment('p1', '1', invoices[0]!.total);
    await reach('paid', (one) => one.invoices[0]?.residual === 0);
    await state(at, 'done');
    fail('credit note');
    await crossdock(at, 'process', 'compensate', number(source), '--by', 'ann');
    const { credits } = await reach('credited', (one) => one.credits[0]?.state === 'posted');
    fail('return');
    fail('cancellation');
    await tell.returned('r1', '1', [{ sku, quantity: 4 }]);
    await reach('cancelled', (one) => one.state === 'cancel');
    fail('refund');
    await tell.payment('p2', '1', credits[0]!.total, true);
    await reach('refunded', (one) => one.credits[0]?.residual === 0);
    return state(at, 'undone');
  }

  const number = (source: string): string => `${source}-1`;
  const shown = async (at: HubAt, source: string): Promise<Instance> =>
    JSON.parse(await crossdock(at, 'process', 'show', number(source), '--json')) as Instance;
  async function state(at: HubAt, wanted: string): Promise<Instance> {
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(500)) {
      const instance = await shown(at, world!.source);
      if (instance.state === wanted) return instance;
    }
    throw new Error(`the process is never ${wanted}: ${JSON.stringify(await shown(at, world!.source))}`);
  }

  /** What Odoo has of the order and its papers in the end: each once. */
  async function checkOdoo(source: string, is: 'cancel' | 'sale'): Promise<void> {
    const one = (await readBooks(odoo, [number(source)])).get(number(source))!;
    const money = { state: 'posted', residual: 0, quantity: 4 };
    const { id, total, ...books } = one;
    assert.deepEqual(books, {
      number: number(source),
      state: is,
      ordered: 4,
      delivered: 0,
      invoiced: 0,
      open: 0,
      invoices: [{ ...money, total }],
      credits: [{ ...money, total }],
    });
    const search = (model: string, ...domain: unknown[]) =>
      odoo.call<number>(model, 'search_count', { domain });
    const [order] = await odoo.call<{ partner_id: [number, string] }[]>('sale.order', 'search_read', {
      domain: [['id', '=', id]],
      fields: ['partner_id'],
    });
    const found = await Promise.all([
      search('sale.order', ['client_order_ref', '=', number(source)]),
      search('stock.move', ['sale_line_id.order_id', '=', id], ['state', '=', 'done']),
      search('account.payment', ['partner_id', '=', order!.partner_id[0]]),
    ]);
    assert.deepEqual(found, [1, 2, 2], 'orders, moves of goods, payments');
  }

  for (const [name, fault] of Object.entries(faults))
    it(name, async () => {
      world = await openWorld(services.odoo, odoo, fault);
      const instance = await live(world);
      assert.equal(world.failed(), count);
      await checkOdoo(world.source, 'cancel');
      const seen = instance.history.map(({ what }) => what).filter((what) => what.includes(' failed with '));
      assert.deepEqual(seen, fault === faults['refused (422)'] ? reactions : []);
    });

  it('not at all, but every message comes twice and before the one it needs', async () => {
    world = await openWorld(services.odoo, odoo, () => Promise.resolve());
    const { tell, reach, at, source } = world;
    const sku = await article(source);
    // Four for 10.00 each, and 15 % tax.
    await tell.payment('p1', '1', 46);
    await tell.shipment('s1', '1', [{ sku, quantity: 4 }]);
    await tell.order('1', [{ sku, quantity: 4, price: '10.00' }]);
    await reach('paid', (one) => one.invoices[0]?.residual === 0);
    await state(at, 'done');
    await tell.payment('p2', '1', 46, true);
    await tell.returned('r1', '1', [{ sku, quantity: 4 }]);
    await reach('refunded', (one) => one.credits[0]?.residual === 0);
    await checkOdoo(source, 'sale');
  });
});

interface World {
  source: string;
  at: HubAt;
  tell: ReturnType<typeof partners>;
  /** The next calls of this step fail once each. */
  fail(step: keyof typeof calls): void;
  /** Calls that did. */
  failed(): number;
  reach(what: string, fits: (one: Books) => boolean): Promise<Books>;
  close(): Promise<void>;
}

/** A hub of its own, on the embedded profile, with short waits. */
async function openWorld(
  real: Parameters<typeof odooEnvironment>[0],
  odoo: Odoo,
  fault: Fault,
): Promise<World> {
  const source = `step-${randomBytes(4).toString('hex')}`;
  const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-step-'));
  const [flowsDir, definitionsDir] = [join(dataDir, 'flows'), join(dataDir, 'definitions')];
  cpSync('flows', flowsDir, { recursive: true });
  cpSync('definitions', definitionsDir, { recursive: true });
  const edit = (file: string, from: string, to: string): void => {
    const text = readFileSync(file, 'utf8');
    assert.ok(text.includes(from), `${file} has no ${from}`);
    writeFileSync(file, text.replace(from, to));
  };
  edit(join(flowsDir, 'connections.yaml'), 'leaseSeconds: 30', 'leaseSeconds: 5');
  edit(
    join(flowsDir, 'connections.yaml'),
    'apiKey: ${ODOO_API_KEY}',
    'apiKey: ${ODOO_API_KEY}\n    timeout: 5',
  );
  edit(join(flowsDir, 'order-to-cash.yaml'), 'process: order-to-cash', 'process: order-to-cash\n    look: 1');
  edit(join(definitionsDir, 'policies', 'patient.yaml'), 'delays: [5, 60,', 'delays: [1, 2,');
  const proxy = await odooProxy(real.url);
  const env = { ...odooEnvironment({ ...real, url: proxy.url }), CROSSDOCK_DEFINITIONS: definitionsDir };
  let hub: HubProcess = await startHubProcess(env, dataDir);
  let starting: Promise<void> = Promise.resolve();
  const kill = async (): Promise<void> => {
    await starting;
    hub.signal('SIGKILL');
    await hub.exited;
    starting = startHubProcess(env, dataDir).then((again) => void (hub = again));
  };
  let failed = 0;
  const ended = new AbortController();
  const at: HubAt = { url: () => hub.url, dataDir, definitionsDir, env };
  const repairing = operations(at, ended.signal);
  return {
    source,
    at,
    tell: partners(() => hub.url, source),
    fail: (step) => calls[step].forEach((call) => void fault(proxy, call, kill).then(() => (failed += 1))),
    failed: () => failed,
    async reach(what, fits) {
      let one: Books | undefined;
      for (const end = Date.now() + 90_000; Date.now() < end; await sleep(500)) {
        one = (await readBooks(odoo, [`${source}-1`])).get(`${source}-1`);
        if (one && fits(one)) return one;
      }
      throw new Error(`the order is never ${what}: ${JSON.stringify(one)}`);
    },
    async close() {
      ended.abort();
      await repairing;
      await starting;
      await hub.stop(true);
      await proxy.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A person sends again what became an exception, once the process has seen it. */
async function operations(at: HubAt, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    const listed = await crossdock(at, 'dead', 'list', '--code', 'ODOO_REFUSED', '--json').catch(() => '[]');
    const ids = (JSON.parse(listed) as { id: string }[]).map(({ id }) => id);
    await sleep(2500, undefined, { signal: ended }).catch(() => {});
    if (ids.length > 0) await crossdock(at, 'dead', 'replay', ...ids);
  }
}
