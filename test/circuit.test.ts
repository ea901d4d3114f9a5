/** The circuit of a consuming node: nothing begins while the target is away but one probe at a time. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Circuit, type Outage, type Pass } from '../runtime/recovery/circuit.ts';

const waitsMs = [40, 80, 160];

describe('circuit', () => {
  let told: (Outage | undefined)[];
  let begun: Pass[];
  let circuit: Circuit;

  beforeEach(() => {
    told = [];
    begun = [];
    circuit = make();
  });
  afterEach(() => circuit.stop());

  const make = (more: object = {}): Circuit =>
    new Circuit({ waitsMs, chance: () => 0, changed: (outage) => told.push(outage), ...more });
  const enter = async (): Promise<Pass> => {
    const pass = await circuit.enter();
    assert.ok(pass);
    begun.push(pass);
    return pass;
  };
  /** Until so many messages have begun. */
  async function until(count: number): Promise<void> {
    for (const end = Date.now() + 2000; begun.length < count; await sleep(2)) assert.ok(Date.now() < end);
  }
  const open = async (): Promise<void> => void circuit.away(await enter(), 'ODOO_UNREACHABLE');

  it('lets everything through until an outage is met, and is opened once', async () => {
    const passes = await Promise.all([enter(), enter(), enter()]);
    assert.deepEqual(
      passes.map((pass) => circuit.away(pass, 'ODOO_UNREACHABLE')),
      [true, false, false],
    );
    assert.equal(told.length, 1);
    assert.equal(circuit.outage?.code, 'ODOO_UNREACHABLE');
  });

  it('then lets one go at a time, later each time, until one is answered: then all', async () => {
    await open();
    const opened = Date.now();
    for (let count = 0; count < 5; count += 1) void enter();
    const waited: number[] = [];
    for (const probe of [1, 2, 3]) {
      await until(1 + probe);
      waited.push(Date.now() - opened);
      await sleep(20);
      assert.equal(begun.length, 1 + probe, 'one probe at a time');
      assert.equal(begun[probe]?.probe, true);
      if (probe < 3) circuit.away(begun[probe]!, 'ODOO_UNREACHABLE');
    }
    assert.ok(waited[0]! >= 35 && waited[1]! - waited[0]! >= 75 && waited[2]! - waited[1]! >= 155);
    circuit.answered(begun[3]!);
    await until(6);
    assert.ok(begun.slice(4).every(({ probe }) => !probe));
    assert.equal(circuit.outage, undefined);
    assert.deepEqual(
      told.map((outage) => outage?.code),
      ['ODOO_UNREACHABLE', 'ODOO_UNREACHABLE', 'ODOO_UNREACHABLE', undefined],
    );
    assert.ok(told.slice(0, 3).every((outage) => outage?.since.getTime() === told[0]?.since.getTime()));
  });

  it('sends a later message as the probe when none was held', async () => {
    await open();
    await sleep(60);
    assert.equal((await enter()).probe, true);
  });

  it('sends another at once when the probe told nothing', async () => {
    await open();
    void enter();
    void enter();
    await until(2);
    circuit.undecided(begun[1]!);
    await until(3);
    assert.deepEqual([begun[2]?.probe, circuit.outage?.code], [true, 'ODOO_UNREACHABLE']);
  });

  it('hears only the probe while it is open, and each message once', async () => {
    const [first, second] = await Promise.all([enter(), enter()]);
    circuit.away(first, 'ODOO_AUTH');
    circuit.answered(second);
    circuit.answered(first);
    assert.equal(circuit.outage?.code, 'ODOO_AUTH');
  });

  it('does not open again for what had begun before it closed', async () => {
    const [first, late] = await Promise.all([enter(), enter()]);
    circuit.away(first, 'ODOO_UNREACHABLE');
    circuit.answered(await enter());
    assert.equal(circuit.away(late, 'ODOO_UNREACHABLE'), false);
    assert.equal(circuit.outage, undefined);
  });

  it('goes on with its waits when the same outage comes again soon', async () => {
    await open();
    circuit.answered(await enter());
    await open();
    const again = Date.now();
    await enter();
    assert.ok(Date.now() - again >= 75);
  });

  it('counts different messages that fail in a row, until one is answered beyond doubt', async () => {
    const pass = await enter();
    assert.deepEqual(
      ['a', 'b', 'a', 'c'].map((id) => circuit.suspect(id, new Error(id))),
      [1, 2, 2, 3],
    );
    circuit.answered(pass, true);
    assert.equal(circuit.suspect('d', new Error('d')), 4);
    circuit.answered(await enter());
    assert.equal(circuit.suspect('e', new Error('e')), 1);
  });

  it('counts one failed call once, however many messages were in it', () => {
    const failure = new Error('the batch');
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((id) => circuit.suspect(id, failure)),
      [1, 1, 1, 1],
    );
    assert.equal(circuit.suspect('e', new Error('another call')), 2);
  });

  it('gives back what it holds when the node stops, and all that comes then', async () => {
    await open();
    const held = [circuit.enter(), circuit.enter()];
    circuit.stop();
    assert.deepEqual(await Promise.all([...held, circuit.enter()]), [undefined, undefined, undefined]);
    circuit.start();
    assert.equal((await enter()).probe, true);
  });

  it('gives back what it has held for too long', async () => {
    circuit = make({ waitsMs: [10_000], holdMs: 20 });
    await open();
    assert.equal(await circuit.enter(), undefined);
  });
});
