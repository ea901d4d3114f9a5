/** Orders in Odoo: once, whatever repeats, races or is lost. */
import assert from 'node:assert/strict';
import type { CanonicalOrder } from '../../runtime/odoo/canonical-order.ts';
import { externalId, findExternal } from '../../runtime/odoo/external-id.ts';
import { coded, type OdooKit } from './odoo-kit.ts';

export function odooOnce(kit: OdooKit): void {
  const { source, order, line, writers, proxied, stored, countOf, landsOnce } = kit;

  describe('once', () => {
    it('the same order again is the same sale.order', async () => {
      const given = order('again');
      const first = await kit.writer.write(given);
      const second = await writers().write(given);
      assert.deepEqual(second, { ...first, repeated: true });
      await landsOnce(given, 1);
    });

    it('an order a person cancelled stays cancelled', async () => {
      const given = order('cancelled');
      const { id } = await kit.writer.write(given, { confirm: false });
      await kit.odoo.call('sale.order', 'action_cancel', { ids: [id] });
      const { state, repeated } = await kit.writer.write(given);
      assert.deepEqual([state, repeated], ['cancel', true]);
    });

    it('eight times at the same moment, in one writer', async () => {
      const given = order('together');
      const written = await Promise.all(Array.from({ length: 8 }, () => kit.writer.write(given)));
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
      kit.proxy.before('sale.order', 'load', () => writers().write(given));
      assert.equal((await proxied().write(given)).state, 'sale');
      await landsOnce(given, 1);
    });

    it('of three confirmed in one call, one was confirmed meanwhile and one cancelled', async () => {
      const [first, second, third] = ['c1', 'c2', 'c3'].map((id) => order(id)) as [
        CanonicalOrder,
        CanonicalOrder,
        CanonicalOrder,
      ];
      kit.proxy.before('sale.order', 'action_confirm', async () => {
        await writers().write(first);
        await kit.odoo.call('sale.order', 'action_cancel', { ids: [(await stored(second)).id] });
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

    it('one that is released while its writer confirms it is confirmed once, and nobody is asked', async () => {
      const given = order('released');
      await kit.writer.write(given, { confirm: false });
      kit.proxy.before('sale.order', 'action_confirm', () => writers().write(given));
      const { state, transfers } = await proxied().confirm(given);
      assert.equal(state, 'sale');
      await landsOnce(given, 1);
      assert.equal((await writers().confirm(given)).transfers, transfers);
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
        const lost = kit.proxy.lose(model, method);
        await assert.rejects(unlucky.write(given), coded('ODOO_ANSWER_LOST'));
        await lost;
        // Done in Odoo all the same.
        const partner = externalId(source, 'partner', id);
        assert.equal((await findExternal(kit.odoo, 'res.partner', [partner])).size, 1);
        if (model === 'sale.order') {
          assert.equal((await stored(given)).state, method === 'load' ? 'draft' : 'sale');
        }
        const { state, repeated } = await unlucky.write(given);
        assert.deepEqual([state, repeated], ['sale', method === 'action_confirm']);
        await landsOnce(given, 2);
      });
    }

    it('one alone and ten together are five calls, and a customer that is new is one more', async () => {
      const fresh = (id: string) => order(id, { customer: { id, name: 'New' } });
      const [first, ...rest] = Array.from({ length: 12 }, (_, n) => order(`calls-${n}`));
      // What they name is remembered from then on, by a writer that is as young.
      const writer = kit.fresh();
      await writer.write(first!);
      const five = [
        'ir.model.data/search_read',
        'sale.order/load',
        'sale.order/search_read',
        'sale.order/action_confirm',
        'sale.order/search_read',
      ];
      for (const some of [rest.slice(0, 1), rest.slice(1)]) {
        kit.calls.length = 0;
        await Promise.all(some.map((one) => writer.write(one)));
        assert.deepEqual(kit.calls, five);
      }
      kit.calls.length = 0;
      await writer.write(fresh('calls-new'));
      assert.deepEqual(kit.calls, five.toSpliced(1, 0, 'res.partner/load'));
    });

    it('fifty at once go in few calls, and a bad one does not hold the others', async () => {
      const orders = Array.from({ length: 50 }, (_, n) => order(`many-${n}`));
      // Odoo takes no empty name, which only its import tells.
      orders[20]!.customer = { id: 'nameless', name: '' };
      orders[30]!.lines[0]!.quantity = '1e999';
      const outcomes = await Promise.allSettled(orders.map((one) => kit.writer.write(one)));
      const failed = outcomes.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []));
      assert.deepEqual(failed, [20, 30]);
      for (const n of failed) coded('ODOO_REFUSED')((outcomes[n] as PromiseRejectedResult).reason);
      const good = [
        ['client_order_ref', 'in', orders.map(({ number }) => number)],
        ['state', '=', 'sale'],
      ];
      assert.equal(await countOf('sale.order', good), 48);
      assert.ok(kit.calls.length <= 20, `${kit.calls.length} calls: ${kit.calls.join(' ')}`);
    });
  });
}
