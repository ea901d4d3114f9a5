import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describeReal } from '../real.ts';

interface Result {
  orders: number;
  accepted: number;
  landed: number;
  lost: number;
  duplicated: number;
  dead: number;
  faults: number;
  seed: number;
  byKind: Record<string, number>;
}

const orders = 200;

/** As a person runs it: the last line is the result. */
function campaign(profile: string): Promise<{ result: Result; told: string; code: unknown }> {
  const args = ['bench/chaos/chaos.ts', '--profile', profile, '--orders', String(orders), '--json'];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { maxBuffer: 2 ** 26 }, (error, out, told) => {
      const result = JSON.parse(out.trim().split('\n').at(-1) || '{}') as Result;
      resolve({ result, told, code: error?.code ?? 0 });
    });
  });
}

describeReal(['odoo', 'rabbitmq', 'redis', 'postgres'], 'the chaos campaign, every fault once', () => {
  for (const profile of ['embedded', 'cluster']) {
    it(`${profile}: ${orders} orders, none lost, none twice`, async function () {
      this.timeout(20 * 60_000);
      const { result, told, code } = await campaign(profile);
      const { accepted, landed, lost, duplicated, dead, faults, byKind } = result;
      assert.equal(code, 0, told);
      assert.deepEqual({ accepted, lost, duplicated }, { accepted: orders, lost: 0, duplicated: 0 }, told);
      assert.equal(landed + dead, orders, told);
      for (const [kind, count] of Object.entries(byKind))
        assert.equal(count, 1, `${kind} struck ${count} times\n${told}`);
      assert.ok(faults >= 11, told);
    });
  }
});
