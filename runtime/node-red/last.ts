/** Whether a node is the last of its flow's work: nothing in the flow waits for what it does. */
import type { Node, NodeAPI, NodeDef } from 'node-red';

interface Wired {
  id: string;
  z?: string;
  wires?: string[][];
}

/** Nodes of the same flow that act when it completes or fails, and such of its own type that others wait for. */
const watches = (one: NodeDef & Wired, type: string): boolean =>
  one.type === 'catch' || one.type === 'complete' || (one.type === type && isWired(one));

/** How often the flows of a Node-RED have started. */
const starts = new WeakMap<object, { count: number }>();

function startsOf({ events }: NodeAPI): { count: number } {
  const known = starts.get(events);
  if (known) return known;
  const made = { count: 0 };
  starts.set(events, made);
  events.on('flows:started', () => (made.count += 1));
  return made;
}

/** Asked for each message, for a deploy can change the flow around a node that it does not restart. */
export function lastOfFlow(node: Node, RED: NodeAPI): () => boolean {
  const { z, type } = node as Node & Wired;
  const started = startsOf(RED);
  let seen: { at: number; watched: boolean } | undefined;
  const findWatcher = (): boolean => {
    let found = z === undefined || '_alias' in node; // In a subflow others may be wired behind it, outside.
    RED.nodes.eachNode((one) => (found ||= (one as NodeDef & Wired).z === z && watches(one, type)));
    return found;
  };
  const isWatched = (): boolean => {
    if (seen?.at !== started.count) seen = { at: started.count, watched: findWatcher() };
    return seen.watched;
  };
  return () => !isWired(node as Node & Wired) && !isWatched();
}

function isWired({ wires = [] }: Wired): boolean {
  return wires.some((targets) => targets.length > 0);
}
