/** Each call of each step of both processes fails once, in each way, on the real Odoo: also while an order is taken back. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openJournal } from '../../runtime/stores/profile.ts';
import type { Journal } from '../../runtime/journal/journal.ts';
import { openOdoo, type Odoo } from '../../runtime/odoo/client.ts';
import type { Instance } from '../../runtime/process/state.ts';
import { readBooks, type Books } from '../acceptance/books.ts';
import { crossdock, type HubAt } from '../acceptance/order-to-cash.ts';
import { untilInstance } from '../acceptance/instances.ts';
import { partners } from '../acceptance/partners.ts';
import { buy } from '../acceptance/purchase.ts';
import { odooProxy, type OdooProxy } from '../http-proxy.ts';
import { describeReal } from '../real.ts';
import { editFile, odooEnvironment, startHubProcess, type HubProcess } from './hub-process.ts';

type Call = readonly [model: string, method: string];

/** The calls that write, by step: what was asked for is done in full once each of them was. */
const calls = {
  receipt: [['stock.picking', 'button_validate']],
  bill: [
    ['purchase.order', 'action_create_invoice'],
    ['account.move', 'write'],
    ['account.move', 'action_post'],
  ],
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
  'receipt failed with ODOO_REFUSED: escalate',
  ...Array<string>(3).fill('bill failed with ODOO_REFUSED: escalate'),
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

describeReal(['odoo'], 'each step fails once', function (services) {
  this.timeout(900_000);
  const odoo = openOdoo({ ...services.odoo, timeoutMs: 60_000 });
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
  async function live(world: World): Promise<Instance> {
    const { tell, reach, at, fail, source } = world;
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
    await state(world, 'done');
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
    return state(world, 'undone');
  }

  /** Until what was bought is received, billed and paid. Gives the process at its end. */
  async function supply(world: World): Promise<Instance> {
    const { tell, fail, source } = world;
    const sku = `${source}-B`;
    const { number: of, product, papers, pay } = await buy(odoo, source, sku, 4);
    await until(world, of, told('purchase.confirmed.v1'));
    fail('receipt');
    await tell.receipt('i1', of, [{ sku, quantity: 4 }]);
    await until(world, of, told('receipt.booked.v1'));
    fail('bill');
    await tell.bill('b1', of, 10);
    await until(world, of, told('bill.posted.v1'));
    const { bills, transfers } = await papers();
    const [stocked] = await odoo.call<[{ qty_available: number }]>('product.product', 'read', {
      ids: [product],
      fields: ['qty_available'],
    });
    assert.deepEqual([bills.length, transfers.length, stocked.qty_available], [1, 1, 4]);
    await pay();
    return until(world, of, (one) => one.state === 'done');
  }

  const number = (source: string): string => `${source}-1`;
  const told = (type: string) => (one: Instance) => one.history.some(({ what }) => what === type);
  const state = (of: World, wanted: string): Promise<Instance> =>
    until(of, number(of.source), (one) => one.state === wanted);
  const until = ({ journal }: World, of: string, fits: (instance: Instance) => boolean): Promise<Instance> =>
    untilInstance(journal, of, fits, 420_000);

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

  /** They mostly wait: side by side, each in a world of its own. */
  const runs: Record<string, Promise<void>> = {};
  const run = (name: string, fault: Fault, life: (world: World) => Promise<void>): void => {
    const running = openWorld(services.odoo, odoo, fault).then((world) =>
      life(world).finally(() => world.close()),
    );
    running.catch(() => {});
    runs[name] = running;
  };
  const names = Object.keys(faults);
  const inOrder = 'not at all, but every message comes twice and before the one it needs';
  before(() => {
    for (const [name, fault] of Object.entries(faults)) run(name, fault, (world) => failing(world, name));
    run(inOrder, () => Promise.resolve(), reordered);
  });

  async function failing(world: World, name: string): Promise<void> {
    const ended = [await supply(world), await live(world)];
    assert.equal(world.failed(), count);
    await checkOdoo(world.source, 'cancel');
    const seen = ended
      .flatMap(({ history }) => history.map(({ what }) => what))
      .filter((what) => what.includes(' failed with '));
    assert.deepEqual(seen, name === 'refused (422)' ? reactions : []);
  }

  async function reordered(world: World): Promise<void> {
    const { tell, reach, source } = world;
    const sku = await article(source);
    // Four for 10.00 each, and 15 % tax.
    await tell.payment('p1', '1', 46);
    await tell.shipment('s1', '1', [{ sku, quantity: 4 }]);
    await tell.order('1', [{ sku, quantity: 4, price: '10.00' }]);
    await reach('paid', (one) => one.invoices[0]?.residual === 0);
    await state(world, 'done');
    await tell.payment('p2', '1', 46, true);
    await tell.returned('r1', '1', [{ sku, quantity: 4 }]);
    await reach('refunded', (one) => one.credits[0]?.residual === 0);
    await checkOdoo(source, 'sale');
  }

  for (const name of [...names, inOrder]) it(name, () => runs[name]);
});

interface World {
  source: string;
  at: HubAt;
  journal: Journal;
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
  editFile(join(flowsDir, 'connections.yaml'), 'leaseSeconds: 30', 'leaseSeconds: 5');
  editFile(
    join(flowsDir, 'connections.yaml'),
    'apiKey: ${ODOO_API_KEY}',
    'apiKey: ${ODOO_API_KEY}\n    timeout: 5',
  );
  for (const process of ['order-to-cash', 'procure-to-pay'])
    editFile(join(flowsDir, `${process}.yaml`), `process: ${process}`, `process: ${process}\n    look: 1`);
  editFile(
    join(definitionsDir, 'policies', 'patient.yaml'),
    'delays: [5, 60, 600, 3600, 14400, 28800, 43200, 86400]',
    'delays: [1, 2, 4, 8, 15, 30]',
  );
  // A shipment before its order: not ten minutes, where that takes longer than a minute to land.
  editFile(
    join(definitionsDir, 'policies', 'patient.yaml'),
    'ORDER_UNKNOWN: { immediate: 1, delays: [5, 60, 600, 3600, 14400] }',
    'ORDER_UNKNOWN: { immediate: 1, delays: [5, 10, 20, 40, 80, 160] }',
  );
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
  // As the commands read it, beside the hub.
  const journal = await openJournal({ profile: 'embedded', dataDir, env: {} });
  const repairing = operations(at, journal, ended.signal);
  return {
    source,
    at,
    journal,
    tell: partners(() => hub.url, source),
    fail: (step) => calls[step].forEach((call) => void fault(proxy, call, kill).then(() => (failed += 1))),
    failed: () => failed,
    async reach(what, fits) {
      let one: Books | undefined;
      for (const end = Date.now() + 420_000; Date.now() < end; await sleep(500)) {
        one = (await readBooks(odoo, [`${source}-1`])).get(`${source}-1`);
        if (one && fits(one)) return one;
      }
      const letters = await journal.letters({ state: 'open' });
      throw new Error(`the order is never ${what}: ${JSON.stringify({ one, letters })}`);
    },
    async close() {
      ended.abort();
      await repairing;
      await journal.close();
      await starting;
      await hub.stop(true);
      await proxy.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A person sends again what became an exception, once the process has seen it. */
async function operations(at: HubAt, journal: Journal, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    const letters = await journal.letters({ state: 'open', code: 'ODOO_REFUSED' });
    await sleep(2500, undefined, { signal: ended }).catch(() => {});
    if (letters.length > 0) await crossdock(at, 'dead', 'replay', ...letters.map(({ id }) => id));
  }
}
