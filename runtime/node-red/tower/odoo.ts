/** The Odoo that the running flows work with, for what a person looks up. */
import RED from 'node-red';
import type { FlowNode } from '../../flow-file/format.ts';
import type { Odoo } from '../../odoo/client.ts';

const running = RED as unknown as {
  nodes: {
    getFlows(): { flows: FlowNode[] } | null;
    getNode(id: string): { running?: { api?: { odoo?: Odoo } } } | null;
  };
};

/** Of the first connection that works; undefined where no flow has one. */
export function runningOdoo(): Odoo | undefined {
  const nodes = running.nodes.getFlows()?.flows.filter(({ type }) => type === 'odoo-connection') ?? [];
  for (const { id } of nodes) {
    const odoo = running.nodes.getNode(id)?.running?.api?.odoo;
    if (odoo) return odoo;
  }
  return undefined;
}
