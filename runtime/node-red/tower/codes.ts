/** The tower's pages of error codes. */
import { Router } from 'express';
import { codes } from '../../errors/codes.ts';
import { runbook } from '../../tower/helped.ts';
import { answering, permitted } from '../routes.ts';
import type { Tower } from './tower.ts';

/** Below `/tower/api/codes`. */
export function codesRoutes({ hub, reader: { db } }: Tower): Router {
  const router = Router();
  const rows = Object.entries(codes).map(([code, row]) => ({ code, ...row }));
  router.get(
    '/',
    permitted('crossdock.read'),
    answering(hub.log, async () => ({ rows })),
  );
  router.get(
    '/:code',
    permitted('crossdock.read'),
    answering(hub.log, ({ params }) => runbook(db, params['code'] ?? '')),
  );
  return router;
}
