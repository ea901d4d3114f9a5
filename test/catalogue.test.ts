/** The catalogue of events: what is not defined or does not fit is refused; what is defined loads. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadCatalogue } from '../runtime/events/catalogue.ts';

const folder = resolve(import.meta.dirname, '../definitions/events');

describe('the events of the project', () => {
  const catalogue = loadCatalogue(folder);

  for (const file of readdirSync(folder)) {
    it(`${file} loads with its schema`, () => {
      const type = file.replace(/\.yaml$/, '');
      assert.equal(catalogue.get(type).type, type);
      assert.match(catalogue.get(type).dataschema ?? '', /^urn:crossdock:schema:/);
      assert.throws(() => catalogue.validate(type, 'no order'), { code: 'SCHEMA_INVALID' });
    });
  }

  it('refuse an unknown type', () => {
    const unknown = { code: 'EVENT_UNKNOWN', facts: { type: 'order.lost.v1' } };
    assert.throws(() => catalogue.get('order.lost.v1'), unknown);
    assert.throws(() => catalogue.validate('order.lost.v1', {}), unknown);
    assert.throws(() => catalogue.get('constructor'), { code: 'EVENT_UNKNOWN' });
  });

  it('name the field that does not fit', () => {
    assert.throws(() => catalogue.validate('shopify.order.created.v1', {}), {
      code: 'SCHEMA_INVALID',
      message: 'id is missing',
      facts: {
        path: 'id',
        rule: 'required',
        message: 'is missing',
        violations: 1,
        schema: 'urn:crossdock:schema:shopify.order.v1',
      },
    });
    assert.doesNotThrow(() => catalogue.validate('shopify.order.created.v1', { id: '820982911946154508' }));
  });
});

describe('a file of an event', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-events-'));
    writeFileSync(join(dir, 'schema.json'), '{"type": "object"}');
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const load = (changes: Record<string, string> = {}, file = 'stock.counted.v1.yaml') => {
    const event = {
      type: 'stock.counted.v1',
      version: '1.0.0',
      owner: 'stock',
      summary: 'Stock was counted.',
      schema: './schema.json',
      compatibility: 'backward',
      ...changes,
    };
    writeFileSync(
      join(dir, file),
      Object.entries(event)
        .map(([key, value]) => `${key}: ${value}\n`)
        .join(''),
    );
    return loadCatalogue(dir);
  };

  it('is read', () => {
    assert.deepEqual(load().types, ['stock.counted.v1']);
  });

  const refused: [string, Record<string, string>, RegExp][] = [
    ['another name', { type: 'stock.moved.v1' }, /stock\.counted\.v1\.yaml/],
    ['the version of another type', { version: '2.0.0' }, /stock\.counted\.v1\.yaml has version 2\.0\.0/],
    [
      'a compatibility that does not exist',
      { compatibility: 'maybe' },
      /v1\.yaml:6: compatibility must be one of/,
    ],
    ['an unknown field', { topic: 'x' }, /v1\.yaml:7: topic is not known here/],
    ['a name whose path is none', { names: '{ order: $.number }' }, /v1\.yaml:7: names\/order must match/],
    ['a schema that is missing', { schema: './none.json' }, /the schema \.\/none\.json cannot be used/],
  ];
  for (const [title, changes, message] of refused) {
    it(`is refused for ${title}`, () => {
      assert.throws(() => load(changes), { code: 'CONFIG_INVALID', message });
    });
  }

  it('names what it is about by fields that its schema has, also in lists', () => {
    const schema = {
      type: 'object',
      properties: {
        order: { $ref: '#/$defs/order' },
        lines: { type: 'array', items: { type: 'object', properties: { sku: {} } } },
      },
      $defs: { order: { type: 'object', properties: { number: {} } } },
    };
    writeFileSync(join(dir, 'schema.json'), JSON.stringify(schema));
    const names = { order: 'order.number', SKU: 'lines.sku' };
    assert.deepEqual(load({ names: JSON.stringify(names) }).get('stock.counted.v1').names, names);
    for (const path of ['order.nubmer', 'number', 'lines.sku.more', 'constructor'])
      assert.throws(() => load({ names: `{ order: ${path} }` }), {
        code: 'CONFIG_INVALID',
        message: `${join(dir, 'stock.counted.v1.yaml')}: names: order: the data has no field ${path}`,
      });
  });

  it('is refused for a schema that is wrong itself', () => {
    writeFileSync(join(dir, 'wrong.json'), '{"type": "sentence"}');
    assert.throws(() => load({ schema: './wrong.json' }), { code: 'CONFIG_INVALID', message: /wrong\.json/ });
  });
});
