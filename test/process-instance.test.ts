/** How an instance of a process changes, whole instance by whole instance, at a time of the test. */
import assert from 'node:assert/strict';
import { definitionOf, type ProcessFile } from '../runtime/process/definition.ts';
import { acted, applied, broken, failed, lookedAt, type Action } from '../runtime/process/instance.ts';
import { newInstance, type Instance, type IssuedCommand } from '../runtime/process/state.ts';

const file: ProcessFile = {
  process: 'small',
  version: '1',
  owner: 'team',
  summary: 'A small process',
  start: 'begin',
  key: 'data.id',
  number: 'data.number',
  steps: {
    pack: { on: 'begin', awaits: 'packed', also: ['weighed'], within: '1m' },
    send: { on: 'packed', awaits: 'arrived' },
  },
  holds: { stop: { to: 'desk', release: { command: 'go', data: 'data' } } },
};
const definition = definitionOf(file, 'definitions');
const now = new Date('2026-11-25T10:00:00.000Z');
const at = now.toISOString();
const soon = '2026-11-25T10:01:00.000Z';
const did = (what: string) => ({ at, what });
const fresh = (more: Partial<Instance> = {}): Instance => ({ ...newInstance(definition, 'k'), ...more });
const event = (type: string, data: unknown = {}) => ({ id: type, type, data });
const command: IssuedCommand = { cause: 'c', step: 'pack', type: 't', data: 1 };
const sent: IssuedCommand = { ...command, sent: true };
const hold = { release: file.holds!['stop']!.release, data: { why: 1 }, event: 'stop' };
const held = { to: 'desk', why: 'stop', step: 'hold', is: 'PROCESS_HELD', at } as const;
const late = { to: 'team', why: 'pack is late', step: 'pack', is: 'STEP_LATE', at } as const;
const waiting = { state: 'waiting', begun: 0, done: [] } as const;
const act = (before: Instance, action: Action) => acted(definition, before, action, 'Ann', now);

describe('an instance of a process', () => {
  it('begins without a number and with the time of its first step', async () => {
    const pack = { state: 'doing', begun: 1, done: [], due: soon, planned: soon } as const;
    assert.deepEqual(
      await applied(definition, fresh(), event('begin'), now),
      fresh({
        started: true,
        applied: ['begin'],
        history: [did('begin')],
        steps: { pack, send: { ...waiting, done: [] } },
      }),
    );
  });

  it('is held by an event, and goes on at the next report', async () => {
    const stopped = await applied(definition, fresh(), event('stop', { why: 1 }), now);
    const expected = { applied: ['stop'], history: [did('stop')], attention: [held], hold };
    assert.deepEqual(stopped, fresh({ state: 'held', ...expected }));
    const after = await applied(definition, stopped, event('arrived', 1), now);
    assert.deepEqual([after.state, after.attention, after.hold], ['running', [], undefined]);
    assert.deepEqual(after.steps['send'], { state: 'done', begun: 0, done: [1] });
  });

  it('is released by a person, with the command of the hold', async () => {
    const before = fresh({ state: 'held', hold, attention: [held] });
    const go = { cause: 'release/1', step: 'hold', type: 'go', data: { why: 1 } };
    const expected = fresh({ history: [did('released by Ann')], asked: [go] });
    assert.deepEqual(await act(before, 'resume'), expected);
  });

  it('is paused once, and returns to what it was with what was deferred', async () => {
    const before = fresh({ state: 'held', hold, attention: [late, held], kept: [command] });
    const paused = await act(before, 'pause');
    assert.deepEqual(paused, { ...before, state: 'paused', was: 'held', history: [did('paused by Ann')] });
    assert.equal(await act(paused, 'pause'), paused);
    const history = [did('paused by Ann'), did('resumed by Ann')];
    const expected = { ...before, attention: [held], kept: [], asked: [command], history };
    assert.deepEqual(await act(paused, 'resume'), expected);
    const running = { ...paused, was: 'running' as const };
    assert.deepEqual((await act(running, 'resume')).attention, []);
  });

  it('is late at its time, not before, and asks its owner', async () => {
    const steps = { ...fresh().steps, pack: { state: 'doing' as const, begun: 1, done: [], due: at } };
    const before = fresh({ steps });
    assert.deepEqual(await lookedAt(definition, before, new Date(now.getTime() - 1)), before);
    const pack = { state: 'late' as const, begun: 1, done: [] };
    const expected = {
      steps: { ...steps, pack },
      attention: [late],
      history: [did('pack is late: escalate')],
    };
    assert.deepEqual(await lookedAt(definition, before, now), fresh(expected));
  });

  it('forgets the time of a step that failed', async () => {
    const before = fresh();
    before.steps['pack']!.due = soon;
    const after = await failed(
      definition,
      before,
      'pack',
      { id: '1', why: 'broke', command: undefined },
      now,
    );
    assert.deepEqual(after.steps['pack'], { state: 'failed', begun: 0, done: [] });
    assert.deepEqual(after.history, [did('pack broke: escalate')]);
  });

  it('keeps what is unsent when its own file is broken', () => {
    const before = fresh({ asked: [sent, command] });
    const why = 'fails with MAPPING_FAILED: no';
    const asking = { to: 'team', why, step: 'process', is: 'PROCESS_BROKEN', at } as const;
    assert.deepEqual(
      broken(definition, before, { code: 'MAPPING_FAILED', message: 'no' }, now),
      fresh({
        state: 'paused',
        was: 'running',
        asked: [sent],
        kept: [command],
        attention: [asking],
        history: [did(`${why}: paused`)],
      }),
    );
  });

  it('refuses what its state does not allow', async () => {
    const message = 'small k is done: pause is for what is running, held, undoing, paused';
    const facts = { action: 'pause', state: 'done' };
    await assert.rejects(act(fresh({ state: 'done' }), 'pause'), { code: 'PROCESS_STATE', message, facts });
    for (const state of ['running', 'held', 'paused', 'done', 'cancelled'] as const) {
      const { history } = await act(fresh({ state }), 'compensate');
      assert.deepEqual(history, [did('compensation asked for by Ann'), did('undone')], state);
    }
  });
});
