/** What people do to an instance of a process, and what is taken back. */
import assert from 'node:assert/strict';
import type { Journal } from '../../runtime/journal/journal.ts';
import { type ProcessKit, document, minute, order, setup, story } from './process-kit.ts';

export function processPeople(kit: ProcessKit): void {
  const { fresh } = kit;
  let journal: Journal;
  before(() => void (journal = kit.journal()));

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
