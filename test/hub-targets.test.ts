/** A target that is configured wrongly is told and holds readiness back, until it has worked once. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Code } from '../runtime/errors/codes.ts';
import { watchedTargets } from '../runtime/hub/targets.ts';

describe('targets of the running flows', () => {
  let told: string[] = [];
  const log = {
    error: (_fields: object, message: string) => void told.push(message),
    info: (_fields: object, message: string) => void told.push(message),
  };
  const targets = (quiet = false) => watchedTargets(log as never, quiet, 2);
  const failing = (codes: (Code | undefined)[]) => async () => {
    const code = codes.length > 1 ? codes.shift() : codes[0];
    if (code) throw new CodedError(code, 'Odoo before 19 needs the login of the user', { setting: 'login' });
  };
  beforeEach(() => (told = []));

  async function until(holds: () => boolean): Promise<void> {
    for (let tries = 0; tries < 15000 && !holds(); tries += 1) await sleep(2);
    assert.ok(holds());
  }
  const isReady = (of: ReturnType<typeof targets>) => {
    try {
      of.ready();
      return true;
    } catch {
      return false;
    }
  };

  it('a wrong setting is told once, and the hub is not ready', async () => {
    const of = targets();
    const gone = of.add('Odoo (connections)', failing(['CONFIG_INVALID']));
    await until(() => !isReady(of));
    await sleep(20);
    assert.throws(() => of.ready(), {
      code: 'CONFIG_INVALID',
      message: /^Odoo \(connections\) cannot be used: /,
    });
    assert.equal(told.length, 1);
    gone();
    of.ready();
  });

  it('one that is mended works from then on, and is not asked again', async () => {
    const of = targets();
    const codes: (Code | undefined)[] = ['ODOO_AUTH', undefined];
    of.add('Odoo', failing(codes));
    await until(() => told.length === 2);
    of.ready();
    assert.match(told[1]!, /works now/);
    codes[0] = 'ODOO_AUTH';
    await sleep(20);
    of.ready();
  });

  it('one that is away is an outage, which is waited out', async () => {
    const of = targets();
    const gone = of.add('Odoo', failing(['ODOO_UNREACHABLE']));
    await sleep(20);
    of.ready();
    assert.deepEqual(told, []);
    gone();
  });

  it('in a flow test nothing is asked', async () => {
    let asked = 0;
    targets(true).add('Odoo', async () => void (asked += 1));
    await sleep(10);
    assert.equal(asked, 0);
  });
});
