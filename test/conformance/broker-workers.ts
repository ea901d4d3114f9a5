/** Many messages, and workers that come, go and share a queue. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { BrokerTraits, Delivered, Verdict } from '../../runtime/broker/broker.ts';
import { isUnavailable, n, type BrokerKit } from './broker-kit.ts';
import { coded, order, settle, until } from './kit.ts';

export function brokerWorkers(kit: BrokerKit, traits: BrokerTraits): void {
  const { start, consume, declare } = kit;

  it('delivers 10,000 messages of 64 keys in order while its workers are interrupted', async function () {
    this.timeout(360_000);
    const firsts = new Map<string, number[]>();
    const seen = new Set<string>();
    const handle = async (one: Delivered): Promise<Verdict> => {
      await delay(1);
      const { id, subject } = one.message;
      if (!seen.has(id)) firsts.set(subject, [...(firsts.get(subject) ?? []), n(one)]);
      seen.add(id);
      return settle;
    };
    const begin = async () => {
      const worker = await start();
      await consume(worker.broker, handle, { concurrency: 32 });
      return worker;
    };
    let workers = [await begin()];
    if (traits.shared) workers.push(await begin(), await begin());
    const publishing = Array.from({ length: 64 }, async (_, key) => {
      for (let i = 0; i < 10_000 / 64; i++) {
        const message = order(kit.type, `SO-${key}`, i);
        // The worker that publishes is cut or replaced too: what is in doubt is published again.
        while (!(await workers[0]!.broker.publish(message).then(() => true, isUnavailable))) await delay(20);
      }
    });
    const done = Promise.all(publishing);
    const total = 64 * Math.ceil(10_000 / 64);
    for (let i = 1; i <= 4; i++) {
      await until('a fifth more', () => seen.size > (i * total) / 5, 60_000);
      if (!traits.shared) {
        await workers[0]!.crash();
        workers = [await begin()];
      } else if (i === 2) await workers.pop()!.crash();
      else for (const { cut } of workers) cut!();
    }
    await done;
    await until('all', () => seen.size === total, 60_000);
    for (const [key, order] of firsts)
      assert.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
        `order of ${key}`,
      );
  });

  if (traits.shared) {
    it('keeps a key in order across workers, one of which is closed and one of which is killed', async function () {
      this.timeout(180_000);
      const workers = [await start(), await start(), await start()];
      const publisher = await start();
      const firsts = new Map<string, number[]>();
      const seen = new Set<string>();
      const atWork = new Map<string, number>();
      const clashes: string[] = [];
      let killed = false;
      for (const { broker } of workers)
        await consume(broker, async (one) => {
          const { id, subject } = one.message;
          atWork.set(subject, (atWork.get(subject) ?? 0) + 1);
          if (atWork.get(subject)! > 1 && !killed) clashes.push(`${subject} ${n(one)}`);
          if (!seen.has(id)) firsts.set(subject, [...(firsts.get(subject) ?? []), n(one)]);
          seen.add(id);
          await delay(3);
          atWork.set(subject, atWork.get(subject)! - 1);
          return settle;
        });
      const publish = async (from: number, to: number) => {
        for (let i = from; i < to; i++)
          await Promise.all(
            Array.from({ length: 20 }, (_, k) => publisher.broker.publish(order(kit.type, `SO-${k}`, i))),
          );
      };
      const publishing = publish(0, 100);
      await until('some', () => seen.size > 200, 30_000);
      await workers[0]!.broker.close();
      await until('more', () => seen.size > 800, 30_000);
      killed = true;
      await workers[1]!.crash();
      await publishing;
      await until('all', () => seen.size === 2000, 30_000);
      assert.deepEqual(clashes, [], 'while none was killed, a key was worked on once at a time');
      for (const [key, order] of firsts)
        assert.deepEqual(
          order,
          Array.from({ length: 100 }, (_, i) => i),
          `order of ${key}`,
        );
    });

    it('hands a key over to a worker that joins when what is under way is done', async () => {
      const first = await start();
      const got: string[] = [];
      const gate = Promise.withResolvers<void>();
      const by = (who: string) => async (one: Delivered) => {
        if (n(one) === 0) await gate.promise;
        got.push(`${who}/${one.message.subject}/${n(one)}`);
        return settle;
      };
      await consume(first.broker, by('first'));
      const keys = Array.from({ length: 24 }, (_, i) => `SO-${i}`);
      for (const key of keys) await first.broker.publish(order(kit.type, key, 0));
      const second = await start();
      await consume(second.broker, by('second'));
      for (const key of keys) await first.broker.publish(order(kit.type, key, 1));
      await delay(300);
      assert.equal(got.length, 0);
      gate.resolve();
      await until('all', () => got.length === 48);
      for (const key of keys) {
        const [zero, one] = got.filter((line) => line.includes(`/${key}/`));
        assert.ok(zero!.endsWith('/0') && one!.endsWith('/1'), key);
      }
      assert.ok(got.some((line) => line.startsWith('second/')));
    });
  }

  if (traits.shared)
    it('shares a queue among workers', async () => {
      const workers = [await start(), await start()];
      const got: number[][] = [[], []];
      for (const [i, { broker }] of workers.entries())
        await consume(broker, async (one) => (await delay(2), got[i]!.push(n(one)), settle), {
          concurrency: 2,
        });
      for (let i = 0; i < 100; i++) await workers[0]!.broker.publish(order(kit.type, `SO-${i}`, i));
      await until('all', () => got.flat().length === 100);
      assert.equal(new Set(got.flat()).size, 100);
      assert.ok(got.every((one) => one.length > 0));
    });
  else
    it('refuses a second process that would consume', async () => {
      const [first, second] = [await start(), await start()];
      await declare(first.broker);
      await assert.rejects(declare(second.broker), coded('CONFIG_INVALID'));
      let got = 0;
      await consume(first.broker, async () => (got++, settle));
      await second.broker.publish(order(kit.type, 'A'));
      await until('what the other published', () => got === 1);
    });
}
