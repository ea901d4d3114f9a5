/** Rule: a message can come to every node. */
import type { FlowNode } from '../flow-file/format.ts';
import type { FlowGraph } from './graph.ts';
import type { Rule } from './rule.ts';

/** Node-RED's own nodes that begin a flow, and what takes no messages at all. */
const beginnings = new Set(
  (
    'inject,catch,complete,status,http in,tcp in,udp in,websocket in,mqtt in,watch,tab,subflow,group,comment,junction,' +
    'webhook-in,event-consume,schedule,odoo-changes'
  ).split(','),
);
/** Node-RED's own nodes with an input. Of others it is not known. */
const takers = new Set(
  (
    'debug,link in,link out,link call,function,switch,change,range,template,delay,trigger,exec,rbe,http response,' +
    'http request,tcp out,tcp request,udp out,websocket out,mqtt out,split,join,sort,batch,csv,html,json,xml,yaml,file,file in'
  ).split(','),
);

export const reach: Rule = (graph) => {
  const entries = graph.nodes.filter(({ type }) => beginnings.has(type));
  const reached = new Set(graph.reachable(entries));
  const inSubflow = new Set(graph.nodes.filter(({ type }) => type === 'subflow').map(({ id }) => id));
  const lost = graph.nodes.filter(
    (node) => !reached.has(node) && !inSubflow.has(String(node.z)) && takesMessages(graph, node),
  );
  // What follows a node that nothing comes to needs no finding of its own.
  const behind = new Set(lost.flatMap((node) => graph.reachable([node]).filter((other) => other !== node)));
  return lost
    .filter((node) => !behind.has(node))
    .map(({ id }) => ({
      id,
      code: 'NODE_UNREACHABLE',
      severity: 'warning',
      message: 'gets no message: nothing is wired to it.',
    }));
};

function takesMessages({ ours }: FlowGraph, { type, x }: FlowNode): boolean {
  // What is not drawn is a config node.
  return x !== undefined && (takers.has(type) || type.startsWith('subflow:') || ours(type));
}
