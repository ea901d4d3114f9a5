/** The password behind the glass is told: a cause of its own while its login is less than an hour old. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { glassLogins } from '../runtime/alerts/break-glass.ts';
import { causesOf, type Seen } from '../runtime/alerts/causes.ts';
import type { Act, ActOutcome } from '../runtime/audit/acts.ts';
import { createLog } from '../runtime/log/log.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import { loadOwnership } from '../runtime/ownership/ownership.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { openReader } from '../runtime/reader/reader.ts';

describe('a break-glass login', () => {
  it('is a cause for an hour, one for each user; a wrong password is none', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'crossdock-glass-'));
    const store = openStore(join(dir, 'crossdock.db'));
    const { audit } = embeddedJournal(store);
    const log = createLog({ level: 'silent' });
    const reader = await openReader({ profile: 'embedded', dataDir: dir, env: {}, log });
    const ownership = loadOwnership('definitions');
    const teamOf = (flow: string, code: string): string => ownership.find({ flow, code })?.team ?? '';
    const causes = async (minutesLater: number) => {
      const now = new Date(Date.now() + minutesLater * 60_000);
      const health = { outages: [], consumers: [], queues: [], store: {} };
      const seen = {
        health,
        rates: [],
        breakGlassLogins: await glassLogins(reader.db, now),
        tierOf: () => 'bulk',
        teamOf,
      };
      return causesOf(seen as unknown as Seen, now);
    };
    const row = (who: string, act: Act, outcome: ActOutcome) =>
      audit.append({ who, from: 'http 10.0.0.7', act, object: `user/${who}`, outcome });
    try {
      await row('admin', 'login.break-glass', 'failed');
      await row('olga', 'login', 'done');
      assert.deepEqual(await causes(0), []);
      await row('admin', 'login.break-glass', 'done');
      await row('admin', 'login.break-glass', 'done');
      const [cause, ...others] = await causes(59);
      assert.deepEqual(others, []);
      assert.equal(cause?.id, 'break-glass/admin');
      assert.match(cause?.what ?? '', /^The break-glass user admin has logged in past sign-on, at 20/);
      assert.equal(cause?.tier, 'critical');
      assert.notEqual(cause?.team, '');
      assert.deepEqual(await causes(61), []);
    } finally {
      await reader.close();
      store.close();
      rmSync(dir, { recursive: true });
    }
  });
});
