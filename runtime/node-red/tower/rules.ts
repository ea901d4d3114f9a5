/** The workspace's calls about rules that stand in more than one file. */
import { Router } from 'express';
import { environmentRows } from '../../workspace/environments.ts';
import { answering, permitted } from '../routes.ts';
import type { Tower } from './tower.ts';

/** Below `/tower/api/rules`. */
export function rulesRoutes({ hub, here, environment }: Tower): Router {
  const router = Router();
  router.get(
    '/environments',
    permitted('crossdock.read'),
    answering(hub.log, () => {
      // A release has no environments: they are read where the hub was started.
      const folders = { ...here.now(), definitionsDir: here.own.definitionsDir };
      return environmentRows(folders, environment.environment, process.env);
    }),
  );
  return router;
}
