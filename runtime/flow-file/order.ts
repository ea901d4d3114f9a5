/** The order a person reads a flow in: along the wires from the sources, config nodes last. */
import type { FlowNode } from './format.ts';

/** Topological where the wires have no cycle; sources, and what no wire orders, stay as they came. */
export function wireOrder(nodes: readonly FlowNode[]): FlowNode[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const targets = (node: FlowNode) => [node.wires].flat(2).flatMap((id) => byId.get(String(id)) ?? []);
  const targeted = new Set(nodes.flatMap(targets));
  const sources = nodes.filter((node) => node.wires !== undefined && !targeted.has(node));
  const flow = nodes.filter((node) => node.wires !== undefined);
  const rest = nodes.filter((node) => node.wires === undefined);

  const seen = new Set<FlowNode>();
  const finished: FlowNode[] = [];
  // Depth first without recursion: a chain may be as long as it likes. What finishes last comes first.
  // Nodes of a cycle without a source come after all others, so they are walked first.
  const reached = new Set(sources);
  for (const node of reached) for (const target of targets(node)) reached.add(target);
  for (const start of flow.filter((node) => !reached.has(node))) walk(start);
  for (const start of sources.toReversed()) walk(start);
  return [...finished.toReversed(), ...rest];

  function walk(start: FlowNode): void {
    if (seen.has(start)) return;
    seen.add(start);
    const path = [{ node: start, next: targets(start).toReversed() }];
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const child = top.next.shift();
      if (child === undefined) {
        finished.push(top.node);
        path.pop();
      } else if (!seen.has(child)) {
        seen.add(child);
        path.push({ node: child, next: targets(child).toReversed() });
      }
    }
  }
}
