/** The one HTTP server: health, webhooks, flow routes and the editor, in an Express 4 app around Node-RED. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import RED from 'node-red';
import { asCoded, CodedError } from '../errors/coded-error.ts';
import { codes } from '../errors/codes.ts';
import type { Log } from '../log/log.ts';
import type { Runs } from '../release/fleet.ts';
import { guardConnections } from './debug-messages.ts';
import { refuse } from './refuse.ts';
import type { Users } from './users.ts';

export interface ServerOptions {
  /** Default: CROSSDOCK_HOST, else 127.0.0.1. */
  host?: string;
  /** 0 for any free one. */
  port: number;
  /** Made by settings.ts. */
  settings: Record<string, unknown>;
  log: Log;
  /** Throws a CodedError when the hub cannot take work now. */
  ready(): Promise<void>;
  /** What runs, as `/readyz` says it. */
  runs?(): Runs;
  /** Of openUsers; without it there is no login. */
  users?: Pick<Users, 'front' | 'stillIn'>;
  /** Takes a webhook, before Express and everything of Node-RED; false where the request is none. */
  takeWebhook?(request: IncomingMessage, response: ServerResponse): boolean;
  /** Answers at `/metrics`. */
  metrics?: RequestHandler;
  /** Adds routes beside the editor's. Each checks the login itself, with RED.auth.needsPermission. */
  mountAdmin?(admin: Express): void;
}

export interface RunningServer {
  url: string;
  port: number;
  /** Takes no new connection, stops the flows, then closes what is still open. */
  stop(): Promise<void>;
  RED: typeof RED;
}

const upgradeMs = 3000;

/** Node-RED says this once flows run, or why they do not. */
interface RuntimeState {
  id: string;
  payload?: { state?: string; error?: string; types?: string[]; modules?: { module: string }[] };
}

/**
 * Starts Node-RED, once a process; resolves when the flows run.
 * When node types are missing no flow runs: it resolves too, so that a person can repair the flows in the editor,
 * and /readyz answers 503 until they run. Throws what the storage throws when the flows cannot be read.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { log, settings } = options;
  const host = options.host ?? process.env.CROSSDOCK_HOST ?? '127.0.0.1';
  const app = express();
  const server = createServer((request, response) => {
    secure(response);
    if (!options.takeWebhook?.(request, response)) app(request, response);
  });
  const sockets = trackSockets(server);
  endUpgradesNobodyTakes(server);
  const flows = watchFlows(settings, log);

  RED.init(server, settings as never);
  guardConnections(options.users?.stillIn);
  mount(app, options, flows.ready);
  await listen(server, host, options.port);
  const { port } = server.address() as AddressInfo;
  const stop = once(async () => {
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    server.closeIdleConnections();
    await RED.stop();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  try {
    await RED.start();
    await flows.settled;
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, port, stop, RED };
}

function mount(app: Express, options: ServerOptions, flowsReady: () => void): void {
  const { log, settings } = options;
  app.disable('x-powered-by');
  app.get('/healthz', (_request, response) => void response.json({ status: 'alive' }));
  app.get('/readyz', (_request, response) => {
    const runs = options.runs && { runs: options.runs() };
    checkReady(flowsReady, options.ready).then(
      () => response.json({ status: 'ready', ...runs }),
      (error: unknown) => {
        const { code, message } = asCoded(error);
        response.setHeader('Retry-After', '5');
        response.status(503).json({ code, message, ...runs });
      },
    );
  });
  if (options.metrics) app.get('/metrics', options.metrics);
  app.use(String(settings.httpNodeRoot), RED.httpNode);
  if (settings.httpAdminRoot !== false) {
    if (options.users) app.use(options.users.front);
    options.mountAdmin?.(RED.httpAdmin);
    app.use(String(settings.httpAdminRoot), RED.httpAdmin);
  }
  app.use((_request, response) => void refuse(response, 'ROUTE_UNKNOWN', codes.ROUTE_UNKNOWN.meaning));
  app.use(answerErrors(log));
}

async function checkReady(flowsReady: () => void, ready: () => Promise<void>): Promise<void> {
  flowsReady();
  await ready();
}

/** The editor makes scripts of its own files as it goes; none comes from elsewhere. */
const policy = [
  "frame-ancestors 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
  "worker-src 'self' blob:",
].join('; ');

function secure(response: ServerResponse): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('X-Frame-Options', 'SAMEORIGIN');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Content-Security-Policy', policy);
}

/** Body parsers and others of Express say with `status` whose fault it was. */
function answerErrors(log: Log): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    const status = (error as { status?: number }).status;
    if (status === 413) return void refuse(response, 'BODY_TOO_LARGE', codes.BODY_TOO_LARGE.meaning);
    if (error instanceof URIError)
      return void refuse(response, 'REQUEST_INVALID', 'The address holds a % that stands for no character');
    if (status === 400) return void refuse(response, 'BODY_NOT_JSON', codes.BODY_NOT_JSON.meaning);
    const coded = asCoded(error);
    const id = refuse(response, coded.code, coded.message);
    log.error({ id, err: error }, 'A request failed');
  };
}

/** Follows whether flows run. Node-RED swallows an error of getFlows, so it is caught on its way. */
function watchFlows(
  settings: Record<string, unknown>,
  log: Log,
): { settled: Promise<void>; ready: () => void } {
  let stopped: CodedError | undefined = new CodedError('STORE_UNAVAILABLE', 'The flows are not started yet');
  const { promise: settled, resolve, reject } = Promise.withResolvers<void>();
  settled.catch(() => {});
  RED.events.on('flows:started', () => {
    stopped = undefined;
    resolve();
  });
  RED.events.on('runtime-event', ({ id, payload }: RuntimeState) => {
    if (id !== 'runtime-state' || payload?.state !== 'stop' || !payload.error) return;
    const what = payload.types ?? payload.modules?.map(({ module }) => module) ?? [];
    stopped = new CodedError(
      'CONFIG_INVALID',
      `The flows do not run: ${payload.error} ${what.join(', ')}`.trim(),
    );
    log.error({ err: stopped }, 'No flow runs');
    if (payload.types ?? payload.modules) resolve();
  });
  const storage = settings.storageModule as { getFlows(): Promise<unknown> } | undefined;
  if (storage) {
    const getFlows = async (): Promise<unknown> => {
      try {
        return await storage.getFlows();
      } catch (error) {
        reject(error);
        throw error;
      }
    };
    settings.storageModule = { ...storage, getFlows };
  }
  return {
    settled,
    ready() {
      if (stopped) throw stopped;
    },
  };
}

function trackSockets(server: Server): Set<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

/** Each taker of websockets leaves those of other paths alone; one that takes a socket ends its time limit. */
function endUpgradesNobodyTakes(server: Server): void {
  server.on('upgrade', (_request, socket: Socket) => {
    socket.setTimeout(upgradeMs, () => socket.destroy());
  });
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const failed = (cause: Error): void => reject(refused(cause, host, port));
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

/** CONFIG_INVALID for what a person can mend; else the error itself. */
function refused(cause: Error & { code?: string }, host: string, port: number): Error {
  const why: Record<string, string> = {
    EADDRINUSE: `Port ${port} of ${host} is taken, maybe by another hub: stop that, or set CROSSDOCK_PORT to another`,
    EACCES: `This user may not listen on port ${port}: set CROSSDOCK_PORT to one above 1023`,
    EADDRNOTAVAIL: `${host} is no address of this machine: set CROSSDOCK_HOST to one, or to 0.0.0.0 for all`,
    ENOTFOUND: `${host} is no address of this machine: set CROSSDOCK_HOST to one, or to 0.0.0.0 for all`,
  };
  const said = why[cause.code ?? ''];
  return said ? new CodedError('CONFIG_INVALID', said, { host, port }, { cause }) : cause;
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= work());
}
