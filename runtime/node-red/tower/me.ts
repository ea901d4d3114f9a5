/** Who is logged in, and what the pages may show them. */
import { Router, type Request } from 'express';
import { answering, permitted, userOf } from '../routes.ts';
import { permits, type EditorUser } from '../roles.ts';
import type { Tower } from './tower.ts';

export interface Me {
  user: string;
  /** To show in its place. */
  name?: string;
  /** The hub's own of them, `crossdock.*`. */
  permissions: readonly string[];
  teams: readonly string[];
  environment: string;
  production: boolean;
  /** Flows and definitions are made here, and no release runs. */
  authored: boolean;
}

const own = ['read', 'data', 'work', 'replay', 'discard', 'promote', 'cut', 'approve', 'author'].map(
  (one) => `crossdock.${one}`,
);

/** Below `/tower/api/me`. */
export function meRoutes({ hub, environment, here }: Tower): Router {
  const router = Router();
  router.get(
    '/',
    permitted('crossdock.read'),
    answering(hub.log, (request) =>
      Promise.resolve({
        user: userOf(request),
        ...nameOf(request),
        permissions: own.filter((permission) => may(request, permission)),
        teams: teamsOf(request),
        environment: environment.environment,
        production: environment.production ?? false,
        authored: here.authored(),
      } satisfies Me),
    ),
  );
  return router;
}

/** What the login was given, less what the role has lost since. */
export function may(request: Request, permission: string): boolean {
  const scope = (request as { authInfo?: { scope?: string | readonly string[] } }).authInfo?.scope ?? [];
  return permits([scope].flat(), permission);
}

export function teamsOf(request: Request): readonly string[] {
  return (request as { user?: EditorUser }).user?.teams ?? [];
}

function nameOf(request: Request): Pick<Me, 'name'> {
  const { name } = (request as { user?: EditorUser }).user ?? {};
  return name ? { name } : {};
}
