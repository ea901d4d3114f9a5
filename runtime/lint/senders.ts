/** Rule: who may say the source of a document in the canonical model is bound to the secret that signed it. */
import type { Remark, Rule } from './rule.ts';
import { eventShape, takersBehind } from './payloads.ts';

export const senders: Rule = (graph, project) =>
  graph.nodes.flatMap((node): Remark[] => {
    if (node.type !== 'webhook-verify' || node.says) return [];
    const published = takersBehind(graph, node).find(
      ({ type, event }) =>
        type === 'event-publish' &&
        eventShape(project, String(event)).some(({ schema }) => schema.required?.includes('source')),
    );
    if (!published) return [];
    const message = `lets through ${String(published.event)}, whose source anybody with the secret could make up: set "What it says".`;
    return [{ id: node.id, code: 'SOURCE_UNBOUND', severity: 'error', property: 'says', message }];
  });
