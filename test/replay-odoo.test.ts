/** What a plan asks of the real Odoo: which documents stand there, whether a product is there, until when books are closed. */
import assert from 'node:assert/strict';
import { loadCatalogue } from '../runtime/events/catalogue.ts';
import type { DeadLetter } from '../runtime/journal/journal.ts';
import { askOdoo } from '../runtime/replay/odoo.ts';
import { order as envelopeOf } from './conformance/kit.ts';
import { letter } from './conformance/rows.ts';
import { odooKit } from './conformance/odoo-kit.ts';
import { describeReal } from './real.ts';

describeReal(['odoo'], 'a plan asks Odoo', function ({ odoo: access }) {
  this.timeout(180_000);
  const kit = odooKit(async () => access!);
  const catalogue = loadCatalogue('definitions/events');
  const of = (id: string, type: string, data: object, more: Partial<DeadLetter> = {}): DeadLetter =>
    letter({ id, message: { ...envelopeOf(type, id), type, data }, ...more });

  it('what stands, what is only half there, and what it never saw', async () => {
    const { source, odoo } = kit;
    await kit.writer.write(kit.order('stands'), { confirm: true });
    await kit.writer.write(kit.order('quotation'), { confirm: false });
    const { id } = await kit.stock().move('shipment', kit.shipment('shipped', 'stands', '2'));
    const payment = (date: string) => ({ source, id: 'p', amount: '1.00', currency: 'USD', date });
    const known = await askOdoo(odoo).known(
      [
        of('stands', 'order.received.v1', { source, id: 'stands' }),
        of('quotation', 'order.received.v1', { source, id: 'quotation' }),
        of('never', 'order.received.v1', { source, id: 'never' }),
        of('shipped', 'shipment.received.v1', { source: `${source}wms`, id: 'shipped' }),
        of('other', 'shipment.received.v1', { source: `${source}wms`, id: 'other' }),
        of('paid', 'payment.received.v1', payment('2026-01-31')),
        of('product', 'order.received.v1', {}, { code: 'PRODUCT_UNKNOWN', facts: { sku: `${source}-A` } }),
        of('none', 'order.received.v1', {}, { code: 'PRODUCT_UNKNOWN', facts: { sku: `${source}-Z` } }),
      ],
      catalogue,
    );
    const sale = await kit.stored(kit.order('stands'));
    assert.equal(known.get('stands')?.standing, `sale.order/${sale.id}`);
    assert.equal(known.get('quotation')?.standing, undefined);
    assert.equal(known.get('never')?.standing, undefined);
    assert.equal(known.get('shipped')?.standing, `stock.picking/${id}`);
    assert.equal(known.get('other')?.standing, undefined);
    assert.equal(known.get('paid')?.date, '2026-01-31');
    assert.deepEqual(
      ['product', 'none', 'stands'].map((one) => known.get(one)?.product),
      [true, false, undefined],
    );
  });

  it('the latest day until which the books of any company are closed', async () => {
    const [company] = await kit.odoo.call<{ fiscalyear_lock_date: string | false }[]>(
      'res.company',
      'search_read',
      {
        domain: [['fiscalyear_lock_date', '!=', false]],
        fields: ['fiscalyear_lock_date'],
        order: 'fiscalyear_lock_date desc',
        limit: 1,
      },
    );
    const known = await askOdoo(kit.odoo).known([of('a', 'order.received.v1', {})], catalogue);
    const { lockDate = '' } = known.get('a') ?? {};
    assert.ok(lockDate >= (company?.fiscalyear_lock_date || ''));
    const closed = askOdoo({
      ...kit.odoo,
      call: async <T>(model: string, method: string): Promise<T> => {
        if (method === 'fields_get') return { hard_lock_date: {}, name: {} } as T;
        assert.equal(model, 'res.company');
        return [{ hard_lock_date: '2026-01-31' }, { hard_lock_date: false }] as T;
      },
    });
    assert.equal((await closed.known([of('a', 'x.v1', {})], catalogue)).get('a')?.lockDate, '2026-01-31');
  });
});
