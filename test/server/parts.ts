/** The hub's own routes, part by part, as its routers list them: below `/tower/api` and `/crossdock`. */
import assert from 'node:assert/strict';
import type { Router } from 'express';
import { authorRoutes } from '../../runtime/node-red/author-routes.ts';
import { deadRoutes } from '../../runtime/node-red/dead-routes.ts';
import { lintRoutes } from '../../runtime/node-red/lint-routes.ts';
import { processRoutes } from '../../runtime/node-red/process-routes.ts';
import { releaseRoutes } from '../../runtime/node-red/release-routes.ts';
import { parts } from '../../runtime/node-red/tower/parts.ts';

export interface Route {
  method: string;
  /** With `:names`. */
  path: string;
}

interface Layer {
  route?: { path: string; methods: Record<string, boolean>; stack: { handle: unknown }[] };
  handle: { stack?: Layer[] };
}

/** Below `/crossdock`. */
export const adminParts: Record<string, (hub: never) => Router> = {
  author: (hub) => authorRoutes(hub, hub),
  dead: deadRoutes,
  lint: lintRoutes,
  processes: processRoutes,
  releases: releaseRoutes,
};

/** With what each asks and does, in turn. A part that keeps routes where they are not found is refused. */
export function layersOf(at: string, router: Router): { route: Route; handlers: unknown[] }[] {
  return (router.stack as unknown as Layer[]).flatMap(({ route, handle }) => {
    assert.ok(!handle.stack, `${at} has a router within its router; give it one`);
    if (!route) return [];
    const handlers = route.stack.map((one) => one.handle);
    return Object.keys(route.methods).map((method) => ({
      route: { method: method.toUpperCase(), path: `${at}${route.path === '/' ? '' : route.path}` },
      handlers,
    }));
  });
}

/** Stands for the hub while routes are only listed. */
const anything: never = new Proxy(() => {}, {
  get: (_target, key) => (key === Symbol.toPrimitive ? () => '' : anything),
  apply: () => anything,
}) as never;

export const ownLayers = (): ReturnType<typeof layersOf> => [
  ...Object.entries(parts).flatMap(([name, part]) => layersOf(`/tower/api/${name}`, part(anything))),
  ...Object.entries(adminParts).flatMap(([name, part]) => layersOf(`/crossdock/${name}`, part(anything))),
];
