/** Rule: what a node hands on can fit what the next one takes. Only what certainly cannot is told. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { FlowNode } from '../flow-file/format.ts';
import type { FlowGraph } from './graph.ts';
import type { Remark, Rule } from './rule.ts';
import type { Project } from './project.ts';

/** Hand on the payload as it came. */
const passing = new Set(
  'idempotency-guard,event-publish,link in,link out,junction,delay,debug,rbe,switch'.split(','),
);

interface JsonSchema {
  $id?: string;
  $ref?: string;
  type?: string | string[];
  required?: string[];
  properties?: Record<string, JsonSchema>;
  additionalProperties?: unknown;
  items?: JsonSchema;
  $defs?: Record<string, JsonSchema>;
}

interface Shape {
  name: string;
  schema: JsonSchema;
}

export const payloads: Rule = (graph, project) =>
  graph.nodes.flatMap((node) => {
    const given = givenBy(node, project);
    if (given.length === 0) return [];
    return takersBehind(graph, node).flatMap((taker): Remark[] => {
      const wanted = takenBy(taker, project);
      const wrong =
        wanted && given.map((shape) => misfit(shape, wanted)).find((reason) => reason !== undefined);
      if (!wrong) return [];
      return [
        {
          id: taker.id,
          code: 'PAYLOAD_MISFIT',
          severity: 'error',
          message: `cannot take what "${String(node.name || node.type)}" gives: ${wrong}.`,
        },
      ];
    });
  });

function givenBy(node: FlowNode, project: Project): Shape[] {
  if (node.type === 'canonical-map') return passes(node) ? [] : shapeOf(project, node.schema);
  if (node.type !== 'event-consume') return [];
  return (Array.isArray(node.types) ? node.types : []).flatMap((type) => eventShape(project, String(type)));
}

function takenBy(node: FlowNode, project: Project): Shape | undefined {
  if (node.type === 'event-publish') return eventShape(project, String(node.event))[0];
  const type = project.paletteType(node.type);
  const { accepts } = type ?? {};
  if (typeof accepts !== 'object') return shapeOf(project, accepts)[0];
  const chosen =
    node[accepts.setting] ??
    (type?.config.properties[accepts.setting] as { default?: unknown } | undefined)?.default;
  return shapeOf(project, accepts.of[String(chosen)])[0];
}

function passes({ type, into = 'payload' }: FlowNode): boolean {
  return passing.has(type) || (type === 'canonical-map' && into !== 'payload');
}

/** The nodes that get this payload unchanged. */
export function takersBehind({ next }: FlowGraph, node: FlowNode): FlowNode[] {
  const found = new Set<FlowNode>();
  const walk = (from: FlowNode): void => {
    for (const one of next(from)) {
      if (found.has(one)) continue;
      found.add(one);
      if (passes(one)) walk(one);
    }
  };
  walk(node);
  return [...found];
}

export function eventShape({ catalogue, definitionsDir }: Project, type: string): Shape[] {
  if (!catalogue.types.includes(type)) return [];
  return read(resolve(join(definitionsDir, 'events'), catalogue.get(type).schema), type);
}

function shapeOf({ definitionsDir }: Project, name: unknown): Shape[] {
  return typeof name === 'string' && name !== '' && !name.startsWith('${')
    ? read(join(definitionsDir, 'schemas', `${name}.json`), name)
    : [];
}

/** A schema that cannot be read is another rule's finding. */
function read(file: string, name: string): Shape[] {
  try {
    return [{ name, schema: JSON.parse(readFileSync(file, 'utf8')) as JsonSchema }];
  } catch {
    return [];
  }
}

/** Why no document of the first can be one of the second; undefined when one can. */
function misfit(given: Shape, wanted: Shape): string | undefined {
  if (given.schema.$id !== undefined && given.schema.$id === wanted.schema.$id) return undefined;
  const reason = differ(given.schema, wanted.schema, given.schema, wanted.schema, '', 0);
  return reason && `${given.name} ${reason} ${wanted.name}`;
}

function differ(
  given: JsonSchema,
  wanted: JsonSchema,
  givenRoot: JsonSchema,
  wantedRoot: JsonSchema,
  path: string,
  depth: number,
): string | undefined {
  const [have, need] = [followed(given, givenRoot), followed(wanted, wantedRoot)];
  if (!have || !need || depth > 6) return undefined;
  const [types, taken] = [typesOf(have), typesOf(need)];
  if (types && taken && !types.some((type) => taken.includes(type)))
    return `has ${path || 'its document'} as ${types.join(' or ')}, not as ${taken.join(' or ')} as in`;
  for (const property of need.required ?? []) {
    const at = path ? `${path}/${property}` : property;
    const own = have.properties?.[property];
    if (!own && have.additionalProperties === false) return `has no ${at}, required by`;
    const theirs = need.properties?.[property];
    const reason =
      own && theirs && have.required?.includes(property)
        ? differ(own, theirs, givenRoot, wantedRoot, at, depth + 1)
        : undefined;
    if (reason) return reason;
  }
  return undefined;
}

function followed(schema: JsonSchema, root: JsonSchema): JsonSchema | undefined {
  if (schema.$ref === undefined) return schema;
  const name = /^#\/\$defs\/([^/]+)$/.exec(schema.$ref)?.[1];
  return name === undefined ? undefined : root.$defs?.[name];
}

/** An integer is a number. */
function typesOf({ type }: JsonSchema): string[] | undefined {
  if (type === undefined) return undefined;
  return [type].flat().flatMap((one) => (one === 'integer' ? ['integer', 'number'] : [one]));
}
