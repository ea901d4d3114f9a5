/** The routes that are mounted, and which of them takes a request. */
import { CodedError } from '../errors/coded-error.ts';
import { clientNetwork } from './client-address.ts';
import type { Edge } from './edge.ts';
import { matchPath, moreSpecific, parsePath, sameShape, type Path } from './paths.ts';
import { consume, memoryLimiter, type Limiter } from './rates.ts';
import type { Rate, Route } from './route.ts';

export interface Mounted extends Required<Pick<Route, 'methods' | 'maxBytes' | 'tier' | 'handler'>> {
  path: Path;
  edge: Edge | undefined;
  allow(ip: string): Promise<void>;
}

export interface TableOptions {
  /** Paths below it belong to the intake. Default `/hooks`. */
  base?: string;
  /** Makes the rate limiters. Default: those count in the memory of this process. */
  limiter?: (rate: Rate, path: string) => Limiter;
  /** Throws for a path that no route has any more; called only where none matches. */
  missed?: (path: string) => void;
}

export function routeTable({ base = '/hooks', limiter = memoryLimiter, missed }: TableOptions) {
  let routes: Mounted[] = [];

  return {
    /** Whether a path belongs to the intake, with a route or without. */
    owns: (path: string): boolean => path === base || path.startsWith(`${base}/`),

    find: (path: string, method: string, headers: Record<string, string>) =>
      find(routes, path, method, headers, missed),

    /** Returns what removes it. Throws CodedError CONFIG_INVALID for a path that is malformed or taken. */
    add(route: Route): () => void {
      const mounted = mount(route, base, limiter);
      const taken = routes.find(
        (other) =>
          sameShape(other.path, mounted.path) && other.methods.some((m) => mounted.methods.includes(m)),
      );
      if (taken)
        throw new CodedError('CONFIG_INVALID', 'Another webhook listens on this path', { path: route.path });
      routes = [...routes, mounted].toSorted((a, b) => moreSpecific(a.path, b.path));
      return () => {
        routes = routes.filter((other) => other !== mounted);
      };
    },
  };
}

function mount(route: Route, base: string, limiter: (rate: Rate, path: string) => Limiter): Mounted {
  const path = parsePath(route.path);
  if (!route.path.startsWith(`${base}/`))
    throw new CodedError('CONFIG_INVALID', `A webhook path begins with ${base}/`, { path: route.path });
  const { methods = ['POST'], tier = 'standard', rate, edge, handler } = route;
  const maxBytes = Math.min(route.maxBytes ?? 1024 * 1024, edge?.maxBytes ?? Infinity);
  if (!(maxBytes > 0)) throw new CodedError('CONFIG_INVALID', 'The size limit is a number of bytes above 0');
  if (rate && !(rate.points > 0 && rate.perS > 0))
    throw new CodedError(
      'CONFIG_INVALID',
      'A rate limit is a number of requests and of seconds, both above 0',
    );
  const budgets = [rate, edge?.rate].flatMap((one) =>
    one ? [{ by: one.by, limiter: limiter(one, route.path) }] : [],
  );
  const allow = async (ip: string) => {
    for (const { by, limiter } of budgets)
      await consume(limiter, by === 'ip' ? `${path.pattern} ${clientNetwork(ip)}` : path.pattern);
  };
  const upper = methods.map((method) => method.toUpperCase());
  return { path, methods: upper, maxBytes, tier, edge, handler, allow };
}

/** The route of a request. Throws CodedError ROUTE_UNKNOWN, or METHOD_UNSUPPORTED with the methods for the Allow header. */
function find(
  routes: readonly Mounted[],
  path: string,
  method: string,
  headers: Record<string, string>,
  missed?: (path: string) => void,
) {
  const allowed: string[] = [];
  for (const route of routes) {
    const params = matchPath(route.path, path);
    if (params && route.methods.includes(method)) return { route, params };
    if (params) allowed.push(...route.methods);
  }
  if (allowed.length === 0) {
    missed?.(path);
    throw new CodedError('ROUTE_UNKNOWN', 'Nothing listens on this path');
  }
  headers.allow = [...new Set(allowed)].join(', ');
  throw new CodedError('METHOD_UNSUPPORTED', 'This path does not take this method');
}
