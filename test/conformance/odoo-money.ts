/** Money in Odoo where many messages come at the same moment: few calls, each message its own outcome, nothing twice. */
import assert from 'node:assert/strict';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import type { Odoo } from '../../runtime/odoo/client.ts';
import { invoiceWriter, type InvoiceWriter } from '../../runtime/odoo/money/invoice.ts';
import { resolver } from '../../runtime/odoo/resolve.ts';
import { coded, lookup, type OdooKit } from './odoo-kit.ts';

type Invoice = { id: number; state: string; amount_total: number; amount_residual: number };

export function odooMoney(kit: OdooKit): void {
  const { source, order, line, through } = kit;
  const sku = `${source}-A`;
  const writerOf = (odoo: Odoo): InvoiceWriter => invoiceWriter(odoo, resolver(odoo, lookup, 60_000));
  const about = (id: string, of: string) => ({
    source: `${source}fin`,
    id: `${id}-${of}`,
    order: { source, id: of },
  });
  const money = (amount: string) => ({ amount, currency: 'USD' });

  /** Orders at 10.00 with 15 % tax: the first of one piece, the next of two and so on. */
  async function ordered(ids: readonly string[]): Promise<void> {
    await Promise.all(
      ids.map((id, at) => {
        const [quantity, net, tax] = [at + 1, (at + 1) * 10, (at + 1) * 1.5];
        return kit.writer.write(
          order(id, {
            lines: [line({ quantity: String(quantity), taxes: kit.tax(tax.toFixed(2)) })],
            totals: { net: net.toFixed(2), tax: tax.toFixed(2), gross: (net + tax).toFixed(2) },
          }),
        );
      }),
    );
  }

  async function ship(ids: readonly string[], all: readonly string[]): Promise<void> {
    const stock = kit.stock();
    for (const id of ids)
      await stock.move('shipment', {
        ...about(`ship-${id}`, id),
        lines: [{ sku, quantity: String(all.indexOf(id) + 1) }],
      });
  }

  async function invoicesOf(of: string): Promise<Invoice[]> {
    const [row] = await kit.odoo.call<{ invoice_ids: number[] }[]>('sale.order', 'search_read', {
      domain: [['client_order_ref', '=', `${source}-${of}`]],
      fields: ['invoice_ids'],
    });
    return kit.odoo.call('account.move', 'search_read', {
      domain: [['id', 'in', row!.invoice_ids]],
      fields: ['state', 'amount_total', 'amount_residual'],
      order: 'id',
    });
  }

  const codeOf = (outcome: PromiseSettledResult<unknown>) =>
    outcome.status === 'fulfilled' ? 'done' : (outcome.reason as CodedError).code;

  describe('money of many orders at once', () => {
    const ids = ['m1', 'm2', 'm3', 'm4', 'm5'];
    const [first, second, third, fourth, fifth] = ids as [string, string, string, string, string];
    const total = (id: string) => (ids.indexOf(id) + 1) * 11.5;

    before(async () => {
      await ordered(ids);
      await ship([first, second, fourth, fifth], ids);
    });

    it('each order has an invoice of its own; what has nothing to invoice and what Odoo does not post are refused alone', async () => {
      const writer = writerOf(through({ url: kit.proxy.url }));
      // Somebody takes everything off an invoice before it is posted.
      kit.proxy.before('account.move', 'action_post', async () => {
        const [{ id }] = (await invoicesOf(fifth)) as [Invoice];
        const lines = await kit.odoo.call<{ id: number }[]>('account.move.line', 'search_read', {
          domain: [
            ['move_id', '=', id],
            ['display_type', '=', 'product'],
          ],
          fields: ['id'],
        });
        await kit.odoo.call('account.move', 'write', {
          ids: [id],
          vals: { invoice_line_ids: lines.map((one) => [2, one.id]) },
        });
      });
      const outcomes = await Promise.allSettled(
        ids.map((id) => writer.invoice(about('i1', id), { withLines: true })),
      );
      assert.deepEqual(outcomes.map(codeOf), ['done', 'done', 'ORDER_NOT_OPEN', 'done', 'ODOO_REFUSED']);
      for (const id of [first, second, fourth]) {
        const found = await invoicesOf(id);
        assert.deepEqual(
          found.map(({ state, amount_total: gross }) => [state, gross]),
          [['posted', total(id)]],
        );
        const outcome = outcomes[ids.indexOf(id)]!;
        assert.ok(outcome.status === 'fulfilled');
        assert.equal(outcome.value.id, found[0]!.id);
        assert.deepEqual(
          outcome.value.lines!.map(({ quantity }) => quantity),
          [String(ids.indexOf(id) + 1)],
        );
      }
      assert.deepEqual(await invoicesOf(third), []);
    });

    it('payments go side by side, and one of a journal that is not there fails alone', async () => {
      const writer = writerOf(kit.odoo);
      const half = (total(second) / 2).toFixed(2);
      const outcomes = await Promise.allSettled([
        writer.pay({ ...about('p1', first), ...money(total(first).toFixed(2)) }),
        // Two payments of one order.
        writer.pay({ ...about('p1', second), ...money(half) }),
        writer.pay({ ...about('p2', second), ...money(half) }),
        writer.pay({ ...about('p1', third), ...money('1.00') }),
        writer.pay({ ...about('p1', fourth), ...money('1.00'), journal: 'NOSUCH' }),
        // The same message once more.
        writer.pay({ ...about('p1', first), ...money(total(first).toFixed(2)) }),
      ]);
      assert.deepEqual(outcomes.map(codeOf), [
        'done',
        'done',
        'done',
        'INVOICE_MISSING',
        'ODOO_VALUE_UNKNOWN',
        'done',
      ]);
      const residuals = [first, second, fourth].map(async (id) => (await invoicesOf(id))[0]!.amount_residual);
      assert.deepEqual(await Promise.all(residuals), [0, 0, total(fourth)]);
      const memos = (id: string) => ['p1', 'p2'].map((payment) => `${source}fin ${payment}-${id}`);
      const count = (id: string) => kit.countOf('account.payment', [['memo', 'in', memos(id)]]);
      assert.deepEqual(await Promise.all([first, second, fourth].map(count)), [1, 2, 0]);
    });

    it('two messages of one order: one has its invoice, the other nothing left', async () => {
      await ship([third], ids);
      const writer = writerOf(kit.odoo);
      const [one, other, again] = await Promise.all([
        writer.invoice(about('a', third)),
        writer.invoice({ ...about('b', third), order: { number: `${source}-${third}` } }),
        writer.invoice(about('a', third)),
      ]);
      assert.deepEqual([one.total, other.total].toSorted(), ['0.00', '34.50']);
      assert.equal(again.total, one.total);
      assert.equal((await invoicesOf(third)).length, 1);
    });

    it('an answer that is lost is lost to all of them, and the next attempt writes nothing twice', async () => {
      const lost = ['l1', 'l2', 'l3'];
      await ordered(lost);
      await ship(lost, lost);
      const writer = writerOf(through({ url: kit.proxy.url }));
      const { invoicesApart } = await kit.odoo.dialect();
      for (const [model, method, work] of [
        ['sale.advance.payment.inv', 'create_invoices', (id: string) => writer.invoice(about('i', id))],
        ['account.move', 'action_post', (id: string) => writer.invoice(about('i', id))],
        ['ir.attachment', 'load', (id: string) => writer.pay({ ...about('p', id), ...money('5.00') })],
      ] as const) {
        const hit = kit.proxy.lose(model, method);
        const outcomes = await Promise.allSettled(lost.map(work));
        const failed = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
        // An Odoo that cannot keep the invoices of one customer apart makes one after the other.
        assert.equal(failed.length, invoicesApart || model === 'ir.attachment' ? 3 : 1);
        for (const reason of failed) coded('ODOO_ANSWER_LOST')(reason);
        await hit;
      }
      const again = await Promise.all(lost.map((id) => writer.pay({ ...about('p', id), ...money('5.00') })));
      assert.deepEqual(
        again.map(({ repeated }) => repeated),
        [true, true, true],
      );
      for (const [at, id] of lost.entries()) {
        const gross = (at + 1) * 11.5;
        assert.deepEqual(
          (await invoicesOf(id)).map((one) => [one.state, one.amount_total, one.amount_residual]),
          [['posted', gross, gross - 5]],
        );
      }
    });
  });
}
