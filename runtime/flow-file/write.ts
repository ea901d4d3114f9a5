/** Node-RED's nodes → flow files, each read back before it is given out. */
import { isDeepStrictEqual } from 'node:util';
import { CodedError } from '../errors/coded-error.ts';
import { encodeFile, type FilePlan } from './encode.ts';
import { connectionsFile, type FlowFiles, type FlowNode, type OutputsOf } from './format.ts';
import { nameNodes } from './names.ts';
import { freshText, patchedText, type Content } from './patch.ts';
import { readFlowFiles, type FlowFile } from './read.ts';

/**
 * All files these nodes make. A file of `previous` that says the same stays byte for byte; in a changed one only the
 * change is touched, comments stay. Throws CodedError FLOW_FILE_INVALID (previous) or FLOW_FILE_LOSSY.
 */
export function writeFlows(nodes: readonly FlowNode[], previous: FlowFiles, outputsOf: OutputsOf): FlowFiles {
  // As JSON: what Node-RED keeps has no undefined properties.
  const wanted = asJson(nodes) as FlowNode[];
  refuse(wanted);
  const before = readFlowFiles(previous, outputsOf);
  const base = contents(
    before.flatMap((file) => file.nodes),
    before,
    outputsOf,
  );
  const next = contents(wanted, before, outputsOf);
  const texts = (how: Writer): FlowFiles =>
    new Map(next.map(({ file, content }) => [file.path, how(file, content)]));

  const patch: Writer = (file, content) => {
    const old = before.find((candidate) => candidate.path === (file.previous ?? file.path));
    const was = base.find((candidate) => candidate.file.path === old?.path)?.content;
    if (!old || !was) return freshText(content, 'block');
    if (isDeepStrictEqual(was, content)) return previous.get(old.path) ?? '';
    return patchedText(old.document, was, content);
  };
  const writers: Writer[] = [
    patch,
    (_, content) => freshText(content, 'block'),
    (_, content) => freshText(content, 'quoted'),
  ];
  for (const writer of writers) {
    const files = texts(writer);
    if (saysTheSame(files, wanted, outputsOf)) return files;
  }
  throw new CodedError('FLOW_FILE_LOSSY', 'The flow files would not say what the editor says', {});
}

type Writer = (file: FilePlan, content: Content) => string;

function contents(nodes: readonly FlowNode[], before: readonly FlowFile[], outputsOf: OutputsOf) {
  const plans = planFiles(nodes, before);
  const names = nameNodes(plans, before);
  return plans.map((file) => ({ file, content: encodeFile(file, plans, names, outputsOf) }));
}

/** Which node stands in which file. A flow keeps its file as long as it keeps its name. */
function planFiles(nodes: readonly FlowNode[], before: readonly FlowFile[]): FilePlan[] {
  const headers = nodes.filter(({ type }) => type === 'tab' || type === 'subflow');
  const old = new Map(before.map((file) => [file.headerId, file]));
  const keeps = (header: FlowNode) => {
    const was = old.get(header.id)?.nodes[0];
    return was?.type === header.type && labelOf(was) === labelOf(header);
  };
  const taken = new Set([connectionsFile]);
  for (const header of headers) if (keeps(header)) taken.add(old.get(header.id)?.path ?? '');
  const plans = headers.map((header): FilePlan => {
    const was = old.get(header.id);
    const path = was && keeps(header) ? was.path : freePath(header, labelOf(header), taken);
    taken.add(path);
    return { path, previous: was?.path, header, nodes: [] };
  });
  const byHeader = new Map(plans.map((plan) => [plan.header?.id, plan]));
  const connections: FilePlan = { path: connectionsFile, previous: undefined, header: undefined, nodes: [] };
  for (const node of nodes)
    if (node.type !== 'tab' && node.type !== 'subflow')
      (byHeader.get(String(node.z)) ?? connections).nodes.push(node);
  const keepsConnections = before.some(({ path }) => path === connectionsFile);
  return [...plans, ...(connections.nodes.length > 0 || keepsConnections ? [connections] : [])];
}

function labelOf(node: FlowNode | undefined): string {
  return String(node?.type === 'tab' ? node.label : node?.name);
}

function freePath(header: FlowNode, label: string, taken: Set<string>): string {
  const slug = label
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 60);
  const start = `${header.type === 'subflow' ? 'subflows/' : ''}${slug || 'flow'}`;
  let path = `${start}.yaml`;
  for (let number = 2; taken.has(path); number++) path = `${start}-${number}.yaml`;
  return path;
}

function saysTheSame(files: FlowFiles, wanted: readonly FlowNode[], outputsOf: OutputsOf): boolean {
  try {
    const read = readFlowFiles(files, outputsOf).flatMap((file) => file.nodes);
    const byId = new Map(read.map((node) => [node.id, node]));
    return (
      read.length === wanted.length &&
      wanted.every((node) => isDeepStrictEqual(byId.get(node.id), structuredClone(node)))
    );
  } catch (error) {
    if (error instanceof CodedError && error.code === 'FLOW_FILE_INVALID') return false;
    throw error;
  }
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
