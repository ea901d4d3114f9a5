/** A call that changes something has a row in the audit first, and another where it was refused. */
import express, { type Request, type RequestHandler, type Response } from 'express';
import type { Act } from '../audit/acts.ts';
import { hashed, type Auditing } from '../audit/audited.ts';
import { actingFrom, fromHere } from '../audit/from.ts';
import { asCoded } from '../errors/coded-error.ts';
import { codeOf } from '../errors/codes.ts';
import { currentHub } from '../hub/current.ts';
import { bearerOf } from './bearer.ts';
import { refuse } from './refuse.ts';
import { originOf, userOf } from './routes.ts';

export interface Acting {
  object: string;
  /** Only its hash is kept. */
  after?: unknown;
  /** A text that somebody wrote: only its hash is kept. */
  reason?: unknown;
}

/** After the permission and the body. Where no row can be written, the call is refused with the code of the store. */
export function acting(act: Act, saidOf: (request: Request) => Acting): RequestHandler {
  return (request, response, next) => {
    begin(currentHub().journal.audit, request, response, {
      who: userOf(request),
      act,
      ...saidOf(request),
    }).then(
      () => next(),
      (error: unknown) => refused(response, error),
    );
  };
}

/** What the editor of Node-RED changes beside the flows, which have rows where they are saved. */
const ofEditor = 'inject debug nodes plugins context flows/state library'.split(' ').map((one) => `/${one}`);
const writing = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Comes before Node-RED's own routes, which know only later who calls: `whose` token it is. */
export function actingInEditor(
  audit: Auditing,
  whose: (token: string) => Promise<string | undefined>,
): RequestHandler {
  const acts: RequestHandler = (request, response, next) => {
    const { method, baseUrl, path } = request;
    if (!writing.has(method)) return next();
    const object = `${method} ${baseUrl}${path === '/' ? '' : path}`;
    whose(bearerOf(request) ?? '')
      .then((who = 'unknown') => begin(audit, request, response, { who, act: 'editor.act', object }))
      .then(
        () => next(),
        (error: unknown) => refused(response, error),
      );
  };
  const from: RequestHandler = (request, _response, next) =>
    writing.has(request.method) ? actingFrom(originOf(request), () => next()) : next();
  // A router, as Node-RED's: what is one of these paths there is one here, however it is written. None of them is a route of ours.
  const router = express.Router().use(ofEditor, acts).use(from);
  return (request, response, next) => router(request, response, next);
}

async function begin(
  audit: Auditing,
  request: Request,
  response: Response,
  { who, act, object, after, reason }: Acting & { who: string; act: Act },
): Promise<void> {
  const from = actingFrom(originOf(request), () => fromHere(who));
  const said = { who, from, act, object: shortened(object), ...hashed('reason', reason) };
  await audit.append({ ...said, ...hashed('after', after), outcome: 'begun' });
  response.once('finish', () => {
    if (response.statusCode < 400) return;
    // Node-RED's own refusals have no code of ours.
    const reason =
      codeOf(response.locals['code']) ?? (response.statusCode < 500 ? 'PERMISSION_MISSING' : 'INTERNAL');
    void audit.append({ ...said, outcome: 'failed', reason }).catch(() => {});
  });
}

function refused(response: Response, error: unknown): void {
  const { code, message } = asCoded(error);
  refuse(response, code, message);
}

const mostCharacters = 500;

/** Of many files not all are named. */
function shortened(object: string): string {
  return object.length <= mostCharacters ? object : `${object.slice(0, mostCharacters)}…`;
}

/** `file/definitions/x.yaml file/…`, for calls that save. */
export function filesOf(paths: readonly string[]): string {
  return paths.map((path) => `file/${path}`).join(' ');
}

/** A word of the body, for the object of a row; not trusted yet, so not as long as it likes. */
export function wordOf(request: Request, name: string): string {
  const value: unknown = Object(request.body)[name];
  return typeof value === 'string' ? value.slice(0, 200) : '';
}
