/** What the hub does with an Odoo, whether the real one or the sandbox: errors, and orders that land once and to the cent. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import type { CanonicalOrder, Line, Tax } from '../../runtime/odoo/canonical-order.ts';
import { openOdoo, type Odoo, type OdooOptions } from '../../runtime/odoo/client.ts';
import { externalId, findExternal } from '../../runtime/odoo/external-id.ts';
import { load } from '../../runtime/odoo/load.ts';
import { orderWriter, type OrderWriter } from '../../runtime/odoo/order.ts';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import { odooProxy, type OdooProxy } from '../http-proxy.ts';

export type Access = Pick<OdooOptions, 'url' | 'database' | 'apiKey' | 'login' | 'protocol'>;

interface Stored {
  id: number;
  name: string;
  state: string;
  amount_untaxed: number;
  amount_tax: number;
  amount_total: number;
  partner_shipping_id: [number, string];
}

interface StoredLine {
  name: string;
  price_unit: number;
  product_uom_qty: number;
  discount: number;
  price_subtotal: number;
}

const values: Record<string, string> = {
  'tax/T15': '15%',
  'tax/gone': 'A tax nobody made',
  'uom/EA': 'Units',
  'warehouse/main': 'WH',
  'payment-terms/net30': '30 Days',
};
const lookup = (map: string, value: string) => values[`${map}/${value}`];

/** `access` is asked once, before the first test. */
export function odooConformance(access: () => Promise<Access>): void {
  // Everything made here is under it, so that runs on the same Odoo never meet.
  const source = `conf${randomBytes(6).toString('hex')}`;
  const sku = `${source}-A`;
  let options: OdooOptions;
  let odoo: Odoo;
  let writer: OrderWriter;
  let proxy: OdooProxy;
  let calls: string[] = [];

  before(async () => {
    const log = {
      debug: (fields: Record<string, unknown>) => void calls.push(`${fields['model']}/${fields['method']}`),
    };
    options = { ...(await access()), timeoutMs: 60_000, log };
    odoo = openOdoo(options);
    writer = orderWriter({ odoo, lookup });
    proxy = await odooProxy(options.url);
    await odoo.call('product.product', 'load', {
      fields: ['id', 'name', 'default_code', 'list_price', 'barcode'],
      data: [[`${source}.product_a`, 'Conformance article', sku, '9', `${source}BAR`]],
    });
  });
  after(() => proxy.close());
  beforeEach(() => (calls = []));

  const through = (more: Partial<OdooOptions>) => openOdoo({ ...options, ...more });
  const writers = () => orderWriter({ odoo: through({}), lookup });
  /** One whose calls go through the proxy. */
  const proxied = () => orderWriter({ odoo: through({ url: proxy.url }), lookup });

  const tax = (amount: string): Tax[] => [{ code: 'T15', rate: '0.15', amount }];

  const line = (more: Partial<Line> = {}): Line => ({
    id: '1',
    sku,
    name: 'An article',
    quantity: '2',
    unitPrice: '10.00',
    taxes: tax('3.00'),
    ...more,
  });

  /** 2 × 10.00 with 15 % tax unless told otherwise. */
  const order = (id: string, more: Partial<CanonicalOrder> = {}): CanonicalOrder => ({
    source,
    id,
    number: `${source}-${id}`,
    placedAt: '2026-01-02T03:04:05Z',
    currency: 'USD',
    customer: { id: 'C1', name: 'Ann Conformance', email: 'ann@example.com' },
    pricesIncludeTax: false,
    lines: [line()],
    totals: { net: '20.00', tax: '3.00', gross: '23.00' },
    ...more,
  });

  /** The one sale.order with the order's number, as it stands in Odoo. */
  async function stored({ number }: CanonicalOrder): Promise<Stored> {
    const rows = await odoo.call<Stored[]>('sale.order', 'search_read', {
      domain: [['client_order_ref', '=', number]],
      fields: ['name', 'state', 'amount_untaxed', 'amount_tax', 'amount_total', 'partner_shipping_id'],
    });
    assert.equal(rows.length, 1, `one sale.order for ${number}, not ${rows.length}`);
    return rows[0]!;
  }

  async function linesOf({ id }: Stored): Promise<StoredLine[]> {
    return odoo.call('sale.order.line', 'search_read', {
      domain: [['order_id', '=', id]],
      fields: ['name', 'price_unit', 'product_uom_qty', 'discount', 'price_subtotal'],
      order: 'id',
    });
  }

  async function countOf(model: string, domain: unknown[]): Promise<number> {
    return odoo.call(model, 'search_count', { domain });
  }

  async function landsOnce(given: CanonicalOrder, lines: number): Promise<Stored> {
    const found = await stored(given);
    assert.equal(found.state, 'sale');
    assert.equal(await countOf('sale.order.line', [['order_id', '=', found.id]]), lines);
    return found;
  }

  function totals({ amount_untaxed: net, amount_tax: taxes, amount_total: gross }: Stored): string[] {
    return [net, taxes, gross].map((amount) => amount.toFixed(2));
  }

  describe('errors', () => {
    it('knows the version, and is ready', async () => {
      assert.equal(await odoo.version(), 19);
      await odoo.ready();
    });

    it('a key Odoo does not know is ODOO_AUTH, and does not stand in the error', async () => {
      const apiKey = 'not-a-key-of-anyone';
      await assert.rejects(through({ apiKey }).ready(), (error) => {
        assert.doesNotMatch(told(error), /not-a-key/);
        return coded('ODOO_AUTH')(error);
      });
    });

    it('a database that does not exist is ODOO_ADDRESS_WRONG', () =>
      assert.rejects(through({ database: `${source}nowhere` }).ready(), coded('ODOO_ADDRESS_WRONG')));

    it('a closed port is ODOO_UNREACHABLE', async () => {
      const url = `http://127.0.0.1:${await closedPort()}`;
      await assert.rejects(through({ url }).ready(), coded('ODOO_UNREACHABLE'));
      await assert.rejects(
        orderWriter({ odoo: through({ url }), lookup }).write(order('unreachable')),
        coded('ODOO_UNREACHABLE'),
      );
    });

    it('an answer that does not come in time is ODOO_TIMEOUT', async () => {
      const silent = createServer();
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
      const sockets = new Set<{ destroy(): void }>();
      silent.on('connection', (socket) => sockets.add(socket));
      await assert.rejects(through({ url, timeoutMs: 100 }).ready(), coded('ODOO_TIMEOUT'));
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => silent.close(resolve));
    });

    it('an unknown model or method is ODOO_NOT_FOUND, a private one ODOO_ACCESS', async () => {
      await assert.rejects(odoo.call('no.model', 'read', { ids: [1] }), coded('ODOO_NOT_FOUND'));
      await assert.rejects(odoo.call('sale.order', 'no_method', { ids: [1] }), coded('ODOO_NOT_FOUND'));
      await assert.rejects(odoo.call('sale.order', '_compute_amounts', { ids: [1] }), coded('ODOO_ACCESS'));
    });

    it('a record that is not there is ODOO_NOT_FOUND', () =>
      assert.rejects(
        odoo.call('sale.order', 'action_confirm', { ids: [999_999_999] }),
        coded('ODOO_NOT_FOUND'),
      ));

    it("Odoo's own sentence passes, its traceback does not", async () => {
      const { id } = await writer.write(order('twice'));
      await assert.rejects(odoo.call('sale.order', 'action_confirm', { ids: [id] }), (error) => {
        assert.match((error as Error).message, /not in a state requiring confirmation/);
        assert.doesNotMatch(told(error), /Traceback|\.py/);
        return coded('ODOO_REFUSED')(error);
      });
      await assert.rejects(
        odoo.call('sale.order', 'read', { ids: [id], nonsense: 1 }),
        coded('ODOO_REFUSED'),
      );
    });

    it('load writes all or nothing and names the bad record by its rows', async () => {
      const answer = await odoo.call<{ ids: unknown; messages: { rows: unknown; message: string }[] }>(
        'res.partner',
        'load',
        {
          fields: ['id', 'name', 'country_id/.id'],
          data: [
            [`${source}.load_good`, 'Good', ''],
            [`${source}.load_bad`, 'Bad', '99999999'],
          ],
        },
      );
      assert.equal(answer.ids, false);
      assert.deepEqual(
        answer.messages.map(({ rows }) => rows),
        [{ from: 1, to: 1 }],
      );
      assert.match(answer.messages[0]!.message, /No matching record found for database id '99999999'/);
      assert.equal((await findExternal(odoo, 'res.partner', [`${source}.load_good`])).size, 0);
    });

    it('the words of its database do not pass', async () => {
      const id = `${source}.with space`;
      const [outcome] = await load(odoo, 'res.partner', [
        { externalId: id, rows: [{ id, name: 'Ann Secret' }] },
      ]);
      const { reason } = outcome as PromiseRejectedResult;
      coded('ODOO_REFUSED')(reason);
      assert.doesNotMatch(told(reason), /ir_model_data|DETAIL|Failing row/);
    });
  });

  describe('amounts', () => {
    it('tax, units, terms, warehouse, addresses and note', async () => {
      const street = `${source} Harbor Road 4`;
      const given = order('plain', {
        lines: [line({ uom: 'EA' }), line({ id: '2', name: 'Untaxed', quantity: '1', taxes: [] })],
        totals: { net: '30.00', tax: '3.00', gross: '33.00' },
        warehouse: 'main',
        paymentTerms: 'net30',
        note: 'Dock 4 <b>& call\nfirst',
        billTo: {
          street: 'Main Street 1',
          city: 'Louisville',
          postalCode: '40202',
          region: 'KY',
          country: 'US',
        },
        shipTo: { street, city: 'Bayonne', region: 'Nowhere', country: 'FR', company: 'Quai' },
      });
      const written = await writer.write(given);
      assert.equal(written.repeated, false);
      const found = await landsOnce(given, 2);
      assert.equal(found.name, written.name);
      assert.deepEqual(totals(found), ['30.00', '3.00', '33.00']);
      const [ship] = await odoo.call<Record<string, unknown>[]>('res.partner', 'search_read', {
        domain: [['id', '=', found.partner_shipping_id[0]]],
        fields: ['street', 'city', 'type', 'state_id'],
      });
      // A region Odoo does not have still stands in the address.
      assert.deepEqual(
        { ...ship, id: 0 },
        { id: 0, street, city: 'Bayonne, Nowhere', type: 'delivery', state_id: false },
      );
    });

    it('a discount that is a percentage, in the line', async () => {
      const given = order('percent', {
        lines: [line({ quantity: '3', discount: '3.00', taxes: tax('4.05') })],
        totals: { net: '27.00', tax: '4.05', gross: '31.05' },
      });
      await writer.write(given);
      const found = await landsOnce(given, 1);
      assert.deepEqual(totals(found), ['27.00', '4.05', '31.05']);
      assert.equal((await linesOf(found))[0]!.discount, 10);
    });

    it('a discount no percentage gives, on a line of its own', async () => {
      const given = order('amount', {
        lines: [line({ quantity: '3', discount: '1.00', taxes: tax('4.35') })],
        totals: { net: '29.00', tax: '4.35', gross: '33.35' },
      });
      await writer.write(given);
      const found = await landsOnce(given, 2);
      assert.deepEqual(totals(found), ['29.00', '4.35', '33.35']);
      const [, off] = await linesOf(found);
      assert.deepEqual([off!.price_unit, off!.product_uom_qty], [-1, 1]);
    });

    it('discounts whose fractions of a cent would add up', async () => {
      // 0.14 % of 70.00 is 0.098: right for a line, a cent too little off three.
      const dime = (id: string) =>
        line({ id, quantity: '1', unitPrice: '70.00', discount: '0.10', taxes: [] });
      const given = order('dimes', {
        lines: ['1', '2', '3'].map(dime),
        totals: { net: '209.70', tax: '0.00', gross: '209.70' },
      });
      await writer.write(given);
      assert.deepEqual(totals(await stored(given)), ['209.70', '0.00', '209.70']);
    });

    it('shipping, with tax and a discount of its own', async () => {
      const given = order('shipping', {
        shipping: [{ id: 's', name: 'Ground', price: '8.00', discount: '2.00', taxes: tax('0.90') }],
        totals: { net: '26.00', tax: '3.90', gross: '29.90' },
      });
      await writer.write(given);
      const found = await landsOnce(given, 2);
      assert.deepEqual(totals(found), ['26.00', '3.90', '29.90']);
      const [, shipping] = await linesOf(found);
      assert.deepEqual([shipping!.name, shipping!.discount, shipping!.price_subtotal], ['Ground', 25, 6]);
    });

    it('a total Odoo computes otherwise leaves a quotation; the corrected message confirms it', async () => {
      const wrong = order('wrong', { lines: [line(), line({ id: '2', discount: '0.07' })] });
      await assert.rejects(writer.write(wrong), (error) => {
        coded('ODOO_TOTAL_MISMATCH')(error);
        const { expected, actual } = (error as CodedError).facts;
        assert.deepEqual([expected, actual], ['23.00', '45.92']);
        return true;
      });
      assert.equal((await stored(wrong)).state, 'draft');
      // The mapping was wrong about the second line, which now has to go.
      const corrected = order('wrong');
      const { repeated } = await writer.write(corrected);
      assert.equal(repeated, false);
      assert.deepEqual(totals(await landsOnce(corrected, 1)), ['20.00', '3.00', '23.00']);
    });

    it('not to be confirmed, it stays a quotation', async () => {
      const given = order('quotation');
      assert.equal((await writer.write(given, { confirm: false })).state, 'draft');
      assert.equal((await writer.write(given, { confirm: false })).repeated, true);
      assert.equal((await writer.write(given)).state, 'sale');
      await landsOnce(given, 1);
    });
  });

  describe('what an order names', () => {
    it('a product of the demo data, and one by its barcode', async () => {
      const barcode = `${source}BAR`;
      const given = order('known', {
        lines: [line({ sku: 'FURN_7777' }), line({ id: '2', sku: `${source}-other`, barcode })],
        totals: { net: '40.00', tax: '6.00', gross: '46.00' },
      });
      await writer.write(given);
      await landsOnce(given, 2);
    });

    it('an unknown product is named, and nothing is written', async () => {
      const customer = { id: 'never', name: 'Never Made' };
      const given = order('sku', { customer, lines: [line({ sku: 'NO-SUCH-SKU' })] });
      await assert.rejects(writer.write(given), (error) => {
        assert.match((error as Error).message, /NO-SUCH-SKU/);
        assert.equal((error as CodedError).facts['sku'], 'NO-SUCH-SKU');
        return coded('PRODUCT_UNKNOWN')(error);
      });
      assert.equal(await countOf('sale.order', [['client_order_ref', '=', given.number]]), 0);
      assert.equal(
        (await findExternal(odoo, 'res.partner', [externalId(source, 'partner', 'never')])).size,
        0,
      );
    });

    it('a value without an entry, an entry that leads nowhere, a currency that is not active', async () => {
      const taxed = (code: string) => [line({ taxes: [{ code, rate: '0.15', amount: '3.00' }] })];
      await assert.rejects(writer.write(order('v1', { lines: taxed('other') })), coded('VALUE_UNMAPPED'));
      await assert.rejects(writer.write(order('v2', { lines: taxed('gone') })), coded('ODOO_VALUE_UNKNOWN'));
      await assert.rejects(writer.write(order('v3', { currency: 'XTS' })), coded('CURRENCY_UNKNOWN'));
    });
  });

  describe('once', () => {
    it('the same order again is the same sale.order', async () => {
      const given = order('again');
      const first = await writer.write(given);
      const second = await writers().write(given);
      assert.deepEqual(second, { ...first, repeated: true });
      await landsOnce(given, 1);
    });

    it('an order a person cancelled stays cancelled', async () => {
      const given = order('cancelled');
      const { id } = await writer.write(given, { confirm: false });
      await odoo.call('sale.order', 'action_cancel', { ids: [id] });
      const { state, repeated } = await writer.write(given);
      assert.deepEqual([state, repeated], ['cancel', true]);
    });

    it('eight times at the same moment, in one writer', async () => {
      const given = order('together');
      const written = await Promise.all(Array.from({ length: 8 }, () => writer.write(given)));
      assert.equal(new Set(written.map(({ id }) => id)).size, 1);
      assert.equal(written.filter(({ repeated }) => repeated).length, 7);
      await landsOnce(given, 1);
    });

    it('eight times at the same moment, in eight writers that race for customer, lines and confirmation', async () => {
      const name = `${source} raced`;
      const given = order('race', {
        customer: { id: 'raced', name },
        shipTo: { street: 'Race Track 1', city: 'Indianapolis', country: 'US' },
        lines: [line(), line({ id: '2' }), line({ id: '3' })],
        totals: { net: '60.00', tax: '9.00', gross: '69.00' },
      });
      const written = await Promise.all(Array.from({ length: 8 }, () => writers().write(given)));
      assert.equal(new Set(written.map(({ id }) => id)).size, 1);
      assert.deepEqual(new Set(written.map(({ state }) => state)), new Set(['sale']));
      await landsOnce(given, 3);
      // The customer and the delivery address.
      assert.equal(await countOf('res.partner', [['name', '=', name]]), 2);
    });

    it('another writer is quicker, between the look-up and the load', async () => {
      const given = order('overtaken');
      proxy.before('sale.order', 'load', () => writers().write(given));
      assert.equal((await proxied().write(given)).state, 'sale');
      await landsOnce(given, 1);
    });

    it('of three confirmed in one call, one was confirmed meanwhile and one cancelled', async () => {
      const [first, second, third] = ['c1', 'c2', 'c3'].map((id) => order(id)) as [
        CanonicalOrder,
        CanonicalOrder,
        CanonicalOrder,
      ];
      proxy.before('sale.order', 'action_confirm', async () => {
        await writers().write(first);
        await odoo.call('sale.order', 'action_cancel', { ids: [(await stored(second)).id] });
      });
      const slow = proxied();
      const written = await Promise.all([first, second, third].map((one) => slow.write(one)));
      assert.deepEqual(
        written.map(({ state }) => state),
        ['sale', 'cancel', 'sale'],
      );
      await landsOnce(first, 1);
      await landsOnce(third, 1);
    });

    for (const [model, method] of [
      ['res.partner', 'load'],
      ['sale.order', 'load'],
      ['sale.order', 'action_confirm'],
    ] as const) {
      it(`an answer lost after ${model}/${method} was done; the next attempt writes nothing twice`, async () => {
        const id = `lost-${model}-${method}`;
        const given = order(id, { customer: { id, name: 'Lost' }, lines: [line(), line({ id: '2' })] });
        given.totals = { net: '40.00', tax: '6.00', gross: '46.00' };
        const unlucky = proxied();
        const lost = proxy.lose(model, method);
        await assert.rejects(unlucky.write(given), coded('ODOO_ANSWER_LOST'));
        await lost;
        // Done in Odoo all the same.
        const partner = externalId(source, 'partner', id);
        assert.equal((await findExternal(odoo, 'res.partner', [partner])).size, 1);
        if (model === 'sale.order') {
          assert.equal((await stored(given)).state, method === 'load' ? 'draft' : 'sale');
        }
        const { state, repeated } = await unlucky.write(given);
        assert.deepEqual([state, repeated], ['sale', method === 'action_confirm']);
        await landsOnce(given, 2);
      });
    }

    it('fifty at once go in few calls, and a bad one does not hold the others', async () => {
      const orders = Array.from({ length: 50 }, (_, n) => order(`many-${n}`));
      // Odoo takes no empty name, which only its import tells.
      orders[20]!.customer = { id: 'nameless', name: '' };
      orders[30]!.lines[0]!.quantity = '1e999';
      const outcomes = await Promise.allSettled(orders.map((one) => writer.write(one)));
      const failed = outcomes.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []));
      assert.deepEqual(failed, [20, 30]);
      for (const n of failed) coded('ODOO_REFUSED')((outcomes[n] as PromiseRejectedResult).reason);
      const good = [
        ['client_order_ref', 'in', orders.map(({ number }) => number)],
        ['state', '=', 'sale'],
      ];
      assert.equal(await countOf('sale.order', good), 48);
      assert.ok(calls.length <= 20, `${calls.length} calls: ${calls.join(' ')}`);
    });
  });
}

function coded(code: string): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof CodedError, `a CodedError, not ${String(error)}`);
    assert.equal(error.code, code, error.message);
    return true;
  };
}

/** All an error says, in the log too. */
function told(error: unknown): string {
  const { message, facts, cause } = error as CodedError;
  return JSON.stringify([message, facts, String(cause)]);
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
