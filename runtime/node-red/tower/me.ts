/** Who is logged in, and what the pages may show them. */
import { Router, type Request } from 'express';
import Type from 'typebox';
import { answering, onlyJson, permitted, reader, userOf } from '../routes.ts';
import { own } from '../../roles/permissions.ts';
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
  /** Their password was made by another: they choose their own first. */
  mustChoose: boolean;
  /** Without use for so long, the login ends. */
  idleSeconds: number;
  /** Names of rules that their roles break: they have neither side. */
  meet: readonly string[];
}

const readPassword = reader(
  Type.Object({ password: Type.String({ maxLength: 200 }) }, { additionalProperties: false }),
);

/** Below `/tower/api/me`. */
export function meRoutes({ hub, environment, here, users }: Tower): Router {
  const router = Router();
  router.get(
    '/',
    // Each login, also one that reads nothing here: its pages need to know.
    permitted(''),
    answering(hub.log, (request) =>
      Promise.resolve({
        user: userOf(request),
        ...nameOf(request),
        permissions: Object.keys(own).filter((permission) => may(request, permission)),
        teams: teamsOf(request),
        environment: environment.environment,
        production: environment.production ?? false,
        authored: here.authored(),
        idleSeconds: users.limits.idleSeconds,
        mustChoose: (request as { user?: EditorUser }).user?.once ?? false,
        meet: (request as { user?: EditorUser }).user?.meet ?? [],
      } satisfies Me),
    ),
  );
  router.post(
    '/password',
    permitted(''),
    onlyJson,
    answering(hub.log, async (request) => {
      await users.choose(userOf(request), readPassword(request.body).password);
      return {};
    }),
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
