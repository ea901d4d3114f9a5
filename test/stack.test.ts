/** The stack is what the other tests take it for: current versions, and an Odoo with sales, stock, accounting and demo data. */
import assert from 'node:assert/strict';
import amqplib from 'amqplib';
import { Redis } from 'ioredis';
import pg from 'pg';
import { openOdoo } from '../runtime/odoo/client.ts';
import { describeReal } from './real.ts';

describeReal(['odoo'], 'stack: Odoo', ({ odoo: site }) => {
  const odoo = openOdoo({ ...site, timeoutMs: 60_000 });
  const count = (model: string, domain: unknown[]) => odoo.call<number>(model, 'search_count', { domain });

  it('is the version that was asked for', async () => {
    assert.equal(await odoo.version(), Number(process.env['CROSSDOCK_ODOO'] ?? 19));
    assert.match(site.version, new RegExp(`^${await odoo.version()}\\.`));
  });

  it('takes the API key and has every module', async () => {
    const modules = ['sale_management', 'stock', 'account', 'sale_stock', 'purchase', 'purchase_stock'];
    const installed = [
      ['name', 'in', modules],
      ['state', '=', 'installed'],
    ];
    assert.equal(await count('ir.module.module', installed), modules.length);
  });

  it('has demo data', async () => {
    assert.equal(await count('product.product', [['default_code', '=', 'FURN_7777']]), 1);
  });

  it('refuses another key', () =>
    assert.rejects(openOdoo({ ...site, apiKey: 'no', timeoutMs: 60_000 }).ready(), { code: 'ODOO_AUTH' }));
});

describeReal(['postgres'], 'stack: PostgreSQL', ({ postgres }) => {
  it('is PostgreSQL 17, with a database of our own', async () => {
    const client = new pg.Client(postgres.url);
    await client.connect();
    try {
      const { rows } = await client.query(
        "SELECT current_setting('server_version_num') AS version, pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = current_database()",
      );
      assert.match(rows[0].version, /^17/);
      assert.equal(rows[0].owner, 'crossdock');
    } finally {
      await client.end();
    }
  });
});

describeReal(['rabbitmq'], 'stack: RabbitMQ', ({ rabbitmq }) => {
  it('is RabbitMQ 4 and has quorum queues', async () => {
    const connection = await amqplib.connect(rabbitmq.url);
    try {
      const { serverProperties } = connection.connection;
      assert.match(String(serverProperties.version), /^4\./);
      const channel = await connection.createConfirmChannel();
      const queue = `stack-test-${process.pid}`;
      await channel.assertQueue(queue, { arguments: { 'x-queue-type': 'quorum' } });
      channel.sendToQueue(queue, Buffer.from('here'));
      await channel.waitForConfirms();
      const message = await channel.get(queue, { noAck: true });
      assert.equal(message && message.content.toString(), 'here');
      await channel.deleteQueue(queue);
    } finally {
      await connection.close();
    }
  });
});

describeReal(['redis'], 'stack: Redis', ({ redis }) => {
  it('is Redis 8, with the append-only file on', async () => {
    const client = new Redis(redis.url);
    try {
      assert.match(await client.info('server'), /redis_version:8\./);
      assert.deepEqual(await client.config('GET', 'appendonly'), ['appendonly', 'yes']);
    } finally {
      await client.quit();
    }
  });
});
