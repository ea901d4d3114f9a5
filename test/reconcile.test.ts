/** The chain from an order to its money: whole it has no break, and each fault gives exactly its own. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { saleSituations, situations } from '../runtime/reconcile/situations.ts';
import { reconcile } from '../runtime/reconcile/reconcile.ts';
import type { OdooOrder } from '../runtime/reconcile/facts.ts';
import { uninvoiced, type Fault } from './reconcile-changes.ts';
import { faults } from './reconcile-faults.ts';
import { sound } from './reconcile-sound.ts';
import { chain, changed, cutOff, factsOf, tolerances, type Case } from './reconcile-kit.ts';

function run(cases: readonly Case[], more: readonly OdooOrder[] = []) {
  return reconcile(factsOf(cases, more), { cutOff, tolerances });
}

function planted(one: Case, fault: Fault): { given: Case; more: OdooOrder[] } {
  let more: OdooOrder[] = [];
  const given = changed(one, (copy) => void (more = (fault(copy) as OdooOrder[] | undefined) ?? []));
  return { given, more };
}

describe('a reconciliation', () => {
  it('finds nothing in a whole chain', () => {
    const { breaks, totals, orders } = run([chain(1), chain(2)]);
    assert.deepEqual(breaks, []);
    assert.deepEqual(orders, { hub: 2, matched: 2 });
    assert.deepEqual(totals, {
      pieces: { ordered: '12', cancelled: '0', open: '0', shipped: '12', returned: '0', invoiced: '12' },
      money: {
        EUR: { ordered: '132', invoiced: '132', posted: '132', paid: '132', writtenOff: '0', open: '0' },
      },
    });
  });

  for (const [what, change] of sound)
    it(`finds nothing in one that is ${what}`, () => {
      const { given } = planted(chain(1), change);
      assert.deepEqual(
        run([given, chain(2)]).breaks.map(({ id }) => id),
        [],
      );
    });

  for (const [what, situation, fault, timing] of faults)
    it(`finds ${what}: ${situation}`, () => {
      const { given, more } = planted(chain(1), fault);
      const { breaks } = run([chain(2), given, chain(3)], more);
      assert.deepEqual(
        breaks.map((one) => [one.situation, one.class]),
        [[situation, timing ?? situations[situation].class]],
      );
      assert.match(breaks[0]!.order, /^(#1|x)$/);
    });

  it('has a fault for every situation', () => {
    const told = new Set(faults.map(([, situation]) => situation));
    assert.deepEqual(
      Object.keys(saleSituations).filter((one) => !told.has(one as never)),
      [],
    );
  });

  it('says both sides, the difference, the age and whose it is', () => {
    const { given } = planted(chain(1), uninvoiced);
    const asked = {
      cutOff,
      tolerances,
      teamOf: ({ code, step }: { code: string; step: string }) => `${code} ${step}`,
    };
    const [found] = reconcile(factsOf([given]), asked).breaks;
    assert.deepEqual(
      [found!.left, found!.right, found!.difference, found!.unit, found!.days, found!.team],
      [
        { what: 'shipped less returned', amount: '6' },
        { what: 'invoiced less credited', amount: '0' },
        '-6',
        'pieces',
        16,
        'BREAK_MISSING invoice',
      ],
    );
    assert.deepEqual(found!.lines[1], { line: 'Article B', sku: 'B', left: '2', right: '0' });
  });

  const order = fc.array(
    fc.tuple(
      fc.constantFrom('A', 'B', 'C'),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 99_999 }),
    ),
    { minLength: 1, maxLength: 5 },
  );
  const wholeOf = (lines: [string, number, number][], at: number) =>
    chain(
      at,
      lines.map(([sku, quantity, price]) => [sku, quantity, price / 100]),
    );

  it('finds nothing in whole chains of any lines', () => {
    fc.assert(
      fc.property(fc.array(order, { minLength: 1, maxLength: 5 }), (orders) => {
        assert.deepEqual(run(orders.map((lines, at) => wholeOf(lines as never, at + 1))).breaks, []);
      }),
      { numRuns: 50 },
    );
  });

  it('finds exactly the faults that stand in it, in whatever order the books are read', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: faults.length - 1 }), { maxLength: 6 }),
        fc.integer(),
        (chosen, seed) => {
          const cases = chosen.map((at, index) => planted(chain(index + 1), faults[at]![2]));
          const more = cases.flatMap((one) => one.more.map((odoo) => ({ ...odoo })));
          const all = [...cases.map(({ given }) => given), chain(50), chain(51)];
          const mixed = all.toSorted((a, b) => ((a.odoo.id * seed) % 7) - ((b.odoo.id * seed) % 7));
          const found = run(mixed, more);
          const wanted = chosen.map((at) => faults[at]![1]);
          assert.deepEqual(found.breaks.map(({ situation }) => situation).toSorted(), wanted.toSorted());
          assert.deepEqual(run(mixed.toReversed(), more.toReversed()), found);
        },
      ),
      { numRuns: 60 },
    );
  });
});
