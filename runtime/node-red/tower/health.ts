/** How the hub does: now, and over time. */
import { Router } from 'express';
import Type from 'typebox';
import { health } from '../../tower/health.ts';
import { pictures, ranges } from '../../tower/pictures.ts';
import { answering, permitted, reader } from '../routes.ts';
import type { Tower } from './tower.ts';

const readQuery = reader(
  Type.Object({ range: Type.Optional(Type.Enum([...ranges])) }, { additionalProperties: false }),
);

/** Below `/tower/api/health`. */
export function healthRoutes(tower: Tower): Router {
  const { hub } = tower;
  const router = Router();
  router.get(
    '/',
    permitted('crossdock.read'),
    answering(hub.log, () => health(hub, tower.reader.db, new Date(), tower.runs?.())),
  );
  router.get(
    '/pictures',
    permitted('crossdock.read'),
    answering(hub.log, async ({ query }) =>
      pictures(tower.reader.db, readQuery(query).range ?? 'day', new Date()),
    ),
  );
  return router;
}
