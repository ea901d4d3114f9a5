/** What events, time limits and failures do to an instance of a process: in any order, once each. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { envelope } from '../../runtime/envelope/envelope.ts';
import type { Journal } from '../../runtime/journal/journal.ts';
import { definitionOf, loadProcesses } from '../../runtime/process/definition.ts';
import { failed } from '../../runtime/process/instance.ts';
import type { Instance } from '../../runtime/process/state.ts';
import { type ProcessKit, document, minute, order, setup, story, withInvoice } from './process-kit.ts';

export function processEvents(kit: ProcessKit): void {
  const { fresh, rowOf } = kit;
  let journal: Journal;
  before(() => void (journal = kit.journal()));

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
    const one = setup({ ...journal, processes }, `test-${Date.now()}-calls`);
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
}
