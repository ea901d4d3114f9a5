/** A message that comes again: after its time, after a fault, and across a restart. */
import assert from 'node:assert/strict';
import type { Delivered, Verdict } from '../../runtime/broker/broker.ts';
import { n, type BrokerKit } from './broker-kit.ts';
import { order, settle, until } from './kit.ts';

export function brokerAgain(kit: BrokerKit): void {
  const { start, consume } = kit;

  it('brings a message again, not before its time, and its key waits', async () => {
    const { broker } = await start();
    const got: string[] = [];
    let first = 0;
    let second = 0;
    await consume(broker, async (delivered) => {
      got.push(`${n(delivered)}/${delivered.attempt}`);
      if (n(delivered) !== 0 || delivered.attempt > 1) return ((second ||= Date.now()), settle);
      first = Date.now();
      return { do: 'again', afterMs: 300 };
    });
    for (let i = 0; i < 3; i++) await broker.publish(order(kit.type, 'A', i));
    await until('all', () => got.length === 4);
    assert.ok(second - first >= 295, `came again after ${second - first} ms`);
    assert.deepEqual(got, ['0/1', '0/2', '1/1', '2/1']);
  });

  it('brings a message again after a longer time, counting its attempts', async () => {
    const { broker } = await start();
    const got: Delivered[] = [];
    const times: number[] = [];
    await consume(broker, async (delivered) => {
      got.push(delivered);
      times.push(Date.now());
      return got.length < 3 ? { do: 'again', afterMs: 1300 } : settle;
    });
    const sent = order(kit.type, 'A');
    await broker.publish(sent);
    await until('delayed', async () => (await broker.depth(kit.queue)).delayed === 1);
    await until('all', () => got.length === 3);
    assert.deepEqual(
      got.map((one) => one.attempt),
      [1, 2, 3],
    );
    assert.deepEqual(got[2]!.message, sent);
    assert.ok(times[1]! - times[0]! >= 1295 && times[2]! - times[1]! >= 1295, String(times));
    await until('gone', async () => {
      const { ready, delayed, unsettled } = await broker.depth(kit.queue);
      return ready + delayed + unsettled === 0;
    });
  });

  it('brings a message again after a handler that threw', async () => {
    const { broker } = await start();
    let got = 0;
    await consume(broker, async () => {
      if (++got === 1) throw new Error('defect');
      return settle;
    });
    await broker.publish(order(kit.type, 'A'));
    await until('again', () => got === 2);
  });

  it('loses nothing when the worker crashes at work', async () => {
    const first = await start();
    const begun: string[] = [];
    const late = Promise.withResolvers<Verdict>();
    await consume(first.broker, (delivered) => (begun.push(delivered.message.id), late.promise));
    const sent = ['A', 'B', 'C'].map((key) => order(kit.type, key));
    await Promise.all(sent.map((message) => first.broker.publish(message)));
    await until('at work', () => begun.length === 3);
    await first.crash();
    kit.forget();
    const second = await start();
    const got: Delivered[] = [];
    await consume(second.broker, async (delivered) => (got.push(delivered), settle));
    await until('redelivery', () => got.length === 3);
    assert.deepEqual(got.map(({ message }) => message.id).toSorted(), sent.map(({ id }) => id).toSorted());
    assert.ok(got.every((one) => one.redelivered));
    assert.ok(got.every((one) => one.attempt === 2));
    late.resolve(settle);
  });

  it('keeps waiting and delayed messages across a restart, and waits for no delay to stop', async () => {
    const first = await start();
    const consumer = await consume(first.broker, async () => ({ do: 'again', afterMs: 2000 }));
    await first.broker.publish(order(kit.type, 'A', 0));
    await until('given back', async () => (await first.broker.depth(kit.queue)).delayed === 1);
    await first.broker.publish(order(kit.type, 'A', 1));
    await first.broker.publish(order(kit.type, 'B', 0));
    const stopping = Date.now();
    await consumer.stop();
    await first.broker.close();
    assert.ok(Date.now() - stopping < 1500, `stopped after ${Date.now() - stopping} ms`);
    const second = await start();
    const got: string[] = [];
    await consume(second.broker, async (one) => (got.push(`${one.message.subject}${n(one)}`), settle));
    await until('all', () => got.length === 3);
    assert.deepEqual(
      got.filter((one) => one !== 'B0'),
      ['A0', 'A1'],
    );
  });

  it('leaves a message that gets its again while stopping in its place', async () => {
    const { broker } = await start();
    const begun = Promise.withResolvers<void>();
    const late = Promise.withResolvers<Verdict>();
    const consumer = await consume(broker, () => (begun.resolve(), late.promise));
    for (let i = 0; i < 3; i++) await broker.publish(order(kit.type, 'A', i));
    await begun.promise;
    const stopped = consumer.stop();
    late.resolve({ do: 'again', afterMs: 1500 });
    await stopped;
    const got: number[] = [];
    await consume(broker, async (one) => (got.push(n(one)), settle));
    await until('all', () => got.length === 3);
    assert.deepEqual(got, [0, 1, 2]);
  });

  it('gives other messages the place of those that wait for their again', async () => {
    const { broker } = await start();
    const got: string[] = [];
    const handle = async ({ message, attempt }: Delivered): Promise<Verdict> => {
      got.push(`${message.subject}/${attempt}`);
      return message.subject !== 'B' && attempt === 1 ? { do: 'again', afterMs: 1200 } : settle;
    };
    await consume(broker, handle, { concurrency: 1 });
    for (const key of ['A1', 'A2', 'A3', 'B']) await broker.publish(order(kit.type, key));
    await until('the other', () => got.includes('B/1'), 1000);
    await until('those that waited', () => got.length === 7);
    assert.deepEqual(got.slice(4).toSorted(), ['A1/2', 'A2/2', 'A3/2']);
  });

  for (const [how, prefetch] of [
    ['held', undefined],
    ['sent round', 1],
  ] as const)
    it(`keeps a key in order across delayed retries (${how})`, async function () {
      this.timeout(90_000);
      const { broker } = await start();
      const got: string[] = [];
      const handle = async (one: Delivered): Promise<Verdict> => {
        got.push(`${n(one)}/${one.attempt}`);
        const tries = [3, 1, 2, 1, 1, 1][n(one)]!;
        return one.attempt < tries ? { do: 'again', afterMs: 1300 } : settle;
      };
      await consume(broker, handle, { prefetch });
      for (let i = 0; i < 4; i++) await broker.publish(order(kit.type, 'A', i));
      await until('the first twice', () => got.length === 2);
      for (let i = 4; i < 6; i++) await broker.publish(order(kit.type, 'A', i));
      await until('all', () => got.length === 9, 20_000);
      assert.deepEqual(got, ['0/1', '0/2', '0/3', '1/1', '2/1', '2/2', '3/1', '4/1', '5/1']);
      await until('gone', async () => {
        const { ready, delayed, unsettled } = await broker.depth(kit.queue);
        return ready + delayed + unsettled === 0;
      });
    });
}
