/** The calls of a login by sign-on, below `/auth`. They come before those of Node-RED. */
import { randomBytes } from 'node:crypto';
import { randomNonce, randomPKCECodeVerifier, randomState } from 'openid-client';
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import type { Auditing } from '../../audit/audited.ts';
import { actingFrom } from '../../audit/from.ts';
import { asCoded, CodedError } from '../../errors/coded-error.ts';
import type { Log } from '../../log/log.ts';
import { clientAddress } from '../../intake/client-address.ts';
import { safeBack } from '../../sign-on/back.ts';
import type { Rules } from '../../sign-on/grants.ts';
import {
  cookieOf,
  pendingLogins,
  pendingSeconds,
  type Pending,
  type PendingLogins,
} from '../../sign-on/pending.ts';
import type { Held, Provider } from '../../sign-on/provider.ts';
import { callbackPath, type SignOnSettings } from '../../sign-on/settings.ts';
import { bearerOf } from '../bearer.ts';
import { loginRow } from '../login-row.ts';
import { logins } from '../node-red-logins.ts';
import { refuse } from '../refuse.ts';
import { originOf, uncached } from '../routes.ts';
import { idOf, type SessionBook } from '../session-book.ts';
import { cookieIn, dropCookie, oneOf, queryOf, setCookie, ticketCookie, toLogin } from './browser.ts';
import { editorLogin } from './editor-login.ts';
import { landingPage, landingPolicy, landingScript } from './landing.ts';
import { rememberPerson } from './people.ts';
import { brake, type Brake } from './refused-slowly.ts';
import type { PersonIn, SignOnSessions } from './sessions.ts';

export interface RoutesOptions {
  settings: SignOnSettings;
  provider: Provider;
  sessions: SignOnSessions;
  /** As they stand now. Throws CONFIG_INVALID. */
  rules(): Rules;
  dataDir: string;
  audit: Auditing;
  log: Log;
  book: Pick<SessionBook, 'begin'>;
}

interface SignOnCalls extends RoutesOptions {
  pendings: PendingLogins;
  tickets: Tickets;
  slowly: Brake;
  /** Cookies go over HTTPS alone. */
  secure: boolean;
}

export function signOnRoutes(options: RoutesOptions): Router {
  const calls: SignOnCalls = {
    ...options,
    pendings: pendingLogins(),
    tickets: openTickets(),
    slowly: brake(),
    secure: options.settings.origin.startsWith('https:'),
  };
  const calling =
    (work: (calls: SignOnCalls, request: Request, response: Response) => Promise<void>): RequestHandler =>
    (request, response) => {
      actingFrom(originOf(request), () => work(calls, request, response)).catch((error: unknown) => {
        const { code, message } = asCoded(error);
        refuse(response, code, message);
      });
    };
  const router = express.Router();
  router.use('/auth/sign-on', uncached);
  router.get('/auth/login', editorLogin);
  router.get('/auth/sign-on/state', stateOf(options.provider));
  router.get('/auth/sign-on', calling(begin));
  router.get(callbackPath, calling(finish));
  router.get('/auth/sign-on/landed.js', (_request, response) => {
    response.type('text/javascript').send(landingScript);
  });
  router.post('/auth/sign-on/token', calling(token));
  router.post('/auth/revoke', (request, response, next) => {
    actingFrom(originOf(request), () => leave(options, request, response, next)).catch(next);
  });
  return router;
}

function stateOf(provider: Provider): RequestHandler {
  return (_request, response) => {
    provider.demand().then(
      () => response.json({ on: true, away: false }),
      () => response.json({ on: true, away: true }),
    );
  };
}

async function begin(calls: SignOnCalls, request: Request, response: Response): Promise<void> {
  const { settings, provider, rules, pendings, secure } = calls;
  const back = safeBack(request.query['return'], settings.origin);
  try {
    const pending: Pending = {
      state: randomState(),
      nonce: randomNonce(),
      verifier: randomPKCECodeVerifier(),
      back,
      expires: Date.now() + pendingSeconds * 1000,
    };
    const url = await provider.begin(pending, rules());
    setCookie(response, cookieOf(pending.state), pendings.seal(pending), { secure });
    response.redirect(303, url.href);
  } catch (error) {
    await refused(calls, response, back, error);
  }
}

async function finish(calls: SignOnCalls, request: Request, response: Response): Promise<void> {
  const { provider, sessions, rules, audit, pendings, tickets, slowly, secure } = calls;
  const state = oneOf(request.query['state']);
  const cookie = cookieOf(state);
  const sealed = cookieIn(request, cookie) ?? '';
  dropCookie(response, cookie);
  let back = '/tower';
  try {
    await slowly.pass(request);
    const pending = pendings.take(sealed, state);
    if (!pending) throw new CodedError('SIGN_ON_STATE', 'This login is not under way in this browser');
    ({ back } = pending);
    const held = await provider.finish(queryOf(request), pending, rules());
    const person = sessions.admit(held);
    await audit.append(loginRow(person.id));
    await remembered(calls, held, person);
    await slowly.reward(request);
    setCookie(response, ticketCookie, tickets.give(held, back), { secure, strict: true });
    response.setHeader('Content-Security-Policy', landingPolicy);
    response.type('html').send(landingPage);
  } catch (error) {
    await refused(calls, response, back, error);
  }
}

/** The row has the reason; where it cannot be written, that is the reason. */
async function refused(
  { audit, log }: RoutesOptions,
  response: Response,
  back: string,
  error: unknown,
): Promise<void> {
  const { code, message, facts } = asCoded(error);
  const who = typeof facts['person'] === 'string' ? facts['person'] : 'unknown';
  log.warn({ code, who }, `A login by sign-on is refused: ${message}`);
  const why = await audit.append(loginRow(who, { reason: code })).then(
    () => code,
    (unwritten: unknown) => asCoded(unwritten).code,
  );
  toLogin(response, why, back);
}

async function remembered(
  { dataDir, log }: RoutesOptions,
  { issuer, subject }: Held,
  { id, name }: PersonIn,
): Promise<void> {
  await rememberPerson(dataDir, id, { issuer, subject, name }).catch((error: unknown) =>
    log.warn({ err: error }, 'The name of who logged in is not kept'),
  );
}

async function token(
  { sessions, book, tickets }: SignOnCalls,
  request: Request,
  response: Response,
): Promise<void> {
  const ticket = tickets.take(cookieIn(request, ticketCookie) ?? '');
  dropCookie(response, ticketCookie);
  if (!ticket) throw new CodedError('SIGN_ON_STATE', 'No login waits for this browser');
  const person = sessions.admit(ticket.held);
  const permissions = sessions.permissions(person);
  const made = await logins.create(person.id, 'node-red-editor', permissions, false);
  sessions.keep(made.accessToken, ticket.held, Date.now() + made.expires_in * 1000, person);
  book.begin(idOf(made.accessToken), clientAddress(request));
  response.json({
    access_token: made.accessToken,
    expires_in: made.expires_in,
    token_type: 'Bearer',
    back: ticket.back,
  });
}

/** Node-RED ends those of a password. The editor and the tower go where `redirect` leads. */
async function leave(
  { provider, sessions, audit, log }: RoutesOptions,
  request: Request,
  response: Response,
  next: () => void,
): Promise<void> {
  const sent = bearerOf(request) ?? '';
  const who = sessions.whose(sent);
  const held = sessions.end(sent);
  if (!held || !who) return next();
  await logins.revoke(sent);
  await audit
    .append(loginRow(who, { act: 'logout' }))
    .catch((error: unknown) => log.error({ err: error }, 'A logout has no row'));
  const redirect = await provider.leave(held);
  if (redirect) response.json({ redirect: redirect.href });
  else response.end();
}

/** A login that is proven and whose page has not come for its token yet. */
interface Ticket {
  held: Held;
  back: string;
  expires: number;
}

interface Tickets {
  give(held: Held, back: string): string;
  /** Each once; undefined for what is too old. */
  take(key: string): Ticket | undefined;
}

const ticketMs = 60_000;

function openTickets(): Tickets {
  const tickets = new Map<string, Ticket>();
  return {
    give(held, back) {
      const now = Date.now();
      for (const [one, { expires }] of tickets) if (expires < now) tickets.delete(one);
      const key = randomBytes(32).toString('base64url');
      tickets.set(key, { held, back, expires: now + ticketMs });
      return key;
    },
    take(key) {
      const ticket = tickets.get(key);
      tickets.delete(key);
      return ticket && ticket.expires >= Date.now() ? ticket : undefined;
    },
  };
}
