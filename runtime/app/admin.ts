/** The admin API of a hub, below `/crossdock`, and its tower. */
import type { Express } from 'express';
import { authorRoutes } from '../node-red/author-routes.ts';
import { deadRoutes } from '../node-red/dead-routes.ts';
import { lintRoutes } from '../node-red/lint-routes.ts';
import { processRoutes } from '../node-red/process-routes.ts';
import { releaseRoutes } from '../node-red/release-routes.ts';
import { mountTower } from '../node-red/tower/mount.ts';
import type { Tower } from '../node-red/tower/tower.ts';
import { authorOf } from './authoring.ts';
import type { Fleet } from './fleet.ts';
import type { Base } from './here.ts';
import { places } from './project.ts';

export function mountAdmin(
  { hub, active, own, outputsOf, types, environment, dataDir, env, log }: Base,
  { target }: Fleet,
  tower: Tower | undefined,
  admin: Express,
): void {
  admin.use('/crossdock/dead', deadRoutes(hub));
  admin.use('/crossdock/processes', processRoutes(hub));
  admin.use(
    '/crossdock/lint',
    lintRoutes({ ...active, flowsDir: () => active.now().flowsDir, outputsOf, log }),
  );
  admin.use(
    '/crossdock/releases',
    releaseRoutes({
      target,
      own,
      environment: environment.environment,
      proposals: hub.journal.proposals,
      values: () => hub.values,
      log,
    }),
  );
  if (tower) mountTower(admin, tower);
  if (active.now() !== own || environment.production) return;
  const author = authorOf({ ...places(), dataDir, ...own }, { outputsOf, types }, env);
  admin.use(
    '/crossdock/author',
    authorRoutes(author, { edits: active.edits, audit: hub.journal.audit, log }),
  );
}
