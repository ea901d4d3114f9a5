/** A target that nobody mends: its messages wait for the time of their policy, then they are exceptions, and come in after the mend. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envelope, type Envelope } from '../runtime/envelope/envelope.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Code } from '../runtime/errors/codes.ts';
import type { Hub } from '../runtime/hub/hub.ts';
import { openHub } from '../runtime/hub/open.ts';
import { createLog } from '../runtime/log/log.ts';
import { Circuit } from '../runtime/recovery/circuit.ts';
import { loadPolicies } from '../runtime/recovery/policies.ts';
import { verdict } from '../runtime/hub/verdict.ts';

const minute = 60_000;
const policy = loadPolicies('definitions/policies').get('standard')!;
const flowContext = { flow: 'orders', flowVersion: '1', step: 'write' };

describe('a target that nobody mends', () => {
  let dir: string;
  let hub: Hub;
  let time: number;
  let circuit: Circuit;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-unmended-'));
    const log = createLog({ level: 'silent' });
    hub = await openHub({ profile: 'embedded', dataDir: dir, definitionsDir: 'definitions', env: {}, log });
    time = Date.parse('2026-11-25T10:00:00Z');
    circuit = new Circuit({ waitsMs: [1] });
  });
  afterEach(async () => {
    circuit.stop();
    await hub.close();
    rmSync(dir, { recursive: true });
  });

  const message = (key: string): Envelope =>
    envelope({ source: 'acme', type: 'a.b.v1', subject: key, flow: 'f', flowversion: '1', data: {} });
  /** As the consuming node does: waits for its turn, works, and says what becomes of it. */
  async function take(one: Envelope, code?: Code): Promise<string> {
    const pass = await circuit.enter();
    assert.ok(pass);
    const delivery = await hub.deliveries.run({ ...flowContext, cause: one, timeLimitMs: 1000 }, (begun) => {
      begun.came = true;
    });
    if (code) delivery.failure = new CodedError(code, 'The words of Odoo');
    const source = { hub, queue: 'q', policy, circuit, flowContext, clock: () => new Date(time) };
    return (await verdict(source, { message: one, delivery, pass })).do;
  }
  const letters = () => hub.journal.letters({ queue: 'q' });
  /** For so long, with a look each ten minutes. */
  async function wait(one: Envelope, code: Code, minutes: number): Promise<void> {
    for (let past = 0; past < minutes; past += 10) {
      assert.equal(await take(one, code), 'again');
      time += 10 * minute;
    }
  }

  it('is waited for, then all that waits and comes is kept with its code, and flows when it is mended', async () => {
    const [first, second, third] = ['1', '2', '3'].map(message) as [Envelope, Envelope, Envelope];
    await wait(first, 'ODOO_AUTH', 240);
    assert.deepEqual(await letters(), []);
    // However long the next look would be away.
    circuit.stop();
    circuit = new Circuit({ waitsMs: [1, 1_000_000] });
    assert.equal(await take(first, 'ODOO_AUTH'), 'settle');
    assert.equal(circuit.outage?.code, 'ODOO_AUTH');
    const waiting = [second, third].map((one) => take(one, 'ODOO_AUTH'));
    assert.deepEqual(await Promise.all(waiting), ['settle', 'settle']);
    const kept = await letters();
    assert.deepEqual(
      kept.map(({ code, state, message: { subject } }) => [code, state, subject]).toSorted(),
      ['1', '2', '3'].map((key) => ['ODOO_AUTH', 'open', key]),
    );
    assert.equal(kept[0]!.reason, 'The words of Odoo');
    assert.ok(circuit.outage, 'it shows for as long as it is so');
    assert.equal(await take(message('4')), 'settle');
    assert.equal(circuit.outage, undefined);
    assert.equal((await letters()).length, 3);
  });

  it('a restart does not begin the time anew; a time without it does', async () => {
    const one = message('1');
    await wait(one, 'CONFIG_INVALID', 200);
    circuit.stop();
    circuit = new Circuit({ waitsMs: [1] });
    await wait(one, 'CONFIG_INVALID', 40);
    time += 20 * minute;
    await wait(one, 'CONFIG_INVALID', 240);
    assert.equal(await take(one, 'CONFIG_INVALID'), 'settle');
    assert.deepEqual(
      (await letters()).map(({ code }) => code),
      ['CONFIG_INVALID'],
    );
  });

  it('what can pass is waited out for days, and its time is not that of what follows', async () => {
    const one = message('1');
    await wait(one, 'ODOO_UNREACHABLE', 3 * 24 * 60);
    await wait(one, 'ODOO_ADDRESS_WRONG', 240);
    assert.deepEqual(await letters(), []);
  });
});
