/** What partners really send, to a running hub, and what the real Odoo has of it: every kind of test/acceptance/field. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openOdoo } from '../../runtime/odoo/client.ts';
import { fieldRun } from '../acceptance/field/run.ts';
import { describeReal } from '../real.ts';
import { odooEnvironment } from './hub-process.ts';

describeReal(['odoo'], 'what partners really send', function (services) {
  this.timeout(600_000);

  it('is right in Odoo, or refused clearly', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-field-'));
    const said: string[] = [];
    try {
      const found = await fieldRun({
        odoo: openOdoo({ ...services.odoo, timeoutMs: 60_000 }),
        env: odooEnvironment(services.odoo),
        dataDir,
        withinMs: 300_000,
        log: (line) => void said.push(line),
      });
      const wrong = said.filter((line) => line.startsWith('wrong'));
      assert.deepEqual([...wrong], []);
      assert.equal(found.right + found.refused_clearly, found.kinds);
      assert.ok(found.kinds > 100, `only ${found.kinds} kinds`);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});
