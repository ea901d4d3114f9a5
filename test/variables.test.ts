import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { readFiles } from '../runtime/flow-file/disk.ts';
import { parseFlows } from '../runtime/flow-file/read.ts';
import { namesNeeded } from '../runtime/lint/names.ts';
import { outputsOf } from './lint/project.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('the variables of the flows', () => {
  let used: Map<string, string[]>;
  before(async () => {
    const all = await readFiles(join(root, 'flows'));
    const shared: [string, string] = ['connections.yaml', all.get('connections.yaml')!];
    const of = [...all]
      .filter(([path]) => path !== shared[0])
      .flatMap((flow) => {
        const nodes = parseFlows(new Map([flow, shared]), outputsOf);
        const names = namesNeeded(nodes, { partners: { direct: [] } });
        return names.map((name): [string, string] => [name, flow[0].replace('.yaml', '')]);
      });
    used = new Map(
      [...Map.groupBy(of, ([name]) => name)].map(([name, flows]) => [name, flows.map(([, flow]) => flow)]),
    );
  });

  it('stand in the table, each with the flows that name it, and no other', () => {
    const rows = read('docs/operators/variables.md').matchAll(/^\| `([A-Z_]+)` +\| .+ \| (.+?) +\|$/gm);
    const told = [...rows].map(([, name, flows]): [string, string[]] => [name!, flows!.split(', ')]);
    const sorted = (pairs: Iterable<[string, string[]]>) =>
      [...pairs].toSorted(([a], [b]) => (a < b ? -1 : 1));
    assert.deepEqual(sorted(told), sorted(used));
  });

  it('stand in .env.example, with those of the hub itself, all to be filled in', () => {
    const example = parseEnv(read('.env.example').replaceAll(/^# (?=[A-Z_]+=)/gm, ''));
    const settings = new Set(
      [...read('docs/operators/run.md').matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name!),
    );
    for (const name of used.keys()) assert.equal(example[name], '', name);
    for (const name of Object.keys(example))
      assert.ok(used.has(name) || settings.has(name), `${name} is in no table`);
    assert.deepEqual(parseEnv(read('.env.example')), {});
  });
});
