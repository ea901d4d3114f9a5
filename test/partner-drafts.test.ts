/** What a draft of a new partner takes from a sample: taxes, ids, times and names, without a guess that is silent. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { compileMapping } from '../runtime/map/mapping.ts';
import { renamed } from '../runtime/tower/web/workspace/partner/draft.ts';
import { nameOf, shortName, titled } from '../runtime/tower/web/shared/naming.ts';
import { loadValueMaps } from '../runtime/values/value-maps.ts';
import { mappingText } from '../runtime/workspace/partner/compose.ts';
import { fieldsOf } from '../runtime/workspace/partner/fields.ts';
import { idsIn } from '../runtime/workspace/partner/ids.ts';
import { propose } from '../runtime/workspace/partner/propose.ts';
import type { Row } from '../runtime/workspace/partner/row.ts';
import { seenIn } from '../runtime/workspace/partner/sample.ts';
import { taxProblem } from '../runtime/workspace/partner/tax-sum.ts';

const schema = JSON.parse(readFileSync('definitions/schemas/order.v1.json', 'utf8')) as object;

const rowOf = (rows: readonly Row[], target: string): Row => rows.find((row) => row.target === target)!;
async function result(rows: readonly Row[], body: unknown): Promise<Record<string, unknown>> {
  const inline = mappingText(rows, 'test');
  const values = loadValueMaps('definitions/values');
  const mapping = compileMapping({ dir: 'definitions', inline, schema: 'schemas/order.v1.json', values });
  return (await mapping.run(body)) as Record<string, unknown>;
}

const shop = (lines: object[], totals: object, more: object = {}) => ({
  id: '1',
  number: 'S-1',
  created_at: '2026-11-20T09:30:00Z',
  currency: 'EUR',
  customer: { id: 'c', name: 'Ida Moen' },
  items: lines.map((line, at) => ({ sku: `A${at}`, name: 'Mug', qty: 1, price: '20.00', ...line })),
  ...totals,
  ...more,
});

describe('the taxes of a draft', () => {
  const taxesOf = async (body: object): Promise<[Row, Record<string, string>[][], string | undefined]> => {
    const rows = propose(fieldsOf(schema), body, 'shop');
    const order = await result(rows, body);
    const lines = order['lines'] as { taxes: Record<string, string>[] }[];
    return [rowOf(rows, 'lines[].taxes'), lines.map(({ taxes }) => taxes), taxProblem(order)?.message];
  };

  it('have the unit that all lines say, not the first alone', async () => {
    const body = shop([{ tax_rate: 0 }, { tax_rate: 19 }], {
      subtotal: '40.00',
      tax: '3.80',
      total: '43.80',
    });
    const [row, taxes, problem] = await taxesOf(body);
    assert.deepEqual(taxes, [[], [{ code: 'Tax 19%', rate: '0.19', amount: '3.80' }]]);
    assert.equal(row.why, 'tax-computed');
    assert.equal(problem, undefined);
  });

  it('are fractions or half percents as the sums prove', async () => {
    const half = shop([{ tax_rate: '0.5' }], { subtotal: '20.00', tax: '0.10', total: '20.10' });
    assert.equal((await taxesOf(half))[1][0]![0]!['code'], 'Tax 0.5%');
    const fifty = shop([{ tax_rate: '0.5' }], { subtotal: '20.00', tax: '10.00', total: '30.00' });
    assert.equal((await taxesOf(fifty))[1][0]![0]!['code'], 'Tax 50%');
    const told = shop([{ tax_rate: 0.19 }, { tax_rate: 0.07 }], {
      subtotal: '40.00',
      tax: '5.20',
      total: '45.20',
    });
    assert.deepEqual(
      (await taxesOf(told))[1].flat().map(({ rate }) => rate),
      ['0.19', '0.07'],
    );
  });

  it('whose unit nothing proves say so', async () => {
    for (const body of [
      shop([{ tax_rate: 0 }], { total: '20.00' }),
      shop([{ tax_rate: 0.5 }], { total: '20.00' }),
    ])
      assert.equal(rowOf(propose(fieldsOf(schema), body, 'shop'), 'lines[].taxes').why, 'tax-unit');
  });

  it('are read where the rate has a percent sign, or stands at some lines only', async () => {
    const signed = shop([{ tax_rate: '19%' }, { tax_rate: '7 %' }, {}], {
      subtotal: '60.00',
      tax: '5.20',
      total: '65.20',
    });
    const [, taxes, problem] = await taxesOf(signed);
    assert.deepEqual(
      taxes.flat().map(({ code }) => code),
      ['Tax 19%', 'Tax 7%'],
    );
    assert.deepEqual(taxes[2], []);
    assert.equal(problem, undefined);
    const later = shop([{}, { tax_rate: 19 }], { subtotal: '40.00', tax: '3.80', total: '43.80' });
    assert.deepEqual(
      (await taxesOf(later))[1].map(({ length }) => length),
      [0, 1],
    );
  });

  it('are those of the whole where the lines tell none', async () => {
    const body = shop([{ qty: 2 }, {}], { subtotal: '60.00', tax: '11.40', total: '71.40' });
    const [row, taxes, problem] = await taxesOf(body);
    assert.equal(row.why, 'tax-total');
    assert.deepEqual(
      taxes.flat().map(({ code, amount }) => [code, amount]),
      [
        ['Tax 19%', '7.60'],
        ['Tax 19%', '3.80'],
      ],
    );
    assert.equal(problem, undefined);
  });

  it('are amounts where the lines tell amounts', async () => {
    const totals = { subtotal: '40.00', tax: '5.20', total: '45.20' };
    for (const name of ['total_tax', 'tax_amount', 'tax', 'vat']) {
      const lines = ['3.80', 1.4].map((amount) => ({ subtotal_tax: amount, [name]: amount }));
      const [row, taxes, problem] = await taxesOf(shop(lines, totals));
      assert.equal(row.why, 'tax-rate', name);
      assert.deepEqual(
        taxes.flat().map(({ rate, amount }) => [rate, amount]),
        [
          ['0.19', '3.80'],
          ['0.07', '1.40'],
        ],
        name,
      );
      assert.equal(problem, undefined);
    }
    const rates = await taxesOf(shop([{ tax: 19 }, { tax: 7 }], totals));
    assert.deepEqual(
      rates[1].flat().map(({ rate }) => rate),
      ['0.19', '0.07'],
    );
  });

  it('that the sample disproves are an error', () => {
    const order = (amount: string, said: string, shipping: object[] = []) => ({
      lines: [{ price: '20.00', taxes: [{ rate: '0.19', amount }] }],
      shipping,
      totals: { tax: said },
    });
    assert.match(
      taxProblem(order('380.00', '3.80'))?.message ?? '',
      /come to 380\.00, the sample says 3\.80/,
    );
    assert.equal(taxProblem(order('3.80', '3.81')), undefined);
    assert.equal(taxProblem(order('3.80', '4.75', [{ price: '5.00', taxes: [] }])), undefined);
    assert.ok(taxProblem(order('3.80', '4.76', [{ price: '4.00', taxes: [] }])));
    assert.ok(taxProblem({ lines: [{ taxes: [] }], totals: { tax: '3.80' } }));
    assert.equal(
      taxProblem({ lines: [{ taxes: [] }], totals: { tax: '3.80' }, taxesUntold: true }),
      undefined,
    );
    assert.equal(taxProblem({ id: '1' }), undefined);
  });
});

describe('what tells one message from another', () => {
  const idsOf = (body: unknown, ofOrder = false) => idsIn(seenIn(body), ofOrder).chosen;

  it('is what the message calls so, and never a number of somebody else', () => {
    const items = [{ sku: 'A', qty: 1 }];
    assert.deepEqual(idsOf({ event: 'order.created', customer: { id: '9' }, items }), {});
    assert.deepEqual(
      idsOf({ store: { id: 4, number: 'S4' }, payment: { id: 'p' }, merchant_id: 'm', items }),
      {},
    );
    assert.deepEqual(idsOf({ customer: { id: '9' }, order: { id: 'o', number: '1001' } }), {
      id: ['order', 'id'],
      number: ['order', 'number'],
    });
    const square = {
      merchant_id: 'M',
      event_id: 'e',
      data: { object: { order_created: { order_id: 'o' } } },
    };
    assert.deepEqual(idsOf(square).id, ['data', 'object', 'order_created', 'order_id']);
    const shopware = {
      data: { payload: [{}], order: { customer: { orderCount: 2, id: 'c' }, orderNumber: '10' } },
    };
    assert.deepEqual(idsOf(shopware).number, ['data', 'order', 'orderNumber']);
  });

  it('is found beside others that have more words in their names', () => {
    const body = {
      parent_id: 0,
      id: 727,
      discount_total: '0.00',
      total: '20.00',
      items: [{ sku: 'A', qty: 1 }],
    };
    const rows = propose(fieldsOf(schema), body, 'shop');
    assert.deepEqual([rowOf(rows, 'id').from, rowOf(rows, 'id').state], [{ path: 'id' }, 'sure']);
    assert.deepEqual(rowOf(rows, 'totals.gross').from, { path: 'total' });
  });

  it('of what is about an order is not the order', () => {
    const shipment = { shipment: { id: 's', order_id: 'o' } };
    assert.deepEqual(idsOf(shipment, true).id, ['shipment', 'id']);
    const fields = fieldsOf(
      JSON.parse(readFileSync('definitions/schemas/shipment.v1.json', 'utf8')) as object,
    );
    const rows = propose(fields, shipment, 'threepl');
    assert.deepEqual(rowOf(rows, 'id').from, { path: 'shipment.id' });
    assert.deepEqual(rowOf(rows, 'order.id').from, { path: 'shipment.order_id' });
    // A list that may be missing asks for nothing.
    assert.equal(rowOf(rows, 'lines[].lots[].lot').state, 'none');
    assert.equal(rowOf(propose(fields, { id: 's' }, 'threepl'), 'order.id').from, undefined);
  });

  it('is looked at by a person where it could be of a shop', () => {
    const rows = propose(fieldsOf(schema), { store: { id: 4 }, items: [{ sku: 'A', qty: 1 }] }, 'shop');
    assert.notEqual(rowOf(rows, 'id').state, 'sure');
    assert.notEqual(rowOf(rows, 'number').state, 'sure');
  });
});

describe('a time of digits', () => {
  it('is read as a number and as a text, of seconds and of milliseconds', async () => {
    for (const created_at of ['1762075000', 1_762_075_000, '1762075000000', 1_762_075_000_000]) {
      const body = { ...shop([{}], { subtotal: '20.00', tax: '0.00', total: '20.00' }), created_at };
      const order = await result(propose(fieldsOf(schema), body, 'shop'), body);
      assert.equal(order['placedAt'], '2025-11-02T09:16:40.000Z', String(created_at));
    }
  });
});

describe('the names that follow from a title', () => {
  it('are written in Latin letters, as people write them', () => {
    const names: Record<string, string> = {
      'Müller & Söhne': 'mueller-soehne',
      "O'Neill": 'oneill',
      'O’Neill, Größe/Maß': 'oneill-groesse-mass',
      'Café Ñandú': 'cafe-nandu',
      'Øresund Åre Łódź': 'oeresund-aare-lodz',
      '4711 Shop': 'shop',
      'Acme  —  Outdoor!': 'acme-outdoor',
      日本: '',
    };
    for (const [title, name] of Object.entries(names)) {
      assert.equal(nameOf(title), name);
      assert.ok(titled.test(title), title);
      assert.equal(shortName.test(name), name !== '');
    }
    const long = nameOf('a very long name of a shop that has no end at all');
    assert.ok(shortName.test(long), long);
    for (const wrong of ['', ' x', '-x', 'a\nb', 'a\u200bb', 'x'.repeat(61)]) assert.ok(!titled.test(wrong));
    for (const wrong of ['a', 'a-', 'a--b', '1a', 'A', 'a_b']) assert.ok(!shortName.test(wrong));
  });

  it('follow when it changes, and what a person typed stays', () => {
    const draft = { name: 'shopify', sends: 'orders', path: '/shopify/orders' } as Parameters<
      typeof renamed
    >[0];
    assert.equal(renamed(draft, { name: 'b2b' }).path, '/b2b/orders');
    assert.equal(renamed(draft, { sends: 'returns' }).path, '/shopify/returns');
    assert.equal(renamed({ ...draft, path: '/own' }, { name: 'b2b' }).path, undefined);
  });
});
