/** Stock of Odoo, of a warehouse's count and of the channels: where they agree nothing is told, and each fault in its class. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import { openBreaks } from '../runtime/reconcile/open-breaks.ts';
import { reportText } from '../runtime/reconcile/report.ts';
import { runId, runOf, sealRun } from '../runtime/reconcile/run.ts';
import { keepRun } from '../runtime/reconcile/kept-runs.ts';
import { readStatement } from '../runtime/reconcile/stock-statement.ts';
import { stockSituations, type StockSituation } from '../runtime/reconcile/stock-situations.ts';
import { reconcileStock, type StockFacts, type ToldStock } from '../runtime/reconcile/stock.ts';
import { situations } from '../runtime/reconcile/situations.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { tolerances, cutOff, type Mutable } from './reconcile-kit.ts';

const asOf = '2026-11-27T18:00:00.000Z';
const later = '2026-11-27T20:00:00.000Z';
const earlier = '2026-11-27T17:00:00.000Z';
interface Facts {
  onHand: Mutable<StockFacts['onHand'][number]>[];
  moved: Mutable<StockFacts['moved'][number]>[];
  counted: Mutable<StockFacts['counted'][number]>[];
  told: Mutable<ToldStock>[];
  promised: Mutable<StockFacts['promised'][number]>[];
  costs: StockFacts['costs'];
  untracked: StockFacts['untracked'];
}

const wh = (sku: string, quantity: string, lot = '') => ({ warehouse: 'WH', sku, lot, quantity });
const counts = (sku: string, quantity: string, lot = '') => ({ ...wh(sku, quantity, lot), asOf });
const told = (sku: string, quantity: string, more: Partial<ToldStock> = {}): ToldStock => ({
  channel: 'shopify',
  warehouse: 'WH',
  sku,
  told: quantity,
  at: earlier,
  taken: earlier,
  ...more,
});

/** Three articles that agree everywhere; C by lots. */
function sound(): Facts {
  return {
    onHand: [
      wh('A', '10'),
      wh('B', '2.5'),
      wh('C', '3', 'L1'),
      wh('C', '4', 'L2'),
      { ...wh('A', '7'), warehouse: 'EAST' },
    ],
    moved: [],
    counted: [counts('A', '10'), counts('B', '2.5'), counts('C', '3', 'L1'), counts('C', '4', 'L2')],
    told: [told('A', '8'), told('B', '2'), told('C', '0')],
    promised: [
      { warehouse: 'WH', sku: 'A', available: '8', changed: earlier },
      { warehouse: 'WH', sku: 'B', available: '2.5', changed: earlier },
      { warehouse: 'WH', sku: 'C', available: '-1', changed: earlier },
    ],
    costs: new Map([['A', { amount: '2.50', currency: 'EUR' }]]),
    untracked: new Set<string>(),
  };
}

function run(plant: (facts: Facts) => unknown = () => {}) {
  const facts = sound();
  plant(facts);
  return reconcileStock(facts, { cutOff, tolerances });
}

type Fault = readonly [
  what: string,
  situation: StockSituation,
  about: string,
  plant: (facts: Facts) => unknown,
  timing?: 'timing',
];

const faults: readonly Fault[] = [
  ['an article that is not counted', 'stock missing', 'WH A', (one) => one.counted.shift()],
  ['an article counted as none', 'stock missing', 'WH A', (one) => (one.counted[0]!.quantity = '0')],
  ['a lot that is not counted', 'stock missing', 'WH C L2', (one) => one.counted.pop()],
  [
    'an article that Odoo has less than nothing of',
    'stock quantity',
    'WH F',
    (one) => one.onHand.push(wh('F', '-3')),
  ],
  ['an article that Odoo has not', 'stock extra', 'WH D', (one) => one.counted.push(counts('D', '5'))],
  ['a lot that Odoo has not', 'stock extra', 'WH C L3', (one) => one.counted.push(counts('C', '1', 'L3'))],
  ['another quantity', 'stock quantity', 'WH A', (one) => (one.counted[0]!.quantity = '9')],
  [
    'what moved after the count',
    'stock quantity',
    'WH A',
    (one) => {
      one.onHand[0]!.quantity = '6';
      one.moved.push({ ...wh('A', '-4'), at: later });
    },
    'timing',
  ],
  [
    'what came of an article after the count',
    'stock missing',
    'WH E',
    (one) => {
      one.onHand.push(wh('E', '4'));
      one.moved.push({ ...wh('E', '4'), at: later });
    },
    'timing',
  ],
  [
    'what was booked only after the count',
    'stock quantity',
    'WH A',
    (one) => {
      one.moved.push({ ...wh('A', '-4'), at: later });
    },
    'timing',
  ],
  [
    'another quantity beside what moved',
    'stock quantity',
    'WH A',
    (one) => {
      one.onHand[0]!.quantity = '6';
      one.moved.push({ ...wh('A', '-4'), at: later });
      one.counted[0]!.quantity = '9';
    },
  ],
  [
    'a channel that was told another quantity',
    'channel quantity',
    'WH A',
    (one) => (one.told[0]!.told = '5'),
  ],
  [
    'a level that just changed',
    'channel quantity',
    'WH A',
    (one) => Object.assign(one.promised[0]!, { available: '7', changed: '2026-11-27T23:55:00.000Z' }),
    'timing',
  ],
  [
    'a level that waits too long for the channel',
    'channel quantity',
    'WH A',
    (one) => {
      Object.assign(one.promised[0]!, { available: '7', changed: '2026-11-27T23:55:00.000Z' });
      one.told[0]!.waits = later;
    },
  ],
  ['a channel that sells what is gone', 'channel extra', 'WH Z', (one) => one.told.push(told('Z', '3'))],
];

describe('a reconciliation of stock', () => {
  it('finds nothing where all agree, and tells the sums', () => {
    const { breaks, totals, orders } = run();
    assert.deepEqual(breaks, []);
    assert.deepEqual(orders, { hub: 7, matched: 7 });
    assert.deepEqual(totals.pieces, {
      counted: '19.5',
      asOf: '19.5',
      now: '19.5',
      told: '10',
      promised: '9.5',
    });
  });

  for (const [what, situation, about, plant, timing] of faults)
    it(`finds ${what}: ${situation}`, () => {
      assert.deepEqual(
        run(plant).breaks.map((one) => [one.situation, one.class, one.about]),
        [[situation, timing ?? situations[situation].class, about]],
      );
    });

  it('has a fault for every situation', () => {
    const planted = new Set<string>(faults.map(([, situation]) => situation));
    assert.deepEqual(
      Object.keys(stockSituations).filter((one) => !planted.has(one)),
      [],
    );
  });

  it('finds nothing in what a channel cannot be told, in a warehouse that does not count, and where no stock is kept', () => {
    const { breaks } = run((one) => {
      one.told.push(told('GONE', '0'));
      one.onHand.push({ ...wh('X', '4'), warehouse: 'EAST' });
      one.counted.push(counts('SERVICE', '4'));
      // Goods without stock move all the same.
      one.moved.push({ ...wh('CONSUMED', '-3'), at: later });
      one.onHand.push(wh('SERVICE', '1'));
      one.untracked = new Set(['SERVICE', 'CONSUMED']);
      // Of all lots together, where one row names none.
      one.counted.splice(2, 2, counts('C', '7'));
      // Out and in again.
      one.moved.push({ ...wh('A', '-4'), at: later }, { ...wh('A', '4'), at: later });
      // Before the count.
      one.moved.push({ ...wh('B', '1'), at: earlier });
    });
    assert.deepEqual(breaks, []);
  });

  it('says both sides and what the pieces cost', () => {
    const [found] = run((one) => (one.counted[0]!.quantity = '6')).breaks;
    assert.deepEqual(
      [found!.partner, found!.order, found!.left, found!.right, found!.difference, found!.stake],
      [
        'WH',
        'A',
        { what: 'counted by WH', amount: '6' },
        { what: 'in Odoo then', amount: '10' },
        '4',
        { amount: '10', currency: 'EUR' },
      ],
    );
  });

  it('is told at a terminal, and resolves nothing of a warehouse that it does not look at', async () => {
    const { privateKey: key } = generateKeyPairSync('ed25519');
    const journal = embeddedJournal(openStore(':memory:'));
    const sealed = (plant: (facts: Facts) => unknown, looked: string[], at: string) => {
      const scope = { since: '2026-08-30T00:00:00.000Z', cutOff: at, books: 'stock' as const, looked };
      return sealRun(runOf(run(plant), { scope, database: 'odoo', tolerances }), key);
    };
    const plant = (one: Facts) => {
      one.counted[0]!.quantity = '9';
      one.told[0]!.told = '5';
    };
    const first = sealed(plant, ['WH', 'shopify'], cutOff);
    assert.match(reportText(first.run, 'x'), /Stock of WH, shopify as of .*: 7 compared, 5 agree/);
    assert.match(runId(first), /\/stock-[0-9a-f]{12}$/);
    await keepRun(journal.documents, first);
    const open = async () => (await openBreaks(journal.documents)).map(({ partner }) => partner);
    assert.deepEqual(await open(), ['WH', 'shopify']);
    // Without a count, as by the clock.
    const onlyChannels = (one: Facts) => void (one.counted = []);
    await keepRun(journal.documents, sealed(onlyChannels, ['shopify'], '2026-11-29T00:00:00.000Z'));
    assert.deepEqual(await open(), ['WH']);
    await keepRun(
      journal.documents,
      sealed(() => {}, ['WH', 'shopify'], '2026-11-28T12:00:00.000Z'),
    );
    assert.deepEqual(await open(), []);
    await journal.close();
  });

  it('closes what was found long ago', async () => {
    const { privateKey: key } = generateKeyPairSync('ed25519');
    const journal = embeddedJournal(openStore(':memory:'));
    const keep = (plant: (facts: Facts) => unknown, since: string, at: string) => {
      const scope = { since, cutOff: at, books: 'stock' as const, looked: ['WH', 'shopify'] };
      return keepRun(
        journal.documents,
        sealRun(runOf(run(plant), { scope, database: 'odoo', tolerances }), key),
      );
    };
    await keep((one) => (one.counted[0]!.quantity = '9'), '2026-08-30T00:00:00.000Z', cutOff);
    assert.equal((await openBreaks(journal.documents)).length, 1);
    await keep(() => {}, '2026-12-30T00:00:00.000Z', '2027-03-30T00:00:00.000Z');
    assert.deepEqual(await openBreaks(journal.documents), []);
    await journal.close();
  });
});

describe('the statement of a warehouse', () => {
  const read = (text: string) => readStatement(Buffer.from(text), 'WH');

  it('is a CSV with SKU, lot, quantity and time, in any order and with either separator', () => {
    assert.deepEqual(
      read('SKU;Lot;Quantity;As-of;Warehouse\nA;L1;10.0;2026-11-28T18:00+01:00;\nB;;2.5;2026-11-28;EAST\n'),
      [
        { warehouse: 'WH', sku: 'A', lot: 'L1', quantity: '10', asOf: '2026-11-28T17:00:00.000Z' },
        { warehouse: 'EAST', sku: 'B', lot: '', quantity: '2.5', asOf: '2026-11-28T00:00:00.000Z' },
      ],
    );
    assert.deepEqual(read('as-of,qty,sku\n2026-11-28 18:00,3,"A,1"\n'), [
      { warehouse: 'WH', sku: 'A,1', lot: '', quantity: '3', asOf: '2026-11-28T18:00:00.000Z' },
    ]);
  });

  for (const [text, why] of [
    ['', /it is empty/],
    ['sku,lot\nA,1\n', /names no column quantity, as-of/],
    ['sku,quantity,as-of\n,1,2026-11-28\n', /line 2 names no SKU/],
    ['sku,quantity,as-of\nA,"1,5",2026-11-28\n', /line 2: the quantity is no number/],
    ['sku,quantity,as-of\nA,1,yesterday\n', /line 2: as-of is no time/],
    ['sku,quantity,as-of\nA,1,2026-11-28\nA,2,2026-11-28\n', /lines 2 and 3 are of the same/],
    ['sku,quantity,as-of\n"A,1,2026-11-28\n', /line 2 has a quote/],
  ] as const)
    it(`is refused: ${why.source}`, () => {
      assert.throws(() => read(text), { code: 'STATEMENT_INVALID', message: why });
    });
});
