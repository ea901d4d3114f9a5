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
    const pack = { state: 'doing' as const, begun: 1, done: [], due: soon, planned: soon };
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

  it('is held by the newest event of several, and by none where its file names none', async () => {
    const before = fresh({ state: 'held', hold, attention: [held] });
    const after = await applied(definition, before, event('stop', { why: 2 }), now);
    assert.deepEqual([after.state, after.hold], ['held', { ...hold, data: { why: 2 } }]);
    const { holds: _holds, ...bare } = file;
    const unheld = await applied(definitionOf(bare, 'definitions'), fresh(), event('stop'), now);
    assert.deepEqual([unheld.state, unheld.attention], ['running', []]);
    assert.deepEqual(await act(fresh({ state: 'held' }), 'resume'), fresh({ state: 'held' }));
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

describe('a step of an instance', () => {
  const small = (pack: Partial<ProcessFile['steps'][string]>, more: Partial<ProcessFile> = {}) =>
    definitionOf(
      { ...file, steps: { ...file.steps, pack: { ...file.steps['pack']!, ...pack } }, ...more },
      'definitions',
    );
  const withPack = (pack: Partial<Instance['steps'][string]>, more: Partial<Instance> = {}): Instance => {
    const one = fresh(more);
    Object.assign(one.steps['pack']!, pack);
    return one;
  };
  const packOf = ({ steps }: Instance) => steps['pack'];
  const later = new Date(now.getTime() + 1000);
  const fails = (
    by: ReturnType<typeof small>,
    before: Instance,
    again = command as IssuedCommand | undefined,
  ) => failed(by, before, 'pack', { id: '1', why: 'broke', command: again }, now);

  it('that begins again has a new time; what was planned changes only once it was done', async () => {
    const again = (pack: Partial<Instance['steps'][string]>) =>
      applied(definition, withPack(pack, { started: true }), { ...event('begin'), id: 'b2' }, later);
    const due = '2026-11-25T10:01:01.000Z';
    const open = packOf(await again({ state: 'doing', begun: 1, due: soon, planned: soon }));
    assert.deepEqual([open?.due, open?.planned, open?.begun], [due, soon, 2]);
    const done = packOf(await again({ state: 'done', begun: 1, done: [1], planned: soon }));
    assert.deepEqual([done?.state, done?.due, done?.planned], ['partly', due, due]);
    const early = packOf(await again({ state: 'partly', begun: 0, done: [1] }));
    assert.deepEqual([early?.state, early?.due, early?.planned], ['done', undefined, undefined]);
    const timeless = small({});
    delete timeless.steps['pack']!.within;
    const none = await applied(timeless, withPack({}, { started: true }), event('begin'), later);
    assert.deepEqual(packOf(none), { state: 'doing', begun: 1, done: [] });
  });

  it('is done by its last report, and judged anew by progress only while it is partly done', async () => {
    const by = small({ until: 'data = 3 or $count(also) > 1' });
    const report = (before: Instance, type: string, data: unknown) =>
      applied(by, before, { id: `${type} ${String(data)}`, type, data }, now);
    const one = await report(withPack({ begun: 1, state: 'doing' }), 'packed', 1);
    const two = await report(one, 'packed', 2);
    assert.equal(packOf(two)?.state, 'partly');
    assert.equal(packOf(await report(two, 'packed', 3))?.state, 'done');
    assert.equal(packOf(await report(withPack({ begun: 2, due: soon }), 'packed', 1))?.due, soon);
    const weighed = await report(two, 'weighed', 1);
    assert.deepEqual([packOf(weighed)?.state, packOf(weighed)?.also], ['partly', [1]]);
    assert.equal(packOf(await report(weighed, 'weighed', 2))?.state, 'done');
    const doing = await report(withPack({ begun: 1, state: 'late' }), 'weighed', 1);
    assert.equal(packOf(doing)?.state, 'late');
  });

  it('that is reported is asked about no more; other steps and their hold stay as they are', async () => {
    const other = { ...late, step: 'send' };
    const after = await applied(
      definition,
      withPack({ begun: 1, state: 'late' }, { state: 'held', hold, attention: [late, other, held] }),
      event('packed'),
      now,
    );
    assert.deepEqual([after.state, after.attention], ['running', [other]]);
  });

  it('that fails is tried three times, with a new time, and then asked about', async () => {
    const by = small({ failed: { do: 'retry' } });
    const tried = await fails(by, withPack({ state: 'doing', begun: 1, due: soon }));
    assert.deepEqual(packOf(tried), { state: 'doing', begun: 1, done: [], due: soon, retries: 1 });
    assert.deepEqual(tried.asked, [{ ...command, cause: 'c/1' }]);
    assert.equal((await fails(by, withPack({ retries: 2 }))).asked[0]?.cause, 'c/3');
    const over = await fails(by, withPack({ state: 'doing', retries: 3 }));
    assert.deepEqual([over.asked, packOf(over)?.state], [[], 'failed']);
    const undoing = await fails(by, withPack({ state: 'undoing' }, { state: 'undoing' }));
    assert.deepEqual(packOf(undoing), { state: 'undoing', begun: 0, done: [], retries: 1 });
    const timeless = small({ failed: { do: 'retry' } });
    delete timeless.steps['pack']!.within;
    assert.equal(packOf(await fails(timeless, withPack({ state: 'doing' })))?.due, undefined);
  });

  it('that was done or taken back does not fail any more', async () => {
    for (const state of ['done', 'undone'] as const) {
      const after = await fails(definition, withPack({ state, due: soon }));
      assert.deepEqual(after, withPack({ state, due: soon }, { applied: ['pack/1'] }));
    }
  });

  it('that fails while all is taken back stays so, and a person is asked', async () => {
    const after = await fails(definition, withPack({ state: 'undoing' }, { state: 'undoing' }));
    assert.equal(packOf(after)?.state, 'undoing');
    assert.deepEqual(after.attention, [
      { to: 'team', why: 'pack broke', step: 'pack', is: 'STEP_FAILED', at },
    ]);
  });

  it('that fails pauses its process where its file says so, once', async () => {
    const by = small({ failed: { do: 'pause' } });
    const after = await fails(by, withPack({ state: 'doing' }, { state: 'held' }));
    assert.deepEqual([after.state, after.was, packOf(after)?.state], ['paused', 'held', 'failed']);
    const again = await fails(by, withPack({ state: 'doing' }, { state: 'paused', was: 'held' }));
    assert.deepEqual([again.state, again.was], ['paused', 'held']);
  });

  it('ends its process when it was the last, also at the moment that is resumed', async () => {
    const steps = Object.fromEntries(
      Object.keys(file.steps).map((name) => [name, { state: 'done' as const, begun: 1, done: [1] }]),
    );
    const after = await act(fresh({ started: true, state: 'paused', was: 'running', steps }), 'resume');
    assert.equal(after.state, 'done');
  });
});
