/** At which node of a flow it shows that a test differs from what it expects. */
import type { FlowNode } from '../flow-file/format.ts';
import type { Expected } from './spec.ts';
import type { Trail } from './trail.ts';

/** Whose work the parts of an expectation are. */
const workers: Record<string, readonly string[]> = {
  events: ['event-publish'],
  orders: ['odoo-order', 'odoo-call', 'stock-move', 'invoice-post'],
  calls: ['http-call', 'http request'],
};

/**
 * The id of the node: who publishes the event, writes the order or makes the call; else where the messages came last.
 * Empty where no node of the flow was reached. `own` are the nodes of the flow, the difference is one of `differences`.
 */
export function placeOf(
  difference: string,
  expected: Expected,
  own: readonly FlowNode[],
  { nodes }: Trail,
): string {
  const [, part = '', at = ''] = /^(\w+)(?:\/(\d+))?/.exec(difference) ?? [];
  const wanted = difference.startsWith('TEST_CALL_UNKNOWN') ? 'calls' : part;
  const workersOfFlow = own.filter(({ type }) => workers[wanted]?.includes(type));
  const event = wanted === 'events' ? expected.events?.[Number(at)]?.['type'] : undefined;
  const named = event === undefined ? [] : workersOfFlow.filter((node) => node.event === event);
  const able = named.length > 0 ? named : workersOfFlow;
  const last = (of: readonly FlowNode[]): FlowNode | undefined =>
    nodes.map((id) => of.find((node) => node.id === id)).findLast((node) => node !== undefined);
  return (last(able) ?? able[0] ?? last(own))?.id ?? '';
}
