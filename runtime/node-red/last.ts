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

/** Asked for each message, for a deploy can change the flow around a node that it does not restart. */
export function lastOfFlow(node: Node, RED: NodeAPI): { (): boolean; close(): void } {
  const { z, type } = node as Node & Wired;
  let watched: boolean | undefined;
  const look = (): boolean => {
    let found = z === undefined || '_alias' in node; // In a subflow others may be wired behind it, outside.
    RED.nodes.eachNode((one) => (found ||= (one as NodeDef & Wired).z === z && watches(one, type)));
    return found;
  };
  const forget = (): void => void (watched = undefined);
  RED.events.on('flows:started', forget);
  return Object.assign(() => !isWired(node as Node & Wired) && !(watched ??= look()), {
    close: () => void RED.events.off('flows:started', forget),
  });
}

function isWired({ wires = [] }: Wired): boolean {
  return wires.some((targets) => targets.length > 0);
}
