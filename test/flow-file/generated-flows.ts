/** Sets of Node-RED nodes as fast-check makes them: what the editor saves, and what an import can bring. */
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import type { FlowNode } from '../../runtime/flow-file/format.ts';

/** Choices in the order they are made: fast-check shrinks what they are taken from. */
interface Random {
  /** From 0 to max, both included. */
  nat(max: number): number;
  text(): string;
  extra(): [string, unknown][];
}

const awkward = [
  '',
  ' ',
  ' \n',
  '\n',
  '\n\n \n',
  'a\n \nb',
  ' leading',
  'trailing ',
  'tab\tinside',
  '\ttab',
  'cr\r\nlf',
  'a\n',
  'a\n\n',
  '  a\nb\n',
  '- a',
  'a: b',
  'a #b',
  '#',
  '!node x',
  '&a',
  '*a',
  '%TAG',
  '---',
  '...',
  '? a',
  '[a]',
  '{a}',
  '"',
  "'",
  '\\',
  '`@',
  'null',
  '~',
  'true',
  'no',
  '1',
  '0x1F',
  '1e3',
  '.inf',
  '2026-01-01',
  '=',
  '<<',
  'id:x',
  'debug',
  'debug 2',
  '${NAME}',
  '__proto__',
  'constructor',
  '\ufeffx',
  '\u2028',
  '\u0085',
  '\u0000',
  '\ud800',
  'émile 𝄞 👩‍🔧',
  'const a = 1;\n\nreturn msg;',
  'x'.repeat(200),
];

const text = () =>
  fc.oneof(
    fc.constantFrom('orders', 'Odoo', 'orders', 'check stock', 'a/b'),
    fc.constantFrom(...awkward),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.array(fc.constantFrom(...awkward, 'line', '  indented'), { maxLength: 4 }).map((l) => l.join('\n')),
  );

/** Names the file format has a meaning of its own for, and names objects have. */
const keys = () =>
  fc.oneof(
    fc.constantFrom(
      ...'to name disabled members properties nodes layout ids flow version wires label'.split(' '),
      ...'l icon inputLabels style links server scope rules __proto__ toString 1 at w g'.split(' '),
    ),
    text(),
  );

const hex = () => fc.stringMatching(/^[0-9a-f]{16}$/);
const ids = () =>
  fc.oneof(
    { weight: 6, arbitrary: hex() },
    { weight: 1, arbitrary: fc.stringMatching(/^[0-9a-f]{8}\.[0-9a-f]{6}$/) },
    { weight: 1, arbitrary: fc.constantFrom('n1', 'n2', 'id:x', 'a b', 'true', '1', '__proto__', 'Odoo') },
  );

const core = resolve(import.meta.dirname, '../../node_modules/@node-red/nodes/core');

/** As Node-RED's own nodes register themselves. */
export const coreTypes = globSync('*/*.js', { cwd: core })
  .flatMap((file) => [
    ...readFileSync(resolve(core, file), 'utf8').matchAll(/registerType\(["']([^"']+)["']/g),
  ])
  .map(([, type = '']) => type)
  .toSorted();

const types = [...coreTypes, 'webhook-verify', 'some-other', '@scope/x y', 'type: odd', ''];

/** Output names of the one type that has them here. */
export const outputsOf = (type: string) => (type === 'webhook-verify' ? ['verified', 'refused'] : undefined);

const extra = fc.tuple(keys(), fc.oneof(text(), fc.jsonValue({ maxDepth: 2 })));

/** A set with unique ids, in no order. */
export const flowSets: fc.Arbitrary<FlowNode[]> = fc
  .tuple(
    fc.uniqueArray(ids(), { minLength: 1, maxLength: 20, size: 'max' }),
    fc.array(fc.nat(), { minLength: 100, maxLength: 100 }),
    fc.array(text(), { minLength: 1, maxLength: 12, size: 'max' }),
    fc.array(fc.array(extra, { maxLength: 3 }), { maxLength: 6, size: 'max' }),
  )
  .map(([all, numbers, texts, extras]) => {
    let at = 0;
    const next = () => numbers[at++ % numbers.length]! + Math.floor(at / numbers.length);
    return flowSet(all, {
      nat: (max) => next() % (max + 1),
      text: () => texts[next() % texts.length]!,
      extra: () => extras[next() % extras.length] ?? [],
    });
  });

function flowSet(from: readonly string[], random: Random): FlowNode[] {
  const all = [...from];
  const take = (count: number) => all.splice(0, count);
  const tabs = take(random.nat(3)).map((id) => tab(random, id));
  const subflowIds = take(random.nat(2));
  const groupIds = take(random.nat(2));
  const known = [...all, ...groupIds, ...subflowIds];
  const homes = [...tabs.map(({ id }) => id), ...subflowIds];
  const subflows = subflowIds.map((id) => subflow(random, id, all));
  const nodes = all.map((id) => node(random, id, { known, homes, subflowIds }));
  const groups = groupIds.map((id) => group(random, id, homes, nodes));
  return shuffled(random, [...tabs, ...subflows, ...groups, ...nodes]);
}

interface Ids {
  known: string[];
  homes: string[];
  subflowIds: string[];
}

function tab(random: Random, id: string): FlowNode {
  const variable = (name: string) => ({ name, value: random.text(), type: 'str' });
  const env = 'FLOW_VERSION FLOW_OWNER FLOW_TIER OTHER'.split(' ').filter(() => maybe(random));
  return {
    id,
    type: 'tab',
    ...(rarely(random) ? {} : { label: random.text() }),
    ...(rarely(random) ? {} : { disabled: maybe(random) }),
    ...(rarely(random) ? {} : { info: random.text() }),
    ...(maybe(random) ? { env: env.map(variable) } : {}),
    ...extras(random),
  };
}

function subflow(random: Random, id: string, inside: string[]): FlowNode {
  const end = () => ({ x: 40, y: 80, wires: some(random, inside).map((to) => ({ id: to, port: 0 })) });
  return {
    id,
    type: 'subflow',
    ...(rarely(random) ? {} : { name: random.text() }),
    info: random.text(),
    category: '',
    in: maybe(random) ? [end()] : [],
    out: maybe(random) ? [end(), end()] : [],
    env: maybe(random) ? [{ name: random.text(), type: 'str', value: random.text() }] : [],
    meta: {},
    color: '#DDAA99',
    ...extras(random),
  };
}

function node(random: Random, id: string, { known, homes, subflowIds }: Ids): FlowNode {
  const type = one(random, [...types, ...subflowIds.map((sub) => `subflow:${sub}`)]);
  const place = homes.length > 0 && !rarely(random) ? { z: one(random, homes) } : {};
  const named = type === 'junction' || rarely(random) ? {} : { name: random.text() };
  if (random.nat(4) === 0) {
    const z = rarely(random) ? { z: one(random, ['', 'gone', ...homes]) } : {};
    return { id, type: 'mqtt-broker', ...z, ...named, broker: random.text(), ...extras(random) };
  }
  const outputs = random.nat(3);
  return {
    id,
    type,
    ...place,
    ...named,
    ...(type === 'function' ? { func: random.text(), outputs } : {}),
    ...(type.startsWith('link') ? { links: some(random, known), mode: 'link' } : {}),
    ...(type === 'catch' ? { scope: rarely(random) ? null : some(random, known) } : {}),
    ...(maybe(random) ? { server: one(random, known) } : {}),
    ...(rarely(random) ? { d: maybe(random) } : {}),
    ...extras(random),
    ...position(random),
    ...wires(random, known, outputs),
  };
}

/** Members that know their group, and some that do not. */
function group(random: Random, id: string, homes: string[], nodes: FlowNode[]): FlowNode {
  const z = homes.length > 0 ? { z: one(random, homes) } : {};
  const near = nodes.filter((other) => other.z === z.z && other.g === undefined);
  const members = near.filter(() => maybe(random));
  for (const member of members) if (!rarely(random)) member.g = id;
  return {
    id,
    type: 'group',
    ...z,
    ...(rarely(random) ? {} : { name: random.text() }),
    style: { label: true, stroke: '#999999' },
    nodes: members.map((member) => member.id),
    x: 10,
    y: 20,
    w: 300,
    h: 120.5,
    ...extras(random),
  };
}

function position(random: Random): object {
  if (rarely(random)) return maybe(random) ? {} : { x: random.nat(900), y: '80' };
  return { x: random.nat(2000), y: random.nat(2000) / 2 };
}

function wires(random: Random, known: string[], outputs: number): object {
  if (rarely(random)) return maybe(random) ? {} : { wires: one(random, ['odd', [], [[1]], null]) };
  return { wires: Array.from({ length: outputs }, () => some(random, known)) };
}

/** Any JSON below any name, but for what makes it a node at all or a secret. */
function extras(random: Random): object {
  if (maybe(random)) return {};
  const forbidden = new Set(['id', 'type', 'z', 'credentials', 'nodes', 'g']);
  return Object.fromEntries(random.extra().filter(([key]) => !forbidden.has(key)));
}

function rarely(random: Random): boolean {
  return random.nat(7) === 7;
}

function maybe(random: Random): boolean {
  return random.nat(1) === 1;
}

function one<T>(random: Random, from: readonly T[]): T {
  return from[random.nat(from.length - 1)]!;
}

function some(random: Random, from: string[]): string[] {
  return from.length === 0 ? [] : Array.from({ length: random.nat(3) }, () => one(random, from));
}

function shuffled<T>(random: Random, list: T[]): T[] {
  return list
    .map((value) => ({ value, key: random.nat(1000) }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ value }) => value);
}
