/** The order a person reads a flow in: along the wires from the sources, config nodes last. */
import type { FlowNode } from './format.ts';

/**
 * Topological where the wires have no cycle, and branch by branch; sources, and what no wire orders, stay as they came.
 * Nodes that are in this order already stay in it.
 */
export function wireOrder(nodes: readonly FlowNode[]): FlowNode[] {
  const flow = nodes.filter((node) => node.wires !== undefined);
  const byId = new Map(flow.map((node) => [node.id, node]));
  const targets = new Map(
    flow.map((node) => [node, new Set([node.wires].flat(2).flatMap((id) => byId.get(String(id)) ?? []))]),
  );
  /** How many nodes come before one that are not placed yet. */
  const waitsFor = new Map(flow.map((node) => [node, 0]));
  for (const [node, next] of targets)
    for (const target of next) if (target !== node) waitsFor.set(target, (waitsFor.get(target) ?? 0) + 1);

  const placed = new Set<FlowNode>();
  const reached = new Set<FlowNode>();
  const ready = flow.filter((node) => waitsFor.get(node) === 0).toReversed();
  while (placed.size < flow.length) {
    const node = ready.pop() ?? intoCycle();
    if (!node) break;
    placed.add(node);
    const free: FlowNode[] = [];
    for (const target of targets.get(node) ?? []) {
      if (target === node) continue;
      reached.add(target);
      const left = (waitsFor.get(target) ?? 0) - 1;
      waitsFor.set(target, left);
      if (left === 0 && !placed.has(target)) free.push(target);
    }
    ready.push(...free.toReversed());
  }
  return [...placed, ...nodes.filter((node) => node.wires === undefined)];

  /** Where the wires enter a cycle, else any node of one. */
  function intoCycle(): FlowNode | undefined {
    const rest = flow.filter((node) => !placed.has(node));
    return rest.find((node) => reached.has(node)) ?? rest[0];
  }
}
