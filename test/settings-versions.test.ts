/** A setting that was renamed does not break the flows that use its old name. */
import { strictEqual, deepStrictEqual, ok, throws } from 'node:assert/strict';
import Type from 'typebox';
import { diffSets } from '../runtime/diff/diff.ts';
import { parseFlows } from '../runtime/flow-file/read.ts';
import { canonicalFiles, writeFlows } from '../runtime/flow-file/write.ts';
import { nodeTypes } from '../runtime/node-red/installed.ts';
import { defineNode } from '../runtime/node-red/define-node.ts';

const { definition } = defineNode({
  type: 'test-scale',
  summary: 'Weighs.',
  help: '',
  icon: 'fa-balance-scale',
  color: '#fff',
  config: Type.Object({
    unit: Type.String({ title: 'Unit' }),
    most: Type.Integer({ title: 'Most' }),
  }),
  version: 3,
  migrate(settings, from) {
    if (from === 1) {
      const { measure, ...rest } = settings;
      return { unit: measure, ...rest };
    }
    const { limit, ...rest } = settings;
    return { ...rest, most: limit };
  },
  inputs: 1,
  outputs: [{ name: 'weighed', description: '' }],
  start: () => ({}),
});
const outputsOf = (type: string) => (type === 'test-scale' ? ['weighed'] : undefined);

const old = `flow: weighing
summary: Weighs parcels.
nodes:
  # The one at the gate.
  scale:
    type: test-scale
    measure: kg
    limit: 30
    to: done
  done:
    type: debug
layout:
  scale: [100, 40]
  done: [300, 40]
`;
const now = old.replace(
  '    measure: kg\n    limit: 30',
  '    settingsVersion: 3\n    unit: kg\n    most: 30',
);
const filesOf = (text: string) => new Map([['weighing.yaml', text]]);

describe('versions of settings', () => {
  it('a flow of an older version is read in the form of now', () => {
    const scale = parseFlows(filesOf(old), outputsOf).find(({ type }) => type === 'test-scale')!;
    deepStrictEqual([scale['unit'], scale['most'], scale['measure']], ['kg', 30, undefined]);
    strictEqual(scale['settingsVersion'], undefined);
    deepStrictEqual(parseFlows(filesOf(now), outputsOf), parseFlows(filesOf(old), outputsOf));
  });

  it('lint sees that form', () => {
    const types = nodeTypes([definition], []);
    const { id: _id, ...scale } = parseFlows(filesOf(old), outputsOf).find(
      ({ type }) => type === 'test-scale',
    )!;
    strictEqual(types.wrongSettings('test-scale', { unit: scale['unit'], most: scale['most'] }), undefined);
    ok(types.wrongSettings('test-scale', { measure: 'kg', limit: 30 }));
  });

  it('diff finds nothing between the two', () => {
    const setOf = (text: string) => new Map([['flows/weighing.yaml', text]]);
    deepStrictEqual(diffSets(setOf(old), setOf(now), { outputsOf, writesOf: () => undefined }), []);
  });

  it('a save writes the form of now, with comments kept', () => {
    const nodes = parseFlows(filesOf(old), outputsOf);
    strictEqual(writeFlows(nodes, filesOf(old), outputsOf).get('weighing.yaml'), now);
    const heavier = nodes.map((node) => (node.type === 'test-scale' ? { ...node, most: 40 } : node));
    const saved = writeFlows(heavier, filesOf(old), outputsOf).get('weighing.yaml');
    strictEqual(saved, now.replace('most: 30', 'most: 40'));
    strictEqual(canonicalFiles(filesOf(old), outputsOf).get('weighing.yaml'), now);
  });

  it('one that was half on the way goes on from there', () => {
    const half = old.replace('    measure: kg', '    settingsVersion: 2\n    unit: kg');
    deepStrictEqual(parseFlows(filesOf(half), outputsOf), parseFlows(filesOf(now), outputsOf));
  });

  it('one of a newer Crossdock is refused', () => {
    throws(() => parseFlows(filesOf(now.replace('settingsVersion: 3', 'settingsVersion: 4')), outputsOf), {
      code: 'FLOW_FILE_INVALID',
    });
  });
});
