/** What changed between two sets, by meaning: each kind of change in its words, and nothing for the same. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { bumped, bumpOf, changesHtml, changeText, type Change } from '../runtime/diff/change.ts';
import { diffSets, type NodeFacts } from '../runtime/diff/diff.ts';
import { expressionChanges } from '../runtime/diff/expression.ts';
import type { FlowNode } from '../runtime/flow-file/format.ts';
import { parseFlows } from '../runtime/flow-file/read.ts';
import { writeFlows } from '../runtime/flow-file/write.ts';
import { readFileSet, type FileSet } from '../runtime/flow-file/file-set.ts';
import { flowSets, outputsOf as generatedOutputs } from './flow-file/generated-flows.ts';
import { outputsOf, types } from './lint/project.ts';

const facts: NodeFacts = { outputsOf, writesOf: (type) => types.paletteType(type)?.writes };
const set = await readFileSet('flows', 'definitions');

/** The project's own set with one text replaced in one file. */
function edited(path: string, from: string | RegExp, to: string): FileSet {
  const text = set.get(path) ?? '';
  const changed = text.replace(from, to);
  assert.notEqual(changed, text, `${path} has no ${String(from)}`);
  return new Map([...set, [path, changed]]);
}
const texts = (after: FileSet, before = set): string[] => diffSets(before, after, facts).map(changeText);
const bump = (after: FileSet): string => bumpOf(diffSets(set, after, facts));

const cases: [string, string, string | RegExp, string, string[], string][] = [
  [
    'a setting',
    'flows/order-to-odoo.yaml',
    'concurrency: 100',
    'concurrency: 50',
    ['order-to-odoo: node orders: concurrency 100 → 50'],
    'patch',
  ],
  [
    'a retry policy',
    'flows/connections.yaml',
    'policy: standard',
    'policy: patient',
    ['connections: node hub broker: retry policy standard → patient'],
    'patch',
  ],
  [
    'boxes that were moved',
    'flows/order-to-odoo.yaml',
    /orders: \[120, 120\]/,
    'orders: [150, 130]',
    ['order-to-odoo: moved 1 box'],
    'patch',
  ],
  [
    'an owner',
    'flows/order-to-odoo.yaml',
    'owner: order-desk',
    'owner: finance',
    ['order-to-odoo: owner order-desk → finance'],
    'patch',
  ],
  [
    'a path partners use',
    'flows/shopify-intake.yaml',
    'path: /shopify/orders',
    'path: /shop',
    ['shopify-intake: node orders from Shopify: path /shopify/orders → /shop'],
    'major',
  ],
  [
    'a node that was put in between',
    'flows/order-to-odoo.yaml',
    /to: sale order\n/,
    'to: look\n  look:\n    type: debug\n    to: sale order\n',
    [
      'order-to-odoo: node look: new (debug)',
      'order-to-odoo: node orders: goes to look',
      'order-to-odoo: node orders: goes no longer to sale order',
    ],
    'minor',
  ],
  [
    'a new write',
    'flows/order-to-odoo.yaml',
    'layout:\n',
    '  second:\n    type: odoo-order\n    connection: !node Odoo\nlayout:\n  second: [1, 1]\n',
    ['order-to-odoo: node second: new (odoo-order); new write to sale.order'],
    'minor',
  ],
  [
    'a node by another name',
    'flows/order-to-odoo.yaml',
    /sale order/g,
    'write it',
    [
      'order-to-odoo: node orders: goes to write it',
      'order-to-odoo: node orders: goes no longer to sale order',
      'order-to-odoo: node write it: renamed, was sale order',
    ].toSorted(),
    'minor',
  ],
  [
    'a mapping',
    'definitions/mappings/shopify.order.jsonata',
    "'uom': 'EA'",
    "'uom': 'PCE'",
    ['order-capture: node map Shopify order: mapping changed ($lines/uom)'],
    'patch',
  ],
  [
    'the layout of a mapping',
    'definitions/mappings/shopify.order.jsonata',
    "'uom': 'EA'",
    "'uom':  'EA'",
    ['order-capture: node map Shopify order: mapping changed (format)'],
    'patch',
  ],
  [
    'an event that means another flow',
    'definitions/events/order.received.v1.yaml',
    'owner: order-capture',
    'owner: other',
    ['definitions: event order.received.v1: owner "order-capture" → "other"'],
    'major',
  ],
  [
    'a comment in a policy',
    'definitions/policies/fast.yaml',
    /^/,
    '# quick\n',
    ['definitions: retry policy fast: text or comments changed'],
    'patch',
  ],
];

describe('crossdock diff', () => {
  it('finds nothing in equal sets', () => {
    assert.deepEqual(texts(new Map(set)), []);
    assert.equal(bump(new Map(set)), 'none');
  });

  for (const [title, path, from, to, expected, next] of cases)
    it(`tells ${title}`, () => {
      const after = edited(path, from, to);
      assert.deepEqual(texts(after).toSorted(), expected.toSorted());
      assert.equal(bump(after), next);
    });

  it('tells what a schema asks more, and that this breaks its readers', () => {
    const path = 'definitions/schemas/order.v1.json';
    const schema = JSON.parse(set.get(path) ?? '') as {
      required: string[];
      properties: Record<string, unknown>;
    };
    schema.required.push('incoterm');
    schema.properties['incoterm'] = { type: 'string' };
    schema.properties['gift'] = { type: 'boolean' };
    const after = new Map([...set, [path, JSON.stringify(schema)]]);
    assert.deepEqual(texts(after), [
      'definitions: schema order.v1: incoterm is required now',
      'definitions: schema order.v1: gift is new',
    ]);
    assert.equal(bump(after), 'major');
  });

  it('tells flows that come and go', () => {
    const without = new Map([...set].filter(([path]) => path !== 'flows/order-to-odoo.yaml'));
    assert.ok(texts(set, without).includes('order-to-odoo: new flow'));
    assert.ok(texts(without).includes('order-to-odoo: flow removed'));
    assert.equal(bump(without), 'major');
  });

  it('never shows what looks like a secret', () => {
    const key = 'a'.repeat(40);
    const after = edited('flows/connections.yaml', '${ODOO_API_KEY}', key);
    assert.ok(texts(after).length === 1 && !texts(after)[0]!.includes(key), texts(after)[0]);
  });

  it('names the node of any change in any flow, and nothing when there is none', function () {
    this.timeout(360_000);
    const others: NodeFacts = { outputsOf: generatedOutputs, writesOf: () => undefined };
    const asSet = (nodes: FlowNode[]): FileSet =>
      new Map(
        [...writeFlows(nodes, new Map(), generatedOutputs)].map(([path, text]) => [`flows/${path}`, text]),
      );
    fc.assert(
      fc.property(flowSets, fc.nat(), (nodes, choice) => {
        const before = asSet(nodes);
        assert.deepEqual(diffSets(before, asSet(nodes), others), []);
        const flows = new Map([...before].map(([path, text]) => [path.slice(6), text]));
        const read = parseFlows(flows, generatedOutputs);
        const some = read.filter(({ type }) => !['tab', 'subflow', 'group'].includes(type));
        if (some.length === 0) return;
        const target = some[choice % some.length]!;
        const changed = read.map((node) => (node === target ? { ...node, [`p${choice}`]: 'other' } : node));
        const found = diffSets(before, asSet(changed), others);
        assert.ok(
          found.some(({ nodeId }) => nodeId === target.id),
          JSON.stringify(found),
        );
      }),
      { numRuns: 200, seed: 1, endOnFailure: true },
    );
  });

  it('proposes the next version', () => {
    assert.deepEqual(
      (['major', 'minor', 'patch', 'none'] as const).map((one) => bumped('1.4.2', one)),
      ['2.0.0', '1.5.0', '1.4.3', '1.4.2'],
    );
  });

  it('compares expressions by the fields they make', () => {
    assert.deepEqual(expressionChanges('{"a": x, "b": {"c": y}}', '{"a": x, "b": {"c": z, "d": 1}}'), [
      'b/c',
      'b/d',
    ]);
    assert.deepEqual(expressionChanges('($t := 1; {"a": $t})', '($t := 2; {"a": $t})'), ['$t']);
    assert.deepEqual(expressionChanges('{"a": ', '{"a": 1}'), ['code']);
  });

  it('makes a page of them, with every text escaped', () => {
    const change: Change = { flow: '<b>', node: '"n"', weight: 'fix', text: '<script>alert(1)</script>' };
    const page = changesHtml([change], 'a & b');
    assert.doesNotMatch(page, /<script>|<b>/);
    assert.match(page, /a &amp; b/);
  });

  it('the command compares folders, and ends with 1 when asked', () => {
    const dir = mkdtempSync(join(tmpdir(), 'crossdock-diff-'));
    try {
      for (const side of ['a', 'b'])
        for (const part of ['flows', 'definitions']) cpSync(part, join(dir, side, part), { recursive: true });
      const file = join(dir, 'b/flows/order-to-odoo.yaml');
      writeFileSync(file, readFileSync(file, 'utf8').replace('concurrency: 100', 'concurrency: 7'));
      const run = (...args: string[]) =>
        spawnSync(process.execPath, ['cli/crossdock.js', 'diff', join(dir, 'a'), join(dir, 'b'), ...args], {
          encoding: 'utf8',
        });
      const { stdout, status } = run('--exit-code');
      assert.equal(stdout, 'order-to-odoo: node orders: concurrency 100 → 7\nNext version: patch\n');
      assert.equal(status, 1);
      assert.equal((JSON.parse(run('--json').stdout) as { bump: string }).bump, 'patch');
      assert.match(run('--html').stdout, /^<!doctype html>/);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
