/** `crossdock reconcile` as it is typed: whoever explains or accepts a break says so with the own password. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openUsers } from '../runtime/node-red/users.ts';

describe('the command reconcile', function () {
  this.timeout(90_000);
  let dataDir: string;
  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'crossdock-reconcile-command-'));
    const users = await openUsers(dataDir, () => {});
    await users.set('ida', 'twelve characters', 'operations');
    await users.set('victor', 'twelve characters', 'viewer');
  });
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  function said(by: string, password: string, what: string): string {
    const own = { CROSSDOCK_DATA: dataDir, CROSSDOCK_PROFILE: 'embedded', CROSSDOCK_PASSWORD: password };
    const args = ['cli/crossdock.js', 'reconcile', what, 'x', '--note', 'agreed', '--by', by];
    return spawnSync(process.execPath, args, { env: { ...process.env, ...own }, encoding: 'utf8' }).stderr;
  }

  for (const what of ['explain', 'accept'])
    it(`lets only who gives the own password, and may work, ${what} a break`, () => {
      assert.match(said('ida', '', what), /LOGIN_MISSING/);
      assert.match(said('ida', 'another password', what), /LOGIN_MISSING/);
      assert.match(said('victor', 'twelve characters', what), /PERMISSION_MISSING/);
      // That person is heard: there is no such break.
      assert.match(said('ida', 'twelve characters', what), /RECONCILIATION_UNKNOWN/);
    });
});
