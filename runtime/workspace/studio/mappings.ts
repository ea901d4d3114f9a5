/** The mappings of the definitions: what each is for, its tests, and which flows use it. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { filesEnding } from '../../definitions/read-yaml.ts';
import { CodedError } from '../../errors/coded-error.ts';
import type { Hub } from '../../hub/hub.ts';
import { takersBehind } from '../../lint/payloads.ts';
import type { FlowGraph } from '../../lint/graph.ts';
import type { FlowNode } from '../../flow-file/format.ts';
import { fieldsOf, type TargetField } from './shape.ts';

/** A node that runs it. */
export interface Usage {
  flow: string;
  node: string;
  id: string;
  tab: string;
}

export interface MappingRow {
  name: string;
  /** The comment that it begins with. */
  about: string;
  /** Of the result: `order.v1`. */
  schema: string;
  tests: number;
  uses: Usage[];
}

export interface MappingView extends MappingRow {
  text: string;
  /** Files below the definitions. */
  path: string;
  testPath: string;
  testText: string;
  fields: TargetField[];
}

type Where = Pick<Hub, 'definitionsDir'>;
const name = /^[A-Za-z0-9][\w.-]*$/;

export function listMappings(hub: Where, graph: FlowGraph): MappingRow[] {
  const dir = join(hub.definitionsDir, 'mappings');
  const files = existsSync(dir) ? filesEnding(dir, '.jsonata') : [];
  return files.map((file) => rowOf(hub, basename(file, '.jsonata'), graph));
}

function rowOf(hub: Where, mapping: string, graph: FlowGraph): MappingRow {
  const { text, testText } = texts(hub, mapping);
  const nodes = usesOf(mapping, graph);
  return {
    name: mapping,
    about: /^\s*\/\*\s*([^]*?)\s*\*\//.exec(text)?.[1]?.replaceAll(/\s+/g, ' ') ?? '',
    schema: schemaOf(testText, nodes),
    tests: testText.match(/^ {2}- case:|^- case:/gm)?.length ?? 0,
    uses: nodes.map((node) => ({
      id: node.id,
      tab: String(node.z),
      node: String(node.name || node.id),
      flow: String(graph.nodes.find(({ id }) => id === node.z)?.label ?? ''),
    })),
  };
}

function schemaOf(testText: string, nodes: readonly FlowNode[]): string {
  const tested = /^schema:\s*['"]?schemas\/(\S+?)\.json['"]?\s*$/m.exec(testText)?.[1];
  return tested ?? nodes.map(({ schema }) => String(schema ?? '')).find(Boolean) ?? '';
}

/** Also of one that is not there yet: `gives` is the schema of its result then. */
export function oneMapping(hub: Where, mapping: string, graph: FlowGraph, gives = ''): MappingView {
  const { text, testText } = texts(hub, mapping);
  const found = rowOf(hub, mapping, graph);
  const row = { ...found, schema: found.schema || gives };
  return {
    ...row,
    text,
    testText,
    path: `mappings/${mapping}.jsonata`,
    testPath: `mappings/${mapping}.test.yaml`,
    fields: targetFields(hub, row.schema),
  };
}

export function targetFields(hub: Where, schema: string): TargetField[] {
  const file = join(hub.definitionsDir, 'schemas', `${schema}.json`);
  return schema && existsSync(file) ? fieldsOf(JSON.parse(readFileSync(file, 'utf8'))) : [];
}

function texts(hub: Where, mapping: string): { text: string; testText: string } {
  if (!name.test(mapping))
    throw new CodedError('REQUEST_INVALID', 'A mapping has a name such as shopify.order');
  const file = join(hub.definitionsDir, 'mappings', `${mapping}.jsonata`);
  const tests = file.replace(/\.jsonata$/, '.test.yaml');
  return { text: textIn(file), testText: textIn(tests) };
}

function textIn(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function usesOf(mapping: string, { nodes }: FlowGraph): FlowNode[] {
  return nodes.filter(({ type, file }) => type === 'canonical-map' && file === mapping);
}

/** Files of the schemas that what comes to it fits: those of the events that its flow consumes. */
export function sourcesOf(
  hub: Pick<Hub, 'definitionsDir' | 'catalogue'>,
  mapping: string,
  graph: FlowGraph,
): string[] {
  const users = new Set(usesOf(mapping, graph));
  const consumed = graph.nodes
    .filter(
      (node) => node.type === 'event-consume' && takersBehind(graph, node).some((one) => users.has(one)),
    )
    .flatMap(({ types }) => (Array.isArray(types) ? types.map(String) : []));
  return [...new Set(consumed)]
    .filter((type) => hub.catalogue.types.includes(type))
    .map((type) => join(hub.definitionsDir, 'events', hub.catalogue.get(type).schema));
}
