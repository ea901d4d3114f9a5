/** Which nodes a message can come to, along wires and where there is none: links, subflows, catch and complete. */
import type { FlowNode } from '../flow-file/format.ts';

export interface FlowGraph {
  nodes: FlowNode[];
  /** Where its messages can go from here. */
  next(node: FlowNode): FlowNode[];
  /** A node of the project's own palette. */
  ours(type: string): boolean;
  /** These nodes and all that their messages can come to. */
  reachable(from: FlowNode[]): FlowNode[];
}

export function flowGraph(all: readonly FlowNode[], ours: (type: string) => boolean): FlowGraph {
  const off = new Set(all.filter(({ type, disabled }) => type === 'tab' && disabled).map(({ id }) => id));
  const nodes = all.filter(({ d, z }) => d !== true && !off.has(String(z)));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const instances = Map.groupBy(nodes, ({ type }) => (type.startsWith('subflow:') ? type.slice(8) : ''));

  const watchers = nodes.filter(({ type }) => type === 'catch' || type === 'complete');

  const followers = (node: FlowNode): string[] => [
    ...strings(node.wires),
    ...strings(node.type.startsWith('link') && node.type !== 'link in' ? node.links : []),
    ...throughSubflow(node),
    ...watchers.filter((watcher) => watches(watcher, node)).map(({ id }) => id),
    ...outOfSubflow(node),
  ];

  /** The nodes in the subflow of this instance that get its message; what follows it where the way in is the way out. */
  function throughSubflow(instance: FlowNode): string[] {
    const subflow = byId.get(instance.type.replace(/^subflow:/, ''));
    if (subflow?.type !== 'subflow') return [];
    const first = listOf(subflow.in).flatMap(({ wires }) => listOf(wires).map(({ id }) => String(id)));
    return [...first, ...outOf(subflow, subflow.id, instance)];
  }

  /** What follows the subflow's instances, where this node is wired to the way out. */
  function outOfSubflow({ id, z }: FlowNode): string[] {
    const subflow = byId.get(String(z));
    if (subflow?.type !== 'subflow') return [];
    return (instances.get(subflow.id) ?? []).flatMap((instance) => outOf(subflow, id, instance));
  }

  const next = (node: FlowNode): FlowNode[] => followers(node).flatMap((id) => byId.get(id) ?? []);

  return {
    nodes,
    ours,
    next,
    reachable(from) {
      const found = new Set(from);
      for (const node of found) for (const target of next(node)) found.add(target);
      return [...found];
    },
  };
}

function outOf(subflow: FlowNode, from: string, { wires }: FlowNode): string[] {
  return listOf(subflow.out).flatMap((out, port) =>
    listOf(out.wires).some(({ id }) => id === from) ? strings((wires as unknown[] | undefined)?.[port]) : [],
  );
}

/** A catch or complete node gets a message of the nodes in its scope; a status is no message. */
function watches(watcher: FlowNode, node: FlowNode): boolean {
  if (watcher.type === 'complete') return strings(watcher.scope).includes(node.id);
  if (watcher.type !== 'catch' || watcher.z !== node.z) return false;
  return Array.isArray(watcher.scope) ? strings(watcher.scope).includes(node.id) : true;
}

function strings(value: unknown): string[] {
  return [value].flat(3).filter((one) => typeof one === 'string');
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
}
