/** Serves the tower's pages. They hold no data, so they are read before the login. */
import { Router, type Request, type RequestHandler } from 'express';
import type { Log } from '../../log/log.ts';
import { openSite, policy, type Site, type SiteFile } from '../../tower/site.ts';
import { refuse, refuseThrown } from '../refuse.ts';

const changing = 'no-cache';
const forever = 'public, max-age=31536000, immutable';

/** Below `/tower`: its files, and for every other address the one page. */
export function siteRoutes(log: Log): Router {
  const router = Router();
  const serve =
    (caching: string, find: (site: Site, request: Request) => SiteFile | undefined): RequestHandler =>
    (request, response) => {
      openSite().then(
        (site) => {
          const found = find(site, request);
          if (!found) return void refuse(response, 'ROUTE_UNKNOWN', 'The tower has no such file');
          response.setHeader('Content-Security-Policy', policy);
          response.setHeader('X-Frame-Options', 'DENY');
          response.setHeader('Cache-Control', caching);
          response.setHeader('ETag', found.etag);
          if (request.headers['if-none-match'] === found.etag) return void response.status(304).end();
          response.type(found.type).send(found.body);
        },
        (error: unknown) => refuseThrown(response, error, log),
      );
    };
  router.get(
    '/static/*',
    serve(forever, ({ files }, { params }) => files.get(String(Object.values(params)[0]))),
  );
  router.get(
    '*',
    serve(changing, ({ page }) => page),
  );
  return router;
}
