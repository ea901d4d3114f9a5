/** The name of each node in its file: its own where it can be, else made unique or readable. */
import { isDeepStrictEqual } from 'node:util';
import type { FilePlan } from './encode.ts';
import type { FlowNode } from './format.ts';
import type { FlowFile } from './read.ts';

/** Names by node id. A node that is called as before keeps its name in the file. */
export function nameNodes(plans: readonly FilePlan[], before: readonly FlowFile[]): Map<string, string> {
  const old = new Map(before.flatMap(entriesOf));
  const names = new Map<string, string>();
  for (const { path, previous, nodes } of plans) {
    const taken = new Set<string>();
    const take = (node: FlowNode, name: string) => {
      names.set(node.id, name);
      taken.add(name);
    };
    const kept = (node: FlowNode) => {
      const was = old.get(node.id);
      const same = was && (was.path === path || was.path === previous) && called(was.node, node);
      return same ? was.name : undefined;
    };
    for (const node of nodes) {
      const name = kept(node);
      if (name !== undefined) take(node, name);
    }
    for (const node of nodes) if (!names.has(node.id)) take(node, freeName(node, taken));
  }
  return names;
}

function entriesOf({ path, ids, nodes }: FlowFile) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return [...ids].flatMap(([name, id]) => {
    const node = byId.get(id);
    return node ? [[id, { path, name, node }] as const] : [];
  });
}

function called(a: FlowNode, b: FlowNode): boolean {
  return a.type === b.type && isDeepStrictEqual(a.name, b.name);
}

function freeName(node: FlowNode, taken: Set<string>): string {
  const own = readable(node.name);
  const start = own || readable(node.type.replace(/^subflow:.*/s, 'subflow')) || 'node';
  let name = start;
  for (let number = 2; taken.has(name); number++) name = own ? `${start} (${number})` : `${start} ${number}`;
  return name;
}

/** One line without control characters, short enough for a YAML key; `id:` would be taken for an id. */
function readable(name: unknown): string {
  if (typeof name !== 'string') return '';
  const line = name
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()
    .replace(/^(id:)+/, '')
    .trim();
  return [...line].slice(0, 80).join('').trim();
}
