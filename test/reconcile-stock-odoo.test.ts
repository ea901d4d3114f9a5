/** Stock of the real Odoo against a count and a channel: what agrees is told as nothing, and each difference in its class. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { inVocabulary } from '../runtime/odoo/vocabulary.ts';
import { readStock } from '../runtime/reconcile/read-stock.ts';
import { readStatement } from '../runtime/reconcile/stock-statement.ts';
import { reconcileStock, type ToldStock } from '../runtime/reconcile/stock.ts';
import { usual } from '../runtime/reconcile/tolerances.ts';
import { odooKit } from './conformance/odoo-kit.ts';
import { describeReal } from './real.ts';

describeReal(['odoo'], 'the stock of Odoo', function (real) {
  this.timeout(180_000);
  const kit = odooKit(async () => real.odoo);
  const { source } = kit;
  const sku = (name: string) => `${source}-${name}`;
  let place: number;
  const products = new Map<string, number>();

  /** So many stand there from now on. */
  async function stands(name: string, quantity: number, lot?: number): Promise<void> {
    const [id] = await kit.odoo.call<number[]>('stock.quant', 'create', {
      vals_list: [
        {
          product_id: products.get(name),
          location_id: place,
          inventory_quantity: quantity,
          ...(lot && { lot_id: lot }),
        },
      ],
      context: { inventory_mode: true },
    });
    // Where counts are documents, this was one.
    const { inventories } = await kit.odoo.dialect();
    if (!inventories) await kit.odoo.call('stock.quant', 'action_apply_inventory', { ids: [id!] });
  }
  const lotOf = async (name: string, lot: string): Promise<number> => {
    const company = (await kit.odoo.version()) < 18 ? { company_id: 1 } : {};
    const vals = { name: lot, product_id: products.get(name), ...company };
    const [id] = await kit.odoo.call<number[]>('stock.lot', 'create', { vals_list: [vals] });
    return id!;
  };

  before(async () => {
    const [row] = await kit.odoo.call<{ id: number }[]>('stock.location', 'search_read', {
      domain: [['complete_name', '=', 'WH/Stock']],
      fields: ['id'],
    });
    place = row!.id;
    for (const name of ['same', 'missing', 'off', 'moved', 'told'])
      products.set(name, await kit.stocked(name, sku(name)));
    products.set('lots', await kit.stocked('lots', sku('lots'), { tracking: 'By Lots' }));
    await kit.odoo.call('product.product', 'write', {
      ids: [products.get('off')!],
      vals: { standard_price: 2.5 },
    });
    for (const [name, quantity] of [
      ['same', 10],
      ['missing', 4],
      ['off', 6],
      ['moved', 8],
      ['told', 5],
    ] as const)
      await stands(name, quantity);
    await stands('lots', 3, await lotOf('lots', 'L1'));
    await stands('lots', 2, await lotOf('lots', 'L2'));
    // Odoo tells whole seconds.
    await sleep(1100);
  });

  it('shows each difference once, in its class, and the same when run again', async () => {
    const asOf = new Date().toISOString();
    await sleep(1100);
    await stands('moved', 5);
    const cutOff = new Date(Date.now() + 1000).toISOString();
    const rows = [
      ['same', '', 10],
      ['off', '', 7],
      ['moved', '', 8],
      ['told', '', 5],
      ['extra', '', 1],
      ['lots', 'L1', 3],
      ['lots', 'L2', 1],
    ].map(([name, lot, quantity]) => `${sku(String(name))},${lot},${quantity},${asOf}`);
    const counted = readStatement(Buffer.from(['sku,lot,quantity,as-of', ...rows].join('\n')), 'WH');
    const taken = new Date(Date.now() - 3_600_000).toISOString();
    const level = (name: string, told: string): ToldStock => ({
      channel: 'shopify',
      warehouse: 'WH',
      sku: sku(name),
      told,
      at: taken,
      taken,
      waits: taken,
    });
    const told = [level('same', '10'), level('told', '9'), level('gone', '2')];
    const compare = async () => {
      const stock = await readStock(inVocabulary(kit.odoo), {
        warehouses: new Set(['WH']),
        since: asOf,
        counted: counted.map((one) => one.sku),
        told: new Map([['WH', new Set(told.map((one) => one.sku))]]),
      });
      return reconcileStock({ ...stock, counted, told }, { cutOff, tolerances: usual });
    };
    const { breaks } = await compare();
    // Of other runs on this Odoo there is more.
    const own = breaks.filter(({ order }) => order.startsWith(source));
    assert.deepEqual(
      own.map(({ about, situation, class: kind, difference }) => [
        about.replace(`WH ${source}-`, ''),
        situation,
        kind,
        difference,
      ]),
      [
        ['extra', 'stock extra', 'extra', '-1'],
        ['gone', 'channel extra', 'extra', '2'],
        ['lots L2', 'stock quantity', 'quantity', '1'],
        ['missing', 'stock missing', 'missing', '4'],
        ['moved', 'stock quantity', 'timing', '-3'],
        ['off', 'stock quantity', 'quantity', '-1'],
        ['told', 'channel quantity', 'quantity', '4'],
      ].toSorted((a, b) => keyOf(own, a) - keyOf(own, b)),
    );
    assert.equal(own.find(({ about }) => about.endsWith('-off'))!.stake?.amount, '2.5');
    const again = (await compare()).breaks.filter(({ order }) => order.startsWith(source));
    assert.equal(JSON.stringify(again), JSON.stringify(own));
  });

  /** Breaks come by id. */
  function keyOf(own: readonly { about: string }[], [about]: readonly string[]): number {
    return own.findIndex((one) => one.about === `WH ${source}-${about}`);
  }
});
