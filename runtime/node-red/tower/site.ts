/** Serves the tower's pages. They hold no data, so they are read before the login. */
import { Router, type Request, type Response } from 'express';
import type { Site, SiteFile } from '../../tower/site.ts';
import { refuse } from '../refuse.ts';

/** Below `/tower`: its own files, those of others, and for every other address the one page. */
export function siteRoutes(site: Site): Router {
  const router = Router();
  const serve = (found: SiteFile | undefined, request: Request, response: Response): void => {
    if (!found) return void refuse(response, 'ROUTE_UNKNOWN', 'The tower has no such file');
    response.setHeader('Content-Security-Policy', site.policy);
    response.setHeader('X-Frame-Options', 'DENY');
    response.setHeader('Cache-Control', 'no-cache');
    response.setHeader('ETag', found.etag);
    if (request.headers['if-none-match'] === found.etag) return void response.status(304).end();
    response.type(found.type).send(found.body);
  };
  router.get('/web/*', (request, response) => serve(site.own(rest(request)), request, response));
  router.get('/vendor/*', (request, response) => serve(site.vendor(rest(request)), request, response));
  router.get('*', (request, response) => serve(site.page, request, response));
  return router;
}

const rest = ({ params }: Request): string => (params as Record<string, string | undefined>)['0'] ?? '';
