/** Rule: flows publish and consume events of the catalogue, and only the owner of an event publishes it. */
import type { FlowNode } from '../flow-file/format.ts';
import type { Remark, Rule } from './rule.ts';

export const events: Rule = ({ nodes }, { catalogue }) => {
  const flowOf = new Map(
    nodes.filter(({ type }) => type === 'tab').map(({ id, label }) => [id, String(label)]),
  );
  const known = new Set(catalogue.types);
  const unknown = ({ id }: FlowNode, property: string, type: string): Remark => {
    const message = `names the event ${type}, which is not in definitions/events.`;
    return { id, code: 'EVENT_UNKNOWN', severity: 'error', property, message };
  };

  function published(node: FlowNode): Remark[] {
    const type = String(node.event ?? '');
    if (type === '' || type.startsWith('${')) return [];
    if (!known.has(type)) return [unknown(node, 'event', type)];
    const { owner } = catalogue.get(type);
    const flow = flowOf.get(String(node.z));
    if (flow === undefined || owner === flow) return [];
    const message = `publishes ${type}, which belongs to the flow ${owner}, not to ${flow}.`;
    return [{ id: node.id, code: 'EVENT_NOT_OWNED', severity: 'error', property: 'event', message }];
  }

  function consumed(node: FlowNode): Remark[] {
    const types = Array.isArray(node.types) ? node.types.map(String) : [];
    return types.filter((type) => !known.has(type)).map((type) => unknown(node, 'types', type));
  }

  return nodes.flatMap((node) => {
    if (node.type === 'event-publish') return published(node);
    return node.type === 'event-consume' ? consumed(node) : [];
  });
};
