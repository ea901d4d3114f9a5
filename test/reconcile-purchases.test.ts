/** Purchases: whole they have no break, and each fault gives exactly its own; what is received and not billed is told. */
import assert from 'node:assert/strict';
import { loadProcesses } from '../runtime/process/definition.ts';
import { applied } from '../runtime/process/instance.ts';
import { rowOf } from '../runtime/process/engine/row.ts';
import { newInstance } from '../runtime/process/state.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import { purchaseSituations, type PurchaseSituation } from '../runtime/reconcile/purchase-situations.ts';
import { reconcilePurchases, type HubPurchase, type Purchase } from '../runtime/reconcile/purchases.ts';
import { readHubPurchases } from '../runtime/reconcile/read-purchases.ts';
import { reportCsv, reportText } from '../runtime/reconcile/report.ts';
import { runOf } from '../runtime/reconcile/run.ts';
import { situations } from '../runtime/reconcile/situations.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { back, creditOf, loose } from './reconcile-changes.ts';
import { chain, cutOff, tolerances, type Case, type Mutable } from './reconcile-kit.ts';

type Bought = Mutable<Case>;
type Plant = (one: Bought) => void;

/** A whole purchase: the goods of an order arrived, and its bill is paid. */
function purchase(at: number, plant: Plant = () => {}): Bought {
  const one = structuredClone(chain(at)) as Bought;
  plant(one);
  return one;
}

function run(cases: readonly Bought[]) {
  const purchases = cases.map(({ odoo }): Purchase => {
    const { key: _key, ...rest } = odoo;
    return { supplier: `Supplier ${odoo.customer}`, odoo: rest };
  });
  const hub = new Map(
    cases.map(({ hub: { shipments: receipts, invoices: bills }, odoo }): [string, HubPurchase] => [
      odoo.name,
      { receipts, bills },
    ]),
  );
  return reconcilePurchases({ purchases, hub }, { cutOff, tolerances });
}

const unbilled: Plant = (one) => {
  one.odoo.invoices = [];
  one.hub.invoices = [];
};
const billOf = ({ odoo }: Bought) => odoo.invoices[0]!;

const faults: readonly (readonly [what: string, PurchaseSituation, Plant, 'timing'?])[] = [
  ['goods that are not billed', 'not billed', unbilled],
  [
    'goods of some days ago that are not billed',
    'not billed',
    (one) => {
      unbilled(one);
      for (const { moves } of one.odoo.lines) for (const move of moves) move.at = '2026-11-20T10:00:00.000Z';
    },
    'timing',
  ],
  [
    'a bill that stands there twice',
    'bill twice',
    (one) => {
      const again = structuredClone(billOf(one));
      one.odoo.invoices.push({ ...again, id: again.id + 7, name: 'BILL/2', settled: [] });
    },
  ],
  [
    'a bill typed in again without its order',
    'bill twice',
    (one) => {
      const again = structuredClone(billOf(one));
      for (const line of again.lines) delete line.line;
      one.odoo.strays.push({ ...again, id: again.id + 7, name: 'BILL/2', settled: [] });
    },
  ],
  [
    'another price on the bill',
    'bill price',
    (one) => {
      billOf(one).lines[0]!.subtotal = '44';
      billOf(one).total = '70.8';
    },
  ],
  [
    'more billed than received',
    'billed more',
    (one) => {
      const [line] = billOf(one).lines;
      Object.assign(line!, { quantity: '5', subtotal: '50', total: '60' });
      billOf(one).total = '78';
    },
  ],
  ['goods that went back', 'not refunded', (one) => back(one, '4', '2026-11-12T10:00:00.000Z')],
  [
    'goods that went back the other day',
    'not refunded',
    (one) => back(one, '4', '2026-11-26T10:00:00.000Z'),
    'timing',
  ],
  ['a credit note for nothing', 'refunded only', creditOf],
  [
    'a bill linked to no line',
    'bill unlinked',
    (one) => {
      for (const line of billOf(one).lines) delete line.line;
      billOf(one).total = '1';
      for (const line of one.odoo.lines) line.moves = [];
      one.hub.shipments = [];
    },
  ],
  ['a total changed in the bill', 'bill total', (one) => void (billOf(one).total = '80')],
  [
    'a bill in another currency',
    'bill currency',
    (one) => {
      Object.assign(billOf(one), { currency: 'USD', total: '80' });
      for (const line of billOf(one).lines) line.subtotal = String(Number(line.subtotal) * 1.2);
    },
  ],
  ['a cent of a bill', 'bill rounding', (one) => void (billOf(one).total = '66.01')],
  [
    'a bill left as a draft',
    'bill not posted',
    (one) => void Object.assign(billOf(one), { state: 'draft', settled: [] }),
  ],
  ['a bill of another month', 'bill of another period', (one) => void (billOf(one).date = '2026-10-20')],
  [
    'a payment set against nothing',
    'bill payment unlinked',
    (one) => {
      billOf(one).settled = [];
      loose('memo', one);
    },
  ],
  ['a payment made twice', 'bill paid twice', (one) => loose('memo', one)],
  [
    'more paid than billed',
    'bill paid more',
    (one) => {
      loose('memo', one);
      one.odoo.loose[0]!.open = '3';
    },
  ],
  [
    'too much given up',
    'bill written off',
    (one) => void (billOf(one).settled = [{ ...billOf(one).settled[0]!, by: 'write-off' }]),
  ],
  [
    'more received than ordered',
    'received more',
    (one) => {
      one.odoo.lines[0]!.moves[0]!.quantity = '6';
      one.odoo.lines[0]!.moves[0]!.pieces = '6';
    },
  ],
  [
    'another quantity than the warehouse reported',
    'receipt quantity',
    (one) => void (one.hub.shipments[0]!.lines[0]!.quantity = '3'),
  ],
  [
    'a report without its receipt',
    'receipt missing',
    (one) => void one.hub.shipments.push({ ...one.hub.shipments[0]!, document: 9, name: 'WH/IN/9' }),
  ],
  [
    'a receipt that nobody reported',
    'receipt extra',
    (one) => {
      const [line] = one.odoo.lines;
      const [move] = line!.moves;
      line!.moves = [
        { ...move!, quantity: '3', pieces: '3' },
        { ...move!, quantity: '1', pieces: '1', picking: { id: 9, name: 'WH/IN/9' } },
      ];
      one.hub.shipments[0]!.lines[0]!.quantity = '3';
    },
  ],
];

describe('a reconciliation of purchases', () => {
  it('finds nothing in whole ones, and tells the sums of its equations', () => {
    const { breaks, totals, orders } = run([purchase(1), purchase(2)]);
    assert.deepEqual(breaks, []);
    assert.deepEqual(orders, { hub: 2, matched: 2 });
    assert.deepEqual(totals, {
      pieces: {
        ordered: '12',
        cancelled: '0',
        open: '0',
        received: '12',
        returned: '0',
        billed: '12',
        unbilled: '0',
      },
      money: {
        EUR: {
          ordered: '132',
          billed: '132',
          posted: '132',
          paid: '132',
          writtenOff: '0',
          open: '0',
          unbilled: '0',
        },
      },
    });
  });

  it('finds nothing in one that nothing has arrived of, nor in one that is cancelled', () => {
    const empty: Plant = (one) => {
      for (const line of one.odoo.lines) line.moves = [];
      one.odoo.invoices = [];
      one.hub.shipments = [];
    };
    const cancelled = purchase(2, (one) => {
      empty(one);
      one.odoo.state = 'cancel';
    });
    const { breaks, totals } = run([purchase(1, empty), cancelled]);
    assert.deepEqual(breaks, []);
    assert.deepEqual([totals.pieces['open'], totals.pieces['cancelled']], ['6', '6']);
  });

  for (const [what, situation, plant, timing] of faults)
    it(`finds ${what}: ${situation}`, () => {
      const { breaks } = run([purchase(2), purchase(1, plant), purchase(3)]);
      assert.deepEqual(
        breaks.map((one) => [one.situation, one.class, one.partner, one.order]),
        [[situation, timing ?? situations[situation].class, 'Supplier 1', 'S100']],
      );
      const { left, right, documents } = breaks[0]!;
      assert.doesNotMatch(
        `${left.what} ${right.what} ${documents.join(' ')}`,
        /invoice|shipped|credited|sale/,
      );
    });

  it('has a fault for every situation', () => {
    const told = new Set<string>(faults.map(([, situation]) => situation));
    assert.deepEqual(
      Object.keys(purchaseSituations).filter((one) => !told.has(one)),
      [],
    );
  });

  it('says what is received and not billed, by pieces and without tax, and what is at stake', () => {
    const { breaks, totals } = run([purchase(1, unbilled)]);
    assert.deepEqual([totals.pieces['unbilled'], totals.money['EUR']!['unbilled']], ['6', '55']);
    assert.deepEqual(breaks[0]!.stake, { amount: '66', currency: 'EUR' });
    assert.deepEqual(breaks[0]!.left, { what: 'received less returned', amount: '6' });
  });

  it('sums each currency by itself', () => {
    const { totals } = run([
      purchase(1, (one) => void Object.assign(billOf(one), { currency: 'USD', total: '80' })),
    ]);
    const { EUR, USD } = totals.money;
    assert.deepEqual(
      [EUR!['ordered'], EUR!['billed'], USD!['ordered'], USD!['billed']],
      ['66', '0', '0', '80'],
    );
  });

  it('counts what is billed in advance below 0', () => {
    const { totals } = run([purchase(1, faults.find(([, one]) => one === 'billed more')![2])]);
    assert.deepEqual([totals.pieces['unbilled'], totals.money['EUR']!['unbilled']], ['-1', '-10']);
  });

  it('is told at a terminal and in a spreadsheet', () => {
    const scope = { since: '2026-08-30T00:00:00.000Z', cutOff, books: 'purchases' as const };
    const told = runOf(run([purchase(1, unbilled)]), { scope, database: 'odoo', tolerances });
    assert.match(reportText(told, 'x'), /received 6 − returned 0; billed 0; received and not billed 6/);
    assert.match(reportCsv(told), /^missing,bill,Supplier 1,S100,/m);
  });
});

describe('what the hub knows of purchases', () => {
  it('comes from the events of their process, bills up to the cut-off', async () => {
    const definition = loadProcesses('definitions').get('procure-to-pay')!;
    const order = { number: 'P00042' };
    const document = (model: string, id: number, more: object = {}) => ({
      order,
      message: { source: 'x', id: String(id) },
      document: { model, id, name: `${model}/${id}`, state: 'done', ...more },
    });
    let instance = newInstance(definition, 'odoo/P00042');
    const events = [
      ['purchase.confirmed.v1', document('purchase.order', 1, { total: '66.00', currency: 'EUR' })],
      [
        'receipt.booked.v1',
        { ...document('stock.picking', 5, { open: 0 }), lines: [{ sku: 'A', quantity: '4' }] },
      ],
      ['bill.posted.v1', document('account.move', 9, { total: '48.00' })],
    ] as const;
    for (const [at, [type, data]] of events.entries())
      instance = await applied(
        definition,
        instance,
        { id: String(at), type, data },
        new Date(Date.UTC(2026, 10, 20, 10 + at)),
      );
    const journal = embeddedJournal(openStore(':memory:'));
    await journal.processes.add(rowOf(instance, definition));
    const receipts = [
      {
        document: 5,
        name: 'stock.picking/5',
        at: '2026-11-20T11:00:00.000Z',
        lines: [{ sku: 'A', quantity: '4' }],
      },
    ];
    const bills = [{ document: 9, name: 'account.move/9', at: '2026-11-20T12:00:00.000Z', total: '48' }];
    const read = (at: string) => readHubPurchases(journal.processes, definition, { cutOff: at });
    assert.deepEqual([...(await read(cutOff))], [['P00042', { receipts, bills }]]);
    assert.deepEqual((await read('2026-11-20T11:30:00.000Z')).get('P00042'), { receipts, bills: [] });
    await journal.close();
  });
});
