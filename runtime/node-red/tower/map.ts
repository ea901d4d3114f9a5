/** The API of the map: all flows, and the events and queues between them. */
import { Router } from 'express';
import { flowMap, type FlowMap } from '../../workspace/flow-map.ts';
import { answering, permitted } from '../routes.ts';
import type { Tower } from './tower.ts';

/** In the words of a review, as the nodes say them. */
const writes: Record<string, string> = {
  'odoo-order': 'sale.order',
  'invoice-post': 'account.move',
  'stock-move': 'stock.picking',
};

/** Below `/tower/api/map`. */
export function mapRoutes({ hub, here }: Tower): Router {
  const router = Router();
  router.get(
    '/',
    permitted('crossdock.read'),
    answering(hub.log, async (): Promise<FlowMap> => {
      const nodes = (await here.flows()).flatMap((file) => file.nodes);
      const partners = new Set([...hub.partners.names, ...hub.authority.sources]);
      return flowMap(nodes, { partners, processes: hub.processes, writes: (type) => writes[type] });
    }),
  );
  return router;
}
