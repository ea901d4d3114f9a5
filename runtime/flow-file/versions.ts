/** Settings of an older version of a node, in flow files, in the form that its type has now. */
import { readStrictly } from '../definitions/strict-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { formatOf, nodeKeys, nodeTag, settingsVersion, type FlowFiles } from './format.ts';
import { asYaml, jsonText, markReferences } from './json.ts';
import { patchedText, type Content } from './patch.ts';

export type Settings = Record<string, unknown>;

export interface Versioned {
  version: number;
  /** Settings of version `from` → those of `from + 1`. */
  migrate(settings: Settings, from: number): Settings;
}

const types = new Map<string, Versioned>();

export function noteVersion(type: string, versioned: Versioned): void {
  if (versioned.version > 1) types.set(type, versioned);
}

/** 1 for a type that never had another. */
export function versionOf(type: string): number {
  return types.get(type)?.version ?? 1;
}

/** The same files where nothing in them is older. Throws FLOW_FILE_INVALID for a node that is newer than its type. */
export function currentForm(files: FlowFiles): FlowFiles {
  if (types.size === 0) return files;
  return new Map([...files].map(([path, text]) => [path, currentText(path, text)]));
}

function currentText(path: string, text: string): string {
  if (![...types.keys()].some((type) => text.includes(type))) return text;
  const json = formatOf(path) === 'json';
  const { document, problem } = readStrictly(json ? asYaml(text) : text, { tags: [nodeTag] });
  if (problem) return text;
  if (json) markReferences(document);
  const was = document.toJS({ mapAsMap: true }) as Content;
  const nodes = was instanceof Map ? was.get('nodes') : undefined;
  if (!(nodes instanceof Map)) return text;
  const now = new Map([...(nodes as Content)].map(([name, node]) => [name, currentNode(path, name, node)]));
  if ([...now].every(([name, node]) => node === (nodes as Content).get(name))) return text;
  const next = new Map(was).set('nodes', now);
  return json ? jsonText(next) : patchedText(document, was, next);
}

function currentNode(path: string, name: string, node: unknown): unknown {
  const type = node instanceof Map ? types.get(String(node.get('type'))) : undefined;
  if (!type) return node;
  const entries = [...(node as Content)];
  const from = Number((node as Content).get(settingsVersion) ?? 1);
  if (from === type.version) return node;
  if (from > type.version)
    throw new CodedError(
      'FLOW_FILE_INVALID',
      `${path}: "${name}" has settings of version ${from}, and this Crossdock knows up to ${type.version}`,
      { file: path, line: 1 },
    );
  let settings: Settings = Object.fromEntries(entries.filter(([key]) => !nodeKeys.has(key)));
  for (let version = from; version < type.version; version++) settings = type.migrate(settings, version);
  const own = entries.filter(([key]) => nodeKeys.has(key) && key !== settingsVersion);
  const [head, tail] = [own.filter(([key]) => key !== 'to'), own.filter(([key]) => key === 'to')];
  const [first, ...others] = head;
  return new Map([
    ...(first ? [first] : []),
    [settingsVersion, type.version],
    ...others,
    ...Object.entries(settings),
    ...tail,
  ] as [string, unknown][]);
}
