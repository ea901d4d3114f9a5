/** The stack is what the other tests take it for: current versions, and an Odoo with sales, stock, accounting and demo data. */
import assert from 'node:assert/strict';
import amqplib from 'amqplib';
import { Redis } from 'ioredis';
import pg from 'pg';
import { describeReal } from './real.ts';

describeReal(['odoo'], 'stack: Odoo', ({ odoo }) => {
  const call = (method: string, body: object) =>
    fetch(`${odoo.url}/json/2/${method}`, {
      method: 'POST',
      headers: {
        authorization: `bearer ${odoo.apiKey}`,
        'x-odoo-database': odoo.database,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });

  it('is Odoo 19', async () => {
    const answer = (await (await fetch(`${odoo.url}/web/version`)).json()) as { version: string };
    assert.match(answer.version, /^19\./);
    assert.equal(odoo.version, answer.version);
  });

  it('takes the API key and has every module', async () => {
    const modules = ['sale_management', 'stock', 'account', 'sale_stock', 'purchase', 'purchase_stock'];
    const domain = [
      ['name', 'in', modules],
      ['state', '=', 'installed'],
    ];
    const answer = await call('ir.module.module/search_count', { domain });
    assert.equal(answer.status, 200);
    assert.equal(await answer.json(), modules.length);
  });

  it('has demo data', async () => {
    const answer = await call('product.product/search_count', {
      domain: [['default_code', '=', 'FURN_7777']],
    });
    assert.equal(await answer.json(), 1);
  });

  it('refuses another key', async () => {
    const answer = await fetch(`${odoo.url}/json/2/res.users/context_get`, {
      method: 'POST',
      headers: { authorization: 'bearer no', 'content-type': 'application/json' },
      body: '{}',
    });
    assert.equal(answer.status, 401);
  });
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
