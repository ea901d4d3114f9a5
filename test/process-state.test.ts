/** The state of an instance: when it is looked at next, whom it asks, and what is left of it at its end. */
import assert from 'node:assert/strict';
import { definitionOf, type ProcessDefinition } from '../runtime/process/definition.ts';
import {
  addHistory,
  ask,
  askings,
  attend,
  dueOf,
  finish,
  later,
  newInstance,
  stand,
  standing,
  type Instance,
  type IssuedCommand,
} from '../runtime/process/state.ts';

const now = new Date('2026-11-25T10:00:00.000Z');
const definition: ProcessDefinition = definitionOf(
  {
    process: 'loan',
    version: '2',
    owner: 'desk',
    summary: 'A book is lent.',
    start: 'book.asked',
    key: 'data.id',
    number: 'data.id',
    steps: {
      lend: {
        on: 'book.asked',
        awaits: 'book.lent',
        asks: { command: 'book.lend', data: '{ "of": data.id, "by": event, "for": instance.key }' },
      },
      bring: { on: 'book.lent', awaits: 'book.back' },
    },
  },
  'definitions',
);
const instance = (more: Partial<Instance> = {}): Instance => ({ ...newInstance(definition, 'k'), ...more });
const command = (more: Partial<IssuedCommand> = {}): IssuedCommand => ({
  cause: 'e',
  step: 'lend',
  type: 'book.lend',
  data: 1,
  ...more,
});

describe('an instance of a process', () => {
  it('begins with every step before it', () => {
    const waiting = { state: 'waiting', begun: 0, done: [] };
    assert.deepEqual(instance(), {
      process: 'loan',
      version: '2',
      key: 'k',
      number: '',
      state: 'running',
      started: false,
      facts: null,
      steps: { lend: waiting, bring: waiting },
      applied: [],
      asked: [],
      kept: [],
      attention: [],
      history: [],
    });
  });

  it('is looked at when its first step is late, and only while it runs', () => {
    const steps = {
      lend: { state: 'doing', begun: 1, done: [], due: '2026-11-27T00:00:00.000Z' },
      bring: { state: 'doing', begun: 1, done: [], due: '2026-11-26T00:00:00.000Z' },
    } satisfies Instance['steps'];
    const running = { steps };
    assert.equal(dueOf(instance()), null);
    assert.equal(dueOf(instance(running)), '2026-11-26T00:00:00.000Z');
    for (const state of ['held', 'paused', 'undoing', 'done'] as const)
      assert.equal(dueOf(instance({ ...running, state })), null, state);
    assert.equal(
      dueOf(instance({ ...running, asked: [command({ sent: true })] })),
      '2026-11-26T00:00:00.000Z',
    );
  });

  it('is looked at half a minute after a command that was not published, whatever its state', () => {
    const asked = [command({ sent: true }), command()];
    const history = ['2026-11-23T10:00:00.000Z', '2026-11-24T10:00:00.000Z', now.toISOString()].map((at) => ({
      at,
      what: 'x',
    }));
    for (const state of ['running', 'held', 'done'] as const)
      assert.equal(dueOf(instance({ asked, history, state })), '2026-11-25T10:00:30.000Z');
    assert.equal(dueOf(instance({ asked })), '1970-01-01T00:00:30.000Z');
  });

  it('counts seconds, minutes, hours and days', () => {
    for (const [within, then] of [
      ['30s', '2026-11-25T10:00:30.000Z'],
      ['15m', '2026-11-25T10:15:00.000Z'],
      ['4h', '2026-11-25T14:00:00.000Z'],
      ['10d', '2026-12-05T10:00:00.000Z'],
    ] as const)
      assert.equal(later(now, within), then, within);
  });

  it('asks a team once for each step, by the newest reason', () => {
    const one = instance();
    attend(one, now, { to: 'desk', why: 'late', step: 'lend', is: 'STEP_LATE' });
    attend(one, now, { to: 'desk', why: 'late', step: 'bring', is: 'STEP_LATE' });
    attend(one, new Date(now.getTime() + 1), { to: 'it', why: 'failed', step: 'lend', is: 'STEP_FAILED' });
    assert.deepEqual(one.attention, [
      { to: 'desk', why: 'late', step: 'bring', is: 'STEP_LATE', at: '2026-11-25T10:00:00.000Z' },
      { to: 'it', why: 'failed', step: 'lend', is: 'STEP_FAILED', at: '2026-11-25T10:00:00.001Z' },
    ]);
  });

  it('asks for one of these reasons, by which ownership.yaml finds the team', () => {
    assert.deepEqual(
      [...askings],
      ['STEP_LATE', 'STEP_FAILED', 'STEP_TO_UNDO', 'PROCESS_HELD', 'PROCESS_BROKEN'],
    );
  });

  it('keeps the state it returns to while it is paused', () => {
    assert.equal(standing(instance({ state: 'held', was: 'running' })), 'held');
    assert.equal(standing(instance({ state: 'paused', was: 'held' })), 'held');
    assert.equal(standing(instance({ state: 'paused' })), 'running');
    const [paused, running] = [instance({ state: 'paused', was: 'running' }), instance()];
    stand(paused, 'held');
    stand(running, 'held');
    assert.deepEqual([paused.state, paused.was], ['paused', 'held']);
    assert.deepEqual([running.state, running.was], ['held', undefined]);
  });

  it('asks for what a step needs, and keeps it for later while it is paused', async () => {
    const lend = definition.steps['lend']!.asks!;
    const event = { id: 'e1', type: 'book.asked', data: { id: 7 } };
    const issued = {
      cause: 'e1',
      step: 'lend',
      type: 'book.lend',
      data: { of: 7, by: 'book.asked', for: 'k' },
    };
    for (const [state, asked, kept] of [
      ['running', [issued], []],
      ['held', [issued], []],
      ['paused', [], [issued]],
    ] as const) {
      const one = instance({ state });
      await ask(definition, one, 'lend', lend, event);
      assert.deepEqual([one.asked, one.kept], [asked, kept], state);
    }
  });

  it('ends with nobody asked and nothing due, and says so', () => {
    const one = instance({ state: 'paused', was: 'running' });
    one.steps['lend']!.due = now.toISOString();
    attend(one, now, { to: 'desk', why: 'late', step: 'lend' });
    addHistory(one, now, 'asked');
    finish(one, 'cancelled', new Date(now.getTime() + 1));
    assert.deepEqual(one, {
      ...instance({ state: 'cancelled' }),
      history: [
        { at: '2026-11-25T10:00:00.000Z', what: 'asked' },
        { at: '2026-11-25T10:00:00.001Z', what: 'cancelled' },
      ],
    });
  });
});
