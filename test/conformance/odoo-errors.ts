/** How calls to Odoo fail. */
import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { findExternal } from '../../runtime/odoo/external-id.ts';
import { load } from '../../runtime/odoo/load.ts';
import { cancelOrder } from '../../runtime/odoo/order/state.ts';
import { orderWriter } from '../../runtime/odoo/order/order.ts';
import { coded, lookup, told, type OdooKit } from './odoo-kit.ts';

export function odooErrors(kit: OdooKit): void {
  const { source, order, through } = kit;

  describe('errors', () => {
    it('knows the version, and is ready', async () => {
      assert.ok((await kit.odoo.version()) >= 14);
      await kit.odoo.ready();
    });

    it('says of which company a new entry would be', async () => {
      const found = await kit.odoo.call<{ company_id: number }>('account.journal', 'default_get', {
        fields: ['company_id'],
      });
      const [company] = await kit.odoo.call<{ id: number }[]>('res.company', 'search_read', {
        domain: [['id', '=', found.company_id]],
        fields: ['name'],
      });
      assert.equal(company?.id, found.company_id);
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
      await assert.rejects(kit.odoo.call('no.model', 'read', { ids: [1] }), coded('ODOO_NOT_FOUND'));
      await assert.rejects(kit.odoo.call('sale.order', 'no_method', { ids: [1] }), coded('ODOO_NOT_FOUND'));
      await assert.rejects(
        kit.odoo.call('sale.order', '_compute_amounts', { ids: [1] }),
        coded('ODOO_ACCESS'),
      );
    });

    it('a record that is not there is ODOO_NOT_FOUND', () =>
      assert.rejects(
        kit.odoo.call('sale.order', 'action_confirm', { ids: [999_999_999] }),
        coded('ODOO_NOT_FOUND'),
      ));

    it("Odoo's own sentence passes, its traceback does not", async () => {
      const given = order('confirmed-twice');
      const { id } = await kit.writer.write(given);
      // Odoo 14 confirms a confirmed one again, but no cancelled one.
      const { inventories: is14 } = await kit.odoo.dialect();
      if (is14) await cancelOrder(kit.odoo, { source, id: given.id });
      const sentence = is14 ? /not allowed to confirm an order/ : /not in a state requiring confirmation/;
      await assert.rejects(kit.odoo.call('sale.order', 'action_confirm', { ids: [id] }), (error) => {
        assert.match((error as Error).message, sentence);
        assert.doesNotMatch(told(error), /Traceback|\.py/);
        return coded('ODOO_REFUSED')(error);
      });
      await assert.rejects(
        kit.odoo.call('sale.order', 'read', { ids: [id], nonsense: 1 }),
        coded('ODOO_REFUSED'),
      );
    });

    it('what Odoo fails at each time the same is refused, not tried again', async () => {
      const wrong = [
        { domain: [['name', 'no operator', 'x']], fields: ['id'] },
        { domain: [['no_field', '=', 'x']], fields: ['id'] },
        { domain: 'x', fields: ['id'] },
      ];
      for (const args of wrong)
        await assert.rejects(kit.odoo.call('sale.order', 'search_read', args), (error) => {
          assert.doesNotMatch(told(error), /Traceback|\.py/);
          return coded('ODOO_REFUSED')(error);
        });
    });

    it('a question whose answer is lost is asked once more, and no more', async () => {
      const odoo = kit.through({ url: kit.proxy.url });
      const ask = () => odoo.call('res.country', 'search_read', { domain: [['id', '=', 0]], fields: ['id'] });
      const lost = kit.proxy.lose('res.country', 'search_read');
      assert.deepEqual(await ask(), []);
      await lost;
      const both = [1, 2].map(() => kit.proxy.lose('res.country', 'search_read'));
      await assert.rejects(ask(), coded('ODOO_ANSWER_LOST'));
      await Promise.all(both);
    });

    it('load writes all or nothing and names the bad record by its rows', async () => {
      const answer = await kit.odoo.call<{ ids: unknown; messages: { rows: unknown; message: string }[] }>(
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
      assert.equal((await findExternal(kit.odoo, 'res.partner', [`${source}.load_good`])).size, 0);
    });

    it('the words of its database do not pass', async () => {
      const id = `${source}.with space`;
      const [outcome] = await load(kit.odoo, 'res.partner', [
        { externalId: id, rows: [{ id, name: 'Ann Secret' }] },
      ]);
      const { reason } = outcome as PromiseRejectedResult;
      coded('ODOO_REFUSED')(reason);
      assert.doesNotMatch(told(reason), /ir_model_data|DETAIL|Failing row/);
    });
  });
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
