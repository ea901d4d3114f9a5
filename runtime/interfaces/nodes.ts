/** What the register reads of nodes: what comes behind one, what is sent by one, and what it calls. */
import { slugOf, type FlowNode } from '../flow-file/format.ts';

const hook = 'webhook/';

/** `path`: as a webhook in has it, below /hooks. */
export const webhookId = (path: string): string => `${hook}${path.replaceAll(/^\/|\/$/g, '')}`;

/** The route of a webhook's interface; undefined of any other one. */
export const hookOf = (id: string): string | undefined =>
  id.startsWith(hook) ? `/hooks/${id.slice(hook.length)}` : undefined;

export interface Afterwards {
  /** The nodes of this type that a message can come to from here. */
  all(from: FlowNode, type: string): FlowNode[];
  /** The schemas of the mappings right before it. */
  sentTo(node: FlowNode): string[];
}

export function afterwards(nodes: readonly FlowNode[]): Afterwards {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const next = ({ wires, type, links }: FlowNode): FlowNode[] =>
    [...ids(wires), ...(type === 'link out' ? ids(links) : [])].flatMap((id) => byId.get(id) ?? []);
  return {
    all(from, type) {
      const found = new Set([from]);
      for (const node of found) for (const one of next(node)) found.add(one);
      return [...found].filter((node) => node.type === type);
    },
    sentTo: (node) =>
      nodes
        .filter((one) => one.type === 'canonical-map' && next(one).includes(node))
        .flatMap(({ schema }) => (typeof schema === 'string' && schema ? [schema] : [])),
  };
}

/** `PUT /journals/{payload.day}`; `account.move.line search_read`; `odoo-order`. */
export function callOf({ type, method, path, model }: FlowNode): string {
  if (type === 'http-call') return `${String(method ?? 'GET')} ${pathOf(String(path ?? ''))}`;
  if (type === 'odoo-call') return `${String(model)} ${String(method)}`;
  if (type === 'odoo-changes') return `${String(model)} changes`;
  return type;
}

/** Of a sum of texts and names, as `'/journals/' & payload.day`; of anything else the texts that are certain. */
function pathOf(expression: string): string {
  const parts = expression
    .split(/\s*&\s*(?=(?:[^'"]*(['"])[^'"]*\1)*[^'"]*$)/)
    .filter((part) => part && !/^['"]$/.test(part));
  const simple = parts.every((part) => /^'[^']*'$|^"[^"]*"$|^[$\w.()]+$/.test(part));
  if (!simple) return expression.replaceAll(/\s+/g, ' ');
  return parts.map((part) => (/^['"]/.test(part) ? part.slice(1, -1) : `{${part}}`)).join('');
}

/** Lower case letters, digits, dots and dashes: as it can stand in an address. */
export function slug(name: string): string {
  return slugOf(name, /[^a-z0-9.]+/g) || 'unnamed';
}

function ids(value: unknown): string[] {
  return [value].flat(3).filter((one) => typeof one === 'string');
}
