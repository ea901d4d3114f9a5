/** Who reads what customers wrote has a row in the audit first. */
import type { Request, RequestHandler } from 'express';
import { begun } from '../audit/audited.ts';
import { actingFrom } from '../audit/from.ts';
import { asCoded } from '../errors/coded-error.ts';
import { currentHub } from '../hub/current.ts';
import { refuse } from './refuse.ts';
import { originOf, userOf } from './routes.ts';

/** Throws STORE_UNAVAILABLE or STORE_FULL: then nothing is shown. */
export async function auditRead(request: Request, object: string): Promise<void> {
  const { audit } = currentHub().journal;
  const who = userOf(request);
  await actingFrom(originOf(request), () => begun(audit, { who, act: 'data.read', object }));
}

/** After the permission: the call shows the data of what `id`, `name`, `letter` or `sample` says, where its route reads it, or of its path. */
export const readingData: RequestHandler = (request, response, next) => {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const { id, name, letter, sample } = Object(reads ? request.query : request.body) as Given;
  const which = [id, name, letter, sample].find((one) => typeof one === 'string');
  // What is typed in the studio is no data of the store.
  if (!reads && which === undefined) return next();
  const object = `${request.baseUrl}${request.path}${which === undefined ? '' : ` ${String(which)}`}`;
  auditRead(request, object).then(
    () => next(),
    (error: unknown) => {
      const { code, message } = asCoded(error);
      refuse(response, code, message);
    },
  );
};

interface Given {
  id?: unknown;
  name?: unknown;
  letter?: unknown;
  sample?: unknown;
}
