/** The Odoo writer asks the value maps as the partner meant it: with the order's source and its day. */
import assert from 'node:assert/strict';
import { partnerOrder } from '../cli/samples.ts';
import { openOdoo } from '../runtime/odoo/client.ts';
import { orderWriter } from '../runtime/odoo/order/order.ts';
import type { CanonicalOrder } from '../runtime/odoo/canonical-order.ts';
import { startSandbox, type Sandbox } from '../runtime/odoo/sandbox/sandbox.ts';
import { valueMaps } from '../runtime/values/value-maps.ts';

const map = (name: string, entries: { from: string; to: string; source?: string; until?: string }[]) => ({
  map: name,
  owner: 'x',
  summary: 'x',
  entries,
});
const values = valueMaps([
  map('tax', [{ from: '15%', to: '15%', until: '2026-06-30' }]),
  map('uom', [{ from: 'EA', to: 'Units' }]),
  map('warehouse', [{ from: '655441491', to: 'WH', source: 'shopify' }]),
]);

describe('values of an order', () => {
  let sandbox: Sandbox;
  before(
    async () => (sandbox = await startSandbox({ products: [{ code: 'HX-1', name: 'Hex bolt', price: 4 }] })),
  );
  after(() => sandbox.close());

  const write = (source: string, day: string) => {
    const items = [{ sku: 'HX-1', name: 'Hex bolt', price: '4.00', quantity: 1 }];
    const order = JSON.parse(
      partnerOrder(source, `${source}-${day}`, items, new Date(day)),
    ) as CanonicalOrder;
    const odoo = openOdoo({ ...sandbox, timeoutMs: 5000 });
    return orderWriter({ odoo, lookup: values.find }).write({ ...order, warehouse: '655441491' });
  };

  it("find the partner's own entry, as of the day of the order", async () => {
    assert.equal((await write('shopify', '2026-06-01')).state, 'sale');
  });

  it("do not find another partner's entry", async () => {
    await assert.rejects(write('woocommerce', '2026-06-01'), {
      code: 'VALUE_UNMAPPED',
      message: /warehouse/,
    });
  });

  it('do not find an entry of another day', async () => {
    await assert.rejects(write('shopify', '2026-08-01'), { code: 'VALUE_UNMAPPED', message: /tax/ });
  });
});
