/** One table knows the names of Odoo, and what this Odoo has decides which are used. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { CallArgs } from '../runtime/odoo/protocol/protocol.ts';
import { dialectOf, dialectOfVersion, telling } from '../runtime/odoo/versions/dialect.ts';
import { common, contexts, majors } from '../runtime/odoo/versions/names.ts';
import { probe } from '../runtime/odoo/versions/probe.ts';
import { entries, fieldOf, versionsOf, words } from '../runtime/odoo/versions/table.ts';
import { namesInCode, namesInFlow, type Named } from './odoo-names-scan.ts';

/** Words of protocols, of answers, and of the hub's own: no names of Odoo. */
const others = new Set(
  `execute_kw server_version vals_list line_id raise_exception button_confirm button_draft name_search child_of`.split(
    ' ',
  ),
);

const code = [
  ...globSync('runtime/odoo/{*,{protocol,together,order,stock,money}/*}.ts'),
  ...globSync('runtime/odoo/rights/{check,user}.ts'),
  'runtime/odoo/versions/dialect.ts',
  ...globSync('runtime/reconcile/read-{goods,invoices,odoo,orders,payments}.ts'),
  'runtime/replay/odoo.ts',
  'runtime/tower/candidates.ts',
  'runtime/workspace/odoo-names.ts',
];

/** Every name the table has, whatever it is of. */
const all = new Set([
  ...Object.keys(contexts),
  ...entries().flatMap(({ part }) => [
    ...words(part.fields),
    ...words(part.methods),
    ...Object.keys(part.only ?? {}).map((name) => name.replace('()', '')),
    ...Object.values(part.values ?? {}).flatMap((text) => text.split(/[, ]+/)),
  ]),
  ...words(common.fields),
  ...words(common.methods),
  ...Object.keys(common.only ?? {}).map((name) => name.replace('()', '')),
]);

const models = new Set(entries().map(({ model }) => model));

function unknown({ model, name }: Named): boolean {
  if (model !== undefined && !models.has(model)) return !model.startsWith('ir.actions.');
  if (name === undefined) return false;
  return model === undefined ? !all.has(name) && !others.has(name) : versionsOf(model, name) === undefined;
}

const told = ({ at, model, name }: Named) => `${at} ${[model, name].filter(Boolean).join(' ')}`;

describe('names of Odoo', () => {
  it('code uses no model, field or method that is not in the table', () => {
    assert.deepEqual(
      code
        .flatMap((file) => namesInCode(file))
        .filter(unknown)
        .map(told),
      [],
    );
  });

  it('a name that nobody looked up is found', () => {
    const text = `
      odoo.call('sale.order', 'action_fly', { domain: [['wings', '=', 2]], fields: ['feather_count'] });
      const read = { model: 'sale.orders', fields: ['name'] };
      odoo.call('stock.move', 'write', { ids, vals: { feathers: 1 } });
      row.quantity_flown;`;
    const found = namesInCode('planted.ts', text).filter(unknown).map(told);
    for (const name of [
      'action_fly()',
      'wings',
      'feather_count',
      'sale.orders',
      'feathers',
      'quantity_flown',
    ])
      assert.ok(
        found.some((one) => one.includes(name)),
        name,
      );
  });

  it('flows use none either', () => {
    const flows = globSync('flows/*.yaml').filter((file) => !file.endsWith('.test.yaml'));
    const found = flows.flatMap((file) => namesInFlow(file));
    assert.ok(found.length > 50, `${found.length} names`);
    assert.deepEqual(found.filter(unknown).map(told), []);
  });

  it('flows that name what not all versions have name what the vocabulary translates', () => {
    const flows = globSync('flows/*.yaml').filter((file) => !file.endsWith('.test.yaml'));
    const some = flows
      .flatMap((file) => namesInFlow(file))
      .filter(({ model, name }) => name !== undefined && versionsOf(model!, name)!.length < majors.length);
    assert.deepEqual([...new Set(some.map(told))].toSorted(), [
      'flows/edi-out.yaml: read stock product.product is_storable',
      'flows/finance-export.yaml: read items account.move.line analytic_distribution',
      'flows/stock-levels.yaml: stock in Odoo stock.quant warehouse_id',
    ]);
  });
});

describe('the dialect of an Odoo', () => {
  const of = (major: number) => dialectOfVersion(major);

  it('14 keeps counts apart, and has no HTML', () => {
    const { inventories, plainNotes, lowersMoves, lotModel, lineDone, done, moves } = of(14);
    assert.deepEqual(
      { inventories, plainNotes, lowersMoves, lotModel, lineDone, done, moves },
      {
        inventories: true,
        plainNotes: true,
        lowersMoves: false,
        lotModel: 'stock.production.lot',
        lineDone: 'qty_done',
        done: 'quantity_done',
        moves: 'move_lines',
      },
    );
  });

  const across: [keyof ReturnType<typeof dialectOfVersion>, unknown[]][] = [
    [
      'lineUom',
      ['product_uom', 'product_uom', 'product_uom', 'product_uom', 'product_uom', 'product_uom_id'],
    ],
    ['needsPricelist', [true, true, true, false, false, false]],
    ['productType', ['type', 'detailed_type', 'detailed_type', 'detailed_type', 'type', 'type']],
    ['moveName', [true, true, true, true, true, false]],
    ['moveUom', [true, true, false, false, false, false]],
    ['picked', [false, false, false, true, true, true]],
    ['returnsTo', [true, true, true, true, false, false]],
    ['namesOrders', [false, false, true, true, true, true]],
    ['invoicesApart', [false, false, false, true, true, true]],
    ['paymentMemo', ['ref', 'ref', 'ref', 'ref', 'memo', 'memo']],
    ['inventories', [true, false, false, false, false, false]],
    [
      'reverse',
      ['reverse_moves', 'reverse_moves', 'reverse_moves', 'refund_moves', 'refund_moves', 'refund_moves'],
    ],
  ];
  for (const [name, values] of across)
    it(`${name} in 14 to 19`, () =>
      assert.deepEqual(
        majors.map((major) => of(major)[name]),
        values,
      ));

  it('asks for no field that is not among the telling ones', () => {
    for (const major of majors)
      dialectOf((model, name) => {
        assert.ok(telling[model]?.includes(name), `${model} ${name}`);
        return fieldOf(major, model, name);
      });
  });

  const server =
    (major: number, refuse: Record<string, string> = {}) =>
    async (model: string, _method: string, { allfields }: CallArgs) => {
      const code = refuse[model];
      if (code) throw new CodedError(code as never, 'No', {});
      if (!(versionsOf(model, telling[model]![0]!) ?? []).includes(major as never) && model === 'stock.lot')
        throw new CodedError('ODOO_NOT_FOUND', 'No', {});
      return Object.fromEntries(
        (allfields as string[]).flatMap((name) => {
          const field = fieldOf(major, model, name);
          return field ? [[name, field]] : [];
        }),
      );
    };

  for (const major of majors)
    it(`${major}: what the server says is what the table says`, async () =>
      assert.deepEqual(await probe(server(major), major), of(major)));

  it('the server is believed, not its number', async () => {
    assert.equal((await probe(server(19), 18)).lineUom, 'product_uom_id');
  });

  it('what may not be asked is taken from the table', async () => {
    const refuse = { 'account.payment': 'ODOO_ACCESS', 'stock.picking': 'ODOO_NOT_FOUND' };
    assert.deepEqual(await probe(server(14, refuse), 14), of(14));
  });

  it('an Odoo that is away is asked again', async () => {
    await assert.rejects(probe(server(14, { 'uom.uom': 'ODOO_UNREACHABLE' }), 14), {
      code: 'ODOO_UNREACHABLE',
    });
  });
});
