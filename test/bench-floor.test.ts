import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { floors } from '../bench/floors.ts';
import { orderBody } from '../bench/orders.ts';
import { map, mappings } from '../bench/floor/map.ts';
import { plainMap, type ShopifyOrder } from '../bench/floor/plain-map.ts';

const definitions = resolve(import.meta.dirname, '../definitions');
const benches = resolve(import.meta.dirname, '../bench');

interface Cases {
  cases: { case: string; given: ShopifyOrder; expect?: unknown }[];
}

/** As it would be sent. */
function sent(order: unknown): unknown {
  return JSON.parse(JSON.stringify(order));
}

describe('the mapping that the floors have by hand', () => {
  it('makes of an order of the benches what the mapping makes of it', async () => {
    const order = JSON.parse(orderBody(1001)) as ShopifyOrder;
    assert.deepEqual(sent(plainMap(order)), sent(await map(order)));
  });

  it('makes what the test cases of the mapping expect', () => {
    const file = readFileSync(join(definitions, 'mappings/shopify.order.test.yaml'), 'utf8');
    const { cases } = parse(file, { merge: true }) as Cases;
    const expected = cases.filter(({ expect }) => expect);
    assert.ok(expected.length > 15, `only ${expected.length} cases`);
    for (const { case: name, given, expect } of expected)
      assert.deepEqual(sent(plainMap(given)), expect, name);
  });
});

describe('the floors that the report describes', () => {
  it('are called as the benches call their figures', () => {
    for (const { bench, name } of floors) {
      const text = readFileSync(join(benches, `${bench}.ts`), 'utf8');
      const isNamed = new RegExp(`['"]?${name}['"]?[:,]`).test(text);
      assert.ok(isNamed || name in mappings, `${bench} has no figure ${name}`);
    }
  });

  it('are all the mappings that the drain is held against', () => {
    const described = floors.filter(({ bench }) => bench === 'drain').map(({ name }) => name);
    assert.deepEqual(described, Object.keys(mappings));
  });
});
