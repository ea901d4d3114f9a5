import assert from 'node:assert/strict';
import { patience } from '../runtime/odoo/patience.ts';

describe('patience with an Odoo that refuses', () => {
  const refused = { code: 'ODOO_REFUSED', message: 'no field warehouse_id', retryable: false };

  it('tells the same refusal once, and asks more and more seldom, every five minutes at last', () => {
    const odoo = patience(2000);
    assert.deepEqual(odoo.failed(refused), { waitMs: 2000, isNews: true });
    const more = Array.from({ length: 9 }, () => odoo.failed(refused));
    assert.ok(more.every(({ isNews }) => !isNews));
    assert.deepEqual(
      more.map(({ waitMs }) => waitMs / 1000),
      [4, 8, 16, 32, 64, 128, 256, 300, 300],
    );
    assert.equal(odoo.worked(), 10);
    assert.equal(odoo.worked(), 0);
  });

  it('tells another refusal at once, and begins anew after it has worked', () => {
    const odoo = patience(1000);
    odoo.failed(refused);
    odoo.failed(refused);
    assert.deepEqual(odoo.failed({ ...refused, message: 'no field active' }), { waitMs: 1000, isNews: true });
    odoo.worked();
    assert.deepEqual(odoo.failed(refused), { waitMs: 1000, isNews: true });
  });

  it('asks as often as ever while a later try may mend it, and no more often than it is told to', () => {
    const away = { code: 'ODOO_UNREACHABLE', message: 'no answer', retryable: true };
    const odoo = patience(5000);
    assert.deepEqual(
      [odoo.failed(away), odoo.failed(away)].map(({ waitMs }) => waitMs),
      [5000, 5000],
    );
    const daily = patience(86_400_000);
    daily.failed(refused);
    assert.equal(daily.failed(refused).waitMs, 86_400_000);
  });
});
