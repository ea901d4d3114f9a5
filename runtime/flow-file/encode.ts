/** One file's nodes → what its YAML says, in the order it says it. */
import { isDeepStrictEqual } from 'node:util';
import {
  NodeReference,
  connections,
  derivedId,
  drawingKeys,
  fileKeys,
  headerVariables,
  impliedName,
  nodeKeys,
  resolveName,
  settingsVersion,
  stem,
  type FlowNode,
  type Names,
  type OutputsOf,
} from './format.ts';
import { wireOrder } from './order.ts';
import type { Content } from './patch.ts';
import { outputCount, scopeOf } from './read.ts';
import { versionOf } from './versions.ts';
import { isWires, outputsOfNode, toFrom } from './wires.ts';

export interface FilePlan {
  path: string;
  /** Where the flow stood before. */
  previous: string | undefined;
  /** The tab or subflow; undefined for the connections. */
  header: FlowNode | undefined;
  nodes: FlowNode[];
  /** Of the connections: the flows whose place is not that of their path. */
  order?: string[];
}

interface Context {
  file: FilePlan;
  names: Map<string, string>;
  subflows: FlowNode[];
  outputsOf: OutputsOf;
  /** Groups whose members all know it: `members` says both. */
  groupOf: Map<string, string>;
  reference(id: string): NodeReference | undefined;
}

export function encodeFile(
  file: FilePlan,
  plans: readonly FilePlan[],
  names: Map<string, string>,
  outputsOf: OutputsOf,
): Content {
  const subflows = plans.flatMap(({ header }) => (header?.type === 'subflow' ? [header] : []));
  const reference = referencesFrom(file, plans, names);
  const context = { file, names, subflows, outputsOf, groupOf: groupsOf(file), reference };
  const content: Content = file.header ? headerContent(file.header, context) : new Map();
  const groups = file.nodes.filter(({ type }) => type === 'group');
  const nodes = wireOrder(file.nodes.filter(({ type }) => type !== 'group'));
  const nameOf = (node: FlowNode) => names.get(node.id) ?? '';
  const scope = scopeOf(content);
  const entries = (of: FlowNode[]) => of.map((node) => [nameOf(node), nodeContent(node, context)] as const);
  content.set('nodes', new Map(entries(nodes)));
  if (groups.length > 0) content.set('groups', new Map(entries(groups)));

  if (file.order?.length) content.set('order', file.order);

  const all = [...nodes, ...groups];
  const layout = all.flatMap((node) => {
    const drawn = drawing(node);
    return drawn === undefined ? [] : [[nameOf(node), drawn] as const];
  });
  if (layout.length > 0) content.set('layout', new Map(layout));
  if (file.header && file.header.id !== derivedId(scope, '')) content.set('id', file.header.id);
  const ids = all.filter((node) => node.id !== derivedId(scope, nameOf(node)));
  if (ids.length > 0) content.set('ids', new Map(ids.map((node) => [nameOf(node), node.id])));
  return content;
}

function headerContent(header: FlowNode, context: Context): Content {
  const { id: _id, type, ...rest } = header;
  const content: Content = new Map();
  const take = (key: string, property: string, fits: (value: unknown) => boolean, implied?: unknown) => {
    const value = rest[property];
    const given = fits(value);
    if (!given) content.set(key, null);
    else if (value !== implied) content.set(key, value);
    if (given) delete rest[property];
  };
  if (type === 'subflow') take('subflow', 'name', isText);
  else {
    take('flow', 'label', isText);
    const env = Array.isArray(rest.env) ? [...(rest.env as unknown[])] : [];
    const lifted = liftVariables(env);
    for (const [key, value] of lifted) if (key === 'version') content.set(key, value);
    take('summary', 'info', isText, '');
    for (const [key, value] of lifted) if (key !== 'version') content.set(key, value);
    take('disabled', 'disabled', (value) => typeof value === 'boolean', false);
    if (lifted.size > 0) rest.env = env;
    if (lifted.size > 0 && env.length === 0) delete rest.env;
  }
  addProperties(content, rest, fileKeys, context);
  return content;
}

/** Takes FLOW_VERSION, FLOW_OWNER and FLOW_TIER off the head of the tab's variables. */
function liftVariables(env: unknown[]): Map<string, string> {
  const lifted = new Map<string, string>();
  for (const [key, name] of Object.entries(headerVariables)) {
    const value = (env[0] as { value?: unknown } | undefined)?.value;
    if (typeof value !== 'string' || !isDeepStrictEqual(env[0], { name, value, type: 'str' })) continue;
    lifted.set(key, value);
    env.shift();
  }
  return lifted;
}

function nodeContent(node: FlowNode, context: Context): Content {
  const { names, file, groupOf } = context;
  const key = names.get(node.id) ?? '';
  const isGroup = node.type === 'group';
  const rest: Record<string, unknown> = withoutDrawing(node);
  const content: Content = new Map();
  delete rest.id;
  delete rest.type;
  if (!isGroup) content.set('type', typeName(node.type, context));
  if (versionOf(node.type) > 1) content.set(settingsVersion, versionOf(node.type));
  if (typeof node.name === 'string' || !('name' in node)) delete rest.name;
  const name = typeof node.name === 'string' ? node.name : undefined;
  if (name !== impliedName(key, node.type)) content.set('name', name ?? null);
  if (node.d === true) content.set('disabled', true);
  if (node.d === true) delete rest.d;
  if (file.header && node.z === file.header.id) delete rest.z;
  if (node.g !== undefined && groupOf.get(node.id) === node.g) delete rest.g;
  const members = isGroup && [...groupOf.values()].includes(node.id) ? (node.nodes as string[]) : undefined;
  if (members) delete rest.nodes;
  const to = targets(node, context);
  if (node.wires === undefined || isWires(node.wires)) delete rest.wires;
  addProperties(content, rest, nodeKeys, context);
  if (members)
    content.set(
      'members',
      members.map((id) => names.get(id)),
    );
  if (to !== undefined) content.set('to', to);
  return content;
}

function targets(node: FlowNode, { file, names, subflows, outputsOf }: Context): unknown {
  const drawn = position(node) !== undefined && node.type !== 'group';
  const local = new Set(file.nodes.map(({ id }) => id));
  const subflow = subflows.find(({ id }) => node.type === `subflow:${id}`);
  const outputs = subflow
    ? outputsOfNode(
        { type: node.type, outputs: outputCount({ content: new Map(Object.entries(subflow)) }) },
        undefined,
      )
    : outputsOfNode(node, outputsOf(node.type));
  const wires = isWires(node.wires) ? node.wires : undefined;
  return toFrom(wires, drawn, outputs, (id) => (local.has(id) ? (names.get(id) ?? '') : `id:${id}`));
}

/** `subflow:<name>` where the name tells it, else with its id. */
function typeName(type: string, { subflows }: Context): string {
  const subflow = subflows.find(({ id }) => type === `subflow:${id}`);
  const name = subflow?.name;
  if (!subflow || typeof name !== 'string' || subflows.some(({ id }) => id === name)) return type;
  return subflows.filter((other) => other.name === name).length === 1 ? `subflow:${name}` : type;
}

function addProperties(
  content: Content,
  rest: Record<string, unknown>,
  reserved: Set<string>,
  context: Context,
): void {
  const escaped: Content = new Map();
  for (const [key, value] of Object.entries(rest))
    (reserved.has(key) ? escaped : content).set(key, withReferences(value, context));
  if (escaped.size > 0) content.set('properties', escaped);
}

function withReferences(value: unknown, context: Context): unknown {
  if (typeof value === 'string') return context.reference(value) ?? value;
  if (Array.isArray(value)) return value.map((part) => withReferences(part, context));
  if (typeof value !== 'object' || value === null) return value;
  return new Map(Object.entries(value).map(([key, part]) => [key, withReferences(part, context)]));
}

/** Only what looks like an id is taken for one: a setting that happens to equal a short id stays text. */
function referencesFrom(file: FilePlan, plans: readonly FilePlan[], names: Map<string, string>) {
  const idsOf = (plan: FilePlan) => new Map(plan.nodes.map(({ id }) => [names.get(id) ?? '', id]));
  const files = new Map(plans.map((plan) => [stem(plan.path), idsOf(plan)]));
  const known: Names = {
    own: files.get(stem(file.path)) ?? new Map(),
    shared: files.get(connections) ?? new Map(),
    files,
  };
  const home = new Map(plans.flatMap(({ path, nodes }) => nodes.map(({ id }) => [id, stem(path)])));
  return (id: string): NodeReference | undefined => {
    const from = home.get(id);
    if (from === undefined || !/^[0-9a-f.]{12,}$/.test(id)) return undefined;
    const name = names.get(id) ?? '';
    const way = [name, `${from}/${name}`].find((candidate) => resolveName(known, candidate) === id);
    return way === undefined ? undefined : new NodeReference(way);
  };
}

function groupsOf({ nodes }: FilePlan): Map<string, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const groupOf = new Map<string, string>();
  for (const group of nodes) {
    const members = group.type === 'group' && Array.isArray(group.nodes) ? (group.nodes as unknown[]) : [];
    if (members.every((id) => byId.get(String(id))?.g === group.id))
      for (const id of members) groupOf.set(String(id), group.id);
  }
  return groupOf;
}

function position({ x, y, w, h }: FlowNode): number[] | undefined {
  if (!isNumber(x) || !isNumber(y)) return undefined;
  return isNumber(w) && isNumber(h) ? [x, y, w, h] : [x, y];
}

function drawing(node: FlowNode): unknown {
  const at = position(node);
  const keys = drawingKeys(node.type).filter((key) => key in node);
  if (keys.length === 0) return at;
  return new Map([
    ...(at ? [['at', at] as const] : []),
    ...keys.map((key) => [key, maps(node[key])] as const),
  ]);
}

function maps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maps);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(Object.entries(value).map(([key, part]) => [key, maps(part)]));
}

function withoutDrawing(node: FlowNode): Record<string, unknown> {
  const at = position(node) ?? [];
  const drawn = new Set([...drawingKeys(node.type), ...['x', 'y', 'w', 'h'].slice(0, at.length)]);
  return Object.fromEntries(Object.entries(node).filter(([key]) => !drawn.has(key)));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
