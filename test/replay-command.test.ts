/** `crossdock replay` as it is typed, without a hub: what it says, writes down and refuses. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replay } from '../cli/replay.ts';
import { openStores } from '../runtime/stores/profile.ts';
import { openUsers } from '../runtime/node-red/users.ts';
import type { ReplayView } from '../runtime/replay/view.ts';
import { coded, order } from './conformance/kit.ts';
import { letter } from './conformance/rows.ts';

describe('the command replay', function () {
  this.timeout(90_000);
  let dataDir: string;
  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'crossdock-replay-command-'));
    const stores = await openStores({ profile: 'embedded', dataDir, env: {} });
    for (let n = 0; n < 3; n += 1) {
      const type = n === 2 ? 'payment.received.v1' : 'order.received.v1';
      const message = { ...order(type, `SO-${n}`), type, data: { amount: '30000.00', currency: 'EUR' } };
      const failed = { code: 'ODOO_FAILED', facts: {}, flow: 'order-to-odoo', queue: 'order-to-odoo' };
      await stores.journal.saveDeadLetter(letter({ id: `letter-${n}`, message, ...failed }));
    }
    await stores.close();
    const users = await openUsers(dataDir, () => {});
    await users.set('berta', 'twelve characters', 'operations');
    await users.set('victor', 'twelve characters', 'viewer');
  });
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  function typed(...args: string[]): { out: string; error: string; status: number | null } {
    const env = {
      ...process.env,
      CROSSDOCK_DATA: dataDir,
      CROSSDOCK_PROFILE: 'embedded',
      CROSSDOCK_ENVIRONMENT: 'prod',
      CROSSDOCK_PASSWORD: 'twelve characters',
    };
    const done = spawnSync(process.execPath, ['cli/crossdock.js', 'replay', ...args], {
      env,
      encoding: 'utf8',
    });
    return { out: done.stdout, error: done.stderr, status: done.status };
  }

  it('plans, runs, is agreed to by somebody else with a password, and is cancelled', () => {
    const plan = JSON.parse(
      typed('plan', '--flow', 'order-to-odoo', '--by', 'anna', '--json').out,
    ) as ReplayView;
    const { id } = plan;
    assert.deepEqual(
      plan.groups.map(({ verdict, letters, money }) => [verdict, letters, money]),
      [
        ['safe', 2, { EUR: '60000.00' }],
        ['irreversible', 1, { EUR: '30000.00' }],
      ],
    );
    assert.deepEqual(plan.unknown, ['odoo', 'outages']);
    assert.deepEqual(plan.versions, [{ flow: 'order-to-odoo', was: '3', now: '1.0.0', letters: 3 }]);
    const shown = typed('show', id, '--verdict', 'irreversible').out;
    assert.match(shown, /2 {2}safe {11}Safe, orders: 2, 60000\.00 EUR/);
    assert.match(shown, /SO-2 {2}irreversible {2}It moves money or tells a partner/);
    assert.doesNotMatch(shown, /SO-1/);
    const run = typed('run', id, '--include', 'irreversible', '--by', 'anna').out;
    assert.match(run, /Waits for a second person/);
    assert.match(run, /more money than one person alone may send: 90000\.00 EUR/);
    assert.match(run, new RegExp(`npx crossdock replay approve ${id}`));
    assert.match(typed('approve', id, '--by', 'nobody').error, /LOGIN_MISSING/);
    assert.match(typed('approve', id, '--by', 'victor').error, /PERMISSION_MISSING/);
    assert.match(typed('approve', id, '--by', 'berta').out, /Running/);
    assert.match(typed('pause', id).out, /Paused/);
    const refused = typed('pause', id);
    assert.match(refused.error, /REPLAY_STATE/);
    assert.notEqual(refused.status, 0);
    assert.match(typed('cancel', id).out, /3 cancelled/);
    assert.match(typed().out, new RegExp(`${id} .*Cancelled.*3 × order-to-odoo`));
  });

  for (const args of [
    'plan',
    'plan x --code Y',
    'plan x --per-second 0',
    'plan x --per-second 5000',
    'plan --since yesterday',
    'show',
    'show x y',
    'run x --include everything',
    'run',
    'send x',
    'list --limit none',
  ])
    it(`refuses ${args}`, () => assert.rejects(replay(args.split(' ')), coded('REQUEST_INVALID')));
});
