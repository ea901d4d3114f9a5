/** The circuit of a consuming node: nothing begins while the target is away but one probe at a time. */
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { setImmediate as settled } from 'node:timers/promises';
import { Circuit, type CircuitOptions, type Outage, type Pass } from '../runtime/recovery/circuit.ts';

const now = Date.parse('2026-11-25T10:00:00Z');
const away = 'ODOO_UNREACHABLE';

describe('circuit', () => {
  let told: [Outage | undefined, over?: Outage][];
  let begun: (Pass | undefined)[];
  let circuit: Circuit;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now });
    [told, begun] = [[], []];
    circuit = make();
  });
  afterEach(() => {
    circuit.stop();
    mock.timers.reset();
  });

  const make = (more: CircuitOptions = {}): Circuit =>
    new Circuit({
      waitsMs: [40, 80, 160],
      chance: () => 0,
      changed: (...change) => told.push(change),
      ...more,
    });
  /** Lets so many come, and tells all that have begun or were given back so far. */
  async function enter(count = 1): Promise<(Pass | undefined)[]> {
    for (let one = 0; one < count; one += 1) void circuit.enter().then((pass) => begun.push(pass));
    await settled();
    return begun;
  }
  async function passed(ms: number): Promise<(Pass | undefined)[]> {
    mock.timers.tick(ms);
    await settled();
    return begun;
  }
  const last = (): Pass => begun.at(-1)!;
  async function open(): Promise<void> {
    await enter();
    assert.equal(circuit.away(last(), away), true);
  }
  const at = (ms: number) => new Date(now + ms);
  const free = (generation: number) => ({ probe: false, generation });
  const probe = (generation: number) => ({ probe: true, generation });
  const outage = (since: number, nextProbe: number, code = away) => ({
    code,
    since: at(since),
    nextProbe: at(nextProbe),
  });

  it('lets everything through until an outage is met, and is opened once', async () => {
    await enter(3);
    assert.deepEqual(begun, [free(0), free(0), free(0)]);
    assert.deepEqual(
      begun.map((pass) => circuit.away(pass!, away)),
      [true, false, false],
    );
    assert.deepEqual([told, circuit.outage], [[[outage(0, 40)]], outage(0, 40)]);
  });

  it('then lets one go at a time, later each time, until one is answered: then all', async () => {
    await open();
    await enter(5);
    for (const [wait, met] of [
      [40, 'ODOO_BUSY'],
      [80, 'ODOO_BUSY'],
      [160, 'ODOO_AUTH'],
      [160, away],
    ] as const) {
      const before = begun.length;
      assert.equal((await passed(wait - 1)).length, before, `not before ${wait} ms`);
      assert.deepEqual((await passed(1)).slice(before), [probe(0)], `after ${wait} ms`);
      // whoever comes later is held too
      if (wait === 40) await enter();
      assert.equal((await passed(1000)).length, before + 1, 'one probe at a time');
      mock.timers.setTime(Date.now() - 1000);
      assert.equal(circuit.away(last(), met), false);
    }
    await passed(160);
    circuit.answered(last());
    await settled();
    assert.deepEqual(begun.slice(5), [{ ...probe(0), told: true }, free(1)]);
    assert.equal(circuit.outage, undefined);
    assert.deepEqual(told, [
      [outage(0, 40)],
      [outage(0, 120, 'ODOO_BUSY')],
      [outage(0, 280, 'ODOO_BUSY')],
      [outage(0, 440, 'ODOO_AUTH')],
      [outage(0, 600)],
      [undefined, outage(0, 600)],
    ]);
  });

  it('shortens each wait by up to a fifth', () => {
    for (const [chance, wait] of [
      [0, 40],
      [0.5, 36],
      [1, 32],
    ] as const) {
      circuit = make({ chance: () => chance });
      circuit.away({ probe: false, generation: 0 }, away);
      assert.deepEqual(circuit.outage, outage(0, wait));
    }
  });

  it('waits longer and longer and holds a message ten minutes where nothing else is said', async () => {
    circuit = new Circuit();
    const pass = { probe: false, generation: 0 };
    const waits = Array.from({ length: 6 }, () => {
      circuit.away(pass, away);
      Object.assign(pass, { probe: true, told: undefined });
      return circuit.outage!.nextProbe.getTime() - now;
    });
    for (const [index, most] of [1000, 2000, 5000, 10_000, 30_000, 30_000].entries())
      assert.ok(waits[index]! <= most && waits[index]! >= most * 0.8, `${index}: ${waits[index]}`);
    circuit = new Circuit({ waitsMs: [1_000_000], chance: () => 0 });
    await open();
    await enter();
    assert.equal((await passed(599_999)).length, 1);
    assert.deepEqual((await passed(1)).slice(1), [undefined]);
  });

  it('sends a later message as the probe when none was held, as soon as that is due', async () => {
    await open();
    await passed(39);
    assert.equal((await enter()).length, 1, 'not yet');
    assert.deepEqual((await passed(1)).slice(1), [probe(0)]);
    circuit.away(last(), away);
    await passed(80);
    assert.deepEqual((await enter()).slice(2), [probe(0)]);
  });

  it('sends another at once when the probe told nothing', async () => {
    await open();
    await enter(3);
    await passed(40);
    const first = last();
    circuit.undecided(first);
    await settled();
    assert.deepEqual(begun.slice(1), [{ ...probe(0), told: true }, probe(0)]);
    circuit.undecided(first);
    circuit.undecided(begun[0]!);
    circuit.undecided(free(0));
    await settled();
    assert.equal(begun.length, 3, 'another is out');
    assert.deepEqual(told, [[outage(0, 40)]]);
  });

  it('begins an outage, with a probe at once, when a message gave up that does not come again', async () => {
    await enter(2);
    assert.equal(circuit.gaveUp(begun[0]!, 'ODOO_AUTH'), true);
    assert.deepEqual(circuit.outage, outage(0, 0, 'ODOO_AUTH'));
    assert.equal(circuit.gaveUp(begun[0]!, away), false, 'counts once');
    assert.equal(circuit.gaveUp(begun[1]!, away), false, 'is no probe');
    assert.deepEqual(circuit.outage, outage(0, 0, 'ODOO_AUTH'));
    assert.deepEqual((await enter(2)).slice(2), [probe(0)]);
    await passed(5);
    assert.equal(circuit.gaveUp(last(), away), false, 'it has begun');
    await settled();
    assert.deepEqual([begun.slice(3), circuit.outage], [[probe(0)], outage(0, 5)]);
  });

  it('does not move the next probe for what gave up and is no probe, or was told before', async () => {
    await enter(2);
    circuit.away(begun[0]!, away);
    for (const pass of begun) assert.equal(circuit.gaveUp(pass!, 'ODOO_AUTH'), false);
    assert.deepEqual(circuit.outage, outage(0, 40));
  });

  it('begins no outage for what gave up and had begun before the last one was over', async () => {
    await enter(2);
    circuit.away(begun[0]!, away);
    await enter();
    await passed(40);
    circuit.answered(last());
    assert.equal(circuit.gaveUp(begun[1]!, away), false);
    assert.equal(circuit.outage, undefined);
  });

  it('hears only the probe while it is open, and each message once', async () => {
    await enter(3);
    const [first, second, third] = begun as [Pass, Pass, Pass];
    circuit.answered(third);
    assert.equal(circuit.away(third, away), false);
    assert.deepEqual([circuit.outage, told], [undefined, []], 'told once, and nothing was over');
    circuit.away(first, 'ODOO_AUTH');
    circuit.answered(second);
    circuit.answered(first);
    assert.deepEqual(circuit.outage, outage(0, 40, 'ODOO_AUTH'));
    assert.deepEqual((await passed(40), await enter()).slice(3), [probe(0)]);
    circuit.away(last(), away);
    circuit.answered(last());
    circuit.away(last(), 'ODOO_AUTH');
    assert.deepEqual(circuit.outage, outage(0, 120));
  });

  it('does not open again for what had begun before it closed', async () => {
    await enter(2);
    const [first, late] = begun as [Pass, Pass];
    circuit.away(first, away);
    await enter();
    await passed(40);
    circuit.answered(last());
    assert.equal(circuit.away(late, away), false);
    assert.equal(circuit.outage, undefined);
    assert.deepEqual((await enter()).slice(3), [free(1)]);
  });

  for (const [ms, wait] of [
    [0, 80],
    [9999, 80],
    [10_000, 40],
  ] as const)
    it(`waits ${wait} ms when the target is away again after ${ms} ms`, async () => {
      await open();
      await enter();
      await passed(40);
      circuit.answered(last());
      await passed(ms);
      await open();
      assert.deepEqual(circuit.outage, outage(40 + ms, 40 + ms + wait));
    });

  it('counts different messages that fail in a row, until one is answered beyond doubt', async () => {
    const counts = (...ids: string[]) => ids.map((id) => circuit.suspect(id, new Error(id)));
    await enter(2);
    assert.deepEqual(counts('a', 'b', 'a', 'c'), [1, 2, 2, 3]);
    circuit.answered(begun[0]!, true);
    assert.deepEqual(counts('d'), [4]);
    circuit.answered(begun[1]!);
    assert.deepEqual(counts('e', 'e'), [1, 1]);
  });

  it('counts one failed call once, however many messages were in it, also after an answer', async () => {
    await enter();
    const batch = (...ids: string[]) => {
      const failure = new Error('the batch');
      return ids.map((id) => circuit.suspect(id, failure));
    };
    assert.deepEqual(batch('a', 'b', 'c', 'd'), [1, 1, 1, 1]);
    assert.deepEqual(batch('e'), [2]);
    circuit.answered(last());
    assert.deepEqual(batch('f', 'g'), [1, 1]);
  });

  it('gives back what it holds when the node stops, and all that comes then', async () => {
    assert.equal(circuit.stopped, false);
    await open();
    await enter(2);
    circuit.stop();
    assert.equal(circuit.stopped, true);
    assert.deepEqual((await enter()).slice(1), [undefined, undefined, undefined]);
    circuit.start();
    assert.equal(circuit.stopped, false);
    assert.equal((await enter()).length, 4);
    assert.deepEqual((await passed(40)).slice(4), [probe(0)]);
  });

  it('gives back what it has held for too long, each for itself', async () => {
    circuit = make({ waitsMs: [10_000], holdMs: 20 });
    await open();
    await enter();
    await passed(10);
    await enter();
    assert.deepEqual((await passed(10)).slice(1), [undefined]);
    assert.deepEqual((await passed(10)).slice(1), [undefined, undefined]);
  });

  it('has one timer for each message it holds and one for the probe, and none when that is over', async () => {
    mock.timers.reset();
    await settled();
    const timers = () => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
    // Mocha's own is set when the test first waits.
    await settled();
    const before = timers();
    const open = () => circuit.away(free(circuit.outage ? 9 : told.length / 2), away);
    open();
    await enter(3);
    assert.equal(timers() - before, 4);
    circuit.answered(probe(0));
    await settled();
    assert.deepEqual([begun, timers() - before], [[free(1), free(1), free(1)], 0]);
    open();
    await enter(2);
    assert.equal(timers() - before, 3);
    circuit.stop();
    assert.equal(timers() - before, 0);
  });
});
