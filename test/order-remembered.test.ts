/** What the order writer remembers of Odoo, and what it does when that is no longer so. */
import assert from 'node:assert/strict';
import type { CanonicalOrder } from '../runtime/odoo/canonical-order.ts';
import { openOdoo, type Odoo } from '../runtime/odoo/client.ts';
import type { CallArgs } from '../runtime/odoo/protocol/protocol.ts';
import { orderWriter } from '../runtime/odoo/order/order.ts';
import { startSandbox, type Sandbox } from '../runtime/odoo/sandbox/sandbox.ts';
import { coded } from './conformance/odoo-kit.ts';

type Answer = (model: string, method: string, args: CallArgs) => unknown;

describe('what is remembered of Odoo', () => {
  let sandbox: Sandbox;
  let odoo: Odoo;
  let calls: string[];
  /** Instead of the sandbox, where it answers. */
  let answer: Answer;
  const lookup = (map: string) => (map === 'tax' ? { to: '15%' } : undefined);

  before(async () => (sandbox = await startSandbox()));
  after(() => sandbox.close());
  beforeEach(() => {
    const plain = openOdoo({ ...sandbox, timeoutMs: 5000 });
    calls = [];
    answer = () => undefined;
    const call = async (model: string, method: string, args: CallArgs = {}): Promise<never> => {
      calls.push(`${model}/${method}`);
      return (answer(model, method, args) ?? (await plain.call(model, method, args))) as never;
    };
    odoo = { ...plain, call };
  });

  const order = (id: string, more: Partial<CanonicalOrder> = {}): CanonicalOrder => ({
    source: 'shop',
    id,
    number: id,
    placedAt: '2026-01-02T03:04:05Z',
    currency: 'USD',
    customer: { id: 'C1', name: 'Ann' },
    shipTo: { name: 'Ann', street: 'Main St 1', city: 'Reno', region: 'NV', country: 'US' },
    pricesIncludeTax: false,
    lines: [
      {
        id: '1',
        sku: 'FURN_8888',
        name: 'Lamp',
        quantity: '2',
        unitPrice: '10.00',
        taxes: [{ code: 'T15', rate: '0.15', amount: '3.00' }],
      },
    ],
    totals: { net: '20.00', tax: '3.00', gross: '23.00' },
    ...more,
  });

  const places = () => calls.filter((call) => call.startsWith('res.country'));

  it('what was just read is used, also where it is forgotten at once', async () => {
    const { state } = await orderWriter({ odoo, lookup, keepMs: 0 }).write(order('at-once'));
    assert.equal(state, 'sale');
  });

  it('a customer that is gone is found or made again, and the order lands', async () => {
    const writer = orderWriter({ odoo, lookup });
    await writer.write(order('gone-1'));
    const [{ id: other }] = await odoo.call<[{ id: number }]>('res.partner', 'search_read', {
      domain: [['name', '!=', 'Ann']],
      fields: ['id'],
      limit: 1,
    });
    // Merged into another: its own id says nothing to Odoo any more.
    let refused = 0;
    answer = (model, method, args) => {
      const [fields, data] = [args['fields'] as string[], args['data'] as string[][]];
      if (model === 'ir.model.data') {
        const [, , [, , names]] = args['domain'] as [unknown, unknown, [string, string, string[]]];
        const name = names.find((one) => one === 'partner_C1');
        return name ? [{ module: 'shop', name, res_id: other }] : undefined;
      }
      if (model !== 'sale.order' || method !== 'load') return undefined;
      if (data[0]![fields.indexOf('partner_id/.id')] === String(other)) return undefined;
      refused += 1;
      const message = 'No matching record found for database id';
      return { ids: false, messages: [{ type: 'error', message, rows: { from: 0, to: 0 } }] };
    };
    const { state } = await writer.write(order('gone-2'));
    assert.deepEqual([state, refused], ['sale', 1]);
  });

  it('what Odoo refuses for itself is not tried twice', async () => {
    const writer = orderWriter({ odoo, lookup });
    await writer.write(order('bad-1'));
    answer = (model, method) =>
      model === 'sale.order' && method === 'load'
        ? { ids: false, messages: [{ type: 'error', message: 'No.', rows: { from: 0, to: 0 } }] }
        : undefined;
    calls.length = 0;
    await assert.rejects(writer.write(order('bad-2')), coded('ODOO_REFUSED'));
    assert.equal(calls.filter((call) => call === 'sale.order/load').length, 1);
  });

  it('countries and regions are asked for once', async () => {
    const writer = orderWriter({ odoo, lookup });
    await writer.write(order('place-1'));
    assert.deepEqual(places(), ['res.country/search_read', 'res.country.state/search_read']);
    const { shipTo } = order('');
    await writer.write(
      order('place-2', { shipTo: { ...shipTo!, street: 'Main St 2', region: 'California' } }),
    );
    assert.equal(places().length, 2);
  });

  it('the taxes of articles are asked for once, and again when totals differ', async () => {
    const untold = (id: string, gross = '23.00') => {
      const given = order(id, { taxesUntold: true, pricesIncludeTax: true });
      const line = { ...given.lines[0]!, unitPrice: '11.50', taxes: [] };
      return { ...given, lines: [line], totals: { net: gross, tax: '0', gross } };
    };
    const asked = () => calls.filter((call) => call === 'account.tax/search_read').length;
    const writer = orderWriter({ odoo, lookup });
    await Promise.all(['tax-1', 'tax-2'].map((id) => writer.write(untold(id))));
    const once = asked();
    await writer.write(untold('tax-3'));
    assert.deepEqual([once, asked()], [1, 1]);
    await assert.rejects(writer.write(untold('tax-4', '30.00')), coded('ODOO_TOTAL_MISMATCH'));
    await writer.write(untold('tax-5'));
    assert.equal(asked(), 2);
  });
});
