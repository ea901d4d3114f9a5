/** Serves the tower's pages. They hold no data, so they are read before the login. */
import { Router, type Request, type Response } from 'express';
import type { Site, SiteFile } from '../../tower/site.ts';
import { refuse } from '../refuse.ts';

const changing = 'no-cache';
const forever = 'public, max-age=31536000, immutable';

/** Below `/tower`: its own files, those of others, and for every other address the one page. */
export function siteRoutes(site: Site): Router {
  const router = Router();
  const serve = (found: SiteFile | undefined, caching: string) => (request: Request, response: Response) => {
    if (!found) return void refuse(response, 'ROUTE_UNKNOWN', 'The tower has no such file');
    response.setHeader('Content-Security-Policy', site.policy);
    response.setHeader('X-Frame-Options', 'DENY');
    response.setHeader('Cache-Control', caching);
    response.setHeader('ETag', found.etag);
    if (request.headers['if-none-match'] === found.etag) return void response.status(304).end();
    response.type(found.type).send(found.body);
  };
  router.get('/static/:version/*', (request, response) => {
    const { version } = request.params;
    const found = version === site.version ? site.file(rest(request)) : undefined;
    serve(found, forever)(request, response);
  });
  router.get(/^\/((?:web|vendor|static)\/.*)$/, (request, response) =>
    serve(site.file(rest(request)), changing)(request, response),
  );
  router.get('*', serve(site.page, changing));
  return router;
}

const rest = ({ params }: Request): string => (params as Record<string, string | undefined>)['0'] ?? '';
