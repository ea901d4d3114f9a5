/** The secrets of the hub, as a list of names. */
import { Router } from 'express';
import { answering, permitted } from '../routes.ts';
import type { Tower } from './tower.ts';

/** Below `/tower/api/secrets`. Never a value. */
export function secretsRoutes({ hub, secrets }: Tower): Router {
  const router = Router();
  router.get(
    '/',
    permitted('crossdock.read'),
    answering(hub.log, async () => ({ rows: secrets(new Date()) })),
  );
  return router;
}
