/** What all of the admin API's routes share: login and permission, JSON in and out, refusals with a code. */
import type { Request, RequestHandler, Response } from 'express';
import RED from 'node-red';
import type { Static, TSchema } from 'typebox';
import { actingFrom, type Origin } from '../audit/from.ts';
import { CodedError } from '../errors/coded-error.ts';
import type { Log } from '../log/log.ts';
import { clientAddress } from '../intake/client-address.ts';
import { ownSchema } from '../schema/schema.ts';
import { bearerOf } from './bearer.ts';
import { refuse, refuseThrown } from './refuse.ts';

/**
 * Node-RED checks the login and the role; its refusals get a body. The token counts in the header only: no page of
 * another site can send that, and no log of addresses holds it.
 */
export function permitted(permission: string): RequestHandler {
  const check = RED.auth.needsPermission(permission) as RequestHandler;
  return (request, response, next) => {
    const login = () =>
      refuse(response, 'LOGIN_MISSING', 'Log in, and send the token as Authorization: Bearer');
    if (bearerOf(request) === undefined) return void login();
    const { end } = response;
    response.end = (() => {
      response.end = end;
      if (userOf(request))
        refuse(response, 'PERMISSION_MISSING', `Your role has no permission ${permission}`);
      else login();
      return response;
    }) as Response['end'];
    check(request, response, (error?: unknown) => {
      response.end = end;
      if (error) next(error);
      else if (userOf(request)) next();
      else login();
    });
  };
}

/** A form of another site can send other types without asking first. */
export const onlyJson: RequestHandler = (request, response, next) => {
  if (request.is('application/json')) next();
  else refuse(response, 'REQUEST_INVALID', 'The body is sent as application/json');
};

export function answering(log: Log, work: (request: Request) => Promise<unknown>): RequestHandler {
  return (request, response) => {
    actingFrom(originOf(request), () => work(request)).then(
      (result) => response.json(result),
      (error: unknown) => refuseThrown(response, error, log),
    );
  };
}

/** Answers with functions of the request and of what all of a router's calls work on. */
export function answeringWith<Given>(log: Log, given: Given) {
  return (work: (given: Given, request: Request) => Promise<unknown>): RequestHandler =>
    answering(log, (request) => work(given, request));
}

/** Of a route with `:id`. */
export const idOf = ({ params }: Request): string => String(params['id']);

/** As a row of the audit says it. */
export function originOf(request: Request): Origin {
  const { method, baseUrl, path } = request;
  const actor = userOf(request);
  return {
    place: `http ${clientAddress(request)}`,
    ...(actor && { actor }),
    call: `${method} ${baseUrl}${path}`,
  };
}

export function userOf(request: Request): string {
  return (request as { user?: { username?: string } }).user?.username ?? '';
}

/** Throws REQUEST_INVALID that names the first field that is wrong. */
export function reader<Shape extends TSchema>(shape: Shape): (value: unknown) => Static<Shape> {
  const schema = ownSchema(shape);
  return (value) => {
    const wrong = schema.check(value);
    if (wrong) throw invalid(`${wrong.path || 'The call'} ${wrong.message}`);
    return value as Static<Shape>;
  };
}

export function invalid(message: string): CodedError {
  return new CodedError('REQUEST_INVALID', message);
}

/** What one call answers is no other call's. */
export const uncached: RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  next();
};
