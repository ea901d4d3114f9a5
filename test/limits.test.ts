/** What each tier may take: by file, in places, in turns, in queues. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { backlog, type ConsumedQueue } from '../runtime/limits/backlog.ts';
import { gate } from '../runtime/limits/gate.ts';
import { loadLimits, tierOf, tiers, type ByTier, type Tier } from '../runtime/limits/limits.ts';
import { shares } from '../runtime/limits/shares.ts';
import { fairQueue } from '../runtime/limits/fair-queue.ts';

const share: ByTier<number> = { critical: 1, standard: 0.8, bulk: 0.4 };
const weights: ByTier<number> = { critical: 7, standard: 2, bulk: 1 };
const anyTier = fc.constantFrom(...tiers);

describe('limits', () => {
  it('of a flow without a tier, or with one that does not exist, are those of standard', () => {
    assert.deepEqual(['critical', 'bulk', '', 'Bulk', 'urgent'].map(tierOf), [
      'critical',
      'bulk',
      'standard',
      'standard',
      'standard',
    ]);
  });

  describe('file', () => {
    const project = readFileSync('definitions/limits.yaml', 'utf8');
    let dir: string;
    beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'crossdock-limits-'))));
    afterEach(() => rmSync(dir, { recursive: true }));
    const load = (text: string) => {
      writeFileSync(join(dir, 'limits.yaml'), text);
      return loadLimits(join(dir, 'limits.yaml'));
    };

    it('of the project is right', () => {
      assert.equal(load(project).tiers.bulk.backlog, 20_000);
    });
    const wrong: Record<string, [string, string, RegExp]> = {
      'a share of nothing': ['store: 0.7', 'store: 0', /limits\.yaml:26.*store/],
      'a share above one': ['requests: 1\n', 'requests: 1.1\n', /requests/],
      'half a message': ['backlog: 20000', 'backlog: 0.5', /backlog/],
      'an unknown setting': ['requests: 500', 'requests: 500\nspeed: 1', /speed/],
      'a tier that is missing': ['  bulk:', '  slow:', /tiers/],
      'more for bulk than for standard': ['deliveries: 0.4', 'deliveries: 0.9', /deliveries of bulk/],
      'more for standard than for critical': ['backlog: 200000', 'backlog: 2000000', /backlog of standard/],
    };
    for (const [title, [from, to, message]] of Object.entries(wrong))
      it(`is refused with ${title}`, () => {
        assert.ok(project.includes(from));
        assert.throws(() => load(project.replace(from, to)), { code: 'CONFIG_INVALID', message });
      });
  });

  describe('shares', () => {
    it('keep the rest for the tiers above: 4 of 10 for bulk, 8 with standard, all with critical', () => {
      const places = shares(10, share);
      const fill = (tier: Tier) => {
        let n = 0;
        while (places.take(tier)) n += 1;
        return n;
      };
      assert.deepEqual([fill('bulk'), fill('standard'), fill('critical')], [4, 4, 2]);
      places.give('bulk');
      assert.deepEqual([fill('critical'), fill('bulk')], [1, 0]);
    });
    it('never take more than there is, and take again what was given back', () => {
      const step = fc.record({ tier: anyTier, amount: fc.integer({ min: 1, max: 30 }), give: fc.boolean() });
      fc.assert(
        fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
          const places = shares(100, share);
          const held: ByTier<number[]> = { critical: [], standard: [], bulk: [] };
          const sum = (...of: Tier[]) => of.flatMap((tier) => held[tier]).reduce((a, b) => a + b, 0);
          for (const { tier, amount, give } of steps) {
            const back = give ? held[tier].pop() : undefined;
            if (back !== undefined) places.give(tier, back);
            else if (places.take(tier, amount)) held[tier].push(amount);
            assert.ok(sum('bulk') <= 40 && sum('bulk', 'standard') <= 80 && sum(...tiers) <= 100);
          }
          assert.equal(places.taken(), sum(...tiers));
        }),
      );
    });
    it('leave every tier one place where shares would round to none', () => {
      for (const tier of tiers) assert.ok(shares(1, share).take(tier));
    });
  });

  describe('turns', () => {
    it('go 7 to 2 to 1 while all wait, in the order they came within a tier', () => {
      const waiting = fairQueue<number>(weights);
      for (let n = 0; n < 100; n += 1) for (const tier of tiers) waiting.push(tier, n);
      const taken = Array.from({ length: 100 }, () => waiting.next()!);
      const of = (tier: Tier) => taken.filter((one) => one.tier === tier).map(({ item }) => item);
      assert.deepEqual([of('critical').length, of('standard').length, of('bulk').length], [70, 20, 10]);
      for (const tier of tiers)
        assert.deepEqual(
          of(tier),
          of(tier).toSorted((a, b) => a - b),
        );
      assert.equal(taken[0]!.tier, 'critical');
    });
    it('give all to who waits alone, and to nobody what was earned in a quiet time', () => {
      const waiting = fairQueue<number>(weights);
      for (let n = 0; n < 1000; n += 1) {
        waiting.push('bulk', n);
        assert.equal(waiting.next()!.tier, 'bulk');
      }
      for (let n = 0; n < 20; n += 1) for (const tier of tiers) waiting.push(tier, n);
      const first = Array.from({ length: 10 }, () => waiting.next()!.tier);
      assert.equal(first.filter((tier) => tier === 'critical').length, 7);
    });
    it('lose nothing and invent nothing', () => {
      fc.assert(
        fc.property(fc.array(anyTier, { maxLength: 100 }), (pushed) => {
          const waiting = fairQueue<number>(weights);
          for (const [n, tier] of pushed.entries()) waiting.push(tier, n);
          const taken = pushed.map(() => waiting.next()!);
          assert.deepEqual(
            taken.map(({ item }) => item).toSorted((a, b) => a - b),
            [...pushed.keys()],
          );
          assert.ok(taken.every(({ tier, item }) => pushed[item] === tier));
          assert.equal(waiting.next(), undefined);
        }),
      );
    });
  });

  describe('gate', () => {
    it('keeps places free for critical, lets the others on as places come free, in order', async () => {
      const work = gate(shares(10, share), weights);
      const inside: string[] = [];
      const leaves: (() => void)[] = [];
      const ask = (tier: Tier, n: number) =>
        void work.enter(tier).then((leave) => {
          inside.push(`${tier} ${n}`);
          leaves.push(leave);
        });
      for (let n = 0; n < 8; n += 1) ask('bulk', n);
      await turn();
      assert.deepEqual(inside, ['bulk 0', 'bulk 1', 'bulk 2', 'bulk 3']);
      ask('critical', 0);
      await turn();
      assert.deepEqual(inside.slice(4), ['critical 0']);
      leaves[0]!();
      leaves[0]!(); // a second time gives no second place
      await turn();
      assert.deepEqual(inside.slice(5), ['bulk 4']);
      assert.deepEqual([work.atWork(), work.waiting()], [5, 3]);
    });
    it('starves nobody: behind a flood of critical, bulk has its turns', async () => {
      const work = gate(shares(2, share), weights);
      const order: Tier[] = [];
      const all = (['critical', 'bulk'] as const).flatMap((tier) =>
        Array.from({ length: 80 }, async () => {
          const leave = await work.enter(tier);
          order.push(tier);
          await turn();
          leave();
        }),
      );
      await Promise.all(all);
      const bulk = order.slice(0, 80).filter((tier) => tier === 'bulk').length;
      assert.ok(bulk >= 5 && bulk <= 15, `${bulk} of the first 80`);
      assert.deepEqual([work.atWork(), work.waiting()], [0, 0]);
    });
  });

  describe('backlog', () => {
    const limits = { critical: 100, standard: 50, bulk: 10 };
    const orders: ConsumedQueue = { queue: 'orders', types: ['order.v1'], flow: 'consumer' };
    const from = (tier: Tier, flow = 'intake') => ({ flow, tier });
    function open(held: number, consumed = [orders]) {
      const asked: string[] = [];
      const state = { held };
      const queues = backlog({
        consumed: () => consumed,
        limits,
        async depth(queue) {
          asked.push(queue);
          return state.held;
        },
      });
      return { queues, asked, state };
    }
    const full = (retryAfterMs = 10_000) => ({
      code: 'QUEUE_FULL',
      facts: { queue: 'orders', tier: 'bulk', retryAfterMs },
    });

    it('refuses the tier whose limit is reached, and no other', async () => {
      const { queues } = open(10);
      await queues.admit('order.v1', from('bulk')); // not known yet
      await turn();
      await assert.rejects(queues.admit('order.v1', from('bulk')), full());
      await queues.admit('order.v1', from('standard'));
      await queues.admit('other.v1', from('bulk'));
    });
    it('counts what is published between two questions, and asks once', async () => {
      const { queues, asked } = open(0);
      const told = await Promise.allSettled(
        Array.from({ length: 30 }, () => queues.admit('order.v1', from('bulk'))),
      );
      assert.equal(told.filter(({ status }) => status === 'fulfilled').length, 10);
      assert.deepEqual(asked, ['orders']);
    });
    it('a flow may always publish into the queue it consumes itself', async () => {
      const { queues } = open(1000);
      for (let n = 0; n < 20; n += 1) await queues.admit('order.v1', from('bulk', 'consumer'));
    });
    it('does not limit what it does not know: another process consumes, or the broker does not tell', async () => {
      await open(1000, []).queues.admit('order.v1', from('bulk'));
      const queues = backlog({
        consumed: () => [orders],
        limits,
        depth: () => Promise.reject(new Error('away')),
      });
      for (let n = 0; n < 5; n += 1) {
        await queues.admit('order.v1', from('bulk'));
        await turn();
      }
    });
    it('asks again before it refuses on old knowledge', async () => {
      const { queues, state, asked } = open(10);
      await queues.admit('order.v1', from('bulk'));
      await turn();
      await assert.rejects(queues.admit('order.v1', from('bulk')), full());
      state.held = 0;
      await new Promise((resolve) => setTimeout(resolve, 1050));
      await queues.admit('order.v1', from('bulk'));
      assert.equal(asked.length, 2);
    });
  });
});
