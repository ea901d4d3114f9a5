/** What others write into RabbitMQ: the seal of envelopes, and the permissions that the docs give a hub, on the real broker. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, type Channel, type ChannelModel, type ConsumeMessage } from 'amqplib';
import { fromAmqp, toAmqp } from '../runtime/broker/amqp-message.ts';
import { eventRoute, partitionOf, partitionQueue } from '../runtime/broker/amqp-queues.ts';
import type { Delivered } from '../runtime/broker/broker.ts';
import { rabbitBroker } from '../runtime/broker/rabbitmq.ts';
import { sealOf, type Seal } from '../runtime/broker/seal.ts';
import { order, settle, until } from './conformance/kit.ts';
import { describeReal } from './real.ts';

const [key, other] = ['a'.repeat(32), 'b'.repeat(32)] as const;
const seal = sealOf({ CROSSDOCK_ENVELOPE_KEYS: key })!;

/** As the broker hands it out, with what `change` does to it on its way. */
function read(
  by: Seal | undefined,
  from: Seal | undefined,
  change: (raw: ConsumeMessage) => void = () => {},
) {
  const { content, options } = toAmqp(order('a.v1', 'A'), undefined, from);
  const properties = { ...options, headers: { ...(options.headers as object) } };
  const raw = { content: Buffer.from(content), fields: {}, properties } as unknown as ConsumeMessage;
  change(raw);
  return fromAmqp(raw, by).refused?.code;
}

describe('the seal of envelopes', () => {
  it('is off unless there is a key: nothing is written and nothing refused', () => {
    assert.equal(sealOf({}), undefined);
    assert.equal(sealOf({ CROSSDOCK_ENVELOPE_KEYS: ' ' }), undefined);
    assert.ok(!('crossdock-seal' in (toAmqp(order('a.v1', 'A')).options.headers as object)));
    assert.equal(read(undefined, undefined), undefined);
    assert.equal(read(undefined, seal), undefined);
  });

  it('holds for what a hub wrote, by each of the keys', () => {
    assert.equal(read(seal, seal), undefined);
    for (const keys of [`${key} ${other}`, `${other}\n${key}`, `${other},${key}`, `${key}, ${other}`])
      assert.equal(read(sealOf({ CROSSDOCK_ENVELOPE_KEYS: keys }), seal), undefined);
  });

  it('breaks with any change of envelope or data, without it, and with that of another key', () => {
    const headers = (raw: ConsumeMessage) => raw.properties.headers as Record<string, unknown>;
    const changes: ((raw: ConsumeMessage) => void)[] = [
      (raw) => (raw.content = Buffer.from(String(raw.content).replace(/[a-z]/, 'X'))),
      (raw) => (raw.content = Buffer.concat([raw.content, Buffer.from(' ')])),
      (raw) => delete headers(raw)['crossdock-seal'],
      (raw) => (headers(raw)['crossdock-seal'] = ''),
      (raw) => (headers(raw)['crossdock-seal'] = { length: 43 }),
      (raw) => (headers(raw)['cloudEvents_more'] = 'x'),
      ...Object.keys(toAmqp(order('a.v1', 'A')).options.headers as object)
        .filter((name) => name !== 'cloudEvents_specversion')
        .map((name) => (raw: ConsumeMessage) => void (headers(raw)[name] = 'other')),
    ];
    assert.ok(changes.length > 12);
    for (const change of changes) assert.equal(read(seal, seal, change), 'EVENT_UNSEALED', String(change));
    assert.equal(read(sealOf({ CROSSDOCK_ENVELOPE_KEYS: other }), seal), 'EVENT_UNSEALED');
    assert.equal(read(seal, undefined), 'EVENT_UNSEALED');
  });

  it('has keys that cannot be guessed', () => {
    for (const keys of ['short', `${key} short`, `${key},short`])
      assert.throws(() => sealOf({ CROSSDOCK_ENVELOPE_KEYS: keys }), { code: 'CONFIG_INVALID' });
  });
});

describeReal(
  ['rabbitmq'],
  'a hub in a vhost of its own, with the permissions of the docs',
  function ({ rabbitmq }) {
    this.timeout(90_000);
    const name = `crossdock_test_${randomBytes(4).toString('hex')}`;
    const password = randomBytes(12).toString('hex');
    const ctl = (...args: string[]): string =>
      execFileSync('test/stack', ['rabbitmqctl', '-q', ...args], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    const as = (user: string, secret: string): string => {
      const url = new URL(rabbitmq.url);
      Object.assign(url, { username: user, password: secret, pathname: `/${name}` });
      return url.href;
    };
    /** As the page writes them. */
    const permissions = [
      ...readFileSync('docs/operators/rabbitmq.md', 'utf8').matchAll(/^ {2}'(\^.+\$)'/gm),
    ].map(([, pattern]) => pattern!);
    before(() => {
      ctl('add_vhost', name);
      ctl('add_user', name, password);
      const admin = new URL(rabbitmq.url).username;
      ctl('set_permissions', '--vhost', name, admin, '.*', '.*', '.*');
      ctl('set_permissions', '--vhost', name, name, ...permissions);
    });
    after(() => {
      ctl('delete_vhost', name);
      ctl('delete_user', name);
    });

    it('does all that a hub does: queues, events, retries long and short, what cannot be read', async () => {
      assert.equal(permissions.length, 3);
      const broker = await rabbitBroker({ url: as(name, password), seal });
      const admin = new URL(rabbitmq.url);
      const outside = await connect(as(admin.username, admin.password));
      try {
        const came: Delivered[] = [];
        const handle = async (delivered: Delivered) => {
          came.push(delivered);
          return delivered.message.subject === 'later' && delivered.attempt === 1
            ? ({ do: 'again', afterMs: 31_000 } as const)
            : settle;
        };
        await broker.declare('one-flow', ['a.v1']);
        const consumer = await broker.consume({ queue: 'one-flow', types: ['a.v1'], concurrency: 2, handle });
        await broker.publish(order('a.v1', 'now'));
        await broker.publishTo('one-flow', order('a.v1', 'to'));
        await until('both came', () => came.length === 2);
        assert.deepEqual(
          came.map(({ refused }) => refused),
          [undefined, undefined],
        );
        assert.equal((await broker.depth('one-flow')).ready, 0);

        // A wait beyond what is held here goes into a delay queue, which is made then.
        await broker.publish({ ...order('a.v1', 'later'), subject: 'later' });
        const channel = await outside.createChannel();
        await waiting(outside, 'crossdock.retry.30000', 1);

        const forged = toAmqp(order('a.v1', 'forged'));
        const at = partitionOf('forged');
        channel.publish('crossdock.events', eventRoute('a.v1', at), forged.content, forged.options);
        await until('it is refused', () => came.some(({ refused }) => refused?.code === 'EVENT_UNSEALED'));
        channel.sendToQueue(partitionQueue('one-flow', 0), Buffer.from('no event'), { messageId: 'x' });
        await waiting(outside, 'unreadable', 1);
        await consumer.stop();
      } finally {
        await broker.close();
        await outside.close();
      }
    });

    it('can make and read nothing else there, and nothing at all elsewhere', async () => {
      const admin = new URL(rabbitmq.url);
      const outside = await connect(as(admin.username, admin.password));
      const theirs = await outside.createChannel();
      await theirs.assertQueue('others', { durable: true });
      await theirs.assertExchange('others', 'fanout');
      const inside = await connect(as(name, password));
      inside.on('error', () => {});
      const tries: [string, (channel: Channel) => Promise<unknown>][] = [
        ['a queue of another name', (channel) => channel.assertQueue('evil')],
        ['an exchange of another name', (channel) => channel.assertExchange('evil', 'topic')],
        ['the queue of others', (channel) => channel.get('others')],
        ['the queue of others, all of it', (channel) => channel.purgeQueue('others')],
        ['the queue of others, away', (channel) => channel.deleteQueue('others')],
        [
          'a binding to the queue of others',
          (channel) => channel.bindQueue('others', 'crossdock.events', 'x'),
        ],
        ['a binding to every message', (channel) => channel.bindQueue('one-flow.p0', 'amq.topic', '#')],
        ['what was set aside', (channel) => channel.get('unreadable')],
      ];
      try {
        for (const [what, work] of tries) {
          const channel = await inside.createChannel();
          channel.on('error', () => {});
          await assert.rejects(work(channel), { code: 403 }, what);
        }
        await assert.rejects(connect(as(name, password).replace(/\/[^/]+$/, '/%2f')));
      } finally {
        await inside.close().catch(() => {});
        await outside.close();
      }
    });
  },
);

async function waiting(connection: ChannelModel, queue: string, count: number): Promise<void> {
  for (;;) {
    const probe = await connection.createChannel();
    probe.on('error', () => {});
    const found = await probe.checkQueue(queue).then(
      ({ messageCount }) => messageCount,
      () => 0,
    );
    await probe.close().catch(() => {});
    if (found >= count) return;
    await new Promise((turn) => setTimeout(turn, 50));
  }
}
