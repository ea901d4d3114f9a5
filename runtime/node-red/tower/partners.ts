/** The workspace's calls about the partners there are. */
import { Router } from 'express';
import Type from 'typebox';
import { partnerForm, partnerRows } from '../../workspace/partner/list.ts';
import { answering, permitted, reader } from '../routes.ts';
import type { Tower } from './tower.ts';

const readName = reader(
  Type.Object({ name: Type.String({ pattern: '^[a-z][a-z0-9-]*$' }) }, { additionalProperties: false }),
);

/** Below `/tower/api/partners`. */
export function partnersRoutes({ hub, reader: store, here }: Tower): Router {
  const router = Router();
  router.get(
    '/',
    permitted('crossdock.read'),
    answering(hub.log, async () => ({ rows: await partnerRows(here, hub, store.db) })),
  );
  router.get(
    '/one',
    permitted('crossdock.read'),
    answering(hub.log, ({ query }) => partnerForm(here, hub, readName(query).name)),
  );
  return router;
}
