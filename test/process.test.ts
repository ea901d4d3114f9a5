/** Processes: what events, time limits, failures and people do to an instance, in any order, once each, on both journals. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { envelope, type Envelope } from '../runtime/envelope/envelope.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import { postgresJournal } from '../runtime/journal/postgres.ts';
import { definitionOf, loadProcesses, type ProcessFile, type Step } from '../runtime/process/definition.ts';
import { processEngine, type Engine } from '../runtime/process/engine/engine.ts';
import { failed } from '../runtime/process/instance.ts';
import type { Instance } from '../runtime/process/state.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { describeReal } from './real.ts';

const document = (id: string, more: object = {}) => ({
  order: { source: 'shop', id: '1', number: '1001' },
  message: { source: 'wms', id },
  document: { model: 'm', id: 1, name: id, state: 'done', ...more },
});
const minute = (at: number): string => new Date(Date.now() + at * 60_000).toISOString();
const order = { source: 'shop', id: '1', number: '1001', totals: { gross: '46.00' } };

interface Setup {
  engine: Engine;
  journal: Journal;
  published: Envelope[];
  /** Types of what was asked for, each id once. */
  asked(): string[];
  /** Ids of what was given to the broker, or refused before it. */
  tried: string[];
  process: string;
  other: Envelope;
  publishing: { fails: boolean; refuses?: 'SCHEMA_INVALID' };
  letters: { message: Envelope; code: string; id: string; lastFailed: string }[];
  event(type: string, id: string, data: unknown): Promise<Instance | undefined>;
}

function setup(journal: Journal, name: string, file?: Partial<ProcessFile>): Setup {
  const read = loadProcesses('definitions').get('order-to-cash')!;
  const { events: _events, evaluate: _evaluate, ...whole } = read;
  const definition = definitionOf({ ...whole, ...file, process: name }, 'definitions');
  const published: Envelope[] = [];
  const tried: string[] = [];
  const publishing: Setup['publishing'] = { fails: false };
  const letters: Setup['letters'] = [];
  const engine = processEngine({
    definition,
    definitionsDir: 'definitions',
    journal: { ...journal, letters: async () => letters as never },
    broker: {
      async publish(message) {
        if (publishing.fails) throw new CodedError('BROKER_UNAVAILABLE', 'the broker is away');
        tried.push(message.id);
        if (!published.some(({ id }) => id === message.id)) published.push(message);
      },
    },
    catalogue: {
      validate(type) {
        if (!publishing.refuses) return;
        tried.push(type);
        throw new CodedError(publishing.refuses, 'It is not so');
      },
    },
  });
  return {
    engine,
    journal,
    published,
    asked: () => published.map(({ type }) => type),
    tried,
    process: name,
    other: envelope({
      id: 'o1',
      type: 'stock.level.v1',
      source: 'x',
      subject: '1',
      flow: 'f',
      flowversion: '1',
      data: {},
    }),
    publishing,
    letters,
    event: (type, id, data) =>
      engine.take(envelope({ id, type, source: 's', subject: '1', flow: 'f', flowversion: '1', data })),
  };
}

/** The steps of the process, with more in that of the invoice. */
function withInvoice(more: Partial<Step>): ProcessFile['steps'] {
  const { steps } = loadProcesses('definitions').get('order-to-cash')!;
  return { ...steps, invoice: { ...steps['invoice']!, ...more } };
}

const story: [string, string, unknown][] = [
  ['order.received.v1', 'e1', order],
  ['order.confirmed.v1', 'e2', document('S1')],
  ['shipment.booked.v1', 'e3', document('ship1', { open: 1 })],
  ['shipment.booked.v1', 'e4', document('ship2', { open: 0 })],
  ['invoice.posted.v1', 'e5', document('INV1', { total: '11.50' })],
  ['invoice.posted.v1', 'e6', document('INV2', { total: '34.50' })],
  ['payment.booked.v1', 'e7', document('PAY1', { total: '11.50' })],
  ['payment.booked.v1', 'e8', document('PAY2', { total: '34.50' })],
];

function processes(open: () => Promise<Journal>): void {
  let journal: Journal;
  let count = 0;
  before(async () => {
    journal = await open();
  });
  after(() => journal.close());
  // Runs on the same database never meet.
  const fresh = (file?: Partial<ProcessFile>) => setup(journal, `test-${Date.now()}-${(count += 1)}`, file);
  const rowOf = async (of: Setup): Promise<Instance> => {
    const found = await of.engine.act('pause', 'shop/1', 'test').catch(() => undefined);
    assert.ok(found);
    return found;
  };

  it('an order goes its way: asks for an invoice for each shipment, and is done when all is paid', async () => {
    const one = fresh();
    for (const [type, id, data] of story.slice(0, -1)) await one.event(type, id, data);
    const last = await one.event(...story.at(-1)!);
    assert.equal(last?.state, 'done');
    assert.deepEqual(one.asked(), ['invoice.requested.v1', 'invoice.requested.v1']);
  });

  it('an event is one read and one write; where it asks for something that is noted by one write more', async () => {
    const made: string[] = [];
    const processes = Object.fromEntries(
      Object.entries(journal.processes).map(([name, call]: [string, (...args: never[]) => unknown]) => [
        name,
        (...args: never[]) => (made.push(name), call(...args)),
      ]),
    ) as unknown as Journal['processes'];
    const one = setup({ ...journal, processes }, `test-${Date.now()}-${(count += 1)}`);
    for (const event of story.slice(0, 3)) await one.event(...event);
    assert.deepEqual(one.asked(), ['invoice.requested.v1']);
    assert.deepEqual(made, ['get', 'add', 'get', 'replace', 'get', 'replace', 'replace']);
  });

  it('ends the same whatever order its events come in, and however often', async function () {
    this.timeout(180_000);
    const events = fc.shuffledSubarray([...story, ...story], { minLength: story.length * 2 });
    await fc.assert(
      fc.asyncProperty(events, async (shuffled) => {
        const one = fresh();
        let last: Instance | undefined;
        for (const [type, id, data] of shuffled) last = await one.event(type, id, data);
        assert.equal(last?.state, 'done', JSON.stringify(last?.steps));
        assert.equal(last.number, '1001');
        assert.equal(one.asked().length, 2);
      }),
      { numRuns: 25 },
    );
  });

  it('an order of nothing ends when it is shipped and invoiced, whatever order that comes in', async () => {
    const way: [string, string, unknown][] = [
      ['order.received.v1', 'e1', { ...order, totals: { gross: '0.00' } }],
      ['order.confirmed.v1', 'e2', document('S1', { open: 1 })],
      ['shipment.booked.v1', 'e3', document('ship1', { open: 0 })],
      ['invoice.posted.v1', 'e4', document('INV1', { total: '0.00' })],
    ];
    for (const events of [way, way.toReversed()]) {
      const one = fresh();
      const states = [];
      for (const event of events) states.push((await one.event(...event))?.state);
      assert.deepEqual(states, ['running', 'running', 'running', 'done']);
    }
  });

  it('an order with nothing to ship is invoiced when it is confirmed, and ends when that is paid', async () => {
    const one = fresh();
    await one.event('order.received.v1', 'e1', order);
    await one.event('order.confirmed.v1', 'e2', document('S1', { open: 0 }));
    assert.deepEqual(one.asked(), ['invoice.requested.v1']);
    await one.event('invoice.posted.v1', 'e3', document('INV1', { total: '46.00' }));
    const last = await one.event('payment.booked.v1', 'e4', document('PAY1', { total: '46.00' }));
    assert.equal(last?.state, 'done');
  });

  it('what was handed over with the order is asked to be booked as shipped, once', async () => {
    const one = fresh();
    const lines = [
      { sku: 'A', quantity: '2', name: 'Lamp' },
      { sku: 'B', quantity: '0' },
    ];
    const confirmed = {
      ...document('S1', { open: 1 }),
      delivered: true,
      placedAt: '2026-05-05T10:00:00Z',
      lines,
    };
    await one.event('order.received.v1', 'e1', order);
    await one.event('order.confirmed.v1', 'e2', confirmed);
    await one.event('order.confirmed.v1', 'e2', confirmed);
    assert.deepEqual(one.asked(), ['shipment.requested.v1']);
    assert.deepEqual(one.published[0]!.data, {
      source: 'order-to-cash',
      id: 'delivered/shop/1',
      order: { source: 'shop', id: '1', number: '1001' },
      shippedAt: '2026-05-05T10:00:00Z',
      lines: [{ sku: 'A', quantity: '2' }],
    });
  });

  it('an order that the shop tells of twice needs one confirmation', async () => {
    const again = fresh();
    await again.event('order.received.v1', 'e0', order);
    let last: Instance | undefined;
    for (const [type, id, data] of story) last = await again.event(type, id, data);
    assert.equal(last?.state, 'done');
  });

  it('what the shop takes off an order is not waited for', async () => {
    const way: [string, string, unknown][] = [
      ['order.confirmed.v1', 'e2', document('S1')],
      ['shipment.booked.v1', 'e3', document('s1', { open: 1 })],
      ['invoice.posted.v1', 'e4', document('i1', { total: '23.00' })],
      ['payment.booked.v1', 'e5', document('p1', { total: '23.00' })],
    ];
    for (const at of [0, 1, 2, 4]) {
      const one = fresh();
      await one.event('order.received.v1', 'e1', order);
      const smaller: (typeof way)[number] = ['order.updated.v1', 'e6', document('S1', { open: 0 })];
      const states = [];
      for (const event of way.toSpliced(at, 0, smaller)) states.push((await one.event(...event))?.state);
      assert.deepEqual(states, ['running', 'running', 'running', 'running', 'done'], `at ${at}`);
    }
  });

  it('events that come at the same moment are all counted', async () => {
    const one = fresh();
    await Promise.all(story.map(([type, id, data]) => one.event(type, id, data)));
    const again = await one.event(...story[0]!);
    assert.deepEqual([again?.state, again?.applied.length], ['done', story.length]);
    assert.equal(one.asked().length, 2);
  });

  it('what could not be published is published when the event comes again, once', async () => {
    const one = fresh();
    await one.event('order.received.v1', 'e1', order);
    one.publishing.fails = true;
    await assert.rejects(one.event('shipment.booked.v1', 'e3', document('ship1', { open: 0 })));
    one.publishing.fails = false;
    await one.event('shipment.booked.v1', 'e3', document('ship1', { open: 0 }));
    await one.event('shipment.booked.v1', 'e3', document('ship1', { open: 0 }));
    assert.deepEqual(one.asked(), ['invoice.requested.v1']);
  });

  it('what could not be published is published by the next look, once, with the same id', async () => {
    const one = fresh({ steps: withInvoice({ late: { do: 'retry', times: 1 } }) });
    await one.event('order.received.v1', 'e1', order);
    await one.event('shipment.booked.v1', 'e3', document('ship1', { open: 0 }));
    one.publishing.fails = true;
    await assert.rejects(one.engine.poll(new Date(Date.now() + 5 * 3_600_000)));
    one.publishing.fails = false;
    const soon = new Date(Date.now() + 5.1 * 3_600_000);
    await one.engine.poll(soon);
    assert.deepEqual(one.asked(), ['invoice.requested.v1', 'invoice.requested.v1']);
    await one.engine.poll(soon);
    assert.equal(one.tried.length, 2, 'what is published is not published again');
  });

  it('what a person asked for while the broker was away is published by the next look', async () => {
    const one = fresh();
    for (const [type, id, data] of story.slice(0, 2)) await one.event(type, id, data);
    one.publishing.fails = true;
    await assert.rejects(one.engine.act('compensate', '1001', 'ann'));
    one.publishing.fails = false;
    await one.engine.poll(new Date(minute(1)));
    assert.deepEqual(one.asked(), ['order.cancellation.requested.v1']);
  });

  it('a misspelt function in its file is found when it is read', () => {
    const {
      events: _events,
      evaluate: _evaluate,
      ...whole
    } = loadProcesses('definitions').get('order-to-cash')!;
    assert.throws(() => definitionOf({ ...whole, key: 'data.id & $te(data)' }, 'definitions'), {
      code: 'MAPPING_INVALID',
      message: 'process order-to-cash:1:11: there is no $te here',
    });
  });

  it('an instance whose expression fails is paused and its owner asked; the others are looked at', async () => {
    const undo = { how: 'by hand', asks: { command: 'x.asked.v1', data: '$number(data.document.name)' } };
    const whole = loadProcesses('definitions').get('order-to-cash')!.steps;
    const steps = {
      ...whole,
      order: { ...whole['order']!, undo },
      shipment: { ...whole['shipment']!, late: { do: 'compensate' as const } },
    };
    const one = fresh({ steps });
    const other = { ...order, id: '0', number: '1000' };
    for (const [of, at] of [
      [order, '1'],
      [other, '0'],
    ] as const) {
      const confirmed = { ...document('S1'), order: { source: 'shop', id: of.id, number: of.number } };
      if (at === '1') confirmed.document.name = '5';
      await one.event('order.received.v1', `e${at}`, of);
      await one.event('order.confirmed.v1', `c${at}`, confirmed);
    }
    await one.engine.poll(new Date(Date.now() + 11 * 86_400_000));
    assert.deepEqual(one.asked(), ['x.asked.v1']);
    const [broken] = await journal.processes.called('1000', one.process);
    const { state, attention } = JSON.parse(broken!.body) as Instance;
    assert.equal(state, 'paused');
    assert.match(attention[0]!.why, /MAPPING_FAILED/);
    assert.equal(attention[0]!.to, 'order-desk');
  });

  it('a command that its schema refuses is kept, and asked for when a person resumes', async () => {
    const one = fresh();
    await one.event('order.received.v1', 'e1', order);
    one.publishing.refuses = 'SCHEMA_INVALID';
    const shipped = one.event('shipment.booked.v1', 'e3', document('ship1', { open: 0 }));
    await assert.rejects(shipped, { code: 'SCHEMA_INVALID' });
    await one.engine.poll();
    assert.equal(one.tried.length, 1);
    delete one.publishing.refuses;
    assert.equal((await one.engine.act('resume', '1001', 'ann')).state, 'running');
    assert.deepEqual(one.asked(), ['invoice.requested.v1']);
  });

  it('a failure that comes into the journal late is told, and each once', async () => {
    const one = fresh();
    await one.event('order.received.v1', 'e1', order);
    const shipment = envelope({
      id: 's1',
      type: 'shipment.received.v1',
      source: 'wms',
      subject: '1',
      flow: 'f',
      flowversion: '1',
      data: document('ship1'),
    });
    one.letters.push({ message: one.other, code: 'ODOO_REFUSED', id: 'l1', lastFailed: minute(0) });
    await one.engine.poll();
    one.letters.push({ message: shipment, code: 'ODOO_REFUSED', id: 'l2', lastFailed: minute(-1) });
    await one.engine.poll();
    await one.engine.poll();
    const { steps, history } = await rowOf(one);
    assert.equal(steps['shipment']?.state, 'failed');
    assert.equal(history.filter(({ what }) => what.includes('failed')).length, 1);
  });

  it('a step that is late is escalated to who its file says', async () => {
    const one = fresh();
    await one.event('order.received.v1', 'e1', order);
    await one.engine.poll(new Date(Date.now() + 3 * 3_600_000));
    assert.equal((await one.event('order.received.v1', 'e1', order))?.attention.length, 0);
    await one.engine.poll(new Date(Date.now() + 5 * 3_600_000));
    const late = await one.event('order.received.v1', 'e1', order);
    assert.deepEqual([late?.attention[0]?.to, late?.steps['order']?.state], ['order-desk', 'late']);
    const back = await one.event('order.confirmed.v1', 'e2', document('S1'));
    assert.deepEqual([back?.attention, back?.steps['order']?.state], [[], 'done']);
  });

  it('a step that failed is asked for again as often as its file says, then somebody is asked', async () => {
    const one = fresh();
    await one.event('order.received.v1', 'e1', order);
    await one.event('shipment.booked.v1', 'e3', document('ship1', { open: 0 }));
    const asked = one.published[0]!;
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      one.letters.splice(0, 1, {
        message: asked,
        code: 'ODOO_REFUSED',
        id: 'l1',
        lastFailed: minute(attempt),
      });
      await one.engine.poll();
      await one.engine.poll();
      assert.equal(one.asked().length, Math.min(attempt, 3) + 1);
    }
    const { attention, steps } = await rowOf(one);
    assert.deepEqual([attention[0]?.to, steps['invoice']?.state], ['finance', 'failed']);
    assert.match(attention[0]!.why, /ODOO_REFUSED/);
  });

  it('a failure of what was done meanwhile changes nothing, and nobody is asked', async () => {
    const one = fresh();
    await one.event('order.received.v1', 'e1', order);
    const definition = loadProcesses('definitions').get('order-to-cash')!;
    const done = (await one.event('order.confirmed.v1', 'e2', document('S1')))!;
    assert.equal(done.steps['order']?.state, 'done');
    const told = { id: 'l1', why: 'ODOO_REFUSED', command: undefined };
    const after = await failed(definition, done, 'order', told, new Date());
    assert.deepEqual(after, { ...done, applied: [...done.applied, 'order/l1'] });
    assert.equal(await failed(definition, after, 'order', told, new Date()), after);
    assert.equal(await failed(definition, done, 'no such step', told, new Date()), done);
    const open = await failed(definition, done, 'payment', told, new Date());
    assert.deepEqual([open.steps['payment']?.state, open.attention[0]?.is], ['failed', 'STEP_FAILED']);
  });

  it('a paused instance counts events and asks for nothing; a resumed one asks for what was kept', async () => {
    const one = fresh();
    await one.event('order.received.v1', 'e1', order);
    await one.engine.act('pause', '1001', 'ann');
    await one.event('shipment.booked.v1', 'e3', document('ship1', { open: 0 }));
    assert.deepEqual(one.asked(), []);
    const resumed = await one.engine.act('resume', '1001', 'ann');
    assert.deepEqual([one.asked(), resumed.state], [['invoice.requested.v1'], 'running']);
  });

  it('what a person decides has its row first, and is not done without one', async () => {
    const one = fresh();
    for (const [type, id, data] of story.slice(0, 2)) await one.event(type, id, data);
    const from = (await one.journal.audit.last()).sequence;
    await assert.rejects(one.engine.act('step', '1001', 'ann'), { code: 'PROCESS_STATE' });
    await one.engine.act('pause', '1001', 'ann');
    one.publishing.fails = true;
    await assert.rejects(one.engine.act('compensate', '1001', 'ann'), { code: 'BROKER_UNAVAILABLE' });
    await assert.rejects(one.engine.act('pause', 'nobody', 'ann'), { code: 'PROCESS_UNKNOWN' });
    const rows = await one.journal.audit.after(from);
    const of = `process/${one.process}/shop/1`;
    assert.deepEqual(
      rows.map(({ who, act, object, outcome, reason }) => [who, act, object, outcome, reason].join(' ')),
      [
        `ann process.act ${of} step begun `,
        `ann process.act ${of} step failed PROCESS_STATE`,
        `ann process.act ${of} pause begun `,
        `ann process.act ${of} compensate begun `,
        `ann process.act ${of} compensate done BROKER_UNAVAILABLE`,
      ],
    );
  });

  it('a paused instance is stepped: it asks for one thing at a time', async () => {
    const one = fresh();
    await one.event('order.received.v1', 'e1', order);
    await assert.rejects(one.engine.act('step', '1001', 'ann'), { code: 'PROCESS_STATE' });
    await one.engine.act('pause', '1001', 'ann');
    await one.event('shipment.booked.v1', 'e3', document('ship1', { open: 1 }));
    await one.event('shipment.booked.v1', 'e4', document('ship2', { open: 0 }));
    const stepped = await one.engine.act('step', '1001', 'ann');
    assert.deepEqual([one.asked().length, stepped.state, stepped.kept.length], [1, 'paused', 1]);
    assert.match(stepped.history.at(-1)!.what, /^invoice stepped by ann$/);
    await one.engine.act('step', '1001', 'ann');
    await one.engine.act('step', '1001', 'ann');
    await one.engine.act('resume', '1001', 'ann');
    assert.deepEqual(one.asked(), ['invoice.requested.v1', 'invoice.requested.v1']);
  });

  it('a hold asks for the release when a person gives it', async () => {
    const one = fresh();
    await one.event('order.received.v1', 'e1', order);
    const held = await one.event('order.held.v1', 'h1', document('S1', { state: 'draft' }));
    assert.deepEqual([held?.state, held?.attention[0]?.to, one.asked()], ['held', 'finance', []]);
    await one.engine.act('resume', '1001', 'finance');
    assert.deepEqual(one.asked(), ['order.release.requested.v1']);
    assert.equal((await one.event('order.confirmed.v1', 'e2', document('S1')))?.state, 'running');
  });

  it('compensation takes back the last step first, each once, and the next when that is done', async () => {
    const one = fresh();
    for (const [type, id, data] of story.slice(0, 6)) await one.event(type, id, data);
    const before = one.asked().length;
    await one.engine.act('compensate', '1001', 'ann');
    assert.deepEqual(one.asked().slice(before), ['credit.requested.v1', 'credit.requested.v1']);
    await one.event('credit.posted.v1', 'c1', document('RINV1'));
    const credited = await one.event('credit.posted.v1', 'c2', document('RINV2'));
    assert.deepEqual(
      [credited?.steps['invoice']?.state, credited?.steps['shipment']?.state],
      ['undone', 'undoing'],
    );
    await one.event('return.booked.v1', 'r1', document('IN1'));
    await one.event('return.booked.v1', 'r2', document('IN2'));
    // What is taken back begins nothing: these returns have their credit notes.
    assert.deepEqual(one.asked().slice(before + 2), ['order.cancellation.requested.v1']);
    const last = await one.event('order.cancelled.v1', 'x1', document('S1'));
    assert.equal(last?.state, 'undone');
  });

  it('what was taken back before that was asked for is not asked for', async () => {
    const one = fresh();
    for (const [type, id, data] of story.slice(0, 6)) await one.event(type, id, data);
    const before = one.asked().length;
    await one.engine.act('compensate', '1001', 'ann');
    await one.event('return.booked.v1', 'r1', document('IN1'));
    await one.event('return.booked.v1', 'r2', document('IN2'));
    await one.event('order.cancelled.v1', 'x1', document('S1'));
    await one.event('credit.posted.v1', 'c1', document('RINV1'));
    const last = await one.event('credit.posted.v1', 'c2', document('RINV2'));
    assert.equal(last?.state, 'undone');
    assert.deepEqual(one.asked().slice(before), ['credit.requested.v1', 'credit.requested.v1']);
  });

  it('what fails while it is taken back is looked at by a person, and goes on when it is repaired', async () => {
    const one = fresh();
    for (const [type, id, data] of story.slice(0, 2)) await one.event(type, id, data);
    await one.engine.act('compensate', '1001', 'ann');
    const cancellation = one.published.at(-1)!;
    assert.equal(cancellation.type, 'order.cancellation.requested.v1');
    one.letters.push({ message: cancellation, code: 'ODOO_REFUSED', id: 'l1', lastFailed: minute(1) });
    await one.engine.poll();
    const escalated = await one.engine.act('pause', '1001', 'ann');
    assert.deepEqual(
      escalated.attention.map(({ to, step }) => [to, step]),
      [['order-desk', 'order']],
    );
    assert.equal((await one.engine.act('resume', '1001', 'ann')).state, 'undoing');
    assert.equal((await one.event('order.cancelled.v1', 'x1', document('S1')))?.state, 'undone');
  });

  it('a person does only what fits where the process stands', async () => {
    const one = fresh();
    await one.event('order.received.v1', 'e1', order);
    await one.event('order.cancelled.v1', 'x1', document('S1'));
    for (const action of ['pause', 'step', 'resume'] as const)
      await assert.rejects(one.engine.act(action, '1001', 'ann'), { code: 'PROCESS_STATE' }, action);
    const two = fresh();
    for (const [type, id, data] of story.slice(0, 2)) await two.event(type, id, data);
    await two.engine.act('compensate', '1001', 'ann');
    for (const action of ['step', 'resume', 'compensate'] as const)
      await assert.rejects(two.engine.act(action, '1001', 'ann'), { code: 'PROCESS_STATE' }, action);
    await two.engine.act('pause', '1001', 'ann');
    await assert.rejects(two.engine.act('compensate', '1001', 'ann'), { code: 'PROCESS_STATE' });
    assert.equal((await two.engine.act('resume', '1001', 'ann')).state, 'undoing');
  });

  it('what has ended or is taken back is not held, and a pause outlasts a hold', async () => {
    const one = fresh();
    await one.event('order.received.v1', 'e1', order);
    await one.event('order.cancelled.v1', 'x1', document('S1'));
    assert.equal((await one.event('order.held.v1', 'h1', document('S1')))?.state, 'cancelled');
    const two = fresh();
    await two.event('order.received.v1', 'e1', order);
    await two.engine.act('pause', '1001', 'ann');
    assert.equal((await two.event('order.held.v1', 'h1', document('S1')))?.state, 'paused');
    assert.equal((await two.engine.act('resume', '1001', 'ann')).state, 'held');
    assert.deepEqual(two.asked(), []);
    assert.equal((await two.engine.act('resume', '1001', 'ann')).state, 'running');
    assert.deepEqual(two.asked(), ['order.release.requested.v1']);
  });

  it('an order that is cancelled before it was shipped ends so', async () => {
    const one = fresh();
    await one.event('order.received.v1', 'e1', order);
    const ended = await one.event('order.cancelled.v1', 'x1', document('S1'));
    assert.equal(ended?.state, 'cancelled');
  });

  it('its row tells where it stands, since when and until when, how much it is worth, and who is asked', async () => {
    const one = fresh();
    const read = async () => (await journal.processes.get(one.process, 'shop/1'))!;
    const near = (found: string | null, hours: number) =>
      Math.abs(Date.parse(found!) - Date.now() - hours * 3_600_000) < 60_000;
    await one.event('order.received.v1', 'e1', { ...order, currency: 'USD' });
    const first = await read();
    assert.deepEqual(
      [first.partner, first.amount, first.currency, first.step, first.team],
      ['shop', '46.00', 'USD', 'order', 'order-desk'],
    );
    assert.ok(near(first.started, 0) && near(first.updated, 0) && near(first.planned, 4));
    await one.event('order.confirmed.v1', 'e2', document('S1'));
    const second = await read();
    assert.deepEqual([second.step, second.team, second.started], ['shipment', 'warehouse', first.started]);
    assert.ok(near(second.planned, 240));
    await one.engine.poll(new Date(Date.now() + 20 * 24 * 3_600_000));
    const late = await read();
    assert.deepEqual(
      [late.step, late.planned, late.due, late.attention],
      ['shipment', second.planned, null, 1],
      'how late it is stays known',
    );
    for (const event of story.slice(2, 5)) await one.event(...event);
    assert.deepEqual([(await read()).step, (await read()).team], ['invoice', 'finance']);
    for (const event of story.slice(5)) await one.event(...event);
    const { state, step, planned, team, amount } = await read();
    assert.deepEqual([state, step, planned, team, amount], ['done', null, null, null, '46.00']);
  });

  it('an instance keeps the version of the file it began with', async () => {
    const one = fresh();
    await one.engine.keep();
    await one.event('order.received.v1', 'e1', order);
    const { process, version } = (await one.event('order.received.v1', 'e1', order))!;
    const later = setup(journal, process, { version: '2.0.0', holds: {} });
    const held = await later.event('order.held.v1', 'h1', document('S1'));
    assert.notEqual(version, '2.0.0');
    assert.deepEqual([held?.version, held?.state], [version, 'held']);
  });

  it('an event of no order is refused, and one that the process does not read is passed over', async () => {
    const one = fresh();
    await assert.rejects(one.event('order.received.v1', 'e1', {}), { code: 'KEY_MISSING' });
    assert.equal(await one.event('other.thing.v1', 'e1', {}), undefined);
    await assert.rejects(one.engine.act('pause', 'nobody', 'ann'), { code: 'PROCESS_UNKNOWN' });
  });
}

describe('processes on the embedded journal', () => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-process-'));
  after(() => rmSync(dir, { recursive: true, force: true }));
  processes(async () => {
    const store = openStore(join(dir, 'crossdock.db'));
    const journal = embeddedJournal(store);
    return { ...journal, close: () => journal.close().then(() => store.close()) };
  });
});

describeReal(['postgres'], 'processes on PostgreSQL', function ({ postgres }) {
  this.timeout(60_000);
  processes(() => postgresJournal({ url: postgres.url }));
});
