/** What every broker does, whatever carries the messages. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { BrokerTraits, Delivered, Verdict } from '../../runtime/broker/broker.ts';
import { envelope } from '../../runtime/envelope/envelope.ts';
import { brokerAgain } from './broker-again.ts';
import { brokerKit, n, type BrokerKit, type OpenBroker } from './broker-kit.ts';
import { brokerWorkers } from './broker-workers.ts';
import { coded, order, settle, until } from './kit.ts';

/** `open` opens one more instance on the same storage each time; queues made here have the names in `queues`. */
export function brokerConformance(
  title: string,
  traits: BrokerTraits,
  open: () => Promise<OpenBroker>,
  queues: Set<string> = new Set(),
): void {
  describe(`broker: ${title}`, () => {
    const kit = brokerKit(open, queues);
    brokerMessages(kit, traits);
    brokerAgain(kit);
    brokerWorkers(kit, traits);
  });
}

function brokerMessages(kit: BrokerKit, traits: BrokerTraits): void {
  const { start, consume, declare, named } = kit;

  it('declares its traits', async () => {
    assert.deepEqual((await start()).broker.traits, traits);
  });

  it('carries a message whole', async () => {
    const { broker } = await start();
    const got: Delivered[] = [];
    await consume(broker, async (delivered) => (got.push(delivered), settle));
    const sent = envelope({ ...order(kit.type, 'SO-1'), causationid: 'c-1', traceparent: '00-abc-def-01' });
    await broker.publish(sent);
    await until('delivery', () => got.length === 1);
    assert.deepEqual(got[0], { message: sent, attempt: 1, redelivered: false });
    await until('settled', async () => (await broker.depth(kit.queue)).unsettled === 0);
  });

  it('collects in a declared queue before anybody consumes it', async () => {
    const { broker } = await start();
    await broker.declare(kit.queue, [kit.type]);
    await broker.declare(kit.queue, [kit.type]);
    await broker.publish(order(kit.type, 'SO-1'));
    const got: Delivered[] = [];
    await consume(broker, async (delivered) => (got.push(delivered), settle));
    await until('delivery', () => got.length === 1);
  });

  it('gives every subscribed queue its own copy, and others none', async () => {
    const { broker } = await start();
    const got: string[] = [];
    const take = (who: string) => async () => (got.push(who), settle);
    await consume(broker, take('a'));
    await consume(broker, take('b'), { queue: named('second') });
    await consume(broker, take('c'), { queue: named('other'), types: [`${kit.type}.other`] });
    await broker.publish(order(kit.type, 'SO-1'));
    await until('both copies', () => got.length >= 2);
    await delay(50);
    assert.deepEqual(got.toSorted(), ['a', 'b']);
  });

  it('refuses a type that no queue takes, beside others that are taken', async () => {
    const { broker } = await start();
    await declare(broker);
    const refused = broker.publish(order(`${kit.type}.unknown`, 'SO-1'));
    const taken = broker.publish(order(kit.type, 'SO-1'));
    await assert.rejects(refused, coded('EVENT_UNROUTABLE'));
    await taken;
  });

  it('tells since when the oldest message waits, or that it does not know', async () => {
    const { broker } = await start();
    await declare(broker);
    assert.equal(await broker.oldest(kit.queue), undefined);
    const begun = Date.now();
    const sent = order(kit.type, 'SO-1');
    await broker.publish(sent);
    await until('waiting', async () => (await broker.depth(kit.queue)).ready === 1);
    const since = await broker.oldest(kit.queue);
    if (traits.name === 'rabbitmq') assert.equal(since, 'unknown');
    else assert.ok(Date.parse(since!) >= begun && Date.parse(since!) <= Date.now(), since);
    const queuesNow = await broker.queues();
    if (traits.name === 'embedded') assert.deepEqual(queuesNow, [kit.queue]);
    let tries = 0;
    const late = Promise.withResolvers<Verdict>();
    await consume(broker, async () => ((tries += 1) > 1 ? late.promise : { do: 'again', afterMs: 20 }));
    await until('tried again', () => tries === 2);
    await broker.publish(order(kit.type, 'SO-1', 2));
    assert.equal(await broker.oldest(kit.queue), sent.time);
    late.resolve(settle);
    await until('none waits', async () => (await broker.oldest(kit.queue)) === undefined);
  });

  it('collects while nobody consumes', async () => {
    const { broker } = await start();
    await declare(broker);
    for (let i = 0; i < 3; i++) await broker.publish(order(kit.type, `SO-${i}`));
    await until('three waiting', async () => (await broker.depth(kit.queue)).ready === 3);
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
    await Promise.all(Array.from({ length: 30 }, (_, i) => broker.publish(order(kit.type, `SO-${i}`))));
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
    for (let i = 0; i < 5; i++) await broker.publish(order(kit.type, 'A', i));
    for (let i = 0; i < 5; i++) await broker.publish(order(kit.type, `B${i}`, i));
    await until('the other keys', () => others === 5);
    assert.deepEqual(got, []);
    gate.resolve();
    await until('the key', () => got.length === 5);
    assert.deepEqual(got, [0, 1, 2, 3, 4]);
  });

  it('publishes to one queue only, and refuses one that nobody declared', async () => {
    const { broker } = await start();
    const got: string[] = [];
    const take = (who: string) => async () => (got.push(who), settle);
    const second = named('second');
    await consume(broker, take('a'));
    await consume(broker, take('b'), { queue: second });
    await broker.publishTo(second, order(kit.type, 'A'));
    await broker.publishTo(second, order(`${kit.type}.other`, 'A'));
    await until('both', () => got.length === 2);
    await delay(50);
    assert.deepEqual(got, ['b', 'b']);
    await assert.rejects(
      broker.publishTo('nobody-declared-this', order(kit.type, 'A')),
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
    for (let i = 0; i < 6; i++) await broker.publish(order(kit.type, `SO-${i}`));
    await until('work', () => begun >= 2);
    await consumer.stop();
    assert.equal(done, begun);
    assert.ok(done < 6);
    const stoppedAt = done;
    await until('the rest back', async () => (await broker.depth(kit.queue)).ready === 6 - stoppedAt);
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
    await broker.publish(order(kit.type, 'A'));
    await until('work', () => begun === 1);
    await Promise.all([broker.close(), broker.close()]);
    assert.equal(done, 1);
    await assert.rejects(broker.publish(order(kit.type, 'A')), coded('BROKER_UNAVAILABLE'));
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
    const sent = Array.from({ length: 2000 }, (_, i) => order(kit.type, `SO-${i % 300}`, i));
    const left = [...sent];
    await Promise.all(
      Array.from({ length: 64 }, async () => {
        for (let one = left.pop(); one; one = left.pop()) await broker.publish(one);
      }),
    );
    await until('all', () => got.size === 2000);
    assert.ok([...got.values()].every((times) => times === 1));
  });
}
