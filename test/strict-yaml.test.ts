/** YAML that JSON cannot say: refused with file and line, in flows and in definitions, before it is written anew. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readYaml } from '../runtime/definitions/read-yaml.ts';
import { readFiles } from '../runtime/flow-file/disk.ts';
import { parseFlows } from '../runtime/flow-file/read.ts';
import { canonicalFiles } from '../runtime/flow-file/write.ts';
import { ownSchema } from '../runtime/schema/schema.ts';
import { outputsOf } from './flow-file/generated-flows.ts';

const letters = [...'abcdefghi'];
const bomb = letters.map((letter, at) => {
  const before = letters[at - 1];
  return `  ${letter}: &${letter} [${Array(9)
    .fill(before ? `*${before}` : 'x')
    .join(', ')}]`;
});

/** Below a head of two lines; the line it is told at; what is said. */
const wrong: [title: string, text: string, line: number, says: RegExp][] = [
  ['an unknown tag', '  a: 1\n  b: !nod x\n', 4, /tag.*!nod/],
  ['a tag of a programming language', '  a: !!js/function "f()"\n', 3, /tag.*js\/function/],
  ['an unknown tag at a list', '  a: !list [1]\n', 3, /tag.*!list/],
  ['binary data', '  a: !!binary aGVsbG8=\n', 3, /tag.*binary/],
  ['a set', '  a: !!set {x, y}\n', 3, /tag.*set/],
  ['a timestamp', '  a: !!timestamp 2026-11-28\n', 3, /tag.*timestamp/],
  ['an ordered map', '  a: !!omap [x: 1]\n', 3, /tag.*omap/],
  ['a tag at a key', '  !!str a: 1\n', 3, /key/],
  ['an alias of nothing', '  a: 1\n  b: *none\n', 4, /&none/],
  ['an alias of what it stands in', '  a: &a\n    - *a\n', 4, /\*a in itself/],
  ['an alias of a map around it', '  a: &a { b: { c: *a } }\n', 3, /\*a in itself/],
  ['aliases of aliases of aliases', `${bomb.join('\n')}\n`, 4, /too much/],
  ['1,000 levels of lists', `  a: ${'['.repeat(1000)}${']'.repeat(1000)}\n`, 3, /levels/],
  [
    '1,000 levels of maps',
    Array.from({ length: 1000 }, (_, at) => `${' '.repeat(at + 2)}a:\n`).join(''),
    102,
    /levels/,
  ],
  ['a key that is a list', '  ? [a, b]\n  : 1\n', 3, /key/],
  ['a key that is a map', '  ? { a: 1 }\n  : 1\n', 3, /key/],
  ['a key that is nothing', '  ~: 1\n', 3, /key/],
  ['a key that is an alias', '  a: &a b\n  *a : 1\n', 4, /key/],
  ['a number and the same as text as keys', '  1: a\n  "1": b\n', 4, /key 1 twice/],
  ['a number of 20 digits', '  a: 12345678901234567890\n', 3, /digits/],
  ['a decimal of 20 digits', '  a: 1.2345678901234567891\n', 3, /digits/],
  ['a hexadecimal number that is too long', '  a: 0x1FFFFFFFFFFFFFFFF\n', 3, /digits/],
  ['a number without end', '  a: .inf\n', 3, /no number/],
  ['what is no number', '  a: .nan\n', 3, /no number/],
  ['a number of 400 digits', '  a: 1e400\n', 3, /no number/],
];
const inFlow = (text: string) => `flow: a\nproperties:\n${text}`;
const inDefinition = (text: string) => `name: a\nrest:\n${text}`;
const schema = ownSchema({ type: 'object', required: ['name', 'rest'] });

describe('strict YAML', () => {
  let dir: string;
  before(() => (dir = mkdtempSync(join(tmpdir(), 'crossdock-yaml-'))));
  after(() => rmSync(dir, { recursive: true }));

  const definition = (text: string | Buffer): unknown => {
    writeFileSync(join(dir, 'definition.yaml'), text);
    return readYaml(join(dir, 'definition.yaml'), schema);
  };

  for (const [title, text, line, says] of wrong) {
    it(`refuses ${title} in a flow, also to format it`, () => {
      const files = new Map([['a.yaml', inFlow(text)]]);
      const refused = { code: 'FLOW_FILE_INVALID', message: says, facts: { file: 'a.yaml', line } };
      assert.throws(() => parseFlows(files, outputsOf), refused);
      assert.throws(() => canonicalFiles(files, outputsOf), refused);
    });

    it(`refuses ${title} in a definition`, () => {
      const facts = { file: join(dir, 'definition.yaml'), line, path: '' };
      assert.throws(() => definition(inDefinition(text)), { code: 'CONFIG_INVALID', message: says, facts });
    });
  }

  for (const [title, text] of [
    ['another version of YAML', '%YAML 1.1\n---\nflow: yes\n'],
    ['a directive nobody knows', '%FOO bar\n---\nflow: a\n'],
    ['two documents', 'flow: a\n---\nflow: b\n'],
  ] as const)
    it(`refuses ${title}`, () => {
      const refused = { code: 'FLOW_FILE_INVALID' };
      assert.throws(() => parseFlows(new Map([['a.yaml', text]]), outputsOf), refused);
      assert.throws(() => definition(text), { code: 'CONFIG_INVALID' });
    });

  it('refuses a number of 20 digits and 1,000 levels in a flow written as JSON', () => {
    for (const value of ['12345678901234567890', `${'['.repeat(1000)}${']'.repeat(1000)}`]) {
      const files = new Map([['a.json', `{"flow": "a",\n"properties": {"b": ${value}}}`]]);
      assert.throws(() => parseFlows(files, outputsOf), {
        code: 'FLOW_FILE_INVALID',
        facts: { file: 'a.json', line: 2 },
      });
    }
  });

  it('refuses what is not UTF-8, with its line', async () => {
    const bytes = Buffer.concat([
      Buffer.from('flow: a\nsummary: caf'),
      Buffer.from([0xe9]),
      Buffer.from('\n'),
    ]);
    const flows = mkdtempSync(join(dir, 'flows-'));
    writeFileSync(join(flows, 'a.yaml'), bytes);
    await assert.rejects(readFiles(flows), {
      code: 'FLOW_FILE_INVALID',
      message: 'a.yaml:2: is not UTF-8',
      facts: { file: 'a.yaml', line: 2 },
    });
    assert.throws(() => definition(bytes), { code: 'CONFIG_INVALID', message: /:2: the file is not UTF-8/ });
  });

  it('leaves alone what JSON says as well', () => {
    const text = inDefinition(
      '  a: &a { x: 1.50, y: -0, z: 1e3, h: 0x1F }\n  b: *a\n  c: { <<: *a, x: 2 }\n  d: !!str 1\n  e: 2026-11-28\n  1: "12345678901234567890"\n',
    );
    const a = { x: 1.5, y: -0, z: 1000, h: 31 };
    const rest = { a, b: a, c: { ...a, x: 2 }, d: '1', e: '2026-11-28', 1: '12345678901234567890' };
    assert.deepEqual(definition(text), { name: 'a', rest });
  });
});
