/** While flows start, an event waits until every queue that takes it is there. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker } from '../runtime/broker/broker.ts';
import { embeddedBroker } from '../runtime/broker/embedded.ts';
import { rabbitBroker } from '../runtime/broker/rabbitmq.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { createLog } from '../runtime/log/log.ts';
import { queuesFirst } from '../runtime/hub/queues.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { coded, order, until } from './conformance/kit.ts';
import { describeReal } from './real.ts';

const log = createLog({ level: 'silent' });

function starting(profile: string, open: () => Promise<{ broker: Broker; close(): Promise<unknown> }>): void {
  describe(`events while flows start, ${profile}`, () => {
    const type = `order.${randomUUID().slice(0, 8)}.v1`;
    const both = ['first', 'second'].map((name) => ({ queue: `${name}-${type}`, types: [type] }));
    let broker: Broker;
    let close: () => Promise<unknown>;
    before(async () => ({ broker, close } = await open()));
    after(() => close());

    it('reach the queue that is declared last, however often that fails', async () => {
      let tries = 0;
      const queues = queuesFirst(
        {
          publish: broker.publish,
          async declare(queue, types) {
            if (queue === both[1]!.queue && (tries += 1) < 3)
              throw new CodedError('BROKER_UNAVAILABLE', 'Not now');
            await broker.declare(queue, types);
          },
        },
        log,
        5,
      );
      queues.hold();
      assert.throws(() => queues.ready(), coded('BROKER_UNAVAILABLE'));
      const published = queues.publish(order(type, 'SO-1'));
      let started = 0;
      await queues.declare(both, () => (started += 1));
      await published;
      queues.ready();
      assert.deepEqual([tries, started], [3, 1]);
      for (const { queue } of both)
        await until(`a copy in ${queue}`, async () => (await broker.depth(queue)).ready === 1);
    });

    it('are refused, and nothing starts, when the flows stop before', async () => {
      const queues = queuesFirst(
        {
          publish: broker.publish,
          declare: () => Promise.reject(new CodedError('BROKER_UNAVAILABLE', 'Not now')),
        },
        log,
        5,
      );
      queues.hold();
      const published = queues.publish(order(type, 'SO-2'));
      const declared = queues.declare(both, () => assert.fail('started'));
      await sleep(30);
      queues.release();
      await assert.rejects(published, coded('BROKER_UNAVAILABLE'));
      await declared;
      queues.ready();
    });
  });
}

starting('embedded', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-queues-'));
  const store = openStore(join(dir, 'crossdock.db'));
  const broker = embeddedBroker(store);
  const close = async () => {
    await broker.close();
    store.close();
    rmSync(dir, { recursive: true });
  };
  return { broker, close };
});

describeReal(['rabbitmq'], 'events while flows start', ({ rabbitmq }) => {
  starting('RabbitMQ', async () => {
    const broker = await rabbitBroker({ url: rabbitmq.url, prefix: `${randomUUID().slice(0, 8)}.` });
    return { broker, close: () => broker.close() };
  });
});
