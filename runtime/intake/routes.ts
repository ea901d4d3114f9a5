/** The webhook routes of the hub: mounted once on an Express app, added and removed with each deploy. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import { timedId } from '../envelope/envelope.ts';
import { asCoded, CodedError } from '../errors/coded-error.ts';
import { refused, send, type Answer } from './answer.ts';
import { clientAddress } from './client-address.ts';
import type { Route } from './route.ts';
import { routeTable, type Mounted, type TableOptions } from './table.ts';
import { working, type Asked, type Request, type WorkOptions } from './work.ts';

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

export interface IntakeOptions extends TableOptions, WorkOptions {
  /** Called with each answer; the route is undefined where none matched. */
  onAnswer?: (route: string | undefined, status: number) => void;
  /** Called with each request that was not taken. An error it throws becomes a warning of the process. */
  onRefused?: (refusal: Refusal) => void;
}

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

export function intakeRouter(options: IntakeOptions = {}): Intake {
  const { owns, find, add } = routeTable(options);
  const { work, inFlight } = working(options);
  const gate = newGate();

  async function serve(asked: Asked): Promise<void> {
    const { request, response, path, method, ip } = asked;
    const id = timedId();
    let route: Mounted | undefined;
    const headers: Record<string, string> = {};
    try {
      // This is checked before the route is looked up: a deploy removes routes for a moment, and a 404 makes some senders give up.
      if (gate.paused) {
        headers.connection = 'close';
        throw new CodedError('HUB_DRAINING', 'The hub takes no new message at this moment');
      }
      const found = find(path, method, headers);
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

  function take(request: Request, response: ServerResponse): boolean {
    const path = pathOf(request.url ?? '');
    if (!owns(path)) return false;
    const ip = clientAddress(request);
    // Every error is answered here: Express would show the sender a traceback.
    const asked = { request, response, path, method: request.method ?? '', ip };
    gate.through(() => serve(asked)).catch(() => response.destroy());
    return true;
  }

  return {
    take,
    router: (request, response, next) => void (take(request, response) || next()),
    add,
    pause: gate.pause,
    resume: gate.resume,
    inFlight,
  };
}

/**
 * Counts what is served, so that a pause also waits until the answers are handed over. What comes while paused is not
 * counted: senders that try again and again would keep the hub from stopping.
 */
function newGate() {
  const idle: (() => void)[] = [];
  let paused = false;
  let serving = 0;
  return {
    get paused() {
      return paused;
    },
    async through(serve: () => Promise<void>): Promise<void> {
      if (paused) return serve();
      serving += 1;
      try {
        await serve();
      } finally {
        serving -= 1;
        if (serving === 0) for (const resolve of idle.splice(0)) resolve();
      }
    },
    pause(): Promise<void> {
      paused = true;
      return serving === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve));
    },
    resume(): void {
      paused = false;
    },
  };
}

/** The path of a request, also of the absolute form that clients send to proxies. */
function pathOf(url: string): string {
  if (!url.startsWith('/')) return URL.canParse(url) ? new URL(url).pathname : url;
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}
