/** What is kept of answers, and for how long. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { remembered } from '../runtime/odoo/remembered.ts';

describe('remembered', () => {
  it('many that want the same at the same moment ask once', async () => {
    const kept = remembered<number>(60_000);
    let asked = 0;
    const ask = async () => {
      await sleep(1);
      return (asked += 1);
    };
    assert.deepEqual(await Promise.all([1, 2, 3].map(() => kept.of('a', ask))), [1, 1, 1]);
    assert.equal(await kept.of('a', ask), 1);
    assert.equal(await kept.of('b', ask), 2);
  });

  it('is asked again when its time is over, however often it was wanted', async () => {
    const kept = remembered<number>(40);
    let asked = 0;
    const ask = async () => (asked += 1);
    for (const end = Date.now() + 100; Date.now() < end; await sleep(5)) await kept.of('a', ask);
    assert.ok(asked >= 2, `asked ${asked} times`);
  });

  it('what was used last stays when there is no more room', async () => {
    const kept = remembered<number>(60_000, 3);
    for (const [at, key] of ['a', 'b', 'c'].entries()) kept.set(key, at);
    kept.get('a');
    kept.set('d', 3);
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((key) => kept.get(key)),
      [0, undefined, 2, 3],
    );
  });

  it('a failure and a nothing are not kept; what was forgotten while it was asked for is not kept either', async () => {
    const kept = remembered<number>(60_000);
    await assert.rejects(
      kept.of('a', () => Promise.reject(new Error('away'))),
      /away/,
    );
    assert.equal(await kept.of('a', async () => undefined), undefined);
    const asking = kept.of('a', async () => {
      await sleep(5);
      return 1;
    });
    kept.clear();
    assert.equal(await asking, 1);
    assert.equal(await kept.of('a', async () => 2), 2);
  });
});
