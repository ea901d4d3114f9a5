/** What mapping one Shopify order costs: the hub's way against bare JSONata, and against the same mapping by hand. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import stock from 'jsonata';
import { shopifyOrder } from '../cli/samples.ts';
import { mappingFunctions } from '../runtime/map/functions.ts';
import { jsonata, type Options } from '../runtime/map/jsonata.ts';
import { compileMapping } from '../runtime/map/mapping.ts';
import { plain } from '../runtime/map/plain.ts';
import { loadValueMaps } from '../runtime/values/value-maps.ts';
import { plainMap, type ShopifyOrder } from './floor/plain-map.ts';
import { inTurn, measure, median, type Bench } from './measure.ts';

const file = 'mappings/shopify.order.jsonata';
const text = readFileSync(`definitions/${file}`, 'utf8');
const values = loadValueMaps('definitions/values');
const functions = mappingFunctions(values);
const expression = jsonata(text, { timeout: 2000, stack: 500, sequence: 100_000 } as Options);
const stocked = stock(text);

/** Milliseconds of a turn, and of the running that comes first, in which Node.js gets to know the code. */
const turn = 300;
const before = 3000;
const repeats = 5;

export const map: Bench = async (rounds) => {
  const measures = [];
  for (const lines of [1, 10]) {
    const orders = Array.from({ length: 50 }, (_, at) => order(at, lines));
    const hub = compileMapping({ dir: 'definitions', file, schema: 'schemas/order.v1.json', values });
    const ways: Record<string, (order: unknown) => unknown> = {
      hub: (input) => hub.run(input),
      compiled: (input) => expression.evaluateNow(input, functions),
      stock: (input) => stocked.evaluate(input, functions),
      'by hand': (input) => plainMap(input as ShopifyOrder),
    };
    const expected = await ways['hub']!(orders[0]);
    for (const [name, way] of Object.entries(ways))
      assert.deepEqual(plain(await way(orders[0])), expected, name);
    for (const way of Object.values(ways)) await micros(way, orders, before);
    const found = await inTurn(
      rounds * repeats,
      Object.fromEntries(Object.entries(ways).map(([name, way]) => [name, () => micros(way, orders, turn)])),
    );
    const { hub: own = [], compiled = [], stock: bare = [], 'by hand': hand = [] } = found;
    const title = `map: a Shopify order of ${lines === 1 ? '1 line' : `${lines} lines`}`;
    const target = lines === 10 ? { atLeast: 10 } : {};
    measures.push(
      measure(
        `${title}, how much faster than bare JSONata`,
        'µs',
        { stock: median(bare), hub: median(own) },
        target,
      ),
      measure(`${title}, the expression alone`, 'µs', { stock: median(bare), compiled: median(compiled) }),
      measure(`${title}, against the mapping by hand`, 'µs', { hub: median(own), 'by hand': median(hand) }),
    );
  }
  return measures;
};

/** Of CPU, for one order. */
async function micros(
  way: (order: unknown) => unknown,
  orders: readonly unknown[],
  milliseconds: number,
): Promise<number> {
  const start = process.cpuUsage();
  const end = performance.now() + milliseconds;
  let count = 0;
  while (performance.now() < end) {
    await way(orders[count % orders.length]);
    count += 1;
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / count;
}

function order(number: number, lines: number): unknown {
  const items = Array.from({ length: lines }, (_, at) => ({
    sku: `FURN_${7000 + at}`,
    name: `Office Chair ${at}`,
    price: `${40 + at}.50`,
    quantity: 1 + (at % 3),
  }));
  return JSON.parse(
    shopifyOrder(String(5_800_000 + number), 1000 + number, items, new Date('2026-11-02T14:00:00Z')),
  );
}
