/** Logins follow their users and end without use: who was changed logs in again, and no body is read before the login is known. */
import express, { type Request, type RequestHandler } from 'express';
import { bearerOf } from './bearer.ts';
import { logins, type Session } from './node-red-logins.ts';
import { permits, type EditorUser } from './roles.ts';
import { refuse } from './refuse.ts';
import { idOf, isEnded, lasts, type Ended, type SessionBook } from './session-book.ts';
import type { SessionLimits } from './session-limits.ts';
import type { SignOn } from './sign-on/sign-on.ts';

export interface SessionsOptions {
  /** As the login stands now; null: there is no such user any more. */
  user(name: string): Promise<Known | null>;
  /** Whose token of a script it is. */
  owner(token: string): Promise<EditorUser | null>;
  /** False where a login by sign-on is over, and then why. */
  signOn?: Pick<SignOn, 'follow' | 'why'> | undefined;
  limits: SessionLimits;
  book: SessionBook;
}

export interface Known extends EditorUser, Ended {}

export interface Sessions {
  /** Comes before all admin routes. */
  front: RequestHandler;
  /** False once the user was changed or removed, the session was ended or not used, or the token is not known; open pages are closed then. Does not count as use. */
  stillIn(token: string): Promise<boolean>;
  /** Whose token it is; undefined of nobody's. */
  whose(token: string): Promise<string | undefined>;
}
const reading = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Pages that ask by themselves, by a timer, say so: that is no use of the login. */
export const pollHeader = 'x-crossdock-poll';

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

export function followUsers({ user, owner, signOn, limits, book }: SessionsOptions): Sessions {
  const isOver = (token: string, session: Session, now: Known | null): boolean => {
    const id = idOf(token);
    const { expires } = session;
    const began = book.began(id) ?? expires - limits.maximumSeconds * 1000;
    if (!lasts(Date.now(), { began, expires }, limits.maximumSeconds)) return true;
    const used = Math.max(began, book.used(id) ?? 0);
    if (Date.now() - used > limits.idleSeconds * 1000) return true;
    return !now || isEnded(now, id, began);
  };

  async function isLoggedIn(token: string, used: boolean): Promise<boolean> {
    const session = await logins.get(token);
    if (!session) return (await owner(token)) !== null;
    const followed = (await signOn?.follow(session.user, token)) ?? true;
    const now = followed ? await user(session.user) : null;
    if (!now || isOver(token, session, now)) {
      book.forget(idOf(token));
      session.expires = 0;
      await logins.get(token);
      return false;
    }
    // A star is of a login before roles were made of single permissions.
    const given = [session.scope].flat();
    session.scope = given.includes('*')
      ? now.permissions
      : given.filter((one) => permits(now.permissions, one));
    if (used) book.use(idOf(token));
    return true;
  }

  const check: RequestHandler = (request, response, next) => {
    if (elsewhere(request)) return void refuse(response, 'LOGIN_MISSING', how);
    const token = bearerOf(request);
    if (token) response.setHeader('Cache-Control', 'no-store');
    const writes = !reading.has(request.method) && !request.path.startsWith('/auth/');
    if (!token && !writes) return next();
    Promise.resolve(token !== undefined && isLoggedIn(token, !(pollHeader in request.headers))).then(
      (known) => {
        const why = known || !token ? undefined : signOn?.why(token);
        if (why) refuse(response, why.code, why.message);
        else if (known || !writes) next();
        else refuse(response, 'LOGIN_MISSING', how);
      },
      next,
    );
  };
  const router = express.Router();
  router.use(check);
  const whose = async (token: string) => (await logins.get(token))?.user ?? (await owner(token))?.username;
  return { front: router, stillIn: (token) => isLoggedIn(token, false), whose };
}
