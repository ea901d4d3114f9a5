/** What every guard does, wherever the claims are kept. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClaimRequest, Guard } from '../../runtime/guard/guard.ts';
import type { CodedError } from '../../runtime/errors/coded-error.ts';
import { coded, until } from './kit.ts';

const LEASE_MS = 60_000;

export interface GuardTraits {
  /** Instances see each other's claims at work, which outlast the instance that made them. */
  shared: boolean;
}

/** `open` opens one more instance on the same storage each time. */
export function guardConformance(
  title: string,
  open: () => Promise<Guard>,
  { shared }: GuardTraits = { shared: true },
): void {
  describe(`guard: ${title}`, () => {
    let opened: Guard[];
    let guard: Guard;
    let key: string;

    const start = async (): Promise<Guard> => {
      const one = await open();
      opened.push(one);
      return one;
    };
    const ask = (more: Partial<ClaimRequest> = {}) =>
      guard.claim({ key, fingerprint: 'f', leaseMs: LEASE_MS, ...more });
    const win = async (more: Partial<ClaimRequest> = {}) => {
      const got = await ask(more);
      assert.equal(got.state, 'new');
      return got.state === 'new' ? got.claim : assert.fail();
    };

    beforeEach(async () => {
      opened = [];
      key = `test:${randomUUID()}`;
      guard = await start();
    });
    afterEach(async () => {
      await Promise.all(opened.map((one) => one.close()));
    });

    it('is ready', () => guard.ready());

    it(`gives a key to one of 100 racers${shared ? ', through two instances' : ''}`, async () => {
      const guards = [guard, shared ? await start() : guard];
      const results = await Promise.all(
        Array.from({ length: 100 }, (_, i) =>
          guards[i % 2]!.claim({ key, fingerprint: 'f', leaseMs: LEASE_MS }),
        ),
      );
      const states = results.map(({ state }) => state);
      assert.equal(states.filter((state) => state === 'new').length, 1);
      assert.equal(states.filter((state) => state === 'in-flight').length, 99);
    });

    it('tells how long a claim at work may still take', async () => {
      await win({ leaseMs: 5000 });
      const second = await ask();
      assert.equal(second.state, 'in-flight');
      const wait = second.state === 'in-flight' ? second.retryAfterMs : 0;
      assert.ok(wait > 3000 && wait <= 5000, String(wait));
    });

    it('calls the same key with another content a conflict, at work and done', async () => {
      const claim = await win();
      assert.deepEqual(await ask({ fingerprint: 'other' }), { state: 'conflict' });
      assert.equal(await guard.commit(claim, null, LEASE_MS), true);
      assert.deepEqual(await ask({ fingerprint: 'other' }), { state: 'conflict' });
      assert.equal((await ask()).state, 'done');
    });

    it('answers a repetition as the first time', async () => {
      for (const result of [
        { status: 202, id: '9007199254740993', text: 'Größe "é" \u0000' },
        [],
        'x',
        0,
        null,
      ]) {
        key = `test:${randomUUID()}`;
        assert.equal(await guard.commit(await win(), result, LEASE_MS), true);
        assert.deepEqual(await ask(), { state: 'done', result });
      }
    });

    it('takes undefined as a result', async () => {
      await guard.commit(await win(), undefined, LEASE_MS);
      assert.deepEqual(await ask(), { state: 'done', result: null });
    });

    it('keeps keys apart, whatever is in them', async () => {
      const keys = [`${key}:a`, `${key}:a `, `${key}:A`, `${key}:ä`, `${key}:*`, `${key}:'`, `${key}:{a}`];
      for (const one of keys) await win({ key: one });
      for (const one of keys) assert.equal((await ask({ key: one })).state, 'in-flight');
    });

    it('frees a claim whose lease is over, and the first holder can no longer settle it', async () => {
      const lost = await win({ leaseMs: 40 });
      await until('free', async () => (await ask({ leaseMs: 1 })).state === 'new');
      await delay(10);
      const mine = await win();
      assert.equal(await guard.commit(lost, 'late', LEASE_MS), false);
      assert.equal(await guard.release(lost), false);
      assert.equal((await ask()).state, 'in-flight');
      assert.equal(await guard.commit(mine, 'mine', LEASE_MS), true);
      assert.deepEqual(await ask(), { state: 'done', result: 'mine' });
    });

    it('says that an expired lease is lost, though nobody else took it', async () => {
      const lost = await win({ leaseMs: 20 });
      await delay(60);
      assert.equal(await guard.commit(lost, 'late', LEASE_MS), false);
      assert.equal(await guard.release(lost), false);
      await win();
    });

    it('lets another content in once the lease is over', async () => {
      await win({ leaseMs: 20 });
      await delay(60);
      await win({ fingerprint: 'other' });
    });

    it('frees a released claim at once', async () => {
      const claim = await win();
      assert.equal(await guard.release(claim), true);
      assert.equal(await guard.release(claim), false);
      await win({ fingerprint: 'other' });
    });

    it('settles once: what is done is neither committed again nor released', async () => {
      const claim = await win();
      assert.equal(await guard.commit(claim, 'first', LEASE_MS), true);
      assert.equal(await guard.commit(claim, 'second', LEASE_MS), false);
      assert.equal(await guard.release(claim), false);
      assert.deepEqual(await ask(), { state: 'done', result: 'first' });
    });

    it('forgets what is done after its time, not after the lease', async () => {
      const [short, long] = [`${key}:short`, `${key}:long`];
      await guard.commit(await win({ key: short }), 1, 30);
      await guard.commit(await win({ key: long, leaseMs: 30 }), 1, LEASE_MS);
      await delay(80);
      assert.equal((await ask({ key: short })).state, 'new');
      assert.equal((await ask({ key: long })).state, 'done');
    });

    it('closes with calls under way, twice at once: each is done or refused, and none is afterwards', async () => {
      const racing = Array.from({ length: 50 }, (_, i) => ask({ key: `${key}:${i}` }));
      const outcomes = Promise.allSettled(racing);
      await Promise.all([guard.close(), guard.close()]);
      opened = [];
      const settled = await outcomes;
      for (const one of settled)
        if (one.status === 'rejected') assert.equal((one.reason as CodedError).code, 'STORE_UNAVAILABLE');
      await assert.rejects(ask(), coded('STORE_UNAVAILABLE'));
      if (!shared) return;
      // What was told as claimed is claimed.
      const again = await start();
      for (const [i, one] of settled.entries()) {
        if (one.status === 'rejected') continue;
        const { state } = await again.claim({ key: `${key}:${i}`, fingerprint: 'f', leaseMs: LEASE_MS });
        assert.equal(state, 'in-flight');
      }
    });

    it('tells two instances of what either has done', async () => {
      const other = await start();
      await guard.commit(await win(), 'first', LEASE_MS);
      const asked = { key, fingerprint: 'f', leaseMs: LEASE_MS };
      assert.deepEqual(await other.claim(asked), { state: 'done', result: 'first' });
    });

    it('tells two instances of a claim at work that is made beside the hub', async () => {
      const other = await start();
      const claim = await win({ beside: true });
      const asked = { key, fingerprint: 'f', leaseMs: LEASE_MS, beside: true };
      assert.equal((await other.claim(asked)).state, 'in-flight');
      assert.equal(await guard.release(claim), true);
      assert.equal((await other.claim(asked)).state, 'new');
      assert.equal((await ask()).state, 'in-flight');
    });

    it(`keeps ${shared ? 'claims and ' : ''}results when it is opened again`, async () => {
      const held = await win();
      await guard.commit(await win({ key: `${key}:done` }), { status: 202 }, LEASE_MS);
      await guard.close();
      opened = [];
      guard = await start();
      assert.deepEqual(await ask({ key: `${key}:done` }), { state: 'done', result: { status: 202 } });
      assert.equal(await guard.commit(held, 'after', LEASE_MS), shared);
      assert.equal((await ask()).state, shared ? 'done' : 'new');
    });
  });
}
