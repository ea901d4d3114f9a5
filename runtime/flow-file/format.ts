/** What the flow file format is made of: names, ids, references and what is implied where the file says nothing. */
import { createHash } from 'node:crypto';
import type { ScalarTag } from 'yaml';

/** A node, tab, subflow or config node as Node-RED keeps it. */
export interface FlowNode {
  id: string;
  type: string;
  [property: string]: unknown;
}

/** Output names of a node type, in order; undefined when the type is not known. */
export type OutputsOf = (type: string) => readonly string[] | undefined;

/** Text of each file by its path below flows/: `order-capture.yaml`, `subflows/notify.json`. */
export type FlowFiles = Map<string, string>;

/** A flow file's ending. Both say the same in the same shape; only YAML has comments. */
export type Format = 'yaml' | 'json';

export function formatOf(path: string): Format {
  return path.endsWith('.json') ? 'json' : 'yaml';
}

/** The file of the config nodes that belong to no flow, and of the order of the tabs. */
export const connections = 'connections';

/** Keys of a file and of a node; a property of Node-RED with such a name stands below `properties:`. */
export const fileKeys = new Set(
  'flow subflow version summary owner tier disabled properties nodes groups layout id ids'.split(' '),
);
/** Of a node's settings, where the type has had more than one. */
export const settingsVersion = 'settingsVersion';

export const nodeKeys = new Set(`type ${settingsVersion} name disabled to members properties`.split(' '));

/** Node properties that only say how the editor draws: they stand in `layout:`. */
export function drawingKeys(type: string): string[] {
  const labels = ['icon', 'l', 'inputLabels', 'outputLabels'];
  return type === 'group' ? [...labels, 'style'] : labels;
}

/** Header keys that are tab variables in Node-RED, where an analyst edits them. */
export const headerVariables = { version: 'FLOW_VERSION', owner: 'FLOW_OWNER', tier: 'FLOW_TIER' };

/** `!node Odoo`: the id of the node with this name. */
export class NodeReference {
  readonly name: string;
  /** Set once all files are read. */
  id = '';
  constructor(name: string) {
    this.name = name;
  }
}

export const nodeTag: ScalarTag = {
  tag: '!node',
  identify: (value) => value instanceof NodeReference,
  resolve: (text) => new NodeReference(text),
  stringify({ value }) {
    const { name } = value as NodeReference;
    return /^\p{L}([\p{L}\d_ ./()-]*[\p{L}\d_.)])?$/u.test(name) ? name : JSON.stringify(name);
  },
};

/** Lower case letters and digits, with a dash for each run of `other`; empty where a name has none of them. */
export function slugOf(name: string, other = /[^a-z0-9]+/g): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(other, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '');
}

/** `start`, or with the first number behind it that is not taken. */
export function freeName(start: string, taken: ReadonlySet<string>): string {
  let free = start;
  for (let number = 2; taken.has(free); number++) free = `${start}-${number}`;
  return free;
}

/** 16 hex digits, as the editor's own ids. The flow's own id has the empty name. */
export function derivedId(scope: string, name: string): string {
  return createHash('sha256')
    .update(JSON.stringify([scope, name]))
    .digest('hex')
    .slice(0, 16);
}

/** The real name of a node whose entry has no `name:`. `debug` and `debug 2` are debug nodes without a name. */
export function impliedName(key: string, type: string): string | undefined {
  const suffix = key.startsWith(type) ? key.slice(type.length) : undefined;
  if (suffix === undefined || !/^( \d+)?$/.test(suffix)) return key;
  return type === 'junction' ? undefined : '';
}

/** Names a `!node` can use from a file: its own, then those all flows share, then `<flow file>/<name>`. */
export interface Names {
  own: Map<string, string>;
  shared: Map<string, string>;
  /** By path without its ending. */
  files: Map<string, Map<string, string>>;
}

export function resolveName({ own, shared, files }: Names, name: string): string | undefined {
  const near = own.get(name) ?? shared.get(name);
  if (near !== undefined) return near;
  for (let at = name.indexOf('/'); at > 0; at = name.indexOf('/', at + 1)) {
    const id = files.get(name.slice(0, at))?.get(name.slice(at + 1));
    if (id !== undefined) return id;
  }
  return undefined;
}

export function stem(path: string): string {
  return path.replace(/\.(yaml|json)$/, '');
}
