/** What changed between two sets of flows and definitions, by meaning. */
import type { FlowNode, OutputsOf } from '../flow-file/format.ts';
import type { FileSet } from '../flow-file/file-set.ts';
import type { Change } from './change.ts';
import { definitionChanges } from './definitions.ts';
import { headerChanges, nodeChanges } from './node.ts';
import { sideOf, type Placed, type Side } from './side.ts';

export interface NodeFacts {
  outputsOf: OutputsOf;
  /** What a node of this type writes: `sale.order`. */
  writesOf(type: string): string | undefined;
}

/** Ordered by flow, then by node. Equal sets give none. Throws CodedError FLOW_FILE_INVALID. */
export function diffSets(before: FileSet, after: FileSet, facts: NodeFacts): Change[] {
  const [old, now] = [sideOf(before, facts.outputsOf), sideOf(after, facts.outputsOf)];
  const ofFlows = [...new Set([...old.flows.keys(), ...now.flows.keys()])]
    .toSorted()
    .flatMap((flow) => flowChanges(flow, old, now, facts));
  return [...ofFlows, ...definitionChanges(before, after, [...now.byId.values()])];
}

function flowChanges(flow: string, old: Side, now: Side, facts: NodeFacts): Change[] {
  const [was, is] = [old.flows.get(flow), now.flows.get(flow)];
  const ofNodes = ofFlow(flow, old, now, facts);
  if (!was) return [{ flow, weight: 'feature', text: 'new flow' }, ...ofNodes];
  if (!is) return [{ flow, weight: 'breaking', text: 'flow removed' }, ...ofNodes];
  return [...headerChanges(flow, was, is), ...ofNodes];
}

function ofFlow(flow: string, old: Side, now: Side, facts: NodeFacts): Change[] {
  const here = (side: Side): Placed[] => [...side.byId.values()].filter((placed) => placed.flow === flow);
  const gone = here(old).filter(({ node }) => !now.byId.has(node.id));
  const added = here(now).filter(({ node }) => !old.byId.has(node.id));
  const renamed = new Map<Placed, Placed>();
  for (const one of added) {
    const same = gone.find((other) => !renamed.has(other) && alike(other.node, one.node));
    if (same) renamed.set(same, one);
  }
  const fresh = new Set(renamed.values());
  const pairs = here(now).flatMap((is): [Placed, Placed][] => {
    const was = old.byId.get(is.node.id);
    return was ? [[was, is]] : [];
  });
  return [
    ...gone.filter((one) => !renamed.has(one)).map((one) => goneText(one, facts)),
    ...added.filter((one) => !fresh.has(one)).flatMap((one) => addedTexts(one, facts)),
    ...[...pairs, ...renamed].flatMap(([was, is]) => nodeChanges(was, is, old, now)),
    ...moved(flow, pairs),
  ];
}

/** The same but for its name and place. */
function alike(a: FlowNode, b: FlowNode): boolean {
  const bare = ({ id: _id, name: _name, x: _x, y: _y, z: _z, wires: _wires, ...rest }: FlowNode): string =>
    JSON.stringify(Object.entries(rest).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  return a.type === b.type && bare(a) === bare(b);
}

function goneText({ node, flow, name }: Placed, { writesOf }: NodeFacts): Change {
  const others = ['webhook-in', 'event-publish', 'event-consume', 'http in'].includes(node.type);
  const writes = writesOf(node.type);
  const text = `removed (${node.type})${writes ? `; no write to ${writes} any more` : ''}`;
  return { flow, node: name, weight: others ? 'breaking' : 'feature', text };
}

function addedTexts({ node, flow, name }: Placed, { writesOf }: NodeFacts): Change[] {
  const writes = writesOf(node.type);
  const effects = [
    ...(writes ? [`new write to ${writes}`] : []),
    ...(node.type === 'event-publish' ? [`publishes ${String(node.event)}`] : []),
    ...(node.type === 'event-consume' ? [`consumes ${[node.types].flat().join(', ')}`] : []),
    ...(node.type === 'http request' ? ['calls an outside address'] : []),
  ];
  const text = [`new (${node.type})`, ...effects].join('; ');
  return [{ flow, node: name, nodeId: node.id, weight: 'feature', text }];
}

const drawing = ['x', 'y', 'w', 'h', 'l', 'icon', 'inputLabels', 'outputLabels', 'style'];

function moved(flow: string, pairs: [Placed, Placed][]): Change[] {
  const count = pairs.filter(([was, is]) =>
    drawing.some((key) => JSON.stringify(was.node[key]) !== JSON.stringify(is.node[key])),
  ).length;
  if (count === 0) return [];
  return [{ flow, weight: 'layout', text: `moved ${count} ${count === 1 ? 'box' : 'boxes'}` }];
}
