/** Logins follow their users: who was changed logs in again, and no body is read before the login is known. */
import { createRequire } from 'node:module';
import express, { type Request, type RequestHandler } from 'express';
import { permits, type EditorUser } from './roles.ts';
import { refuse } from './refuse.ts';
import type { SignOn } from './sign-on/sign-on.ts';

/** Node-RED's own, which it keeps and hands out by reference. */
interface Session {
  user: string;
  /** What was asked for at the login; nothing: all that the user may do. */
  scope: string | readonly string[];
  /** Milliseconds since 1970. */
  expires: number;
}

export interface SessionsOptions {
  /** As the login stands now; null: there is no such user any more. */
  user(name: string): Promise<(EditorUser & { since?: string | undefined }) | null>;
  /** Whose token of a script it is. */
  owner(token: string): Promise<EditorUser | null>;
  /** False where a login by sign-on is over, and then why. */
  signOn?: Pick<SignOn, 'follow' | 'why'> | undefined;
  /** How long a login lasts at most. */
  seconds: number;
}

export interface Sessions {
  /** Comes before all admin routes. */
  front: RequestHandler;
  /** False once the user was changed or removed, or the token is not known; open pages are closed then. */
  stillIn(token: string): Promise<boolean>;
}

const nodeRed = createRequire(createRequire(import.meta.url).resolve('node-red'));
const logins = nodeRed('@node-red/editor-api/lib/auth/tokens.js') as {
  /** Ends those that are over, and the connections of their pages. */
  get(token: string): Promise<Session | null | undefined>;
};
const reading = new Set(['GET', 'HEAD', 'OPTIONS']);

const how = 'Log in, and send the token as Authorization: Bearer';

/**
 * A token that Node-RED would take, and that is not looked at here: in the address, or in a body. Who changes something has a
 * login in the header, and with two Node-RED takes none; who reads needs no body.
 */
function elsewhere({ query, method, path, headers, body }: Request): boolean {
  if ('access_token' in query) return true;
  if (path.startsWith('/auth/')) return 'access_token' in Object(body);
  const hasBody = Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined;
  return reading.has(method) && hasBody;
}

export function followUsers({ user, owner, signOn, seconds }: SessionsOptions): Sessions {
  async function stillIn(token: string): Promise<boolean> {
    const session = await logins.get(token);
    if (!session) return (await owner(token)) !== null;
    const followed = (await signOn?.follow(session.user, token)) ?? true;
    const now = followed ? await user(session.user) : null;
    const began = session.expires - seconds * 1000;
    if (!now || (now.since !== undefined && began < Date.parse(now.since))) {
      session.expires = 0;
      await logins.get(token);
      return false;
    }
    session.scope = [session.scope].flat().filter((one) => permits(now.permissions, one));
    return true;
  }

  const check: RequestHandler = (request, response, next) => {
    if (elsewhere(request)) return void refuse(response, 'LOGIN_MISSING', how);
    const token = /^bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token) response.setHeader('Cache-Control', 'no-store');
    const writes = !reading.has(request.method) && !request.path.startsWith('/auth/');
    if (!token && !writes) return next();
    Promise.resolve(token !== undefined && stillIn(token)).then((known) => {
      const why = known || !token ? undefined : signOn?.why(token);
      if (why) refuse(response, why.code, why.message);
      else if (known || !writes) next();
      else refuse(response, 'LOGIN_MISSING', how);
    }, next);
  };
  const router = express.Router();
  router.use(check);
  return { front: router, stillIn };
}
