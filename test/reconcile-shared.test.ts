/** One invoice, or bill, of several orders: it is compared by the lines of each, and counts once. */
import assert from 'node:assert/strict';
import type { OdooInvoice } from '../runtime/reconcile/facts.ts';
import { reconcilePurchases } from '../runtime/reconcile/purchases.ts';
import { reconcile } from '../runtime/reconcile/reconcile.ts';
import { shareOf } from '../runtime/reconcile/share.ts';
import { chain, cutOff, factsOf, tolerances, type Case, type Mutable } from './reconcile-kit.ts';

const asked = { cutOff, tolerances };
const bill = (cases: readonly Case[]) =>
  reconcilePurchases(
    { purchases: cases.map(({ odoo }) => ({ supplier: 'Mill', odoo })), hub: new Map() },
    asked,
  );
type Change = (invoice: Mutable<OdooInvoice>) => void;

/** Three orders of 66.00 each, which one invoice is of, paid in part. */
function together(change: Change = () => {}): Mutable<Case>[] {
  const cases = [1, 2, 3].map((at) => structuredClone(chain(at)) as Mutable<Case>);
  const invoice = structuredClone(cases[0]!.odoo.invoices[0]!);
  invoice.lines = cases.flatMap(({ odoo }) => odoo.invoices[0]!.lines);
  invoice.total = '198';
  invoice.settled[0]!.amount = '100';
  change(invoice);
  for (const { hub, odoo } of cases) {
    const own = structuredClone(invoice);
    for (const line of own.lines)
      if (line.line !== undefined && !odoo.lines.some(({ id }) => id === line.line)) line.other = true;
    odoo.invoices = [own];
    hub.invoices = [];
    hub.payments = [];
  }
  return cases;
}

describe('an invoice of several orders', () => {
  for (const [what, run] of [
    ['billed', (cases: readonly Case[]) => bill(cases)],
    ['invoiced', (cases: readonly Case[]) => reconcile(factsOf(cases), asked)],
  ] as const)
    it(`is no break of any, and ${what} once`, () => {
      const { breaks, totals } = run(together());
      assert.deepEqual(breaks, []);
      const { ordered, [what]: sent, posted, paid, open } = totals.money['EUR'] as Record<string, string>;
      assert.deepEqual([ordered, sent, posted, paid, open], ['198', '198', '198', '100', '98']);
      assert.equal((totals.pieces as Record<string, string>)[what], '18');
    });

  it('has a fault of one order as a break of that order alone', () => {
    const cases = together(({ lines }) => void Object.assign(lines[0]!, { subtotal: '44', total: '52.8' }));
    assert.deepEqual(
      bill(cases).breaks.map(({ order, situation }) => [order, situation]),
      [['S100', 'bill price']],
    );
    const taxed = together(({ lines }) => void (lines[2]!.total = '50'));
    const [found, ...others] = bill(taxed).breaks;
    assert.deepEqual(others, []);
    assert.deepEqual([found!.order, found!.situation, found!.difference], ['S200', 'bill total', '2']);
  });

  it('that is a draft is open in each order with its share', () => {
    const found = bill(together((one) => void Object.assign(one, { state: 'draft', settled: [] }))).breaks;
    assert.deepEqual(
      found.map(({ situation, left }) => [situation, left.amount]),
      Array.from({ length: 3 }, () => ['bill not posted', '66']),
    );
  });

  it('is parted to the cent, whatever the lines are worth', () => {
    for (const worths of [
      ['1', '1', '1', '1', '1', '1'],
      ['0', '0', '0', '0', '0', '0'],
      ['7', '-2', '1', '0', '3', '0.01'],
    ]) {
      const cases = together(({ lines }) => lines.forEach((line, at) => (line.total = worths[at]!)));
      const shares = cases.map(({ odoo }) => shareOf(odoo.invoices[0]!, '100.01'));
      assert.equal(shares.reduce((all, one) => all.plus(one)).toFixed(), '100.01');
      assert.ok(shares.every((one) => one.round(2).eq(one)));
    }
  });

  it('may be of an order that is not compared: then only the share counts', () => {
    const { breaks, totals } = bill(together().slice(0, 1));
    assert.deepEqual(breaks, []);
    assert.deepEqual([totals.money['EUR']!['billed'], totals.money['EUR']!['paid']], ['66', '33.33']);
  });
});

describe('a down payment', () => {
  it('that an invoice takes off again counts once', () => {
    const one = structuredClone(chain(1)) as Mutable<Case>;
    const [last] = one.odoo.invoices;
    // Of a line that is no goods, and none of those that are compared.
    const line = { line: 999, sku: '', quantity: '1', subtotal: '20', total: '20' };
    const paid = { ...last!.settled[0]!, amount: '20' };
    const first = {
      ...structuredClone(last!),
      id: 9,
      name: 'INV/9',
      total: '20',
      lines: [line],
      settled: [paid],
    };
    last!.lines.push({ ...line, quantity: '-1', subtotal: '-20', total: '-20' });
    last!.total = '46';
    last!.settled[0]!.amount = '46';
    Object.assign(one.hub, { invoices: [], payments: [] });
    one.odoo.invoices.unshift(first);
    const { breaks, totals } = reconcile(factsOf([one]), asked);
    assert.deepEqual(breaks, []);
    assert.deepEqual([totals.money['EUR']!['invoiced'], totals.money['EUR']!['paid']], ['66', '66']);
  });
});

describe('freight on a bill', () => {
  const freight = { sku: '', quantity: '1', subtotal: '10', total: '12' };
  it('of no line of the order is no break, and is billed', () => {
    const one = structuredClone(chain(1)) as Mutable<Case>;
    one.odoo.invoices[0]!.lines.push(freight);
    one.odoo.invoices[0]!.total = '78';
    const { breaks, totals } = bill([one]);
    assert.deepEqual(breaks, []);
    assert.equal(totals.money['EUR']!['billed'], '78');
  });

  it('falls to the orders of the bill', () => {
    const { breaks, totals } = bill(
      together((one) => {
        one.lines.push(freight);
        one.total = '210';
      }),
    );
    assert.deepEqual(breaks, []);
    assert.equal(totals.money['EUR']!['billed'], '210');
  });
});
