/** The register of interfaces, as the flows that run make it. */
import { Router } from 'express';
import Type from 'typebox';
import { deriveInterfaces } from '../../interfaces/derive.ts';
import { listed, named, type Listed } from '../../interfaces/use/listed.ts';
import { answering, permitted, reader } from '../routes.ts';
import type { Tower } from './tower.ts';

const readId = reader(
  Type.Object({ id: Type.String({ minLength: 1, maxLength: 300 }) }, { additionalProperties: false }),
);

/** Below `/tower/api/interfaces`. Names, contracts and times only: no data of a message, and no secret. */
export function interfacesRoutes({ hub, reader: store, here, environment }: Tower): Router {
  const all = async (): Promise<Listed[]> => {
    const nodes = (await here.flows()).flatMap((file) => file.nodes);
    return listed(store.db, deriveInterfaces(nodes, hub), hub.interfaces, new Date());
  };
  const router = Router();
  router.get(
    '/',
    permitted('crossdock.read'),
    answering(hub.log, async () => ({ rows: await all(), asks: environment.interfaces === 'approved' })),
  );
  router.get(
    '/one',
    permitted('crossdock.read'),
    answering(hub.log, async ({ query }) => named(await all(), readId(query).id)),
  );
  return router;
}
