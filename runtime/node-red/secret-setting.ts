/** A setting of a node that names a variable: what the variable is now, not only when the node began. */
import type { Node, NodeAPI } from 'node-red';

/** `value`: what Node-RED put in its place when the node began. */
export function secretSetting(RED: NodeAPI, node: Node, setting: string, value: string): () => string {
  const variable = /^\$\{(\S+)\}$/.exec(String(writtenIn(RED, node)?.[setting] ?? ''))?.[1];
  // A flow's own variable of the name goes before that of the process.
  if (variable === undefined || (process.env[variable] ?? '') !== value) return () => value;
  return () => process.env[variable] ?? '';
}

/** The node as its flow has it. */
function writtenIn(RED: NodeAPI, node: Node): Record<string, unknown> | undefined {
  // In a subflow each instance has an id of its own.
  const id = (node as { _alias?: string })._alias ?? node.id;
  let found: Record<string, unknown> | undefined;
  RED.nodes.eachNode((one) => {
    if (one.id === id) found = one as unknown as Record<string, unknown>;
  });
  return found;
}
