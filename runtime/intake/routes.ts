/** The webhook routes of the hub: mounted once on an Express app, added and removed with each deploy. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request as ExpressRequest, RequestHandler } from 'express';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { timedId } from '../envelope/envelope.ts';
import { asCoded, CodedError } from '../errors/coded-error.ts';
import type { Tier } from '../limits/limits.ts';
import { shares, type Shares } from '../limits/shares.ts';
import type { Unverified } from '../verify/scheme.ts';
import { refused, send, type Answer } from './answer.ts';
import { readBody } from './body.ts';
import { clientAddress, clientNetwork } from './client-address.ts';
import type { Edge } from './edge.ts';
import { matchPath, moreSpecific, parsePath, sameShape, type Path } from './paths.ts';

export interface IntakeRequest {
  /** A new id for each request, which is also in the answer. */
  id: string;
  unverified: Unverified;
  params: Record<string, string>;
  /** The parameters of the query; of several with one name the last. */
  query: Record<string, string>;
  ip: string;
  method: string;
}

export type Handler = (request: IntakeRequest) => Promise<Answer>;

export interface Rate {
  points: number;
  perS: number;
  /** Whether the budget is for the whole route (default), or for each client address. */
  by?: 'route' | 'ip';
}

export interface Route {
  /** A path below the base: `/hooks/shopify`, `/hooks/:partner`. */
  path: string;
  /** The HTTP methods it takes. Default POST. */
  methods?: readonly string[];
  /** Size limit of the body, in bytes. Default 1 MiB. */
  maxBytes?: number;
  /** The tier whose share of the intake its requests take. Default `standard`. */
  tier?: Tier;
  /** How many requests are taken in how many seconds. Default: no limit. */
  rate?: Rate;
  /** What the interface asks of a request besides. Default: nothing. */
  edge?: Edge | undefined;
  /** Works on the request. An error it throws is answered by its code. */
  handler: Handler;
}

/** A request that was not taken, for the log and the journal. The error's `cause` is for the log only. */
export interface Refusal {
  id: string;
  /** Undefined where no route matched. */
  route?: string;
  method: string;
  ip: string;
  answer: Answer;
  error: CodedError;
}

/** A rate limiter. `consume` rejects with `{msBeforeNext}` when the budget is spent, with an Error when its store fails. */
export interface Limiter {
  consume(key: string): Promise<unknown>;
}

export interface IntakeOptions {
  /** Paths below it belong to the intake. Default `/hooks`. */
  base?: string;
  /** How many requests are at work at once, over all routes. Default 500, for all tiers alike. */
  requests?: Shares;
  /** How many bytes of bodies are held at once, over all routes. Default 256 MiB, for all tiers alike. */
  bodies?: Shares;
  /** Throws when no request of this tier can be taken now. */
  admit?: (tier: Tier) => void;
  /** Time limit for a body to arrive in full, in ms. Default 10,000. */
  bodyTimeoutMs?: number;
  /** Time limit for a handler to answer, in ms. Default 30,000; after that the sender gets DELIVERY_TIMEOUT. */
  answerTimeoutMs?: number;
  /** Makes the rate limiters. Default: those count in the memory of this process. */
  limiter?: (rate: Rate, path: string) => Limiter;
  /** Throws for a path that no route has any more; called only where none matches. */
  missed?: (path: string) => void;
  /** Called with each answer; the route is undefined where none matched. */
  onAnswer?: (route: string | undefined, status: number) => void;
  /** Called with each request that was not taken. An error it throws becomes a warning of the process. */
  onRefused?: (refusal: Refusal) => void;
}

/** A request of node:http, or what Express made of it. */
type Request = IncomingMessage & Partial<Pick<ExpressRequest, 'originalUrl'>>;

export interface Intake {
  /** Answers the request. Returns false, without doing anything, where the path does not belong to the intake. */
  take(request: IncomingMessage, response: ServerResponse): boolean;
  /** Answers requests of an Express app. */
  router: RequestHandler;
  /** Adds a route; the function it returns removes it. Throws CodedError CONFIG_INVALID for a path that is malformed or taken. */
  add(route: Route): () => void;
  /** Refuses every new request with HUB_DRAINING and resolves when those at work are answered. */
  pause(): Promise<void>;
  resume(): void;
  inFlight(): number;
}

/** A request on its way through the intake. */
interface Asked {
  request: Request;
  response: ServerResponse;
  path: string;
  method: string;
  ip: string;
}

interface Mounted extends Required<Pick<Route, 'methods' | 'maxBytes' | 'tier' | 'handler'>> {
  path: Path;
  edge: Edge | undefined;
  allow(ip: string): Promise<void>;
}

export function intakeRouter(options: IntakeOptions = {}): Intake {
  const { base = '/hooks', bodyTimeoutMs = 10_000, answerTimeoutMs = 30_000 } = options;
  const { requests = shares(500), bodies = shares(256 * 1024 * 1024), admit } = options;
  let routes: Mounted[] = [];
  let paused = false;
  const idle: (() => void)[] = [];

  async function work(
    id: string,
    { request, method, ip }: Asked,
    route: Mounted,
    params: Record<string, string>,
  ): Promise<Answer> {
    const { tier, maxBytes } = route;
    route.edge?.admit?.(request, ip);
    admit?.(tier);
    if (!requests.take(tier)) throw busy('requests');
    let held = 0;
    const hold = (bytes: number): void => {
      if (!bodies.take(tier, bytes)) throw busy('bodies');
      held += bytes;
    };
    try {
      const receivedAt = Date.now();
      await route.allow(ip);
      const rawBody = await readBody(request, { maxBytes, timeoutMs: bodyTimeoutMs, hold });
      const { headers, originalUrl: url = request.url ?? '' } = request;
      const unverified = { rawBody, headers, receivedAt, method, url };
      const asked = { id, unverified, params, query: queryOf(url), ip, method };
      return await within(answerTimeoutMs, route.handler(asked));
    } finally {
      requests.give(tier);
      bodies.give(tier, held);
    }
  }

  async function serve(asked: Asked): Promise<void> {
    const { request, response, method, ip } = asked;
    const id = timedId();
    let route: Mounted | undefined;
    const headers: Record<string, string> = {};
    try {
      // This is checked before the route is looked up: a deploy removes routes for a moment, and a 404 makes some senders give up.
      if (paused) {
        headers.connection = 'close';
        throw new CodedError('HUB_DRAINING', 'The hub takes no new message at this moment');
      }
      const found = find(routes, asked, headers, options.missed);
      route = found.route;
      await tell(await work(id, asked, found.route, found.params));
    } catch (thrown) {
      const error = asCoded(thrown);
      const answer = refused(error, id, headers);
      note({ id, route: route?.path.pattern, method, ip, answer, error });
      await tell(answer);
    }

    function tell(answer: Answer): Promise<void> {
      options.onAnswer?.(route?.path.pattern, answer.status);
      const more = route?.edge?.headers;
      return send(request, response, more ? { ...answer, headers: { ...more, ...answer.headers } } : answer);
    }
  }

  /** Reports the request; the answer to the sender does not depend on whether that succeeds. */
  function note(refusal: Refusal): void {
    try {
      options.onRefused?.(refusal);
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  }

  // Counted here, so that pause() also waits until the answers are handed over. What comes while paused is not
  // counted: senders that try again and again would keep the hub from stopping.
  let serving = 0;
  async function counted(asked: Asked): Promise<void> {
    if (paused) return serve(asked);
    serving += 1;
    try {
      await serve(asked);
    } finally {
      serving -= 1;
      if (serving === 0) for (const resolve of idle.splice(0)) resolve();
    }
  }

  function take(request: Request, response: ServerResponse): boolean {
    const path = pathOf(request.url ?? '');
    if (path !== base && !path.startsWith(`${base}/`)) return false;
    const ip = clientAddress(request);
    // Every error is answered here: Express would show the sender a traceback.
    counted({ request, response, path, method: request.method ?? '', ip }).catch(() => response.destroy());
    return true;
  }

  return {
    take,
    router: (request, response, next) => void (take(request, response) || next()),
    add(route) {
      const mounted = mount(route, base, options.limiter ?? memoryLimiter);
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
    pause() {
      paused = true;
      return serving === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve));
    },
    resume() {
      paused = false;
    },
    inFlight: () => requests.taken(),
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
  { path, method }: Asked,
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

function busy(what: 'requests' | 'bodies'): CodedError {
  return new CodedError('HUB_BUSY', `Too many ${what} at work`, { retryAfterMs: 1000 });
}

function memoryLimiter({ points, perS }: Rate): Limiter {
  const limiter = new RateLimiterMemory({ points, duration: perS });
  return { consume: (key) => limiter.consume(key) };
}

/** Takes one request from the budget. Throws CodedError RATE_LIMITED or STORE_UNAVAILABLE. */
async function consume(limiter: Limiter, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (reason) {
    if (reason instanceof Error)
      throw new CodedError('STORE_UNAVAILABLE', 'The store of rate limits failed', {}, { cause: reason });
    const { msBeforeNext = 1000 } = reason as { msBeforeNext?: number };
    throw new CodedError('RATE_LIMITED', 'Too many requests', { retryAfterMs: Math.max(msBeforeNext, 1) });
  }
}

async function within(timeoutMs: number, work: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    const late = () =>
      reject(new CodedError('DELIVERY_TIMEOUT', 'The flow did not answer in time', { timeoutMs }));
    timer = setTimeout(late, timeoutMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** The path of a request, also of the absolute form that clients send to proxies. */
function pathOf(url: string): string {
  if (!url.startsWith('/')) return URL.canParse(url) ? new URL(url).pathname : url;
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}

function queryOf(url: string): Record<string, string> {
  const mark = url.indexOf('?');
  return mark === -1 ? {} : Object.fromEntries(new URLSearchParams(url.slice(mark)));
}
