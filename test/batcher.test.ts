/** Batches: what comes together goes together, and critical items first when more waits than one batch takes. */
import assert from 'node:assert/strict';
import { batcher } from '../runtime/odoo/together/batcher.ts';

/** A batcher of numbers whose first batch is held until `release`; what each batch took. */
function held(max: number) {
  const gate = Promise.withResolvers<void>();
  const batches: number[][] = [];
  const numbers = batcher<number, number>({
    windowMs: 0,
    max,
    weights: { critical: 7, standard: 2, bulk: 1 },
    async run(items) {
      batches.push(items);
      await gate.promise;
      return items.map((value) => ({ status: 'fulfilled', value }));
    },
  });
  return { numbers, batches, release: gate.resolve };
}

describe('batcher', () => {
  it('takes critical items first, keeps a share for the others, and gives each its own outcome', async () => {
    const { numbers, batches, release } = held(20);
    const first = numbers.add(0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const bulk = Array.from({ length: 60 }, (_, n) => numbers.add(1000 + n, 'bulk'));
    const critical = Array.from({ length: 30 }, (_, n) => numbers.add(n + 1, 'critical'));
    release();
    assert.deepEqual(
      await Promise.all([first, ...critical]),
      Array.from({ length: 31 }, (_, n) => n),
    );
    assert.deepEqual(
      await Promise.all(bulk),
      Array.from({ length: 60 }, (_, n) => 1000 + n),
    );
    const ofBulk = batches.map((items) => items.filter((n) => n >= 1000).length);
    // Seven critical turns to one of bulk while both wait.
    assert.deepEqual(ofBulk, [0, 2, 8, 20, 20, 10]);
    for (const items of [batches.flat().filter((n) => n < 1000), batches.flat().filter((n) => n >= 1000)])
      assert.deepEqual(
        items,
        items.toSorted((a, b) => a - b),
      );
  });

  it('of one item at a time starves none', async () => {
    const { numbers, batches, release } = held(1);
    const all = Array.from({ length: 40 }, (_, n) => numbers.add(n, n < 20 ? 'critical' : 'bulk'));
    release();
    await Promise.all(all);
    const firstBulk = batches.findIndex(([n]) => n! >= 20);
    assert.ok(firstBulk > 0 && firstBulk < 10, `${firstBulk}`);
  });

  it('a run that fails fails its own items only', async () => {
    const numbers = batcher<number, number>({
      windowMs: 0,
      max: 2,
      async run(items) {
        if (items.includes(1)) throw new Error('of this batch');
        return items.map((value) => ({ status: 'fulfilled', value }));
      },
    });
    const told = await Promise.allSettled([0, 1, 2, 3].map((n) => numbers.add(n)));
    assert.deepEqual(
      told.map(({ status }) => status),
      ['rejected', 'rejected', 'fulfilled', 'fulfilled'],
    );
  });

  it('two at once, but never the same key in both', async () => {
    const gates: (() => void)[] = [];
    const batches: string[][] = [];
    const texts = batcher<string, string>({
      windowMs: 0,
      max: 3,
      atOnce: 2,
      keyOf: (text) => text[0]!,
      async run(items) {
        batches.push(items);
        await new Promise<void>((resolve) => gates.push(resolve));
        return items.map((value) => ({ status: 'fulfilled', value }));
      },
    });
    const all = Promise.all(['a1', 'b1', 'a2', 'a3', 'c1', 'd1', 'e1'].map((text) => texts.add(text)));
    await new Promise((resolve) => setTimeout(resolve, 5));
    // a3 waits for the batch with a1; what comes after it does not.
    assert.deepEqual(batches, [
      ['a1', 'b1', 'a2'],
      ['c1', 'd1', 'e1'],
    ]);
    gates[1]!();
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(batches.length, 2);
    gates[0]!();
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(batches[2], ['a3']);
    const idle = texts.idle();
    gates[2]!();
    await idle;
    assert.deepEqual(await all, ['a1', 'b1', 'a2', 'a3', 'c1', 'd1', 'e1']);
  });

  it('begins another batch beside one at work only with enough to do', async () => {
    const gate = Promise.withResolvers<void>();
    const batches: number[] = [];
    const numbers = batcher<number, number>({
      windowMs: 0,
      max: 4,
      atOnce: 2,
      beside: 3,
      async run(items) {
        batches.push(items.length);
        await gate.promise;
        return items.map((value) => ({ status: 'fulfilled', value }));
      },
    });
    const soon = () => new Promise((resolve) => setTimeout(resolve, 5));
    const all = [numbers.add(1)];
    await soon();
    all.push(numbers.add(2), numbers.add(3));
    await soon();
    assert.deepEqual(batches, [1]);
    all.push(numbers.add(4));
    await soon();
    assert.deepEqual(batches, [1, 3]);
    gate.resolve();
    assert.deepEqual(await Promise.all(all), [1, 2, 3, 4]);
  });
});
