/** What the hub keeps of orders: a repetition is told from another order, and some holds wait for a person. */
import assert from 'node:assert/strict';
import type { CanonicalOrder } from '../runtime/odoo/canonical-order.ts';
import { contentOf } from '../runtime/odoo/order/content.ts';
import { keptOrders } from '../runtime/odoo/order/kept.ts';
import type { UpdatedOrder } from '../runtime/odoo/order/update.ts';
import type { OrderWriter, WriteOptions, WrittenOrder } from '../runtime/odoo/order/order.ts';
import type { Documents } from '../runtime/journal/documents.ts';

const order: CanonicalOrder = {
  source: 'shop',
  id: '1',
  number: '1001',
  placedAt: '2026-01-02T03:04:05Z',
  currency: 'USD',
  customer: { id: 'C1', name: 'Ann' },
  pricesIncludeTax: false,
  lines: [{ id: '1', sku: 'A', name: 'Lamp', quantity: '2', unitPrice: '10.00', taxes: [] }],
  totals: { net: '20.00', tax: '0.00', gross: '20.00' },
};
const markKey = async () => Buffer.from('secret');
const how = { confirm: true, limit: '', tier: 'standard' } as const;

function documents(): Documents {
  const kept = new Map<string, string>();
  const name = (kind: string, id: string) => `${kind}/${id}`;
  return {
    get: async (kind, id) => kept.get(name(kind, id)),
    list: async () => [],
    put: async (kind, id, body) => void kept.set(name(kind, id), body),
    async add(kind, id, body) {
      if (kept.has(name(kind, id))) return false;
      kept.set(name(kind, id), body);
      return true;
    },
    swap: async () => false,
    drop: async (kind, id) => void kept.delete(name(kind, id)),
  };
}

/** Answers as Odoo stands, and remembers how it was asked. */
function writer(answer: Partial<WrittenOrder> = {}, updated: Partial<UpdatedOrder> = {}) {
  const asked: WriteOptions[] = [];
  const orders = {
    async write({ hold }: CanonicalOrder, given: WriteOptions) {
      asked.push(given);
      const held = given.held ?? hold;
      const state = held || given.confirm === false ? 'draft' : 'sale';
      return {
        id: 1,
        name: 'S00001',
        repeated: false,
        externalId: 'x',
        transfers: 0,
        state,
        ...(held && { held }),
        ...answer,
      };
    },
    update: async () => ({
      order,
      id: 1,
      name: 'S00001',
      state: 'draft',
      ready: true,
      changed: false,
      ...updated,
    }),
  };
  return { asked, orders: orders as unknown as OrderWriter };
}

describe('what is kept of an order', () => {
  it('the same again is told as the same, another as another, and nothing is said of what was never kept', async () => {
    const { asked, orders } = writer();
    const kept = keptOrders(documents(), orders, markKey);
    await kept.write(order, how);
    await kept.write({ ...order, version: '2026-02-02T00:00:00.000Z', note: 'Later' }, how);
    await kept.write({ ...order, lines: [{ ...order.lines[0]!, quantity: '3' }] }, how);
    assert.deepEqual(
      asked.map(({ before }) => before),
      [undefined, 'same', 'other'],
    );
  });

  it('what waited for its payment may be other when that is made', async () => {
    const { asked, orders } = writer();
    const kept = keptOrders(documents(), orders, markKey);
    const other = { ...order, number: '1002' };
    for (const one of [{ ...order, hold: 'unpaid' as const }, { ...other, hold: 'unpaid' as const }, other])
      await kept.write(one, how);
    assert.deepEqual(
      asked.map(({ before }) => before),
      [undefined, 'other', 'same'],
    );
    const again = writer();
    const waited = keptOrders(documents(), again.orders, markKey);
    for (const one of [{ ...order, hold: 'unpaid' as const }, other, order]) await waited.write(one, how);
    assert.deepEqual(
      again.asked.map(({ before }) => before),
      [undefined, 'unpaid', 'other'],
    );
  });

  it('what stands instead of a deleted order is kept from then on', async () => {
    const { asked, orders } = writer();
    const kept = keptOrders(documents(), orders, markKey);
    const other = { ...order, number: '1002' };
    for (const one of [order, other, other, order]) await kept.write(one, how);
    assert.deepEqual(
      asked.map(({ before }) => before),
      [undefined, 'other', 'same', 'other'],
    );
  });

  it('of two workers that write two orders of one id, the second is refused', async () => {
    const store = documents();
    const { orders } = writer();
    const other = { ...order, customer: { id: 'C2', name: 'Bob' } };
    const late: Documents = { ...store, get: async () => undefined };
    await keptOrders(store, orders, markKey).write(order, how);
    let looks = 0;
    late.get = async (kind, id) => ((looks += 1) <= 2 ? undefined : store.get(kind, id));
    await assert.rejects(keptOrders(late, orders, markKey).write(other, how), { code: 'CLAIM_CONFLICT' });
  });

  it('a test and a credit hold stay, an unpaid one does not', async () => {
    for (const [hold, later] of [
      ['test', 'test'],
      ['unpaid', undefined],
    ] as const) {
      const kept = keptOrders(documents(), writer().orders, markKey);
      assert.equal((await kept.write({ ...order, hold }, how)).held, hold);
      assert.equal((await kept.write(order, how)).held, later);
    }
    const store = documents();
    await keptOrders(store, writer({ held: 'credit', state: 'draft' }).orders, markKey).write(order, how);
    assert.equal((await keptOrders(store, writer().orders, markKey).write(order, how)).held, 'credit');
  });

  it('an update makes ready what nobody but the partner held', async () => {
    const ready = async (hold: CanonicalOrder['hold'], confirm = true) => {
      const kept = keptOrders(documents(), writer().orders, markKey);
      await kept.write({ ...order, ...(hold && { hold }) }, { ...how, confirm });
      return (await kept.update(order)).ready;
    };
    assert.deepEqual(
      [
        await ready('unpaid'),
        await ready('fulfilled-elsewhere'),
        await ready('test'),
        await ready(undefined, false),
      ],
      [true, true, false, false],
    );
  });

  it('amounts count as numbers, and an address whatever the order of its fields', () => {
    const same = {
      ...order,
      lines: [{ ...order.lines[0]!, quantity: '2.0', unitPrice: '10', discount: '0.00' }],
    };
    assert.equal(contentOf(same), contentOf(order));
    const [a, b] = [
      { country: 'US', city: 'Reno' },
      { city: 'Reno', country: 'US' },
    ];
    assert.equal(contentOf({ ...order, shipTo: a }), contentOf({ ...order, shipTo: b }));
    assert.notEqual(contentOf({ ...order, shipTo: a }), contentOf(order));
  });
});
