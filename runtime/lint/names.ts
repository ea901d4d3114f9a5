/** Rule: each `${NAME}` has a value in this environment, or in the flow, group or subflow around it; so have the secrets of partners. */
import { inUse } from '../flow-file/in-use.ts';
import type { FlowNode } from '../flow-file/format.ts';
import type { Remark, Rule } from './rule.ts';
import type { Partners } from '../partners/partners.ts';

export const names: Rule = ({ nodes }, project) => {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return inUse(nodes).flatMap((node) =>
    [...namesIn(node), ...ofPartners(node, project)]
      .filter(([name]) => !project.given(name) && !around(node, byId).some((outer) => sets(outer, name)))
      .map(([name, property]): Remark => {
        const where = `neither a value nor a secret of the environment ${project.environment.environment}`;
        const message = `needs ${name}, which is ${where}, nor a variable of its flow.`;
        return { id: node.id, code: 'NAME_MISSING', severity: 'error', property, message };
      }),
  );
};

/** What the environment must give to what runs of these flows, and the secrets of the partners that send to them. */
export function namesNeeded(
  all: readonly FlowNode[],
  { partners }: { partners: Pick<Partners, 'direct'> },
): string[] {
  const named = inUse(all).flatMap((node) => [...namesIn(node), ...ofPartners(node, { partners })]);
  return [...new Set(named.map(([name]) => name))].toSorted();
}

/** A webhook verify looks for the secrets of each partner that sends this document. */
function ofPartners(
  { type, says }: FlowNode,
  { partners }: { partners: Pick<Partners, 'direct'> },
): [string, string][] {
  if (type !== 'webhook-verify') return [];
  return partners.direct.flatMap(({ variable, sends }): [string, string][] =>
    sends.some((one) => one === says) ? [[variable, 'says']] : [],
  );
}

/** As Node-RED has it: only a value that is a name as a whole is replaced. */
export function namesIn(node: FlowNode): [name: string, property: string][] {
  return Object.entries(node).flatMap(([property, value]) =>
    deepNames(value).map((name): [string, string] => [name, property]),
  );
}

function deepNames(value: unknown): string[] {
  if (typeof value === 'string') {
    const name = /^\$\{([^{}\s]+)\}$/.exec(value)?.[1];
    return name === undefined || name.startsWith('NR_') ? [] : [name];
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(deepNames) : [];
}

/** What the node lies in, from the inside out: groups, then the flow or subflow; its instances bring values too. */
function around(node: FlowNode, byId: Map<string, FlowNode>): FlowNode[] {
  const outer = [node.g, node.z].flatMap((id) => byId.get(String(id)) ?? []);
  const instances =
    outer.find(({ type }) => type === 'subflow') === undefined
      ? []
      : [...byId.values()].filter(({ type }) => type === `subflow:${String(node.z)}`);
  return [
    node,
    ...outer,
    ...outer.flatMap((one) => (one.type === 'group' ? around(one, byId) : [])),
    ...instances,
  ];
}

function sets({ env }: FlowNode, name: string): boolean {
  return Array.isArray(env) && env.some((one) => (one as { name?: unknown } | null)?.name === name);
}
