/** What was done is taken back, the last step first, once for each time it was done. */
import assert from 'node:assert/strict';
import { definitionOf } from '../runtime/process/definition.ts';
import { newInstance, type Instance, type StepState } from '../runtime/process/state.ts';
import { compensate, isTakenBack, undone, undoNext } from '../runtime/process/undoing.ts';

const now = new Date('2026-11-25T10:00:00.000Z');
const at = now.toISOString();
const definition = definitionOf(
  {
    process: 'loan',
    version: '1',
    owner: 'desk',
    summary: 'A book is lent.',
    start: 'book.asked',
    key: 'data.id',
    number: 'data.id',
    steps: {
      lend: {
        on: 'book.asked',
        awaits: 'book.lent',
        undo: { how: 'by a request to bring it back', asks: { command: 'book.recall', data: 'data.copy' } },
      },
      note: { on: 'book.lent', awaits: 'book.noted' },
      bill: { on: 'book.lent', awaits: 'book.billed', undo: { how: 'by hand' } },
    },
  },
  'definitions',
);
const done = (...of: unknown[]): StepState => ({ state: 'done', begun: of.length, done: of });
const waiting: StepState = { state: 'waiting', begun: 0, done: [] };
const instance = (steps: Record<string, StepState>, more: Partial<Instance> = {}): Instance => ({
  ...newInstance(definition, 'k'),
  steps: { lend: waiting, note: waiting, bill: waiting, ...steps },
  ...more,
});
const recall = (index: number, data: unknown) => ({
  cause: `undo/lend/${index}`,
  step: 'lend',
  type: 'book.recall',
  data,
});
const lendAsked = { at, what: 'lend is taken back: by a request to bring it back' };
const billAsked = {
  to: 'desk',
  why: 'bill has to be taken back: by hand',
  step: 'bill',
  is: 'STEP_TO_UNDO',
  at,
} as const;

describe('taking back', () => {
  it('asks for the last step first, and waits for it', async () => {
    const one = instance(
      { lend: done({ copy: 1 }), note: done(1), bill: { ...done(1), due: at } },
      { state: 'paused', was: 'running' },
    );
    await compensate(definition, one, now);
    const undoing = instance(
      { lend: done({ copy: 1 }), note: done(1), bill: { ...done(1), state: 'undoing', undoing: 1 } },
      {
        state: 'undoing',
        attention: [billAsked],
        history: [{ at, what: 'bill is taken back: by hand' }],
      },
    );
    assert.deepEqual(one, undoing);
    await undoNext(definition, one, now);
    assert.deepEqual(one, undoing, 'one at a time');
  });

  it('asks once for each time a step was done, with what was done then', async () => {
    const one = instance({ lend: done({ copy: 1 }, { copy: 2 }) });
    await compensate(definition, one, now);
    assert.deepEqual(one.asked, [recall(0, 1), recall(1, 2)]);
    assert.deepEqual(one.steps['lend'], {
      ...done({ copy: 1 }, { copy: 2 }),
      state: 'undoing',
      undoing: 2,
    });
    assert.deepEqual([one.history, one.attention, one.state], [[lendAsked], [], 'undoing']);
  });

  it('goes on when a step was taken back as often as it was done, and asks nobody about it any more', async () => {
    const one = instance({ lend: done({ copy: 1 }), bill: done(1, 2) });
    await compensate(definition, one, now);
    one.attention.push({ to: 'it', why: 'other', step: 'note' });
    undone(one, 'bill', now);
    assert.deepEqual([one.steps['bill']?.state, one.steps['bill']?.undone], ['undoing', 1]);
    undone(one, 'bill', now);
    assert.deepEqual(one.steps['bill'], { ...done(1, 2), state: 'undone', undoing: 2, undone: 2 });
    assert.deepEqual(one.attention, [{ to: 'it', why: 'other', step: 'note' }]);
    assert.deepEqual(one.history.at(-1), { at, what: 'bill was taken back' });
    await undoNext(definition, one, now);
    assert.deepEqual(one.asked, [recall(0, 1)]);
    undone(one, 'lend', now);
    await undoNext(definition, one, now);
    assert.deepEqual([one.state, one.attention], ['undone', []]);
    assert.deepEqual(
      one.history.map(({ what }) => what),
      [
        'bill is taken back: by hand',
        'bill was taken back',
        'lend is taken back: by a request to bring it back',
        'lend was taken back',
        'undone',
      ],
    );
  });

  it('counts what came back before that was asked for', async () => {
    const one = instance({ lend: done({ copy: 1 }), bill: done(1) });
    undone(one, 'bill', now);
    assert.deepEqual(one.steps['bill'], { ...done(1), undone: 1 });
    assert.deepEqual(one.history, []);
    await compensate(definition, one, now);
    assert.equal(one.steps['bill']?.state, 'undone');
    assert.deepEqual(one.attention, []);
    assert.deepEqual(one.history, [{ at, what: 'bill was taken back' }, lendAsked]);
    assert.deepEqual(one.asked, [recall(0, 1)]);
  });

  it('is over at once where nothing was done, or nothing can be taken back', async () => {
    for (const steps of [{}, { note: done(1) }] as Record<string, StepState>[]) {
      const one = instance(steps);
      await compensate(definition, one, now);
      assert.deepEqual([one.state, one.asked, one.history], ['undone', [], [{ at, what: 'undone' }]]);
    }
  });

  it('is under way or over, also while the process is paused', () => {
    for (const [state, was, expected] of [
      ['undoing', undefined, true],
      ['undone', undefined, true],
      ['paused', 'undoing', true],
      ['paused', 'running', false],
      ['running', undefined, false],
      ['cancelled', undefined, false],
    ] as const)
      assert.equal(isTakenBack(instance({}, { state, ...(was && { was }) })), expected, `${state} ${was}`);
  });
});
