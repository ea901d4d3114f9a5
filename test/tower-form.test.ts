/** The form of an event's schema, and what differs between two pieces of data. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dataChanges } from '../runtime/diff/data.ts';
import { formOf, type Field } from '../runtime/tower/form.ts';

const schemaOf = (name: string): object =>
  JSON.parse(readFileSync(`definitions/schemas/${name}`, 'utf8')) as object;

function at(field: Field | undefined, path: string): Field | undefined {
  if (path === '' || !field) return field;
  const [name, ...rest] = path.split('/');
  const fields = field.kind === 'group' ? field.fields : field.kind === 'table' ? field.columns : [];
  return at(
    fields.find((one) => one.name === name),
    rest.join('/'),
  );
}

describe('the form of a schema', () => {
  const order = formOf(schemaOf('order.v1.json'));
  const kind = (path: string) => at(order, path)?.kind;

  it('has decimals and dates as text with their pattern, choices, groups, and lists of objects as tables', () => {
    assert.deepEqual(
      [
        'totals/net',
        'placedAt',
        'hold',
        'delivered',
        'customer',
        'lines',
        'lines/taxes',
        'lines/taxes/rate',
      ].map(kind),
      ['text', 'text', 'choice', 'yesno', 'group', 'table', 'table', 'text'],
    );
    const net = at(order, 'totals/net');
    assert.deepEqual(net?.kind === 'text' && [net.title, net.required, net.pattern], [
      'Net',
      true,
      '^-?[0-9]{1,15}([.][0-9]{1,6})?$',
    ]);
    const placed = at(order, 'placedAt');
    assert.equal(placed?.kind === 'text' && placed.format, 'date-time');
    assert.deepEqual([at(order, 'billTo')?.title, at(order, 'billTo/country')?.required], ['Bill to', true]);
  });

  it('shows as JSON what a form cannot show, and ends where a schema leads to itself', () => {
    const tree = {
      type: 'object',
      properties: { next: { $ref: '#' }, any: {}, either: { type: ['string', 'number'] } },
    };
    const form = formOf(tree);
    assert.deepEqual([at(form, 'any')?.kind, at(form, 'either')?.kind], ['json', 'json']);
    assert.equal(at(form, `${'next/'.repeat(8)}next`)?.kind, 'json');
    assert.equal(formOf({ type: 'array', items: { type: 'string' } }).kind, 'json');
    assert.equal(
      at(formOf({ type: 'object', properties: { a: { type: ['string', 'null'] } } }), 'a')?.kind,
      'text',
    );
  });

  it('is there for every schema of the project', () => {
    for (const name of readdirSync('definitions/schemas').filter((one) => one.endsWith('.json')))
      assert.notEqual(formOf(schemaOf(name)).title, undefined, name);
  });
});

describe('what differs between two pieces of data', () => {
  it('is told field by field, with what came and went', () => {
    const before = { a: 1, lines: [{ sku: 'A', tax: { rate: '1' } }, { sku: 'B' }], gone: null };
    const after = { a: 1, lines: [{ sku: 'A', tax: { rate: '2' } }], new: [] };
    assert.deepEqual(dataChanges(before, after), [
      { path: 'lines/0/tax/rate', before: '1', after: '2' },
      { path: 'lines/1', before: { sku: 'B' }, after: undefined },
      { path: 'gone', before: null, after: undefined },
      { path: 'new', before: undefined, after: [] },
    ]);
    assert.deepEqual(dataChanges(before, structuredClone(before)), []);
    assert.deepEqual(dataChanges('a', { a: 1 }), [{ path: '', before: 'a', after: { a: 1 } }]);
  });
});
