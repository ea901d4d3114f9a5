/** The two formats of flow files, their canonical form, their comments and the order of the tabs. */
import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { palette } from '../runtime/app/project.ts';
import { readFiles } from '../runtime/flow-file/disk.ts';
import type { FlowNode } from '../runtime/flow-file/format.ts';
import { parseFlows } from '../runtime/flow-file/read.ts';
import { canonicalFiles, writeFlows } from '../runtime/flow-file/write.ts';
import { flowSets, outputsOf } from './flow-file/generated-flows.ts';

const root = resolve(import.meta.dirname, '..');
const seed = Number(process.env.FLOW_SEED ?? 1);

describe('canonical form', () => {
  const canonical = (text: string, path = 'a.yaml') =>
    canonicalFiles(new Map([[path, text]]), outputsOf).get(path);

  const untidy = `# Owned by the web shops team

flow: "intake" # the name
# set by release
version: 1.0.0
disabled: false # never off

nodes:
  seen:
    # for a look
    type: debug
    active: &on true
  # The path is registered at the shop.
  orders:
    to: signature
    path: /orders # do not change
    type: webhook-in
    headers: [a, b] # short
    rules:
      # first rule
      - {a: 1} # one
      - b: *on # two
  signature:
    type: webhook-verify
    to: seen
layout:
  orders: # here
    - 100
    - 80
  signature: [300, 80] # there
  seen: [500, 80]
# the end
`;
  const tidy = `# Owned by the web shops team

flow: intake # the name
# set by release
version: 1.0.0

# never off
nodes:
  # The path is registered at the shop.
  orders:
    type: webhook-in
    path: /orders # do not change
    headers:
      - a
      - b
      # short
    rules:
      # first rule
      - a: 1
        # one
      - b: true # two
    to: signature
  signature:
    type: webhook-verify
    to:
      verified: seen
  seen:
    # for a look
    type: debug
    active: true
layout:
  orders:
    # here
    [100, 80]
  signature: [300, 80] # there
  seen: [500, 80]

# the end
`;

  it('orders by the wires, has one style, and keeps every comment', () => {
    assert.equal(canonical(untidy), tidy);
  });

  it('means the same, and is its own canonical form', () => {
    const read = (text: string) => parseFlows(new Map([['a.yaml', text]]), outputsOf);
    assert.deepEqual(byId(read(tidy)), byId(read(untidy)));
    assert.equal(canonical(tidy), tidy);
  });

  it('of JSON is JSON of the same shape', () => {
    const json =
      '{"nodes":{"b":{"type":"d","to":[]},"a":{"to":"b","type":"x"}},"layout":{"a":[1,2]},"flow":"A"}';
    const expected = `{
  "flow": "A",
  "nodes": {
    "a": {
      "type": "x",
      "to": "b"
    },
    "b": {
      "type": "d",
      "to": []
    }
  },
  "layout": {
    "a": [1, 2]
  }
}
`;
    assert.equal(canonical(json, 'a.json'), expected);
  });

  it('is what a fresh file has, and what formatting leaves', function () {
    this.timeout(180_000);
    fc.assert(
      fc.property(flowSets, fc.constantFrom('yaml' as const, 'json' as const), (nodes, format) => {
        const files = writeFlows(nodes, new Map(), outputsOf, format);
        const once = canonicalFiles(files, outputsOf);
        assert.deepEqual(new Map([...once].toSorted()), new Map([...files].toSorted()));
      }),
      { numRuns: 300, seed, endOnFailure: true },
    );
  });

  it('is that of the flows of the project', async () => {
    const files = await readFiles(join(root, 'flows'));
    assert.deepEqual(canonicalFiles(files, (await palette()).outputsOf), files);
  });

  it('stays canonical when the editor saves; another file is touched only where it changed', () => {
    const save = (text: string) => {
      const files = new Map([['a.yaml', text]]);
      const nodes = parseFlows(files, outputsOf);
      const first = nodes.find(({ name }) => name === 'orders');
      const added = { ...first, id: '00112233aabbccdd', name: 'again', rules: [] } as FlowNode;
      const signature = nodes.find(({ name }) => name === 'signature');
      signature!.rules = [];
      return writeFlows([added, ...nodes], files, outputsOf).get('a.yaml') ?? '';
    };
    const saved = save(tidy);
    assert.equal(canonical(saved), saved);
    assert.match(saved, /# for a look/);
    assert.notEqual(canonical(save(untidy)), save(untidy));
  });
});

describe('comments', () => {
  const text = `# The team: web shops
flow: intake # as the partner calls it
# Set by the release.
version: 1.0.0 # semver
# What a person should know.
summary: one
# Ask before changing it.
owner: shops # not IT
tier: critical
nodes:
  a:
    type: debug
`;
  const comments = text.match(/# .*/g)!;
  const edits: [what: string, change: (tab: FlowNode) => void][] = [
    ['another label', (tab) => void (tab.label = 'Intake 2')],
    ['no summary', (tab) => void (tab.info = '')],
    ['no description at all', (tab) => void delete tab.info],
    ['no variables', (tab) => void delete tab.env],
    ['only another variable', (tab) => void (tab.env = [{ name: 'X', value: '1', type: 'str' }])],
    ['variables in another order', (tab) => void (tab.env = (tab.env as unknown[]).toReversed())],
    ['a disabled flow', (tab) => void (tab.disabled = true)],
    ['a setting of its own', (tab) => void Object.assign(tab, { color: 'red', nodes: 'odd' })],
    ['a text that needs quotes', (tab) => void (tab.info = ' \n\t\n')],
  ];
  for (const [what, change] of edits)
    it(`of a header survive ${what}`, () => {
      const files = new Map([['intake.yaml', text]]);
      const nodes = parseFlows(files, outputsOf);
      change(nodes[0]!);
      const saved = writeFlows(nodes, files, outputsOf);
      const now = [...saved.values()].join('');
      for (const comment of comments) assert.ok(now.includes(comment), `${comment} is lost in\n${now}`);
      assert.deepEqual(byId(parseFlows(saved, outputsOf)), byId(nodes));
    });
});

describe('flows as JSON', () => {
  const json = `{
\t"flow": "A",
\t"nodes": {
\t\t"out": { "type": "mqtt out", "broker": "!node Yard", "note": "!text !node Yard" },
\t\t"code": { "type": "function", "func": "return 1;\\nmsg" }
\t},
\t"layout": { "out": [1, 2] }
}
`;
  const files = new Map([
    ['a.json', json],
    ['connections.yaml', 'nodes:\n  Yard:\n    type: mqtt-broker\n'],
  ]);

  it('are read beside YAML, references too', () => {
    const nodes = new Map(parseFlows(files, outputsOf).map((node) => [node.type, node]));
    assert.equal(nodes.get('mqtt out')?.broker, nodes.get('mqtt-broker')?.id);
    assert.equal(nodes.get('mqtt out')?.note, '!node Yard');
    assert.equal(nodes.get('function')?.func, 'return 1;\nmsg');
  });

  it('stay JSON when they are saved, also under a new name; new flows are what the setting says', () => {
    const nodes = parseFlows(files, outputsOf);
    const edited = nodes.map((node) => (node.type === 'tab' ? { ...node, label: 'B' } : node));
    const tab = { id: 'aaaaaaaaaaaaaaaa', type: 'tab', label: 'New', disabled: false, info: '' };
    for (const format of ['yaml', 'json'] as const) {
      const saved = writeFlows([...edited, tab], files, outputsOf, format);
      assert.deepEqual([...saved.keys()].toSorted(), ['b.json', 'connections.yaml', `new.${format}`]);
      assert.match(saved.get('b.json') ?? '', /"broker": "!node Yard",\n {6}"note": "!text !node Yard"/);
      assert.match(saved.get('b.json') ?? '', /"out": \[1, 2\]/);
      assert.equal(saved.get('connections.yaml'), files.get('connections.yaml'));
      assert.deepEqual(byId(parseFlows(saved, outputsOf)), byId([...edited, tab]));
    }
  });

  for (const [what, text, line] of [
    ['is only nearly JSON', '{\n "flow": "A",\n}\n', 3],
    ['is YAML', '{\n "flow": A\n}\n', 2],
    ['has a comment', '{\n "flow": "A" # x\n}\n', 2],
    ['ends early', '{\n "flow": "A"\n', 3],
    ['names a key twice', '{\n "flow": "A",\n "flow": "B"\n}\n', 3],
    ['has a wire to nowhere', '{"flow": "A", "nodes": {\n"x": {"type": "d",\n"to": "gone"}}}', 3],
    ['refers to nothing', '{"flow": "A", "nodes": {\n"x": {"type": "d",\n"b": "!node gone"}}}', 3],
  ] as const)
    it(`that ${what} are refused with the line`, () => {
      assert.throws(() => parseFlows(new Map([['a.json', text]]), outputsOf), {
        code: 'FLOW_FILE_INVALID',
        facts: { file: 'a.json', line },
      });
    });

  it('are refused beside the same flow as YAML', () => {
    const both = new Map([
      ['a.json', '{"flow": "A"}'],
      ['a.yaml', 'flow: B\n'],
    ]);
    assert.throws(() => parseFlows(both, outputsOf), { code: 'FLOW_FILE_INVALID', message: /JSON/ });
  });
});

describe('the order of the tabs', () => {
  const tab = (label: string): FlowNode => ({
    id: `tab-${label}`,
    type: 'tab',
    label,
    disabled: false,
    info: '',
  });
  const save = (labels: string[], previous = new Map<string, string>()) =>
    writeFlows(labels.map(tab), previous, outputsOf);
  const labels = (files: Map<string, string>) => parseFlows(files, outputsOf).map(({ label }) => label);

  it('is that of the paths where nothing is said', () => {
    assert.deepEqual([...save(['a', 'b']).keys()], ['a.yaml', 'b.yaml']);
    assert.deepEqual(labels(save(['a', 'b', 'c'])), ['a', 'b', 'c']);
  });

  it('is kept with the connections, and goes away with them', () => {
    const moved = save(['c', 'a', 'b']);
    assert.equal(moved.get('connections.yaml'), 'nodes: {}\norder:\n  - c\n');
    assert.deepEqual(labels(moved), ['c', 'a', 'b']);
    const more = save(['c', 'b', 'a', 'd'], moved);
    assert.deepEqual(labels(more), ['c', 'b', 'a', 'd']);
    assert.match(more.get('connections.yaml') ?? '', /order:\n {2}- c\n {2}- b\n$/);
    assert.equal(save(['a', 'b', 'c', 'd'], more).get('connections.yaml'), 'nodes: {}\n');
  });

  it('does not touch the other files', () => {
    const before = save(['a', 'b']);
    const after = save(['b', 'a'], before);
    for (const [path, text] of before) assert.equal(after.get(path), text);
  });

  it('survives the removal of a flow by hand', () => {
    const files = save(['c', 'b', 'a']);
    files.delete('c.yaml');
    assert.deepEqual(labels(files), ['b', 'a']);
  });
});

function byId(nodes: readonly FlowNode[]): Map<string, FlowNode> {
  return new Map(nodes.map((node) => [node.id, node]));
}
