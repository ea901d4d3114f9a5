import assert from 'node:assert/strict';
import { makePlan } from '../bench/chaos/plan.ts';

describe('the plan of a chaos campaign', () => {
  const kinds = ['kill', 'rabbitmq', 'odoo-500'];

  it('is decided by the seed', () => {
    assert.deepEqual(makePlan(kinds, 40, 2000, 7), makePlan(kinds, 40, 2000, 7));
    assert.notDeepEqual(makePlan(kinds, 40, 2000, 7), makePlan(kinds, 40, 2000, 8));
  });

  it('strikes with every kind as often as asked, over the whole load, in order', () => {
    const plan = makePlan(kinds, 40, 2000, 7);
    for (const kind of kinds) {
      const strikes = plan.filter((one) => one.kind === kind);
      assert.deepEqual(
        strikes.map(({ turn }) => turn),
        Array.from({ length: 40 }, (_, turn) => turn),
      );
      assert.ok(strikes[0]!.at < 200 && strikes.at(-1)!.at > 1700, kind);
    }
    const moments = plan.map(({ at }) => at);
    assert.deepEqual(
      moments,
      moments.toSorted((a, b) => a - b),
    );
    assert.ok(moments.every((at) => at >= 1 && at <= 2000));
  });

  it('reaches every victim', () => {
    const rolls = makePlan(kinds, 40, 2000, 7).map(({ roll }) => Math.floor(roll * 3));
    assert.deepEqual([...new Set(rolls)].toSorted(), [0, 1, 2]);
  });
});
