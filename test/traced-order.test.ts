/** An order over four flows is one trace of OpenTelemetry, whatever broker it goes over. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import helper from 'node-red-node-test-helper';
import pg from 'pg';
import { partnerOrder, signed, type Sample } from '../cli/samples.ts';
import { replayOne } from '../runtime/dead/replay.ts';
import { envelope } from '../runtime/envelope/envelope.ts';
import { post, secrets } from './e2e/hub-process.ts';
import { nodesOf, openHubInHelper, type HubInHelper } from './hub-in-helper.ts';
import { otlpReceiver, tracingTo, until, type Receiver, type TakenSpan } from './otlp.ts';
import { removeNames } from './rabbit-names.ts';
import { describeReal } from './real.ts';

const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

const palette = await nodesOf([
  'broker',
  'webhook-in',
  'webhook-verify',
  'event-publish',
  'event-consume',
  'http-connection',
  'http-call',
]);
const flows = ['take', 'check', 'stage', 'send'];
const types = ['traced.one.v1', 'traced.two.v1', 'traced.three.v1'];

/** Each step on a tab of its own: a webhook, three queues, and a call at the end. */
function nodesFor(api: string): object[] {
  const tabs = flows.map((label) => ({ id: label, type: 'tab', label, env: [] }));
  const at = { x: 1, y: 1, broker: 'the-broker' };
  const publish = (z: string, event: string) => ({
    ...at,
    z,
    id: `${z}-publish`,
    name: `${z} publishes`,
    type: 'event-publish',
    event,
    wires: [[]],
  });
  const consume = (z: string, type: string, to: string) => ({
    ...at,
    z,
    id: `${z}-consume`,
    type: 'event-consume',
    types: [type],
    wires: [[to]],
  });
  return [
    ...tabs,
    { id: 'the-broker', type: 'broker', concurrency: 4 },
    { id: 'the-api', type: 'http-connection', url: api, authentication: 'none' },
    { ...at, z: 'take', id: 'hook', type: 'webhook-in', path: '/partners/orders', wires: [['verify']] },
    {
      ...at,
      z: 'take',
      id: 'verify',
      name: 'verify',
      type: 'webhook-verify',
      secrets: secrets.partner,
      wires: [['take-publish'], []],
    },
    publish('take', types[0]!),
    consume('check', types[0]!, 'check-publish'),
    publish('check', types[1]!),
    consume('stage', types[1]!, 'stage-publish'),
    publish('stage', types[2]!),
    consume('send', types[2]!, 'call'),
    {
      ...at,
      z: 'send',
      id: 'call',
      name: 'call',
      type: 'http-call',
      connection: 'the-api',
      path: "'/orders/' & payload.number",
      wires: [[]],
    },
  ];
}

function definitionsWith(dir: string): string {
  const to = join(dir, 'definitions');
  cpSync('definitions', to, { recursive: true });
  writeFileSync(join(to, 'schemas/traced.v1.json'), '{"type":"object"}');
  for (const type of types)
    writeFileSync(
      join(to, `events/${type}.yaml`),
      `type: ${type}\nversion: 1.0.0\nowner: take\nsummary: A step.\nschema: ../schemas/traced.v1.json\ncompatibility: backward\n`,
    );
  return to;
}

function orderOf(number: string): Sample {
  const items = [{ sku: 'A', name: 'A', price: '1.00', quantity: 1 }];
  const order = partnerOrder('acme', number, items, new Date('2026-11-02T10:00:00Z'));
  return signed({ kind: 'valid', partner: 'partner', number }, order, secrets);
}

/** `parent > name` of each span, in order. */
function tree(spans: readonly TakenSpan[]): string[] {
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  return spans.map(({ parentSpanId, name }) => `${names.get(parentSpanId!) ?? ''} > ${name}`).toSorted();
}

/** What each order over the four flows is, on any broker. */
function tracedOrders(env: NodeJS.ProcessEnv): void {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-tracing-'));
  let receiver: Receiver;
  let opened: HubInHelper;
  let api: Server;
  let status: number;

  before(async () => {
    receiver = await otlpReceiver();
    api = createServer((_request, response) => response.writeHead(status).end('{}')).listen(0, '127.0.0.1');
    await once(api, 'listening');
    const tracing = await tracingTo(receiver.url);
    opened = await openHubInHelper({ dataDir: dir, definitionsDir: definitionsWith(dir), env, tracing });
    const address = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
    await helper.load(palette as never, nodesFor(address) as never);
    await opened.hub.resume();
  });
  after(async () => {
    await opened.hub.pause();
    await helper.unload();
    await opened.close();
    api.close();
    await receiver.close();
    rmSync(dir, { recursive: true });
  });
  beforeEach(() => {
    status = 200;
    receiver.spans.length = 0;
  });

  const named = (name: string) => receiver.spans.filter((span) => span.name === name);

  async function send(number: string): Promise<string> {
    const { status: said, body } = await post(opened.url, orderOf(number));
    assert.equal(said, 202);
    await until('the last flow has ended', () => named('consume send').length > 0);
    // Their parents ended before it, but for the journal's answer to each.
    await until('all have come', () => flows.slice(1).every((flow) => named(`consume ${flow}`).length > 0));
    return body.id;
  }

  it('is one trace: webhook, publish, consume, node, call and journal', async () => {
    const id = await send('SO-90210');
    const { spans } = receiver;
    await until('the webhook has come', () => named('POST /hooks/partners/orders').length > 0);
    assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
    const between = (flow: string, from: string, to: string) => [
      `publish ${from} > consume ${flow}`,
      `consume ${flow} > ${flow} publishes`,
      `consume ${flow} > journal`,
      `${flow} publishes > publish ${to}`,
    ];
    const hook = 'POST /hooks/partners/orders';
    assert.deepEqual(
      tree(spans),
      [
        ` > ${hook}`,
        `${hook} > journal`,
        `${hook} > take publishes`,
        `${hook} > verify`,
        `take publishes > publish ${types[0]}`,
        ...between('check', types[0]!, types[1]!),
        ...between('stage', types[1]!, types[2]!),
        `publish ${types[2]} > consume send`,
        'call > POST 127.0.0.1',
        'consume send > call',
        'consume send > journal',
      ].toSorted(),
    );
    const steps = await opened.hub.journal.trace({ correlationId: id });
    assert.ok(steps.length >= 5);
    assert.deepEqual([...new Set(steps.map(({ traceId }) => traceId))], [spans[0]!.traceId]);
    const { attributes } = named(hook)[0]!;
    assert.deepEqual(
      [attributes['http.response.status_code'], attributes['crossdock.outcome']],
      [202, 'done'],
    );
  });

  it('says nothing of what a message holds', () => {
    const text = receiver.text();
    assert.ok(text.length > 1000);
    const { customer } = JSON.parse(String(orderOf('SO-90210').body)) as { customer: object };
    for (const held of ['SO-90210', ...texts(customer)]) assert.ok(!text.includes(held), held);
  });

  it('goes on in a trace of its own where it is sent again, with a link to the first', async () => {
    status = 422;
    await send('SO-90211');
    const first = named('consume send')[0]!;
    assert.deepEqual(
      [first.status.code, first.attributes['error.type'], first.attributes['crossdock.outcome']],
      [2, 'PARTNER_REFUSED', 'exception'],
    );
    const [letter] = await opened.hub.journal.letters({ state: 'open' });
    receiver.spans.length = 0;
    status = 200;
    await replayOne(opened.hub, letter!, { by: 'ann' });
    await until('it was done', () => named('consume send').length > 0);
    const [again] = named('consume send');
    assert.ok(!again!.parentSpanId);
    assert.notEqual(again!.traceId, first.traceId);
    assert.deepEqual(
      again!.links.map(({ traceId, spanId }) => [traceId, spanId]),
      [[first.traceId, first.parentSpanId]],
    );
  });

  it('goes on in a trace of its own where it waited five minutes', async () => {
    const time = new Date(Date.now() - 301_000).toISOString();
    const known = { source: 'acme', subject: 'SO-90212', flow: 'stage', flowversion: '1', traceparent, time };
    await opened.hub.broker.publishTo('send', envelope({ ...known, type: types[2]!, data: { number: '1' } }));
    await until('it was done', () => named('consume send').length > 0);
    const [late] = named('consume send');
    assert.ok(!late!.parentSpanId);
    assert.deepEqual(
      late!.links.map(({ traceId }) => traceId),
      ['a'.repeat(32)],
    );
  });
}

/** Every text in it that could be told from a word of code. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return value.length > 4 ? [value] : [];
  return Object.values(Object(value) as object).flatMap(texts);
}

describe('an order over four flows, embedded', () => tracedOrders({}));

describeReal(['rabbitmq', 'redis', 'postgres'], 'an order over four flows, on RabbitMQ', (services) => {
  const name = `trace${process.pid}`;
  after(async () => {
    await removeNames(services.rabbitmq.url, `${name}_`, flows);
    const client = new pg.Client({ connectionString: services.postgres.url });
    await client.connect();
    await client.query(`DROP SCHEMA IF EXISTS ${name}_crossdock CASCADE`);
    await client.end();
  });
  tracedOrders({
    CROSSDOCK_PROFILE: 'cluster',
    CROSSDOCK_PREFIX: name,
    AMQP_URL: services.rabbitmq.url,
    REDIS_URL: services.redis.url,
    DATABASE_URL: services.postgres.url,
  });
});
