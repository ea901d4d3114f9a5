/** The reconciliation by the clock: when it runs, that one hub of several does it, and what becomes of one that fails. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedGuard } from '../runtime/guard/embedded.ts';
import { createLog } from '../runtime/log/log.ts';
import { reconcilingByTheClock, runByCommand } from '../runtime/reconcile/scheduled.ts';
import { loadTolerances, usual } from '../runtime/reconcile/tolerances.ts';
import { openStore } from '../runtime/sqlite/store.ts';

const log = createLog({ level: 'silent' });

describe('a reconciliation by the clock', () => {
  let dir: string;
  let ran: string[];
  let fails: boolean;
  let now: Date;
  let closing: (() => unknown)[];
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-scheduled-'));
    cpSync('definitions/reconciliation.yaml', join(dir, 'reconciliation.yaml'));
    [ran, fails, closing] = [[], false, []];
  });
  afterEach(async () => {
    for (const close of closing.toReversed()) await close();
    rmSync(dir, { recursive: true });
  });
  const schedule = (text: string) => {
    const file = join(dir, 'reconciliation.yaml');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\nschedule: ${text}\n`);
  };
  const at = (time: string) => void (now = new Date(time));
  const hub = () => {
    const store = openStore(join(dir, 'guard.db'));
    const guard = embeddedGuard(store);
    const clocked = reconcilingByTheClock({
      hub: { guard, log },
      definitionsDir: () => dir,
      async run(cutOff, _signal, of) {
        ran.push(of === 'sales' ? cutOff : of);
        if (fails) throw new Error('Odoo is away');
      },
      clock: () => now,
    });
    closing.push(() => store.close(), clocked.end);
    return clocked;
  };

  it('compares as of the time that the schedule names, in its time zone, once', async () => {
    schedule("{ at: '0 2 * * *', timezone: Europe/Berlin }");
    at('2030-07-01T20:00:00.000Z');
    const { poll } = hub();
    const lookAt = (time: string) => (at(time), poll());
    for (const time of [
      '2030-07-01T23:59:40',
      '2030-07-02T00:00:10',
      '2030-07-02T00:00:40',
      '2030-07-02T23:59:50',
    ])
      await lookAt(`${time}.000Z`);
    assert.deepEqual(ran, ['2030-07-02T00:00:00.000Z']);
    await lookAt('2030-07-03T00:00:20.000Z');
    assert.deepEqual(ran.slice(1), ['2030-07-03T00:00:00.000Z']);
  });

  it('is made up for by a hub that was down at the time, and of two hubs one does it', async () => {
    schedule("{ at: '0 2 * * *', timezone: UTC }");
    at('2030-07-02T09:00:00.000Z');
    const [one, other] = [hub(), hub()];
    await Promise.all([one.poll(), other.poll()]);
    await hub().poll();
    assert.deepEqual(ran, ['2030-07-02T02:00:00.000Z']);
  });

  it('that failed is left, and the next one runs', async () => {
    schedule("{ at: '0 2 * * *', timezone: UTC }");
    at('2030-07-02T02:00:00.000Z');
    const { poll } = hub();
    const lookAt = (time: string) => (at(time), poll());
    fails = true;
    await poll();
    fails = false;
    await poll();
    await lookAt('2030-07-03T02:00:00.000Z');
    assert.deepEqual(ran, ['2030-07-02T02:00:00.000Z', '2030-07-03T02:00:00.000Z']);
  });

  it('compares each of its books, also where one fails', async () => {
    schedule("{ at: '0 2 * * *', timezone: UTC, books: [sales, purchases] }");
    at('2030-07-02T02:00:00.000Z');
    fails = true;
    await hub().poll();
    assert.deepEqual(ran, ['2030-07-02T02:00:00.000Z', 'purchases']);
  });

  it('does not run without a schedule, and a schedule changes no run', async () => {
    at('2030-07-02T02:00:00.000Z');
    await hub().poll();
    assert.deepEqual(ran, []);
    schedule("{ at: '0 2 * * *', timezone: UTC }");
    assert.deepEqual(loadTolerances(dir), usual);
  });

  for (const wrong of [
    "{ at: 'at two', timezone: UTC }",
    "{ at: '0 2 * * *', timezone: Europe/Nowhere }",
    '{ at: 0 }',
    "{ at: '0 2 * * *', timezone: UTC, books: [rent] }",
  ])
    it(`is refused as ${wrong}`, () => {
      schedule(wrong);
      assert.throws(() => loadTolerances(dir), { code: 'CONFIG_INVALID' });
    });

  const cutOff = '2030-07-01T00:00:00.000Z';

  it('is run by the command, which ends with 1 where somebody has to act', async () => {
    let standing: string | undefined;
    const script = (body: string) => {
      const file = join(dir, 'command.mjs');
      writeFileSync(file, body);
      return runByCommand(
        file,
        { ...process.env, SAID: 'told' },
        {
          get: async (kind) => (kind === 'reconciliation-open' ? standing : undefined),
        },
      );
    };
    const { signal } = new AbortController();
    const asked = (since: string) =>
      `if (process.argv.slice(2).join() !== 'reconcile,--cut-off,${cutOff},--since,${since}' || process.env.SAID !== 'told') process.exit(3);`;
    const usually = '2030-04-02T00:00:00.000Z';
    for (const code of [0, 1])
      await script(`${asked(usually)} console.log('1 break'); process.exitCode = ${code};`)(
        cutOff,
        signal,
        'sales',
      );
    // An order that has an open break is looked at, however old; of other books it says nothing.
    const old = '2030-01-01T00:00:00.000Z';
    const [id, amount] = ['x', { what: '', amount: '1' }];
    const broken = { id, left: amount, right: amount, heard: old, books: 'sales' };
    standing = JSON.stringify({ looked: [], breaks: [broken] });
    await script(`${asked(old)} console.log('1 break');`)(cutOff, signal, 'sales');
    standing = JSON.stringify({ looked: [], breaks: [{ ...broken, books: 'purchases' }] });
    await script(`${asked(usually)} console.log('1 break');`)(cutOff, signal, 'sales');
    const fail = "console.error('first'); console.error('ODOO_UNREACHABLE: Odoo is away');";
    for (const code of [1, 2])
      await assert.rejects(script(`${fail} process.exitCode = ${code};`)(cutOff, signal, 'sales'), {
        message: 'ODOO_UNREACHABLE: Odoo is away',
      });
    const ended = AbortSignal.timeout(300);
    await assert.rejects(script('setInterval(() => {}, 1000);')(cutOff, ended, 'sales'));
  });
});
