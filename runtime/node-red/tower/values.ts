/** The workspace's calls about value maps. */
import { Router } from 'express';
import Type from 'typebox';
import { valueMapRows, waitingValues } from '../../workspace/values.ts';
import { answering, permitted, reader } from '../routes.ts';
import type { Tower } from './tower.ts';

const readMap = reader(
  Type.Object({ map: Type.String({ minLength: 1, maxLength: 200 }) }, { additionalProperties: false }),
);

/** Below `/tower/api/values`. */
export function valuesRoutes({ hub }: Tower): Router {
  const router = Router();
  router.get(
    '/',
    permitted('crossdock.read'),
    answering(hub.log, async () => ({ rows: await valueMapRows(hub) })),
  );
  router.get(
    '/waiting',
    permitted('crossdock.read'),
    answering(hub.log, async ({ query }) => ({ rows: await waitingValues(hub, readMap(query).map) })),
  );
  return router;
}
