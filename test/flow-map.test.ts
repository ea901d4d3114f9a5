/** The map of the flows: who publishes, who takes, in which queue; and what a setting can name. */
import assert from 'node:assert/strict';
import { readFiles } from '../runtime/flow-file/disk.ts';
import { readFlowFiles } from '../runtime/flow-file/read.ts';
import { loadCatalogue } from '../runtime/events/catalogue.ts';
import { loadProcesses } from '../runtime/process/definition.ts';
import { placed } from '../runtime/tower/web/workspace/map/place.ts';
import { choicesFor, type Sources } from '../runtime/workspace/choices.ts';
import { flowMap, type FlowMap } from '../runtime/workspace/flow-map.ts';
import type { FlowNode } from '../runtime/flow-file/format.ts';
import type { Odoo } from '../runtime/odoo/client.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { outputsOf } from './lint/project.ts';

let nodes: FlowNode[];
let map: FlowMap;
const processes = loadProcesses('definitions');

before(async () => {
  nodes = readFlowFiles(await readFiles('flows'), outputsOf).flatMap((file) => file.nodes);
  const partners = new Set(['shopify', 'stripe']);
  map = flowMap(nodes, {
    partners,
    processes,
    writes: (type) => (type === 'odoo-order' ? 'sale.order' : undefined),
  });
});

describe('map of the flows', () => {
  const passage = (event: string) => map.passages.find((one) => one.event === event);

  it('says who publishes an event and in which queue it waits for whom', () => {
    const { from, to } = passage('order.received.v1')!;
    assert.deepEqual(from, ['order-capture']);
    assert.deepEqual(to.map(({ flow, queue }) => `${flow} ${queue}`).toSorted(), [
      'order-to-cash order-to-cash',
      'order-to-odoo order-to-odoo',
    ]);
  });

  it('counts what a process asks for as published by its flow', () => {
    assert.deepEqual(passage('invoice.requested.v1')?.from, ['order-to-cash']);
  });

  it('says of each flow its team, its partners, and what comes from and goes outside', () => {
    const flow = (name: string) => map.flows.find((one) => one.flow === name)!;
    assert.deepEqual(flow('stripe-intake').partners, ['stripe']);
    assert.equal(flow('shopify-intake').team, 'web-shops');
    assert.ok(flow('shopify-intake').sources.includes('webhook /shopify/orders'));
    assert.deepEqual(flow('order-to-odoo').targets, ['odoo sale.order']);
  });

  it('leaves out what is switched off', () => {
    const off = nodes.map((node) => (node.type === 'event-publish' ? { ...node, d: true } : node));
    const without = flowMap(off, { partners: new Set(), processes: new Map(), writes: () => undefined });
    assert.ok(without.passages.every(({ from }) => from.length === 0));
  });

  it('is drawn with every flow at a place of its own, a circle too', () => {
    const { boxes, ways } = placed(map);
    assert.equal(new Set(boxes.map(({ x, y }) => `${x} ${y}`)).size, map.flows.length);
    assert.ok(ways.some(({ from, to }) => from === 'order-capture' && to === 'order-to-odoo'));
    const at = (name: string): number => boxes.find(({ flow }) => flow === name)!.x;
    assert.ok(at('shopify-intake') < at('order-capture') && at('order-capture') < at('order-to-odoo'));
  });
});

describe('what a setting can name', () => {
  const sources = (odoo?: Partial<Odoo>): Sources => ({
    definitionsDir: 'definitions',
    catalogue: loadCatalogue('definitions/events'),
    processes,
    policies: new Map([['standard', {}]]),
    partners: { names: new Set(['acme']) },
    authority: { sources: new Set(['pos']) },
    environment: {
      environment: 'dev',
      summary: 'x',
      values: { GIVEN: 'a-secret-value' },
      secrets: ['LACKING'],
    },
    env: { OTHER_API_KEY: 'another-secret', HOME: '/root' },
    nodes,
    odoo: odoo as Odoo | undefined,
  });

  it('offers what is there, with what it is for and where one is made', async () => {
    const { choices, closed, make } = await choicesFor('event', sources());
    assert.match(choices.find(({ value }) => value === 'order.received.v1')?.title ?? '', /order/);
    assert.deepEqual([closed, make], [true, '/workspace/events']);
    assert.ok(
      (await choicesFor('mapping', sources())).choices.some(({ value }) => value === 'shopify.order'),
    );
    assert.ok((await choicesFor('queue', sources())).choices.some(({ value }) => value === 'order-to-odoo'));
    assert.deepEqual(
      (await choicesFor('source', sources())).choices.map(({ value }) => value),
      ['acme', 'pos'],
    );
  });

  it('tells which variables lack a value, and never one', async () => {
    const answer = await choicesFor('variable', sources());
    const of = (name: string) => answer.choices.find(({ value }) => value === `\${${name}}`);
    assert.equal(of('LACKING')?.missing, true);
    assert.equal(of('GIVEN')?.missing, undefined);
    assert.equal(of('OTHER_API_KEY')?.missing, undefined);
    assert.equal(of('SHOPIFY_WEBHOOK_SECRETS')?.missing, true);
    assert.equal(of('HOME'), undefined);
    assert.doesNotMatch(JSON.stringify(answer), /secret-value|another-secret/);
  });

  it('asks Odoo for models, and offers what it said before while it is away', async () => {
    let away = false;
    const call = (): Promise<unknown> =>
      away
        ? Promise.reject(new CodedError('ODOO_UNREACHABLE', 'away'))
        : Promise.resolve([{ model: 'x.own', name: 'Own' }]);
    const odoo = { url: 'http://one', database: 'db', call } as Partial<Odoo>;
    const own = [{ value: 'x.own', title: 'Own' }];
    assert.deepEqual(await choicesFor('model', sources(odoo)), { closed: false, kept: false, choices: own });
    away = true;
    assert.deepEqual(await choicesFor('model', sources(odoo)), { closed: false, kept: true, choices: own });
    const { kept, choices } = await choicesFor('model', sources({ ...odoo, database: 'never seen' }));
    assert.ok(kept && choices.some(({ value }) => value === 'sale.order'));
  });
});
