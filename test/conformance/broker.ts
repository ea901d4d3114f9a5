/** What every broker does, whatever carries the messages. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Broker, BrokerTraits, Delivered, Subscription, Verdict } from '../../runtime/broker/broker.ts';
import { envelope, type Envelope } from '../../runtime/envelope/envelope.ts';
import { CodedError } from '../../runtime/errors/coded-error.ts';

export interface OpenBroker {
  broker: Broker;
  /** Ends it as a crash would: nothing is drained, nothing more is settled. */
  crash(): Promise<void>;
  /** Ends its connections at once, where it has some. */
  cut: (() => void) | undefined;
}

export const settle: Verdict = { do: 'settle' };

export function order(type: string, key: string, n: number | string = 1): Envelope {
  return envelope({
    source: 'conformance',
    type,
    subject: key,
    flow: 'test',
    flowversion: '1',
    id: `${key}-${n}-${randomUUID()}`,
    data: { key, n, money: '10.10', id: '9007199254740993' },
  });
}

export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  ms = 60_000,
): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) assert.fail(`not within ${ms} ms: ${what}`);
    await delay(10);
  }
}

export const coded = (code: string) => (error: unknown) => {
  assert.ok(error instanceof CodedError, `CodedError, not ${String(error)}`);
  assert.equal(error.code, code);
  return true;
};

const isUnavailable = (error: unknown): false => {
  coded('BROKER_UNAVAILABLE')(error);
  return false;
};

/** A name of its own, noted to be deleted. */
function named(queues: Set<string>, word: string): string {
  const unique = `${word}-${randomUUID().slice(0, 8)}`;
  queues.add(unique);
  return unique;
}

const n = (delivered: Delivered) => (delivered.message.data as { n: number }).n;

/** `open` opens one more instance on the same storage each time; queues made here have the names in `queues`. */
export function brokerConformance(
  title: string,
  traits: BrokerTraits,
  open: () => Promise<OpenBroker>,
  queues: Set<string> = new Set(),
): void {
  describe(`broker: ${title}`, () => {
    let opened: OpenBroker[] = [];
    let queue: string;
    let type: string;

    const start = async (): Promise<OpenBroker> => {
      const one = await open();
      opened.push(one);
      return one;
    };
    const consume = (broker: Broker, handle: Subscription['handle'], more: Partial<Subscription> = {}) =>
      broker.consume({ queue, types: [type], concurrency: 8, handle, ...more });
    const declare = async (broker: Broker, more: Partial<Subscription> = {}) =>
      (await consume(broker, async () => settle, more)).stop();

    beforeEach(() => {
      opened = [];
      queue = named(queues, 'queue');
      type = `order.t${randomUUID().slice(0, 8)}.v1`;
    });
    afterEach(async () => {
      await Promise.all(opened.map(({ broker }) => broker.close().catch(() => {})));
    });

    it('declares its traits', async () => {
      assert.deepEqual((await start()).broker.traits, traits);
    });

    it('carries a message whole', async () => {
      const { broker } = await start();
      const got: Delivered[] = [];
      await consume(broker, async (delivered) => (got.push(delivered), settle));
      const sent = envelope({ ...order(type, 'SO-1'), causationid: 'c-1', traceparent: '00-abc-def-01' });
      await broker.publish(sent);
      await until('delivery', () => got.length === 1);
      assert.deepEqual(got[0], { message: sent, attempt: 1, redelivered: false });
      await until('settled', async () => (await broker.depth(queue)).unsettled === 0);
    });

    it('collects in a declared queue before anybody consumes it', async () => {
      const { broker } = await start();
      await broker.declare(queue, [type]);
      await broker.declare(queue, [type]);
      await broker.publish(order(type, 'SO-1'));
      const got: Delivered[] = [];
      await consume(broker, async (delivered) => (got.push(delivered), settle));
      await until('delivery', () => got.length === 1);
    });

    it('gives every subscribed queue its own copy, and others none', async () => {
      const { broker } = await start();
      const got: string[] = [];
      const take = (who: string) => async () => (got.push(who), settle);
      await consume(broker, take('a'));
      await consume(broker, take('b'), { queue: named(queues, 'second') });
      await consume(broker, take('c'), { queue: named(queues, 'other'), types: [`${type}.other`] });
      await broker.publish(order(type, 'SO-1'));
      await until('both copies', () => got.length >= 2);
      await delay(50);
      assert.deepEqual(got.toSorted(), ['a', 'b']);
    });

    it('refuses a type that no queue takes, beside others that are taken', async () => {
      const { broker } = await start();
      await declare(broker);
      const refused = broker.publish(order(`${type}.unknown`, 'SO-1'));
      const taken = broker.publish(order(type, 'SO-1'));
      await assert.rejects(refused, coded('EVENT_UNROUTABLE'));
      await taken;
    });

    it('tells since when the oldest message waits, or that it does not know', async () => {
      const { broker } = await start();
      await declare(broker);
      assert.equal(await broker.oldest(queue), undefined);
      const begun = Date.now();
      const sent = order(type, 'SO-1');
      await broker.publish(sent);
      await until('waiting', async () => (await broker.depth(queue)).ready === 1);
      const since = await broker.oldest(queue);
      if (traits.name === 'rabbitmq') assert.equal(since, 'unknown');
      else assert.ok(Date.parse(since!) >= begun && Date.parse(since!) <= Date.now(), since);
      const queuesNow = await broker.queues();
      if (traits.name === 'embedded') assert.deepEqual(queuesNow, [queue]);
      let tries = 0;
      const late = Promise.withResolvers<Verdict>();
      await consume(broker, async () => ((tries += 1) > 1 ? late.promise : { do: 'again', afterMs: 20 }));
      await until('tried again', () => tries === 2);
      await broker.publish(order(type, 'SO-1', 2));
      assert.equal(await broker.oldest(queue), sent.time);
      late.resolve(settle);
      await until('none waits', async () => (await broker.oldest(queue)) === undefined);
    });

    it('collects while nobody consumes', async () => {
      const { broker } = await start();
      await declare(broker);
      for (let i = 0; i < 3; i++) await broker.publish(order(type, `SO-${i}`));
      await until('three waiting', async () => (await broker.depth(queue)).ready === 3);
      let got = 0;
      await consume(broker, async () => (got++, settle));
      await until('three delivered', () => got === 3);
    });

    it('works on no more than its concurrency at a time, and on as many', async () => {
      const { broker } = await start();
      let atWork = 0;
      let most = 0;
      let got = 0;
      await consume(
        broker,
        async () => {
          most = Math.max(most, ++atWork);
          await delay(20);
          atWork--;
          got++;
          return settle;
        },
        { concurrency: 3 },
      );
      await Promise.all(Array.from({ length: 30 }, (_, i) => broker.publish(order(type, `SO-${i}`))));
      await until('all', () => got === 30);
      assert.equal(most, 3);
    });

    it('hands out a key in order, one at a time, and other keys meanwhile', async () => {
      const { broker } = await start();
      const got: number[] = [];
      let aAtWork = 0;
      const gate = Promise.withResolvers<void>();
      let others = 0;
      await consume(
        broker,
        async (delivered) => {
          if (delivered.message.subject !== 'A') return (others++, settle);
          assert.equal(++aAtWork, 1);
          if (n(delivered) === 0) await gate.promise;
          got.push(n(delivered));
          aAtWork--;
          return settle;
        },
        { concurrency: 4 },
      );
      for (let i = 0; i < 5; i++) await broker.publish(order(type, 'A', i));
      for (let i = 0; i < 5; i++) await broker.publish(order(type, `B${i}`, i));
      await until('the other keys', () => others === 5);
      assert.deepEqual(got, []);
      gate.resolve();
      await until('the key', () => got.length === 5);
      assert.deepEqual(got, [0, 1, 2, 3, 4]);
    });

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
      for (let i = 0; i < 3; i++) await broker.publish(order(type, 'A', i));
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
      const sent = order(type, 'A');
      await broker.publish(sent);
      await until('delayed', async () => (await broker.depth(queue)).delayed === 1);
      await until('all', () => got.length === 3);
      assert.deepEqual(
        got.map((one) => one.attempt),
        [1, 2, 3],
      );
      assert.deepEqual(got[2]!.message, sent);
      assert.ok(times[1]! - times[0]! >= 1295 && times[2]! - times[1]! >= 1295, String(times));
      await until('gone', async () => {
        const { ready, delayed, unsettled } = await broker.depth(queue);
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
      await broker.publish(order(type, 'A'));
      await until('again', () => got === 2);
    });

    it('loses nothing when the worker crashes at work', async () => {
      const first = await start();
      const begun: string[] = [];
      const late = Promise.withResolvers<Verdict>();
      await consume(first.broker, (delivered) => (begun.push(delivered.message.id), late.promise));
      const sent = ['A', 'B', 'C'].map((key) => order(type, key));
      await Promise.all(sent.map((message) => first.broker.publish(message)));
      await until('at work', () => begun.length === 3);
      await first.crash();
      opened = [];
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
      await first.broker.publish(order(type, 'A', 0));
      await until('given back', async () => (await first.broker.depth(queue)).delayed === 1);
      await first.broker.publish(order(type, 'A', 1));
      await first.broker.publish(order(type, 'B', 0));
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
      for (let i = 0; i < 3; i++) await broker.publish(order(type, 'A', i));
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
      for (const key of ['A1', 'A2', 'A3', 'B']) await broker.publish(order(type, key));
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
        for (let i = 0; i < 4; i++) await broker.publish(order(type, 'A', i));
        await until('the first twice', () => got.length === 2);
        for (let i = 4; i < 6; i++) await broker.publish(order(type, 'A', i));
        await until('all', () => got.length === 9, 20_000);
        assert.deepEqual(got, ['0/1', '0/2', '0/3', '1/1', '2/1', '2/2', '3/1', '4/1', '5/1']);
        await until('gone', async () => {
          const { ready, delayed, unsettled } = await broker.depth(queue);
          return ready + delayed + unsettled === 0;
        });
      });

    it('publishes to one queue only, and refuses one that nobody declared', async () => {
      const { broker } = await start();
      const got: string[] = [];
      const take = (who: string) => async () => (got.push(who), settle);
      const second = named(queues, 'second');
      await consume(broker, take('a'));
      await consume(broker, take('b'), { queue: second });
      await broker.publishTo(second, order(type, 'A'));
      await broker.publishTo(second, order(`${type}.other`, 'A'));
      await until('both', () => got.length === 2);
      await delay(50);
      assert.deepEqual(got, ['b', 'b']);
      await assert.rejects(
        broker.publishTo('nobody-declared-this', order(type, 'A')),
        coded('EVENT_UNROUTABLE'),
      );
    });

    it('stops when the deliveries at work have their verdict, and takes no new one', async () => {
      const { broker } = await start();
      let begun = 0;
      let done = 0;
      const handle = async () => {
        begun++;
        await delay(100);
        done++;
        return settle;
      };
      const consumer = await consume(broker, handle, { concurrency: 2 });
      for (let i = 0; i < 6; i++) await broker.publish(order(type, `SO-${i}`));
      await until('work', () => begun === 2);
      await consumer.stop();
      assert.equal(done, begun);
      assert.ok(done < 6);
      const stoppedAt = done;
      await until('the rest back', async () => (await broker.depth(queue)).ready === 6 - stoppedAt);
      assert.equal(begun, stoppedAt);
      await consume(broker, handle);
      await until('the rest', () => done === 6);
    });

    it('closes with work under way, twice at once, and refuses afterwards', async () => {
      const { broker } = await start();
      let done = 0;
      let begun = 0;
      await consume(broker, async () => {
        begun++;
        await delay(100);
        return (done++, settle);
      });
      await broker.publish(order(type, 'A'));
      await until('work', () => begun === 1);
      await Promise.all([broker.close(), broker.close()]);
      assert.equal(done, 1);
      await assert.rejects(broker.publish(order(type, 'A')), coded('BROKER_UNAVAILABLE'));
      await assert.rejects(broker.ready(), coded('BROKER_UNAVAILABLE'));
    });

    it('takes 2,000 messages from 64 publishers and delivers each once', async () => {
      const { broker } = await start();
      const got = new Map<string, number>();
      await consume(
        broker,
        async ({ message }) => (got.set(message.id, (got.get(message.id) ?? 0) + 1), settle),
        {
          concurrency: 64,
        },
      );
      const sent = Array.from({ length: 2000 }, (_, i) => order(type, `SO-${i % 300}`, i));
      const left = [...sent];
      await Promise.all(
        Array.from({ length: 64 }, async () => {
          for (let one = left.pop(); one; one = left.pop()) await broker.publish(one);
        }),
      );
      await until('all', () => got.size === 2000);
      assert.ok([...got.values()].every((times) => times === 1));
    });

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
          const message = order(type, `SO-${key}`, i);
          // The worker that publishes is cut or replaced too: what is in doubt is published again.
          while (!(await workers[0]!.broker.publish(message).then(() => true, isUnavailable)))
            await delay(20);
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
              Array.from({ length: 20 }, (_, k) => publisher.broker.publish(order(type, `SO-${k}`, i))),
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
        for (const key of keys) await first.broker.publish(order(type, key, 0));
        const second = await start();
        await consume(second.broker, by('second'));
        for (const key of keys) await first.broker.publish(order(type, key, 1));
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
        for (let i = 0; i < 100; i++) await workers[0]!.broker.publish(order(type, `SO-${i}`, i));
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
        await second.broker.publish(order(type, 'A'));
        await until('what the other published', () => got === 1);
      });
  });
}
