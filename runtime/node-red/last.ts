/** Whether a node is the last of its flow's work: nothing in the flow waits for what it does. */
import type { Node, NodeAPI, NodeDef } from 'node-red';

interface Wired {
  id: string;
  z?: string;
  wires?: string[][];
}

/** How often flows have started: a deploy can change the flow around a node that it does not restart. */
let starts = 0;
let counting = false;

/** Asked for each message. */
export function lastOfFlow(node: Node, RED: NodeAPI): () => boolean {
  if (!counting) RED.events.on('flows:started', () => void (starts += 1));
  counting = true;
  const { z, type } = node as Node & Wired;
  let watched = true;
  let lookedAt = -1;
  return () => {
    if (isWired(node as Node & Wired)) return false;
    if (lookedAt !== starts) {
      lookedAt = starts;
      watched = z === undefined || '_alias' in node; // In a subflow others may be wired behind it, outside.
      RED.nodes.eachNode((one) => (watched ||= (one as NodeDef & Wired).z === z && watches(one, type)));
    }
    return !watched;
  };
}

/** Nodes of the same flow that act when it completes or fails, and such of its own type that others wait for. */
function watches(one: NodeDef & Wired, type: string): boolean {
  return one.type === 'catch' || one.type === 'complete' || (one.type === type && isWired(one));
}

function isWired({ wires = [] }: Wired): boolean {
  return wires.some((targets) => targets.length > 0);
}
