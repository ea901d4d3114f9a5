/** Node-RED's nodes → flow files, each read back before it is given out. */
import { isDeepStrictEqual } from 'node:util';
import { CodedError } from '../errors/coded-error.ts';
import { encodeFile, type FilePlan } from './encode.ts';
import {
  connections,
  formatOf,
  freeName,
  slugOf,
  stem,
  type FlowFiles,
  type FlowNode,
  type Format,
  type OutputsOf,
} from './format.ts';
import { jsonText } from './json.ts';
import { nameNodes } from './names.ts';
import { canonicalText, patchedText, type Content, type Text } from './patch.ts';
import { readFlowFiles, type FlowFile } from './read.ts';
import { currentForm } from './versions.ts';

/**
 * All files these nodes make. A file that says the same stays byte for byte; in a changed one only the
 * change is touched, comments stay, and one in canonical form stays canonical. A flow keeps its format; `format` is
 * that of new ones. Throws CodedError FLOW_FILE_INVALID (`onDisk`) or FLOW_FILE_LOSSY.
 */
export function writeFlows(
  nodes: readonly FlowNode[],
  onDisk: FlowFiles,
  outputsOf: OutputsOf,
  format: Format = 'yaml',
): FlowFiles {
  const previous = currentForm(onDisk);
  // As JSON: what Node-RED keeps has no undefined properties.
  const wanted = asJson(nodes) as FlowNode[];
  refuse(wanted);
  const before = readFlowFiles(previous, outputsOf);
  if (areSame(allNodes(before), wanted)) return new Map(previous);
  const base = contents(allNodes(before), before, outputsOf, format);
  const next = contents(wanted, before, outputsOf, format);
  const originOf = ({ path, previous: old }: FilePlan) => before.find((file) => file.path === (old ?? path));
  const contentOf = (file: FlowFile) => base.find(({ file: { path } }) => path === file.path)?.content;

  const patch: Writer = (file, content) => {
    const old = originOf(file);
    const was = old && contentOf(old);
    if (old && was && isDeepStrictEqual(was, content)) return previous.get(old.path) ?? '';
    if (!old || !was || formatOf(file.path) === 'json') return fileText(file.path, content, old, 'block');
    return patchedText(old.document().clone(), was, content);
  };
  const fresh =
    (text: Text): Writer =>
    (file, content) =>
      fileText(file.path, content, originOf(file), text);
  const files = firstThatSays(
    wanted,
    [patch, fresh('block'), fresh('quoted')].map((write) => () => textsOf(next, write)),
    outputsOf,
  );

  const wasCanonical = (file: FilePlan) => {
    const old = originOf(file);
    const was = old && contentOf(old);
    return was !== undefined && fileText(old!.path, was, old, 'block') === previous.get(old!.path);
  };
  const changed = next.filter(({ file }) => files.get(file.path) !== previous.get(file.path));
  const tidy = changed.flatMap(({ file }) => (wasCanonical(file) ? [file.path] : []));
  return tidy.length === 0 ? files : new Map([...files, ...canonicalFiles(files, outputsOf, tidy)]);
}

/**
 * These files in canonical form: the one way to write what they say, comments kept. Throws CodedError
 * FLOW_FILE_INVALID or FLOW_FILE_LOSSY.
 */
export function canonicalFiles(
  onDisk: FlowFiles,
  outputsOf: OutputsOf,
  paths: readonly string[] = [...onDisk.keys()],
): FlowFiles {
  const files = currentForm(onDisk);
  const read = readFlowFiles(files, outputsOf);
  const nodes = allNodes(read);
  const all = contents(nodes, read, outputsOf, 'yaml').filter(({ file }) => paths.includes(file.path));
  const originOf = (path: string) => read.find((file) => file.path === path);
  const write = (text: Text) => () =>
    new Map([
      ...files,
      ...textsOf(all, ({ path }, content) => fileText(path, content, originOf(path), text)),
    ]);
  const canonical = firstThatSays(nodes, [write('block'), write('quoted')], outputsOf);
  return new Map(paths.map((path) => [path, canonical.get(path) ?? '']));
}

type Writer = (file: FilePlan, content: Content) => string;
type Contents = { file: FilePlan; content: Content }[];

function textsOf(files: Contents, write: Writer): FlowFiles {
  return new Map(files.map(({ file, content }) => [file.path, write(file, content)]));
}

function fileText(path: string, content: Content, old: FlowFile | undefined, text: Text): string {
  return formatOf(path) === 'json' ? jsonText(content) : canonicalText(content, text, old?.document());
}

function firstThatSays(
  wanted: readonly FlowNode[],
  ways: readonly (() => FlowFiles)[],
  outputsOf: OutputsOf,
): FlowFiles {
  for (const way of ways) {
    const files = way();
    if (saysTheSame(files, wanted, outputsOf)) return files;
  }
  throw new CodedError('FLOW_FILE_LOSSY', 'The flow files would not say what the editor says', {});
}

function allNodes(files: readonly FlowFile[]): FlowNode[] {
  return files.flatMap((file) => file.nodes);
}

function contents(
  nodes: readonly FlowNode[],
  before: readonly FlowFile[],
  outputsOf: OutputsOf,
  format: Format,
): Contents {
  const plans = planFiles(nodes, before, format);
  const names = nameNodes(plans, before);
  return plans.map((file) => ({ file, content: encodeFile(file, plans, names, outputsOf) }));
}

/** Which node stands in which file. A flow keeps its file as long as it keeps its name. */
function planFiles(nodes: readonly FlowNode[], before: readonly FlowFile[], format: Format): FilePlan[] {
  const headers = nodes.filter(({ type }) => type === 'tab' || type === 'subflow');
  const old = new Map(before.map((file) => [file.headerId, file]));
  const keeps = (header: FlowNode) => {
    const was = old.get(header.id)?.nodes[0];
    return was?.type === header.type && labelOf(was) === labelOf(header);
  };
  const taken = new Set([connections]);
  for (const header of headers) if (keeps(header)) taken.add(stem(old.get(header.id)?.path ?? ''));
  const plans = headers.map((header): FilePlan => {
    const was = old.get(header.id);
    const ending = was ? formatOf(was.path) : format;
    const path = was && keeps(header) ? was.path : `${freeStem(header, labelOf(header), taken)}.${ending}`;
    taken.add(stem(path));
    return { path, previous: was?.path, header, nodes: [] };
  });
  const byHeader = new Map(plans.map((plan) => [plan.header?.id, plan]));
  const kept = before.find(({ path }) => stem(path) === connections)?.path;
  const order = ['tab', 'subflow'].flatMap((type) =>
    orderOf(plans.filter(({ header }) => header?.type === type).map(({ path }) => stem(path))),
  );
  const shared: FilePlan = {
    path: kept ?? `${connections}.${format}`,
    previous: undefined,
    header: undefined,
    nodes: [],
    order,
  };
  for (const node of nodes)
    if (node.type !== 'tab' && node.type !== 'subflow')
      (byHeader.get(String(node.z)) ?? shared).nodes.push(node);
  return shared.nodes.length > 0 || order.length > 0 || kept !== undefined ? [...plans, shared] : plans;
}

/** As many of the first as are needed to have the rest in the order of their paths. */
function orderOf(stems: readonly string[]): string[] {
  const unsorted = stems.findLastIndex((stem, at) => stem > (stems[at + 1] ?? stem));
  return stems.slice(0, unsorted + 1);
}

function labelOf(node: FlowNode | undefined): string {
  return String(node?.type === 'tab' ? node.label : node?.name);
}

function freeStem(header: FlowNode, label: string, taken: ReadonlySet<string>): string {
  const slug = slugOf(label).slice(0, 60);
  return freeName(`${header.type === 'subflow' ? 'subflows/' : ''}${slug || 'flow'}`, taken);
}

function saysTheSame(files: FlowFiles, wanted: readonly FlowNode[], outputsOf: OutputsOf): boolean {
  try {
    return areSame(allNodes(readFlowFiles(files, outputsOf)), wanted);
  } catch (error) {
    if (error instanceof CodedError && error.code === 'FLOW_FILE_INVALID') return false;
    throw error;
  }
}

/** The same nodes, tabs and subflows in the same order. */
function areSame(read: readonly FlowNode[], wanted: readonly FlowNode[]): boolean {
  const byId = new Map(read.map((node) => [node.id, node]));
  const order = (nodes: readonly FlowNode[], type: string) =>
    nodes.filter((node) => node.type === type).map(({ id }) => id);
  return (
    read.length === wanted.length &&
    ['tab', 'subflow'].every((type) => isDeepStrictEqual(order(read, type), order(wanted, type))) &&
    wanted.every((node) => isDeepStrictEqual(byId.get(node.id), node))
  );
}

function refuse(nodes: readonly FlowNode[]): void {
  const ids = new Set<string>();
  for (const node of nodes) {
    const wrong = problem(node, ids);
    if (wrong) throw new CodedError('FLOW_FILE_LOSSY', wrong, { node: String(node.id) });
    ids.add(node.id);
  }
}

function problem(node: FlowNode, ids: Set<string>): string | undefined {
  if (typeof node.id !== 'string' || node.id === '' || typeof node.type !== 'string')
    return 'A node has no id or no type';
  if (ids.has(node.id)) return `Two nodes have the id ${node.id}`;
  if ('credentials' in node)
    return `The node ${node.id} carries credentials, which a flow file must not hold`;
  return undefined;
}

/** Not by way of JSON.parse: V8 in Node 24 now and then reads the key `"` back as a backslash. */
function asJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => asJson(one) ?? null);
  if (typeof value !== 'object' || value === null) return value;
  const known = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(known.map(([key, one]) => [key, asJson(one)]));
}
