/** Flow files: what the editor saves and what the file says are the same, byte for byte and comment for comment. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { readFiles } from '../runtime/flow-file/disk.ts';
import type { FlowFiles, FlowNode, Format } from '../runtime/flow-file/format.ts';
import { parseFlows } from '../runtime/flow-file/read.ts';
import { writeFlows } from '../runtime/flow-file/write.ts';
import { coreTypes, flowSets, outputsOf } from './flow-file/generated-flows.ts';
import { outputsOf as palette } from './lint/project.ts';

const numRuns = Number(process.env.FLOW_RUNS ?? 2000);
const editRuns = Math.ceil(numRuns / 10);
const formats: Format[] = ['yaml', 'json'];
/** The same flows each time; another FLOW_SEED looks at others. */
const seed = Number(process.env.FLOW_SEED ?? 1);
const root = resolve(import.meta.dirname, '..');

describe('generated flows', () => {
  it(`come back from their files, YAML and JSON, and a second save changes no byte (${numRuns} runs)`, function () {
    this.timeout(numRuns * 500);
    fc.assert(
      fc.property(flowSets, (nodes) => {
        for (const format of formats) {
          const files = onDisk(writeFlows(nodes, new Map(), outputsOf, format));
          const read = parseFlows(files, outputsOf);
          assert.deepEqual(byId(read), byId(asJson(nodes)));
          assertSame(writeFlows(read, files, outputsOf, format), files);
        }
      }),
      { numRuns, seed, endOnFailure: true },
    );
  });

  it('hold every node type of Node-RED itself', () => {
    const sets = fc.sample(flowSets, { numRuns: Math.min(numRuns, 2000), seed });
    const made = new Set(sets.flat().map(({ type }) => type));
    assert.ok(coreTypes.length > 40, `${coreTypes.length} types`);
    assert.deepEqual(
      coreTypes.filter((type) => !made.has(type)),
      [],
    );
  });

  it(`stay lossless when they are edited, and keep the comments (${editRuns} runs)`, function () {
    this.timeout(editRuns * 500);
    fc.assert(
      fc.property(flowSets, flowSets, fc.nat(), (nodes, others, choice) => {
        const noted = commented(writeFlows(nodes, new Map(), outputsOf));
        const before = parseFlows(noted, outputsOf);
        const edited = edit(before, others, choice);
        const files = onDisk(writeFlows(edited, noted, outputsOf));
        assert.deepEqual(byId(parseFlows(files, outputsOf)), byId(asJson(edited)));
        assertSame(writeFlows(edited, files, outputsOf), files);
        for (const [path, text] of noted) {
          const now = files.get(path);
          if (now !== undefined) assert.ok(now.startsWith(head(text)), `${path} lost its comment`);
        }
      }),
      { numRuns: editRuns, seed, endOnFailure: true },
    );
  });
});

describe("Node-RED's own examples", () => {
  const examples = join(root, 'node_modules/@node-red/nodes/examples');
  const paths = globSync('**/*.json', { cwd: examples });

  it('are found', () => assert.ok(paths.length > 50, `${paths.length} examples`));

  it('come back from their files, and a second save changes no byte', function () {
    this.timeout(180_000);
    for (const path of paths) {
      const nodes = JSON.parse(readFileSync(join(examples, path), 'utf8')) as FlowNode[];
      for (const format of formats) {
        const files = onDisk(writeFlows(nodes, new Map(), outputsOf, format));
        const read = parseFlows(files, outputsOf);
        assert.deepEqual(byId(read), byId(nodes), path);
        assertSame(writeFlows(read, files, outputsOf, format), files);
      }
    }
  });
});

describe("the project's flows", () => {
  it('are byte for byte what the editor would save', async () => {
    const files = await readFiles(join(root, 'flows'));
    assert.ok(files.size > 0);
    assertSame(writeFlows(parseFlows(files, palette), files, palette), files);
  });
});

describe('an edit', () => {
  const text = `# Owned by the web shops team
flow: intake
version: 1.0.0
nodes:
  # The path is registered at the shop.
  orders:
    type: webhook-in
    path: /orders # do not change
    headers: [a, b] # short
    to: signature

  signature:
    type: webhook-verify
    secrets: \${SECRETS}
    to:
      verified: seen
  seen:
    # for a look
    type: debug
layout:
  orders: [100, 80]
  signature: [300, 80]
  seen: [500, 80]
`;
  const saved = (change: (nodes: Map<unknown, FlowNode>) => void) => {
    const files = new Map([['intake.yaml', text]]);
    const nodes = new Map(parseFlows(files, outputsOf).map((node) => [node.name ?? node.label, node]));
    change(nodes);
    return writeFlows([...nodes.values()], files, outputsOf).get('intake.yaml');
  };

  it('that changes nothing changes no byte', () => {
    assert.equal(
      saved(() => {}),
      text,
    );
  });

  it('of a setting touches its line only', () => {
    const changed = saved((nodes) => Object.assign(nodes.get('orders')!, { path: '/v2' }));
    assert.equal(changed, text.replace('/orders # do', '/v2 # do'));
  });

  it('of a list keeps its style', () => {
    const changed = saved((nodes) => Object.assign(nodes.get('orders')!, { headers: ['a', 'c', 'b'] }));
    assert.equal(changed, text.replace('[a, b]', '[a, c, b]'));
  });

  it('of a position does not touch the logic', () => {
    const changed = saved((nodes) => Object.assign(nodes.get('seen')!, { x: 520 }));
    assert.equal(changed, text.replace('[500, 80]', '[520, 80]'));
  });

  it('of a wire shows the output by its name', () => {
    const changed = saved((nodes) => {
      const seen = nodes.get('seen')!.id;
      nodes.get('signature')!.wires = [[seen], [seen]];
    });
    assert.equal(changed, text.replace('verified: seen\n', 'verified: seen\n      refused: seen\n'));
  });

  it('of the version is one line, and stays a tab variable', () => {
    const changed = saved((nodes) => {
      const [version] = nodes.get('intake')!.env as { name: string; value: string }[];
      assert.deepEqual(version, { name: 'FLOW_VERSION', value: '1.0.0', type: 'str' });
      version!.value = '1.1.0';
    });
    assert.equal(changed, text.replace('1.0.0', '1.1.0'));
  });

  it('that removes a node takes its entry, its place and its wires', () => {
    const changed = saved((nodes) => {
      nodes.delete('seen');
      nodes.get('signature')!.wires = [[], []];
    });
    const rest = text
      .replace('    to:\n      verified: seen\n', '')
      .replace('  seen:\n    # for a look\n    type: debug\n', '')
      .replace('  seen: [500, 80]\n', '');
    assert.equal(changed, rest);
  });

  it('of code is block text', () => {
    const changed = saved((nodes) =>
      nodes.set('tidy', {
        id: '00112233aabbccdd',
        type: 'function',
        z: nodes.get('intake')!.id,
        name: 'tidy',
        func: 'const a = 1;\n\nreturn msg;\n',
        outputs: 1,
        x: 100,
        y: 200,
        wires: [[nodes.get('seen')!.id]],
      }),
    );
    assert.match(changed ?? '', / {4}func: \|\n {6}const a = 1;\n\n {6}return msg;\n/);
    assert.match(changed ?? '', /^ids:\n {2}tidy: 00112233aabbccdd$/m);
  });
});

describe('references', () => {
  const files = new Map([
    [
      'a.yaml',
      'flow: A\nnodes:\n  out:\n    type: mqtt out\n    broker: !node Yard\nlayout:\n  out: [1, 2]\n',
    ],
    ['connections.yaml', 'nodes:\n  Yard:\n    type: mqtt-broker\n    note: Yard\n'],
  ]);

  it('name the node, and a text that is merely equal to a name stays text', () => {
    const nodes = new Map(parseFlows(files, outputsOf).map((node) => [node.type, node]));
    assert.equal(nodes.get('mqtt out')?.broker, nodes.get('mqtt-broker')?.id);
    assert.equal(nodes.get('mqtt-broker')?.note, 'Yard');
  });

  it('follow a new name', () => {
    const nodes = parseFlows(files, outputsOf);
    const renamed = nodes.map((node) => (node.name === 'Yard' ? { ...node, name: 'Dock 4' } : node));
    const written = writeFlows(renamed, files, outputsOf);
    assert.match(written.get('a.yaml') ?? '', /broker: !node "?Dock 4"?\n/);
    assert.deepEqual(byId(parseFlows(written, outputsOf)), byId(renamed));
  });
});

describe('a broken file', () => {
  const broken: [title: string, text: string, line: number, says: RegExp][] = [
    ['is no YAML', 'flow: a\nnodes: [\n', 3, /./],
    ['names a key twice', 'flow: a\nnodes:\n  x:\n    type: d\n  x:\n    type: e\n', 5, /unique/i],
    ['has a node without a type', 'flow: a\nnodes:\n  x:\n    typ: debug\n', 3, /type is missing/],
    ['has a wire to nowhere', 'flow: a\nnodes:\n  x:\n    type: d\n    to: gone\n', 5, /"gone"/],
    [
      'has an output that is none',
      'flow: a\nnodes:\n  x:\n    type: webhook-verify\n    to:\n      odd: x\nlayout:\n  x: [1, 2]\n',
      5,
      /"odd"/,
    ],
    ['refers to nothing', 'flow: a\nnodes:\n  x:\n    type: d\n    b: !node gone\n', 5, /"gone"/],
    ['places what is not there', 'flow: a\nlayout:\n  gone: [1, 2]\n', 3, /"gone"/],
    ['has a position of three', 'flow: a\nnodes:\n  x:\n    type: d\nlayout:\n  x: [1, 2, 3]\n', 6, /layout/],
    ['says no name', 'nodes:\n  x:\n    type: d\n', 1, /flow:/],
    ['is empty', '', 1, /./],
    ['is a list', '- a\n- b\n', 1, /./],
    ['groups what is not there', 'flow: a\ngroups:\n  g:\n    members: [gone]\n', 3, /"gone"/],
  ];
  for (const [title, text, line, says] of broken)
    it(`that ${title} is named with its line`, () => {
      const files = new Map([
        ['a.yaml', text],
        ['b.yaml', 'flow: other\n'],
      ]);
      assert.throws(
        () => parseFlows(files, outputsOf),
        (error: Error & { code: string; facts: { file: string; line: number } }) => {
          assert.equal(error.code, 'FLOW_FILE_INVALID');
          assert.deepEqual({ file: error.facts.file, line: error.facts.line }, { file: 'a.yaml', line });
          assert.ok(error.message.startsWith(`a.yaml:${line}: `), error.message);
          assert.match(error.message, says);
          return true;
        },
      );
    });

  it('that has the id of another one names both', () => {
    const files = new Map([
      ['a.yaml', 'flow: a\nid: aaaaaaaaaaaaaaaa\n'],
      ['b.yaml', 'flow: b\nid: aaaaaaaaaaaaaaaa\n'],
    ]);
    const twice = { code: 'FLOW_FILE_INVALID', message: /^b\.yaml:1: .*aaaaaaaaaaaaaaaa.*a\.yaml/ };
    assert.throws(() => parseFlows(files, outputsOf), twice);
  });
});

describe('what a file must not hold', () => {
  const node = { id: 'aaaaaaaaaaaaaaaa', type: 'mqtt-broker', name: 'x' };
  for (const [what, nodes] of [
    ['credentials', [{ ...node, credentials: { password: 'p' } }]],
    ['an id twice', [node, node]],
    ['a node without an id', [{ type: 'debug' } as FlowNode]],
  ] as const)
    it(`${what} is refused`, () => {
      assert.throws(() => writeFlows(nodes, new Map(), outputsOf), { code: 'FLOW_FILE_LOSSY' });
    });
});

/** As it comes back from a disk: UTF-8. */
function onDisk(files: FlowFiles): FlowFiles {
  return new Map([...files].map(([path, text]) => [path, Buffer.from(text).toString()]));
}

function commented(files: FlowFiles): FlowFiles {
  return onDisk(new Map([...files].map(([path, text]) => [path, `# Note on ${path}\n${text}`])));
}

function head(text: string): string {
  return text.slice(0, text.indexOf('\n') + 1);
}

/** Some nodes removed, some changed by the properties of another one, some added. */
function edit(nodes: FlowNode[], others: FlowNode[], seed: number): FlowNode[] {
  const ids = new Set(nodes.map(({ id }) => id));
  const kept = nodes.flatMap((node, at) => {
    const kind = (seed + at * 7) % 5;
    if (kind === 0 && node.type !== 'tab' && node.type !== 'subflow') return [];
    const other = others[(seed + at) % others.length];
    if (kind !== 1 || !other || other.type === 'group' || node.type === 'group') return [node];
    const { id: _id, type: _type, z: _z, g: _g, ...properties } = other;
    // A renamed flow may take the path another one leaves; that case is tested with the storage.
    return node.type === 'tab' || node.type === 'subflow' ? [node] : [{ ...node, ...properties }];
  });
  return [...kept, ...others.filter(({ id, type }) => !ids.has(id) && type !== 'group')];
}

function asJson(nodes: FlowNode[]): FlowNode[] {
  return structuredClone(nodes) as FlowNode[];
}

/** JSON's own equality of objects; a Map because the ids may be any text. */
function byId(nodes: readonly FlowNode[]): Map<string, FlowNode> {
  return new Map(nodes.map((node) => [node.id, node]));
}

function assertSame(actual: FlowFiles, expected: FlowFiles): void {
  assert.deepEqual([...actual].toSorted(), [...expected].toSorted());
}
