/** What a number is, and where it leads. */
import { Router } from 'express';
import Type from 'typebox';
import type { Hit } from '../../tower/hit.ts';
import { search } from '../../tower/search.ts';
import { answering, permitted, reader } from '../routes.ts';
import type { Tower } from './tower.ts';

const readQuery = reader(
  Type.Object({ q: Type.String({ maxLength: 1000 }) }, { additionalProperties: false }),
);

export interface Found {
  /** At most 20: what is called so first, then what begins so. */
  rows: Hit[];
}

/** Below `/tower/api/search`. */
export function searchRoutes({ hub, reader: { db } }: Tower): Router {
  const router = Router();
  router.get(
    '/',
    permitted('crossdock.read'),
    answering(hub.log, async ({ query }): Promise<Found> => ({ rows: await search(db, readQuery(query).q) })),
  );
  return router;
}
