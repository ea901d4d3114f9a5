/** Rule: a flow that takes messages says who answers for it and how urgent it is. */
import { tiers } from '../limits/limits.ts';
import type { FlowNode } from '../flow-file/format.ts';
import type { Remark, Rule } from './rule.ts';

const sources = new Set(['event-consume', 'webhook-in', 'schedule', 'odoo-changes']);

export const headers: Rule = ({ nodes }, { environment }) => {
  const busy = new Set(nodes.filter(({ type }) => sources.has(type)).map(({ z }) => z));
  const severity = environment.production ? 'error' : 'warning';
  return nodes
    .filter(({ type, id }) => type === 'tab' && busy.has(id))
    .flatMap((flow): Remark[] => {
      const { id } = flow;
      const [owner, tier] = [variable(flow, 'FLOW_OWNER'), variable(flow, 'FLOW_TIER')];
      const list = tiers.join(', ');
      return [
        ...(owner
          ? []
          : [{ id, code: 'OWNER_MISSING', severity, message: 'has no owner: who answers for it?' } as const]),
        ...(tier
          ? []
          : [{ id, code: 'TIER_MISSING', severity, message: `has no tier. It is one of ${list}.` } as const]),
        ...(tier && !tiers.some((one) => one === tier)
          ? [
              {
                id,
                code: 'TIER_UNKNOWN',
                severity: 'error',
                message: `has the tier ${tier}. It is one of ${list}.`,
              } as const,
            ]
          : []),
      ];
    });
};

function variable({ env }: FlowNode, name: string): string {
  const list = Array.isArray(env) ? (env as { name?: unknown; value?: unknown }[]) : [];
  return String(list.find((one) => one.name === name)?.value ?? '');
}
