/** The hub's own login, in the place of Node-RED's: that one lets five tries a name lock anybody out, from wherever they come. */
import express, { Router, type Request, type Response } from 'express';
import { actingFrom } from '../audit/from.ts';
import { asCoded } from '../errors/coded-error.ts';
import { clientAddress, clientNetwork } from '../intake/client-address.ts';
import { loginThrottle, nameOf } from './login-throttle.ts';
import { logins } from './node-red-logins.ts';
import { permits, type EditorUser } from './roles.ts';
import { refuse } from './refuse.ts';
import { originOf } from './routes.ts';
import { idOf, type SessionBook } from './session-book.ts';

type Check = (username: string, password: string) => Promise<EditorUser | null>;

/** The editor, and Node-RED's command. */
const clients: ReadonlySet<unknown> = new Set(['node-red-editor', 'node-red-admin']);

interface Asked {
  client_id?: unknown;
  grant_type?: unknown;
  password?: unknown;
  scope?: unknown;
}

/** Small ones, of `/auth/…` only: read before it is known who sends them. */
export function loginBodies(): Router {
  const router = Router();
  router.post(
    '/auth/*',
    express.json({ limit: '10kb' }),
    express.urlencoded({ extended: false, limit: '10kb' }),
  );
  return router;
}

/** Answers `POST /auth/token` as OAuth 2 has it, and no other. */
export function loginRoutes(check: Check, book: SessionBook, throttled: (request: Request) => void): Router {
  const router = Router();
  router.post('/auth/token', loginThrottle(book, throttled), (request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    actingFrom(originOf(request), () => logIn(request, response)).catch((error: unknown) => {
      const { code, message } = asCoded(error);
      refuse(response, code, message);
    });
  });
  return router;

  async function logIn(request: Request, response: Response): Promise<void> {
    const { client_id, grant_type, password, scope } = Object(request.body) as Asked;
    if (grant_type !== 'password') return no(response, 400, 'unsupported_grant_type');
    if (!clients.has(client_id)) return no(response, 401, 'invalid_client');
    const username = nameOf(request);
    const user = await check(username, String(password));
    if (!user) return no(response, 403, 'invalid_grant');
    // A star, as Node-RED's command says it: all that this user may do.
    const wanted = String(scope ?? '')
      .split(/[ ,]/)
      .filter((one) => one !== '' && one !== '*');
    if (wanted.some((one) => !permits(user.permissions, one))) return no(response, 403, 'invalid_scope');
    const given = wanted.length > 0 ? wanted : user.permissions;
    const { accessToken, expires_in } = await logins.create(user.username, String(client_id), given, false);
    const address = clientAddress(request);
    book.begin(idOf(accessToken), address);
    book.know(user.username, clientNetwork(address));
    response.json({ access_token: accessToken, expires_in, token_type: 'Bearer' });
  }
}

function no(response: Response, status: number, error: string): void {
  response.status(status).json({ error, error_description: 'Name or password is wrong, or the call is' });
}
