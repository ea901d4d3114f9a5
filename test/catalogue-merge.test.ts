/** An upgrade of a hub's files: three texts become one, by node and key, and what both changed stays and is told. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { mergeText } from '../runtime/catalogue/merge.ts';

const base = `flow: intake
version: 1.0.0
nodes:
  # At the gate.
  orders:
    type: webhook-in
    path: /orders
    limitKb: 1024
    to: stage
  stage:
    type: event-publish
    broker: !node hub broker
    event: a.v1
    source: shop
layout:
  orders: [100, 40]
  stage: [300, 40]
`;
const merge = (here: string, upstream: string, path = 'flows/intake.yaml') =>
  mergeText(path, base, here, upstream);

describe('a merge of three texts', () => {
  it('takes what upstream changed where nothing was changed here', () => {
    deepStrictEqual(merge(base, 'new'), { text: 'new', conflicts: [] });
    deepStrictEqual(merge('own', base), { text: 'own', conflicts: [] });
  });

  it('joins settings of one node and new nodes, comments kept', () => {
    const here = base
      .replace('limitKb: 1024', 'limitKb: 2048 # large orders')
      .replace('[300, 40]', '[500, 80]');
    const upstream = base
      .replace('path: /orders', 'path: /shop/orders')
      .replace('    to: stage\n', '    to: check\n  check:\n    type: drop\n    reason: x\n')
      .replace('[300, 40]', '[400, 40]');
    const expected = here
      .replace('path: /orders', 'path: /shop/orders')
      .replace('    to: stage\n', '    to: check\n  check:\n    type: drop\n    reason: x\n');
    deepStrictEqual(merge(here, upstream), { text: expected, conflicts: [] });
  });

  it('leaves what both changed, names it, and takes the rest', () => {
    const here = base.replace('path: /orders', 'path: /mine');
    const upstream = base.replace('path: /orders', 'path: /theirs').replace('event: a.v1', 'event: b.v1');
    const { text, conflicts } = merge(here, upstream);
    strictEqual(text, here.replace('event: a.v1', 'event: b.v1'));
    deepStrictEqual(conflicts, [
      { path: 'flows/intake.yaml', at: 'nodes / orders / path', here: '"/mine"', upstream: '"/theirs"' },
    ]);
  });

  it('a node that was removed here and changed upstream stays away, and is told of', () => {
    const without = base
      .replace(/ {2}stage:\n(?: {4}.*\n)+/, '')
      .replace('    to: stage\n', '')
      .replace('  stage: [300, 40]\n', '');
    const { text, conflicts } = merge(without, base.replace('event: a.v1', 'event: b.v1'));
    strictEqual(text, without);
    deepStrictEqual(
      conflicts.map(({ at, here }) => [at, here]),
      [['nodes / stage', 'removed']],
    );
  });

  it('joins entries of a list by what their first key says', () => {
    const map = (...rows: string[]) =>
      `map: uom\nentries:\n${rows.map((row) => `  - from: ${row}\n`).join('')}`;
    const [was, own, next] = [
      map('EA\n    to: Units', 'KG\n    to: kg'),
      map('EA\n    to: Piece', 'KG\n    to: kg', 'MY\n    to: mine'),
      map('EA\n    to: Units', 'KG\n    to: kilo', 'HUR\n    to: Hours'),
    ];
    const { text, conflicts } = mergeText('definitions/values/uom.yaml', was, own, next);
    deepStrictEqual(conflicts, []);
    strictEqual(text, map('EA\n    to: Piece', 'KG\n    to: kilo', 'HUR\n    to: Hours', 'MY\n    to: mine'));
  });

  it('joins a schema by key', () => {
    const schema = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
    const { text, conflicts } = mergeText(
      'definitions/schemas/a.v1.json',
      schema({ a: { type: 'string' }, b: 1 }),
      schema({ a: { type: 'string', maxLength: 3 }, b: 1 }),
      schema({ a: { type: 'string' }, b: 2, c: 3 }),
    );
    deepStrictEqual(conflicts, []);
    strictEqual(text, schema({ a: { type: 'string', maxLength: 3 }, b: 2, c: 3 }));
  });

  it('leaves a text that has no keys as it is here, and says so', () => {
    const { text, conflicts } = mergeText('definitions/mappings/a.jsonata', 'a', 'b', 'c');
    deepStrictEqual(
      [text, conflicts],
      ['b', [{ path: 'definitions/mappings/a.jsonata', at: '', here: 'changed', upstream: 'changed' }]],
    );
  });
});
