/** The control tower on the hub's server: its pages, and below `/tower/api` one router a part. */
import { Router, type RequestHandler } from 'express';
import type { Environment } from '../../environments/environment.ts';
import type { Hub } from '../../hub/hub.ts';
import type { Reader } from '../../tower/reader.ts';
import { openSite } from '../../tower/site.ts';
import { refuse } from '../refuse.ts';
import { uncached } from '../routes.ts';
import { conditional } from './conditional.ts';
import { parts } from './parts.ts';
import { siteRoutes } from './site.ts';

export interface Tower {
  hub: Hub;
  reader: Reader;
  environment: Environment;
  here: Here;
}

/** The files this hub runs. */
export interface Here {
  /** Flows and definitions are changed in their files here. */
  authored(): boolean;
  /** What stands in the files now runs when it resolves. Throws why it cannot run. */
  take(): Promise<void>;
}

/** Below `/tower`. */
export function towerRoutes(tower: Tower): Router {
  const router = Router();
  const api = Router();
  api.use(uncached, onlyText, conditional);
  for (const [name, routes] of Object.entries(parts)) api.use(`/${name}`, routes(tower));
  api.use((_request, response) => void refuse(response, 'ROUTE_UNKNOWN', 'The tower has no such call'));
  router.use('/api', api);
  router.use(siteRoutes(openSite()));
  return router;
}

/** PostgreSQL takes no zero byte, not even to look for one. */
const onlyText: RequestHandler = ({ url }, response, next) => {
  if (url.includes('%00')) refuse(response, 'REQUEST_INVALID', 'No number and no name holds a zero byte');
  else next();
};
