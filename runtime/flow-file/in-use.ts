/** What runs of a set of flows: nothing that is switched off, and no connection that nothing refers to. */
import type { FlowNode } from './format.ts';

export function inUse(all: readonly FlowNode[]): FlowNode[] {
  const off = new Set(all.filter(({ type, disabled }) => type === 'tab' && disabled).map(({ id }) => id));
  const on = all.filter(({ id, d, z }) => d !== true && !off.has(id) && !off.has(String(z)));
  const shared = new Map(on.filter(isShared).map((node) => [node.id, node]));
  const used = new Set(on.filter((node) => !isShared(node)));
  for (const node of used)
    for (const text of textsIn(node)) {
      const one = shared.get(text);
      if (one) used.add(one);
    }
  return [...used];
}

const frames = new Set(['tab', 'subflow', 'group']);

/** A configuration node: without wires, referred to by its id. */
function isShared({ type, wires }: FlowNode): boolean {
  return wires === undefined && !frames.has(type);
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
