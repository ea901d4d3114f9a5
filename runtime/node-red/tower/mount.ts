/** The control tower on the hub's server: its pages, and below `/tower/api` one router a part. */
import { Router, type Express, type RequestHandler } from 'express';
import { refuse } from '../refuse.ts';
import { uncached } from '../routes.ts';
import { conditional } from './conditional.ts';
import { parts } from './parts.ts';
import { siteRoutes } from './site.ts';
import type { Tower } from './tower.ts';

/** The pages of the tower and of the workspace, and below `/tower/api` what both ask. */
export function mountTower(admin: Express, tower: Tower): void {
  const site = siteRoutes(tower.hub.log);
  admin.use('/tower/api', apiRoutes(tower));
  admin.use('/tower', site);
  admin.use('/workspace', site);
}

function apiRoutes(tower: Tower): Router {
  const api = Router();
  api.use(uncached, onlyText, conditional);
  for (const [name, routes] of Object.entries(parts)) api.use(`/${name}`, routes(tower));
  api.use((_request, response) => void refuse(response, 'ROUTE_UNKNOWN', 'The tower has no such call'));
  return api;
}

/** PostgreSQL takes no zero byte, not even to look for one. */
const onlyText: RequestHandler = ({ url }, response, next) => {
  if (url.includes('%00')) refuse(response, 'REQUEST_INVALID', 'No number and no name holds a zero byte');
  else next();
};
