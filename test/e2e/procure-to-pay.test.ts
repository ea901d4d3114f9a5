/** A purchase from its order in the real Odoo to its payment there, the hub killed on the way. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournal } from '../../runtime/stores/profile.ts';
import type { Journal } from '../../runtime/journal/journal.ts';
import { openOdoo } from '../../runtime/odoo/client.ts';
import type { Instance } from '../../runtime/process/state.ts';
import { untilInstance } from '../acceptance/instances.ts';
import { partners } from '../acceptance/partners.ts';
import { buy } from '../acceptance/purchase.ts';
import { describeReal } from '../real.ts';
import { odooEnvironment, startHubProcess, type HubProcess } from './hub-process.ts';

describeReal(['odoo'], 'procure to pay', function (services) {
  this.timeout(360_000);
  const source = `ptp${randomBytes(4).toString('hex')}`;
  const sku = `${source}-A`;
  const odoo = openOdoo({ ...services.odoo, timeoutMs: 60_000 });
  const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-ptp-'));
  const definitionsDir = join(dataDir, 'definitions');
  const env = { ...odooEnvironment(services.odoo), CROSSDOCK_DEFINITIONS: definitionsDir };
  let hub: HubProcess;
  let journal: Journal;

  before(async () => {
    cpSync('definitions', definitionsDir, { recursive: true });
    hub = await startHubProcess(env, dataDir);
    // As the commands read it, beside the hub.
    journal = await openJournal({ profile: 'embedded', dataDir, env });
  });
  after(async () => {
    await journal?.close();
    await hub?.stop(true);
    rmSync(dataDir, { recursive: true, force: true });
  });

  const tell = partners(() => hub.url, source);
  const until = (number: string, fits: (instance: Instance) => boolean): Promise<Instance> =>
    untilInstance(journal, number, fits, 40_000);
  const has = (what: string, times: number) => (instance: Instance) =>
    instance.history.filter((one) => one.what === what).length >= times;
  async function killed(): Promise<void> {
    hub.signal('SIGKILL');
    await hub.exited;
    hub = await startHubProcess(env, dataDir);
  }

  it('is received in two parts, billed, and paid, each once', async () => {
    const { number, product, papers, pay } = await buy(odoo, source, sku, 8);
    await until(number, has('purchase.confirmed.v1', 1));

    // The bill is here before the goods: it waits.
    await tell.bill('b1', number, 7.5);
    await tell.receipt('i1', number, [{ sku, quantity: 3 }]);
    await until(number, has('bill.posted.v1', 1));
    await killed();
    await tell.receipt('i2', number, [{ sku, quantity: 5 }]);
    await killed();
    await until(number, has('receipt.booked.v1', 2));
    await tell.bill('b2', number, 12.5);
    await until(number, has('bill.posted.v1', 2));

    const { bills, transfers } = await papers();
    assert.deepEqual([bills.length, transfers.length], [2, 2]);
    await pay();
    const { state } = await until(number, (instance) => instance.state === 'done');
    assert.equal(state, 'done');
    const moves = await odoo.call<{ state: string; amount_total: number; payment_state: string }[]>(
      'account.move',
      'read',
      {
        ids: bills,
        fields: ['state', 'amount_total', 'payment_state'],
      },
    );
    assert.deepEqual(
      moves.map(({ amount_total }) => amount_total).toSorted((a, b) => a - b),
      [7.5, 12.5],
    );
    assert.ok(
      moves.every(
        ({ state: is, payment_state: paid }) => is === 'posted' && /^(paid|in_payment)$/.test(paid),
      ),
    );
    const [stocked] = await odoo.call<{ qty_available: number }[]>('product.product', 'read', {
      ids: [product],
      fields: ['qty_available'],
    });
    assert.equal(stocked!.qty_available, 8);
  });
});
