/** The same suite against the sandbox Odoo and the real one, the latter over both protocols; then what the sandbox refuses. */
import assert from 'node:assert/strict';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { openOdoo, type Odoo } from '../runtime/odoo/client.ts';
import { invoiceDetails } from '../runtime/odoo/money/invoice-lines.ts';
import { invoiceWriter } from '../runtime/odoo/money/invoice.ts';
import { load } from '../runtime/odoo/load.ts';
import { orderWriter } from '../runtime/odoo/order/order.ts';
import { resolver } from '../runtime/odoo/resolve.ts';
import { stockWriter } from '../runtime/odoo/stock/stock.ts';
import { startSandbox, type Sandbox } from '../runtime/odoo/sandbox/sandbox.ts';
import { odooConformance } from './conformance/odoo.ts';
import { odooBundles } from './conformance/odoo-bundles.ts';
import { odooLots } from './conformance/odoo-lots.ts';
import { testUser } from './odoo-user.ts';
import { describeReal } from './real.ts';

describe('sandbox Odoo', () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await startSandbox({ products: [{ code: 'HX-1', name: 'Hex bolt', price: 4 }] });
  });
  after(() => sandbox.close());

  odooConformance(async () => sandbox);

  describe('sandbox', () => {
    const odoo = () => openOdoo({ ...sandbox, timeoutMs: 5000 });

    it('has the products it was given', async () => {
      const domain = [['default_code', 'in', ['HX-1', 'FURN_8888']]];
      const rows = await odoo().call<unknown[]>('product.product', 'search_read', {
        domain,
        fields: ['name'],
      });
      assert.equal(rows.length, 2);
    });

    it('refuses what it does not know, and says what that is', async () => {
      const refusals: [string, string, Record<string, unknown>, RegExp][] = [
        ['mrp.production', 'search_read', { domain: [] }, /model mrp\.production/],
        ['sale.order', 'create', { vals_list: [] }, /method sale\.order\.create/],
        ['sale.order', 'search_read', { domain: [['x_mine', '=', 1]] }, /field x_mine of sale\.order/],
        ['sale.order', 'search_read', { domain: [['name', 'child_of', 'S']] }, /operator child_of/],
        ['sale.order', 'load', { fields: ['partner_id'], data: [['Ann']] }, /column partner_id/],
      ];
      for (const [model, method, args, message] of refusals) {
        await assert.rejects(odoo().call(model, method, args), { code: 'ODOO_REFUSED', message });
      }
    });

    it('twenty shipments at once are ten calls, and one alone no more', async () => {
      const calls: string[] = [];
      const log = {
        debug: (call: Record<string, unknown>) => void calls.push(`${call['model']}/${call['method']}`),
      };
      const own = openOdoo({ ...sandbox, timeoutMs: 5000, log });
      const known = resolver(own, () => undefined, 60_000);
      const line = { id: '1', sku: 'HX-1', name: 'Bolt', quantity: '1', unitPrice: '4.00', taxes: [] };
      const written = Array.from({ length: 21 }, (_, at) =>
        orderWriter({ odoo: own, lookup: () => undefined }).write({
          source: 'count',
          id: `${at}`,
          number: `count-${at}`,
          placedAt: '2026-01-02T03:04:05Z',
          currency: 'USD',
          customer: { id: 'C1', name: 'Ann' },
          pricesIncludeTax: false,
          lines: [line],
          totals: { net: '4.00', tax: '0.00', gross: '4.00' },
        }),
      );
      await Promise.all(written);
      await known.findProducts([{ sku: 'HX-1' }]);
      const stock = stockWriter(own, known);
      const ship = (id: string) =>
        stock.move('shipment', {
          source: 'count-wms',
          id,
          order: { source: 'count', id },
          lines: [{ sku: 'HX-1', quantity: '1' }],
        });
      for (const ids of [Array.from({ length: 20 }, (_, at) => `${at}`), ['20']]) {
        calls.length = 0;
        await Promise.all(ids.map(ship));
        assert.deepEqual(calls, [
          // Of the messages and of the orders.
          'ir.model.data/search_read',
          'sale.order/search_read',
          'stock.picking/search_read',
          'ir.attachment/search_read',
          'stock.move/search_read',
          'ir.attachment/load',
          'ir.attachment/search_read',
          'stock.move/write',
          'stock.picking/button_validate',
          'stock.picking/search_read',
        ]);
      }
    });

    it('articles that many look for at the same moment are one call', async () => {
      const calls: string[] = [];
      const log = { debug: (call: Record<string, unknown>) => void calls.push(String(call['model'])) };
      const known = resolver(openOdoo({ ...sandbox, timeoutMs: 5000, log }), () => undefined, 60_000);
      const skus = ['HX-1', 'FURN_7777', 'NO-SUCH'];
      const found = await Promise.all(skus.map((sku) => known.findProducts([{ sku }])));
      assert.deepEqual(
        found.map((products, at) => products.get(skus[at]!) instanceof CodedError),
        [false, false, true],
      );
      assert.deepEqual(calls, ['product.product']);
    });

    it('shows its orders', () => {
      const again = sandbox.orders().find(({ client_order_ref: ref }) => ref.endsWith('-percent'));
      const { state, amount_total: total, lines } = again!;
      assert.deepEqual([state, total, lines.length, lines[0]!.discount], ['sale', 31.05, 1, 10]);
    });
  });
});

describe('sandbox Odoo that rounds globally', () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await startSandbox({ rounding: 'round_globally' });
  });
  after(() => sandbox.close());

  odooConformance(async () => sandbox);
});

describe('sandbox Odoo with dinars', () => {
  it('an invoice has their three decimals', async () => {
    const sandbox = await startSandbox({ currencies: { KWD: 0.001 } });
    try {
      const odoo = openOdoo({ ...sandbox, timeoutMs: 5000 });
      const line = {
        id: '1',
        sku: 'FURN_7777',
        name: 'Chair',
        quantity: '1',
        unitPrice: '18.605',
        taxes: [],
      };
      await orderWriter({ odoo, lookup: () => undefined }).write({
        source: 'shop',
        id: '1',
        number: '1',
        placedAt: '2026-01-02T03:04:05Z',
        currency: 'KWD',
        customer: { id: '1', name: 'Ann' },
        pricesIncludeTax: false,
        lines: [line],
        totals: { net: '18.605', tax: '0.000', gross: '18.605' },
      });
      const about = { source: 'fin', id: '1', order: { source: 'shop', id: '1' } };
      const { total, id } = await invoiceWriter(
        odoo,
        resolver(odoo, () => undefined, 1000),
      ).invoice(about);
      const { net, lines } = await invoiceDetails(odoo, id);
      assert.deepEqual([total, net, lines[0]!.unitPrice], ['18.605', '18.605', '18.605']);
    } finally {
      await sandbox.close();
    }
  });
});

describe('load into Odoo', () => {
  it('a collision of two transactions is ODOO_BUSY: it can succeed later', async () => {
    const message = 'could not serialize access due to concurrent update';
    const call = async () => ({ ids: false, messages: [{ message, rows: { from: 0, to: 0 } }] });
    const rows = [{ id: 'a.b', name: 'x' }];
    const outcomes = await load({ call } as unknown as Odoo, 'res.partner', [{ externalId: 'a.b', rows }]);
    assert.equal((outcomes[0] as PromiseRejectedResult).reason.code, 'ODOO_BUSY');
  });
});

describe('what Odoo says of refused data', () => {
  it('no words of its database reach a person', async () => {
    const said = [
      'ON CONFLICT DO UPDATE command cannot affect row a second time\nHINT:  Ensure that no rows proposed for insertion within the same command have duplicate constrained values.',
      'duplicate key value violates unique constraint "x"\nDETAIL:  Key (id)=(1)',
      'psycopg2.errors.UndefinedColumn: column "x" does not exist',
      'INSERT INTO "sale_order" ("id") VALUES (1)',
    ];
    for (const message of said) {
      const call = async () => ({ ids: false, messages: [{ message, rows: { from: 0, to: 0 } }] });
      const rows = [{ id: 'a.b', name: 'x' }];
      const [outcome] = await load({ call } as unknown as Odoo, 'res.partner', [{ externalId: 'a.b', rows }]);
      const { code, message: reason } = (outcome as PromiseRejectedResult).reason as CodedError;
      assert.deepEqual(
        [code, reason],
        ['ODOO_REFUSED', 'Odoo refused the record without a reason for people'],
      );
    }
  });
});

const all = process.env['CROSSDOCK_ALL'] === '1';
const isOlder = process.env['CROSSDOCK_ODOO'] !== undefined;

/** What comes out the same however a call is made. */
const sameEither =
  /^(amounts|totals|holds|the same order, or another|articles by rule|parties|nothing to pay, nothing to ship|stock|at once|money of many orders at once|purchases|inside the warehouse|updates)$/;
/** Suites of which an older Odoo and JSON-RPC run what names another model, method or field each; `npm run check:all` and `check:14` run all. */
const large = /^(totals|once|stock|at once|money|money of many orders at once|updates)$/;
const each =
  /^(taxes that the partner|cents that parts|prices without tax|the same order again|fifty at once|a shipment of a part|a line in another unit|the rest can be|a return brings|an article that was archived|what a person noted|shipments of many|returns of many|counts of one place|what was delivered|payments are|a whole invoice|each order has|more of one line|the delivery address|a partly shipped|what was invoiced|another article)/;
/** One for each kind of document. */
const lost = /^(an answer lost after|a lost answer to) /;
const lostHere =
  /(res\.partner\/load was|stock\.picking\/button_validate: the next attempt ships|account\.move\/action_post \(invoice\)|sale\.order\/write:)/;

type Choice = (suite: string, test: string) => boolean;

const ofEachKind: Choice = (suite, test) =>
  lost.test(test) ? lostHere.test(test) : !large.test(suite) || each.test(test);

function choose(suite: Mocha.Suite, isChosen: Choice): void {
  suite.tests = suite.tests.filter(({ title }) => isChosen(suite.title, title));
  for (const one of suite.suites) choose(one, isChosen);
}

describeReal(['odoo'], 'real Odoo', function ({ odoo }) {
  this.timeout(180_000);
  // With the rights of the hub and no other.
  const user = testUser(odoo);
  const admin = async () => odoo;
  after(() => user.close());
  odooConformance(user.access, admin);
  odooLots(user.access, admin);
  odooBundles(user.access, admin);
  if (isOlder && !all) choose(this, ofEachKind);
});

describeReal(['odoo'], 'real Odoo over JSON-RPC', function ({ odoo }) {
  this.timeout(180_000);
  odooConformance(async () => ({ ...odoo, protocol: 'jsonrpc' }));
  if (!all) choose(this, (suite, test) => !sameEither.test(suite) && ofEachKind(suite, test));
});
