/** A login that cannot be audited is refused, and says so: Node-RED itself has no answer to an error there. */
import { AsyncLocalStorage } from 'node:async_hooks';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { actingFrom } from '../audit/from.ts';
import { asCoded, type CodedError } from '../errors/coded-error.ts';
import type { EditorUser } from './roles.ts';
import { refuse } from './refuse.ts';
import { originOf } from './routes.ts';

type Check = (username: string, password: string) => Promise<EditorUser | null>;

const login = new AsyncLocalStorage<{ refused?: CodedError }>();

/** Nobody, where the row could not be written. */
export function auditedLogin(check: Check): Check {
  return async (...asked) => {
    try {
      return await check(...asked);
    } catch (error) {
      const here = login.getStore();
      if (here) here.refused = asCoded(error);
      return null;
    }
  };
}

/** Comes before Node-RED's own route, which would say that the password is wrong. */
export function refusedWhereUnaudited(): RequestHandler {
  const router = express.Router();
  router.post('/auth/token', (request: Request, response, next) => {
    const here: { refused?: CodedError } = {};
    const { end } = response;
    response.end = ((...said: []) => {
      response.end = end;
      if (!here.refused) return response.end(...said);
      response.removeHeader('WWW-Authenticate');
      refuse(response, here.refused.code, here.refused.message);
      return response;
    }) as Response['end'];
    login.run(here, () => actingFrom(originOf(request), () => next()));
  });
  return router;
}
