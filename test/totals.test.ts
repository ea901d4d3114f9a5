/** Orders of all kinds, computed as shops do, stand in Odoo at the shop's total, whichever way Odoo rounds. */
import assert from 'node:assert/strict';
import { openOdoo } from '../runtime/odoo/client.ts';
import { startSandbox } from '../runtime/odoo/sandbox/sandbox.ts';
import { describeReal } from './real.ts';
import { ownCompany, type OwnCompany } from './totals/company.ts';
import { land, none, told } from './totals/landing.ts';

const count = Number(process.env['CROSSDOCK_TOTALS'] ?? 10_000);
const batch = 500;
const real = Number(process.env['CROSSDOCK_TOTALS_REAL'] ?? 300);
const currencies = { JPY: 1, KWD: 0.001 };
const roundings = ['round_per_line', 'round_globally'] as const;

describe('totals of generated orders', () => {
  for (const rounding of roundings)
    it(`${count} in the sandbox Odoo, ${rounding}: at least 99.9 % exact`, async function () {
      this.timeout(360_000);
      const sandbox = await startSandbox({ rounding, currencies });
      const figures = none();
      try {
        for (let from = 0; from < count; from += batch) {
          sandbox.reset();
          const seeds = Array.from({ length: Math.min(batch, count - from) }, (_, index) => from + index + 1);
          await land(openOdoo({ ...sandbox, timeoutMs: 30_000 }), 'gen', seeds, figures);
        }
      } finally {
        await sandbox.close();
      }
      process.stdout.write(told(`sandbox, ${rounding}`, figures));
      assert.equal(figures.orders, count);
      assert.ok(figures.exact / count >= 0.999, told(rounding, figures));
    });
});

describeReal(['odoo'], 'totals of generated orders in the real Odoo', ({ odoo }) => {
  let company: OwnCompany;
  before(async function () {
    this.timeout(180_000);
    company = await ownCompany(odoo, Object.keys(currencies));
  });

  for (const rounding of roundings)
    it(`${real}, ${rounding}: all but one in a thousand exact`, async function () {
      this.timeout(300_000);
      await company.round(rounding);
      const figures = none();
      const seeds = Array.from({ length: real }, (_, index) => index + 1);
      const source = `${company.name}${rounding === 'round_per_line' ? 'l' : 'g'}`;
      const stored = await land(company.odoo, source, seeds, figures, { confirm: 2, max: 50 });
      process.stdout.write(told(`real Odoo, ${rounding}`, figures));
      assert.ok(figures.exact / real >= 0.999, told(rounding, figures));
      const sandbox = await startSandbox({ rounding, currencies });
      try {
        const odoo = openOdoo({ ...sandbox, timeoutMs: 30_000 });
        assert.deepEqual(await land(odoo, 'gen', seeds, none()), stored, 'the sandbox computes as Odoo does');
      } finally {
        await sandbox.close();
      }
    });
});
