/** What Odoo has for a value a partner said: the likeliest first, read only, and not for long. */
import assert from 'node:assert/strict';
import { openOdoo, type Odoo } from '../runtime/odoo/client.ts';
import { startSandbox, type Sandbox } from '../runtime/odoo/sandbox/sandbox.ts';
import { candidates, leadsSomewhere } from '../runtime/tower/candidates.ts';

describe('candidates from Odoo', () => {
  let sandbox: Sandbox;
  let odoo: Odoo;
  const called: string[] = [];
  before(async () => {
    sandbox = await startSandbox();
    const real = openOdoo({ ...sandbox, timeoutMs: 10_000 });
    odoo = {
      ...real,
      call: (model, method, args) => {
        called.push(method);
        return real.call(model, method, args);
      },
    };
  });
  after(() => sandbox?.close());

  const to = async (map: string, ...said: string[]) =>
    (await candidates(odoo, map, said)).rows.map((row) => row.to);

  it('finds an article by its code, its barcode and words of its name', async () => {
    assert.equal((await to('product', 'furn_8888'))[0], 'FURN_8888');
    assert.deepEqual(await to('product', '40164785534112'), ['FURN_8888']);
    assert.deepEqual(await to('product', 'Black chair, 2 pieces'), [
      'FURN_0269',
      'E-COM12',
      'FURN_7777',
      'FURN_8900',
    ]);
    assert.deepEqual(await to('product', 'no such thing'), []);
  });

  it('puts first what is called exactly so, by whichever of its names', async () => {
    const rows = (await candidates(odoo, 'product', ['CHAIR-77', 'Office Chair'])).rows;
    assert.deepEqual(rows[0], { to: 'FURN_7777', detail: 'Office Chair' });
    assert.ok(rows.length > 1);
  });

  it('finds taxes of sales, units, warehouses, payment terms and journals', async () => {
    assert.deepEqual(await to('tax', 'Sales Tax 15%'), ['15%']);
    assert.deepEqual(await to('uom', 'pack'), ['Pack of 6']);
    assert.deepEqual(await to('warehouse', 'YourCompany'), ['WH']);
    assert.deepEqual(await to('payment-terms', 'Net 30 Days'), [
      '2/7 Net 30',
      '30 Days',
      '15 Days',
      '21 Days',
      '45 Days',
    ]);
    assert.deepEqual(await to('journal', 'bank'), ['BNK1']);
    assert.deepEqual(await to('warehouse', 'Nowhere'), ['WH']);
  });

  it('asks Odoo nothing where the map leads elsewhere, and says why where it cannot be asked', async () => {
    const before = called.length;
    assert.deepEqual(await candidates(odoo, 'order-status', ['paid']), { rows: [] });
    assert.equal(called.length, before);
    assert.match((await candidates(undefined, 'tax', ['15%'])).away ?? '', /no flow/i);
    const away = openOdoo({ ...sandbox, url: 'http://127.0.0.1:9', timeoutMs: 10_000 });
    assert.match((await candidates(away, 'tax', ['15%'])).away ?? '', /Odoo/);
  });

  it('does not wait for long', async () => {
    const silent: Odoo = { ...odoo, call: () => new Promise(() => {}) };
    const { away } = await candidates(silent, 'tax', ['15%'], 10);
    assert.match(away ?? '', /did not answer within 0.01 seconds/);
  });

  it('tells whether an entry leads somewhere, where that can be told', async () => {
    const leads = (map: string, name: string) => leadsSomewhere(odoo, map, name);
    assert.deepEqual(
      await Promise.all([leads('tax', '15%'), leads('tax', '16%'), leads('tax', 'account.some_tax')]),
      [true, false, undefined],
    );
    assert.deepEqual(await Promise.all([leads('article', 'NEW'), leads('vat', '0.19')]), [
      undefined,
      undefined,
    ]);
  });

  it('only reads', () => assert.deepEqual([...new Set(called)], ['search_read']));
});
