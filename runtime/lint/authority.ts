/** Rule: only flows that speak for the owner write what it owns, and only the owner says what happened. */
import { reads } from '../authority/reads.ts';
import type { FlowNode } from '../flow-file/format.ts';
import type { Remark, Rule } from './rule.ts';

export const authority: Rule = ({ nodes }, project) => {
  const flowOf = new Map(
    nodes.filter(({ type }) => type === 'tab').map(({ id, label }) => [id, String(label)]),
  );
  const written = (node: FlowNode): string | undefined => {
    if (node.type !== 'odoo-call') return project.paletteType(node.type)?.writes;
    return reads(String(node.method)) ? undefined : String(node.model);
  };
  return nodes.flatMap((node): Remark[] => {
    const flow = flowOf.get(String(node.z));
    if (flow === undefined) return [];
    const object = written(node);
    const wrong =
      (object && project.authority.wrongWriter(object, flow)) ??
      (node.type === 'event-publish' && node.source
        ? project.authority.wrongSource(String(node.event), String(node.source))
        : undefined);
    if (!wrong) return [];
    return [{ id: node.id, code: 'AUTHORITY_MISSING', severity: 'error', message: `may not: ${wrong}.` }];
  });
};
