/** Flow files → Node-RED's nodes; what is wrong is named by file and line. */
import { fileURLToPath } from 'node:url';
import { isMap, isNode, visit, type Document } from 'yaml';
import { readOnce } from '../schema/read-cache.ts';
import { readStrictly } from '../definitions/strict-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { readSchema, type Schema } from '../schema/schema.ts';
import {
  NodeReference,
  connections,
  derivedId,
  fileKeys,
  formatOf,
  headerVariables,
  impliedName,
  nodeKeys,
  nodeTag,
  resolveName,
  stem,
  type FlowFiles,
  type FlowNode,
  type Names,
  type OutputsOf,
} from './format.ts';
import { asYaml, markReferences, offsetOfNoJson } from './json.ts';
import { currentForm } from './versions.ts';
import { outputsOfNode, wiresFrom } from './wires.ts';

type Entries = Map<string, unknown>;

export interface FlowFile {
  path: string;
  /** The whole file with its comments, for who writes it anew. */
  document(): Document;
  /** The tab or subflow; undefined for the connections. */
  headerId: string | undefined;
  /** Node ids by their names in the file. */
  ids: Map<string, string>;
  nodes: FlowNode[];
  /** The line of what stands at a path in the document. */
  lineOf(...path: string[]): number;
}

interface Opened extends FlowFile {
  content: Entries;
  /** The line of the first reference to this name. */
  lineOfReference(name: string): number;
}

/** Nodes in the order of the flows, the caller's to change. Throws CodedError FLOW_FILE_INVALID with facts {file, line}. */
export function parseFlows(files: FlowFiles, outputsOf: OutputsOf): FlowNode[] {
  return structuredClone(readFlowFiles(files, outputsOf).flatMap((file) => file.nodes));
}

/** What was read last, for the same files are often asked for twice. */
let last: { files: FlowFiles; outputsOf: OutputsOf; read: FlowFile[] } | undefined;

/** Nothing of it may be changed. */
export function readFlowFiles(files: FlowFiles, outputsOf: OutputsOf): FlowFile[] {
  if (last?.outputsOf === outputsOf && isSame(last.files, files)) return last.read;
  const read = readAll(files, outputsOf);
  last = { files: new Map(files), outputsOf, read };
  return read;
}

function isSame(one: FlowFiles, other: FlowFiles): boolean {
  return one.size === other.size && [...one].every(([path, text]) => other.get(path) === text);
}

function readAll(files: FlowFiles, outputsOf: OutputsOf): FlowFile[] {
  const opened = inOrder([...currentForm(files)].map(([path, text]) => open(path, text)));
  const idsOf = new Map(opened.map((file) => [stem(file.path), file.ids]));
  const shared = idsOf.get(connections) ?? new Map<string, string>();
  const subflows = opened.filter(({ content }) => content.has('subflow'));
  for (const file of opened) resolveReferences(file, { own: file.ids, shared, files: idsOf });
  for (const file of opened) readNodes(file, subflows, outputsOf);
  refuseTwice(opened);
  return opened;
}

/** Those that the connections' `order:` names, then the others by their paths. */
function inOrder(files: Opened[]): Opened[] {
  const sorted = files.toSorted((a, b) => (stem(a.path) < stem(b.path) ? -1 : 1));
  const twice = sorted.find((file, at) => stem(file.path) === stem(sorted[at + 1]?.path ?? ''));
  if (twice) throw invalid(twice.path, 1, 'this flow is there as YAML and as JSON');
  const shared = sorted.find(({ path }) => stem(path) === connections);
  const order = shared ? listOf(shared.content, 'order') : [];
  const first = order.flatMap((name) => sorted.find(({ path }) => stem(path) === name) ?? []);
  return [...new Set([...first, ...sorted])];
}

function open(path: string, text: string): Opened {
  const { rest, layout } = plainLayout(path, text);
  const content = markedReferences(
    readOnce(`flow ${formatOf(path)} 2`, rest, () => parse(path, rest).document.toJS({ mapAsMap: true })),
  ) as Entries;
  const parsed = once(() => parse(path, text));
  const lineOf = (...steps: string[]) => {
    const { document, lineAt } = parsed();
    return lineAt(offsetOf(document, steps));
  };
  const violation = schema().check(asObjects(content));
  if (violation) {
    const where = violation.path.split('/').filter(Boolean);
    throw invalid(path, lineOf(...where), `${violation.path || 'the file'} ${violation.message}`);
  }
  if (layout) content.set('layout', layout);
  const isConnections = stem(path) === connections;
  if (!isConnections && !content.has('flow') && !content.has('subflow'))
    throw invalid(path, 1, 'says neither flow: nor subflow:');

  const scope = scopeOf(content);
  const given = section(content, 'ids');
  const headerId = isConnections ? undefined : String(content.get('id') ?? derivedId(scope, ''));
  const keys = [...section(content, 'groups').keys(), ...section(content, 'nodes').keys()];
  const ids = new Map(keys.map((key) => [key, String(given.get(key) ?? derivedId(scope, key))]));
  if (ids.size < keys.length) throw invalid(path, lineOf('groups'), 'a group and a node have the same name');
  for (const name of ['ids', 'layout'])
    for (const key of section(content, name).keys())
      if (!ids.has(key))
        throw invalid(path, lineOf(name, key), `${name} names "${key}", which is no node here`);
  const lineOfReference = (wanted: string) => {
    const { document, lineAt } = parsed();
    return lineAt(offsetOfReference(document, wanted));
  };
  const document = () => parsed().document;
  return { path, document, headerId, ids, nodes: [], content, lineOf, lineOfReference };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

const plainLine = /^ {2}([A-Za-z][\w -]*\w): \[(-?\d{1,6}), (-?\d{1,6})\]$/;

/**
 * A third of a flow is its layout, at the end and written by the hub, and YAML takes its time: where each line is a
 * name and a place, it is read here. Anything else in it is left to YAML.
 */
function plainLayout(path: string, text: string): { rest: string; layout?: Entries } {
  const head = '\nlayout:\n';
  const start = formatOf(path) === 'json' ? -1 : text.lastIndexOf(head);
  if (start < 0 || !text.endsWith('\n')) return { rest: text };
  const layout: Entries = new Map();
  for (const line of text.slice(start + head.length, -1).split('\n')) {
    const [, name = '', x, y] = plainLine.exec(line) ?? [];
    if (x === undefined || layout.has(name) || /^(true|false|null)$/i.test(name)) return { rest: text };
    layout.set(name, [Number(x), Number(y)]);
  }
  return { rest: text.slice(0, start + 1), layout };
}

function parse(path: string, text: string): { document: Document; lineAt(offset: number): number } {
  const json = formatOf(path) === 'json';
  const { document, lineAt, problem } = readStrictly(json ? asYaml(text) : text, { tags: [nodeTag] });
  if (problem) throw invalid(path, problem.line, problem.message);
  const notJson = json ? offsetOfNoJson(text, document) : undefined;
  if (notJson !== undefined) throw invalid(path, lineAt(notJson), 'this is YAML, not JSON');
  if (json) markReferences(document);
  return { document, lineAt };
}

/** What ids are derived from, beside the name. */
export function scopeOf(content: Map<unknown, unknown>): string {
  if (content.has('flow')) return String(content.get('flow'));
  return content.has('subflow') ? `subflow:${String(content.get('subflow'))}` : 'connections:';
}

function resolveReferences(file: Opened, names: Names): void {
  for (const reference of referencesIn(file.content)) {
    const { name } = reference;
    const id = resolveName(names, name);
    if (id === undefined) throw invalid(file.path, file.lineOfReference(name), `there is no node "${name}"`);
    reference.id = id;
  }
}

function* referencesIn(value: unknown): Generator<NodeReference> {
  if (value instanceof NodeReference) yield value;
  else if (Array.isArray(value)) for (const part of value) yield* referencesIn(part);
  else if (value instanceof Map) for (const part of value.values()) yield* referencesIn(part);
}

function offsetOfReference(document: Document, name: string): number {
  let offset = 0;
  visit(document, {
    Scalar(_, { value, range }) {
      if (!(value instanceof NodeReference) || value.name !== name) return;
      offset = range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}

function readNodes(file: Opened, subflows: Opened[], outputsOf: OutputsOf): void {
  const { content, headerId } = file;
  if (headerId !== undefined) file.nodes.push(headerOf(content, headerId));
  const groups = section(content, 'groups') as Map<string, Entries>;
  const groupOf = new Map<string, string>();
  for (const [key, entry] of groups)
    for (const member of listOf(entry, 'members')) groupOf.set(member, file.ids.get(key) ?? '');
  const nodes = section(content, 'nodes') as Map<string, Entries>;
  for (const [key, entry] of [...groups, ...nodes]) {
    const type = typeOf(entry, subflows);
    const id = file.ids.get(key) ?? '';
    const z = headerId === undefined ? {} : { z: headerId };
    const g = groupOf.has(key) ? { g: groupOf.get(key) } : {};
    file.nodes.push({ id, type, ...z, ...g, ...nodeProperties(file, key, entry, type, subflows, outputsOf) });
  }
  for (const [key] of groupOf)
    if (!file.ids.has(key)) throw invalid(file.path, file.lineOf('groups'), `there is no node "${key}"`);
}

function nodeProperties(
  file: Opened,
  key: string,
  entry: Entries,
  type: string,
  subflows: Opened[],
  outputsOf: OutputsOf,
): object {
  const name = entry.get('name') === undefined ? impliedName(key, type) : (entry.get('name') ?? undefined);
  const { at, ...drawing } = drawingOf(file.content, key);
  const own = ownProperties(entry, nodeKeys);
  const idOf = (target: string) => {
    const id = target.startsWith('id:') ? target.slice(3) : file.ids.get(target);
    if (id === undefined) throw invalid(file.path, line('to'), `there is no node "${target}"`);
    return id;
  };
  const line = (property: string) => file.lineOf(entry.has('members') ? 'groups' : 'nodes', key, property);
  const [x, y, w, h] = at ?? [];
  const subflow = subflows.find(({ headerId }) => type === `subflow:${headerId}`);
  const outputs = subflow
    ? outputsOfNode({ type, outputs: outputCount(subflow) }, undefined)
    : outputsOfNode({ ...own, type }, outputsOf(type));
  try {
    const wires = wiresFrom(entry.get('to'), at !== undefined && type !== 'group', outputs, idOf);
    return {
      ...(entry.get('disabled') === true ? { d: true } : {}),
      ...(name === undefined ? {} : { name }),
      ...(entry.has('members') ? { nodes: listOf(entry, 'members').map(idOf) } : {}),
      ...own,
      ...drawing,
      ...(at ? { x, y } : {}),
      ...(w === undefined ? {} : { w, h }),
      ...(wires === undefined || 'wires' in own ? {} : { wires }),
    };
  } catch (error) {
    if (error instanceof CodedError && error.facts.line === undefined)
      throw invalid(file.path, line('to'), `"${key}" ${error.message}`);
    throw error;
  }
}

export function outputCount(subflow: { content: Map<unknown, unknown> }): number {
  const out = subflow.content.get('out');
  return Array.isArray(out) ? out.length : 0;
}

interface Drawing {
  at?: number[];
  [property: string]: unknown;
}

/** `[x, y]`, `[x, y, w, h]`, or a map with this as `at` and what else the editor draws. */
function drawingOf(content: Entries, key: string): Drawing {
  const entry = section(content, 'layout').get(key);
  if (Array.isArray(entry)) return { at: entry as number[] };
  return entry === undefined ? {} : (plain(entry) as Drawing);
}

function headerOf(content: Entries, id: string): FlowNode {
  const own = ownProperties(content, fileKeys);
  if (content.has('subflow')) {
    const name = content.get('subflow');
    return { id, type: 'subflow', ...(name === null ? {} : { name }), ...own };
  }
  const given = (key: string, property: string, implied: unknown) => {
    const value = content.get(key);
    return value === null ? {} : { [property]: value ?? implied };
  };
  const variables = Object.entries(headerVariables)
    .filter(([key]) => content.has(key))
    .map(([key, name]) => ({ name, value: String(content.get(key)), type: 'str' }));
  const env = variables.length > 0 ? { env: [...variables, ...((own.env as unknown[]) ?? [])] } : {};
  return {
    id,
    type: 'tab',
    ...given('flow', 'label', ''),
    ...given('disabled', 'disabled', false),
    ...given('summary', 'info', ''),
    ...own,
    ...env,
  };
}

function typeOf(entry: Entries, subflows: Opened[]): string {
  const type = String(entry.get('type') ?? 'group');
  if (!type.startsWith('subflow:')) return type;
  const rest = type.slice('subflow:'.length);
  if (subflows.some(({ headerId }) => headerId === rest)) return type;
  const id = subflows.find(({ content }) => content.get('subflow') === rest)?.headerId;
  return id === undefined ? type : `subflow:${id}`;
}

function ownProperties(entry: Entries, reserved: Set<string>): Record<string, unknown> {
  const own = [...entry].filter(([key]) => !reserved.has(key));
  const escaped = (entry.get('properties') as Entries | undefined) ?? [];
  return plain(new Map([...own, ...escaped])) as Record<string, unknown>;
}

function section(content: Entries, name: string): Entries {
  return (content.get(name) as Entries | null | undefined) ?? new Map();
}

function listOf(entry: Entries, key: string): string[] {
  return ((entry.get(key) as unknown[] | undefined) ?? []).map(String);
}

/** JSON of what YAML read: maps as objects, references as ids. */
function plain(value: unknown): unknown {
  if (value instanceof NodeReference) return value.id;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, part]) => [key, plain(part)]));
  return value;
}

/** Objects that are no maps are references. A key such as `1` is text here, as in JSON. */
function markedReferences(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(markedReferences);
  if (value instanceof Map)
    return new Map([...value].map(([key, part]) => [String(key), markedReferences(part)]));
  return new NodeReference((value as NodeReference).name);
}

/** As `plain`, for the schema: references stay what they are. */
function asObjects(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asObjects);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([key, part]) => [key, asObjects(part)]));
}

function refuseTwice(files: FlowFile[]): void {
  const seen = new Map<string, string>();
  for (const { path, nodes } of files)
    for (const { id } of nodes) {
      const other = seen.get(id);
      if (other !== undefined) throw invalid(path, 1, `the id ${id} is also used in ${other}`);
      seen.set(id, path);
    }
}

let known: Schema | undefined;

function schema(): Schema {
  return (known ??= readSchema(
    fileURLToPath(new URL('../../definitions/flow-file.schema.json', import.meta.url)),
  ));
}

function invalid(file: string, line: number, message: string): CodedError {
  return new CodedError('FLOW_FILE_INVALID', `${file}:${line}: ${message}`, { file, line });
}

/** Where the entry stands, or the nearest thing around it. */
function offsetOf(document: Document, path: string[]): number {
  let at: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    const pair = isMap(at) ? at.items.find(({ key }) => String(key) === step) : undefined;
    const next = pair?.value ?? (isNode(at) && 'items' in at ? at.items[Number(step)] : undefined);
    if (pair && isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
    else if (isNode(next)) offset = next.range?.[0] ?? offset;
    if (next === undefined) break;
    at = next;
  }
  return offset;
}
