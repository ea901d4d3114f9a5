/** Lets a node of the running flows send a message, as if it had begun the work itself. */
import RED from 'node-red';
import { CodedError } from '../errors/coded-error.ts';
import type { FlowMessage } from './define-node.ts';

interface Sender {
  send(msg: FlowMessage): void;
}

/** By its first output. Throws TEST_INVALID when the node does not run. */
export function sendFrom(id: string, msg: FlowMessage): void {
  const runtime = RED as unknown as { nodes: { getNode(id: string): Sender | null } };
  const node = runtime.nodes.getNode(id);
  if (!node) throw new CodedError('TEST_INVALID', 'The node does not run', { id });
  node.send(msg);
}
