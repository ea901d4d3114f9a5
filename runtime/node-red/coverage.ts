/** Which nodes and outputs of the flows messages have come through. */
import RED from 'node-red';
import type { FlowNode } from '../flow-file/format.ts';
import type { Coverage, Trail } from '../flow-test/trail.ts';
import { recordSteps, type Steps } from './steps.ts';

interface Sent {
  source: { node: { id: string }; port: number };
  destination: { node: { id: string } };
}

const label = 'crossdock-coverage';

export interface Recorder {
  /** Of every flow of these nodes. */
  coverage(nodes: readonly FlowNode[]): Coverage[];
  /** The nodes and wires that a message came through. */
  trail(): Trail;
  /** Those since this was asked last. */
  since(): Trail;
  /** What each node gets and gives from now on. */
  steps(): Steps;
  stop(): void;
}

/** Watches from now on. */
export function recordCoverage(): Recorder {
  const nodes = new Set<string>();
  const outputs = new Set<string>();
  const wires = new Set<string>();
  const fresh = { nodes: new Set<string>(), wires: new Set<string>() };
  RED.hooks.add(`preDeliver.${label}`, (event: unknown) => {
    const { source, destination } = event as Sent;
    const wire = `${source.node.id} ${source.port} ${destination.node.id}`;
    for (const set of [wires, fresh.wires]) set.add(wire);
    for (const set of [nodes, fresh.nodes]) set.add(source.node.id);
    outputs.add(`${source.node.id} ${source.port}`);
  });
  RED.hooks.add(`onReceive.${label}`, (event: unknown) => {
    for (const set of [nodes, fresh.nodes]) set.add((event as Pick<Sent, 'destination'>).destination.node.id);
  });
  return {
    coverage(all) {
      const inside = Map.groupBy(all, ({ z }) => z);
      return all
        .filter(({ type, disabled }) => type === 'tab' && !disabled)
        .map((tab) => ofFlow(tab, inside.get(tab.id) ?? [], nodes, outputs));
    },
    trail: () => ({ nodes: [...nodes], wires: [...wires] }),
    since() {
      const taken = { nodes: [...fresh.nodes], wires: [...fresh.wires] };
      fresh.nodes.clear();
      fresh.wires.clear();
      return taken;
    },
    steps: recordSteps,
    stop: () => RED.hooks.remove(`*.${label}`),
  };
}

function ofFlow(
  tab: FlowNode,
  inside: readonly FlowNode[],
  nodes: Set<string>,
  outputs: Set<string>,
): Coverage {
  const own = inside.filter(({ type, d, wires }) => wires !== undefined && !d && type !== 'comment');
  const branches = own.flatMap((node) =>
    (node.wires as string[][]).flatMap((targets, port) => (targets.length > 0 ? [{ node, port }] : [])),
  );
  const lost = own.filter(({ id }) => !nodes.has(id));
  const untaken = branches.filter(
    ({ node, port }) => nodes.has(node.id) && !outputs.has(`${node.id} ${port}`),
  );
  const nameOf = ({ name, type }: FlowNode): string => String(name || type);
  return {
    flow: String(tab.label),
    nodes: own.length,
    taken: own.length - lost.length,
    branches: branches.length,
    takenBranches: branches.filter(({ node, port }) => outputs.has(`${node.id} ${port}`)).length,
    missing: [
      ...lost.map(nameOf),
      ...untaken.map(({ node, port }) => `${nameOf(node)} (output ${port + 1})`),
    ],
  };
}
