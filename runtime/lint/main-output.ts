/** Rule: what a message passes on its way leads somewhere: without its main output nothing ever comes of a message. */
import type { FlowNode } from '../flow-file/format.ts';
import type { FlowGraph } from './graph.ts';
import type { Rule } from './rule.ts';

/** The first output, by node: the others are refusals and what was there already. */
const main: Readonly<Record<string, string>> = {
  'canonical-map': 'mapped',
  'edi-read': 'documents',
  'edi-write': 'written',
  'event-consume': 'message',
  'idempotency-guard': 'new',
  'odoo-changes': 'changed',
  schedule: 'due',
  'webhook-in': 'received',
  'webhook-verify': 'verified',
};
/** Nothing but a piece of wire. */
const wires = new Set(['junction', 'link out', 'link in']);

export const mainOutput: Rule = (graph) =>
  graph.nodes.flatMap((node) => {
    const output = main[node.type];
    if (output === undefined || isSomewhere(graph, node)) return [];
    const message = `has nothing behind ${output}: its messages would be lost. Wire it, or put a drop with the reason there.`;
    return [{ id: node.id, code: 'OUTPUT_UNWIRED', severity: 'error', message }];
  });

function isSomewhere(graph: FlowGraph, node: FlowNode): boolean {
  const first = new Set([(node.wires as unknown[] | undefined)?.[0]].flat());
  const seen = new Set(graph.nodes.filter(({ id }) => first.has(id)));
  for (const one of seen) {
    if (!wires.has(one.type)) return true;
    for (const next of graph.next(one)) seen.add(next);
  }
  return endsSubflow(graph, node);
}

/** What follows it is wired to the subflow's instances. */
function endsSubflow({ nodes }: FlowGraph, { id, z }: FlowNode): boolean {
  const outs = nodes.find((one) => one.type === 'subflow' && one.id === z)?.out as
    { wires?: { id: string; port: number }[] }[] | undefined;
  return outs?.some((out) => out.wires?.some((wire) => wire.id === id && wire.port === 0)) ?? false;
}
