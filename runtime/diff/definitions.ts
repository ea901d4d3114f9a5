/** What changed in the definitions: mappings by field, schemas by what they ask, everything else by entry. */
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import type { FileSet } from '../flow-file/file-set.ts';
import { isMap, listOf, mapOf } from '../schema/schema.ts';
import type { Change, Weight } from './change.ts';
import { expressionChanges } from './expression.ts';
import type { Placed } from './side.ts';

type Told = [text: string, weight: Weight];

/** `nodes` are those of the new set: a changed mapping is told of the nodes that run it. */
export function definitionChanges(before: FileSet, after: FileSet, nodes: readonly Placed[]): Change[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => !path.startsWith('flows/') || path.endsWith('.test.yaml'),
  );
  return paths
    .toSorted()
    .filter((path) => before.get(path) !== after.get(path))
    .flatMap((path) => ofFile(path, before.get(path), after.get(path), nodes));
}

function ofFile(
  path: string,
  was: string | undefined,
  is: string | undefined,
  nodes: readonly Placed[],
): Change[] {
  const what = nameOf(path);
  const tell = ([text, weight]: Told): Change => ({ flow: 'definitions', weight, text: `${what}: ${text}` });
  if (path.endsWith('.test.yaml')) return [tell(['tests changed', 'layout'])];
  // What it says may be a person's.
  if (path.startsWith('definitions/samples/'))
    return [tell([was === undefined ? 'new' : is === undefined ? 'removed' : 'changed', 'layout'])];
  const mapping = /^definitions\/mappings\/(.+)\.jsonata$/.exec(path)?.[1];
  if (was === undefined) return [tell(['new', 'feature'])];
  if (is === undefined) return [tell(['removed', /\/(events|schemas)\//.test(path) ? 'breaking' : 'fix'])];
  if (mapping === undefined) return changesIn(path, was, is).map(tell);
  const text = `mapping changed (${expressionChanges(was, is).join(', ')})`;
  const users = nodes.filter(({ node }) => node.type === 'canonical-map' && node.file === mapping);
  if (users.length === 0) return [tell([text, 'fix'])];
  return users.map(({ flow, name, node }) => ({ flow, node: name, nodeId: node.id, weight: 'fix', text }));
}

/** `event order.received.v1`, `value map tax`, `flow test order-capture`. */
function nameOf(path: string): string {
  const kinds: Record<string, string> = {
    events: 'event',
    schemas: 'schema',
    mappings: 'mapping',
    values: 'value map',
    samples: 'sample',
    partners: 'partner',
    policies: 'retry policy',
    processes: 'process',
    calendars: 'calendar',
  };
  const [, folder = '', file = ''] = /^(?:definitions|flows)\/(?:(.+)\/)?([^/]+)$/.exec(path) ?? [];
  const name = file.replace(/(\.test)?\.(yaml|json|jsonata)$/, '');
  if (file.endsWith('.test.yaml')) return `tests of ${name}`;
  return kinds[folder] ? `${kinds[folder]} ${name}` : name;
}

function changesIn(path: string, was: string, is: string): Told[] {
  const [old, now] = [read(was), read(is)];
  if (old === undefined || now === undefined) return [['changed', 'fix']];
  const told = path.includes('/schemas/') ? schemaChanges(old, now, '') : entries(old, now, '');
  const many = told.length > 12 ? [...told.slice(0, 12), more(told.slice(12))] : told;
  return many.length > 0 ? many : [['text or comments changed', 'layout']];
}

function more(rest: Told[]): Told {
  const weights = new Set(rest.map(([, weight]) => weight));
  const weight = (['breaking', 'feature', 'fix'] as const).find((one) => weights.has(one)) ?? 'layout';
  return [`and ${rest.length} more`, weight];
}

function read(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** What a schema asks more or less of its documents. */
function schemaChanges(was: unknown, is: unknown, path: string): Told[] {
  if (!isMap(was) || !isMap(is))
    return isDeepStrictEqual(was, is) ? [] : [[`${path || 'it'} changed`, 'breaking']];
  const at = (name: string): string => (path ? `${path}/${name}` : name);
  const [before, after] = [listOf(was['required']), listOf(is['required'])];
  const [old, now] = [mapOf(was['properties']), mapOf(is['properties'])];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  const rest = Object.keys({ ...was, ...is }).filter(
    (key) =>
      !['required', 'properties', '$defs', 'items', 'description', 'title', 'examples', '$comment'].includes(
        key,
      ),
  );
  return [
    ...after
      .filter((one) => !before.includes(one))
      .map((one): Told => [`${at(one)} is required now`, 'breaking']),
    ...before
      .filter((one) => !after.includes(one))
      .map((one): Told => [`${at(one)} is optional now`, 'breaking']),
    ...names.flatMap((name): Told[] => {
      if (!(name in old)) return after.includes(name) ? [] : [[`${at(name)} is new`, 'feature']];
      return name in now
        ? schemaChanges(old[name], now[name], at(name))
        : [[`${at(name)} is gone`, 'breaking']];
    }),
    ...(was['items'] === undefined && is['items'] === undefined
      ? []
      : schemaChanges(was['items'], is['items'], at('items'))),
    ...Object.keys({ ...mapOf(was['$defs']), ...mapOf(is['$defs']) }).flatMap((name) =>
      schemaChanges(mapOf(was['$defs'])[name], mapOf(is['$defs'])[name], at(name)),
    ),
    ...rest
      .filter((key) => !isDeepStrictEqual(was[key], is[key]))
      .map((key): Told => [`${path || 'document'}: ${key} changed`, key === '$id' ? 'fix' : 'breaking']),
  ];
}

/** Of value maps, policies and the like: which entries came, went or changed. */
function entries(was: unknown, is: unknown, path: string): Told[] {
  if (isDeepStrictEqual(was, is)) return [];
  if (isMap(was) && isMap(is))
    return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((key) =>
      entries(was[key], is[key], path ? `${path}/${key}` : key),
    );
  if (Array.isArray(was) && Array.isArray(is) && was.some(isMap))
    return Array.from({ length: Math.max(was.length, is.length) }, (_, at) =>
      entries(was[at], is[at], `${path}/${at + 1}`),
    ).flat();
  const short = (value: unknown): string =>
    value === undefined ? 'none' : JSON.stringify(value).slice(0, 60);
  return [
    [`${path} ${short(was)} → ${short(is)}`, path === 'schema' || path === 'owner' ? 'breaking' : 'fix'],
  ];
}
