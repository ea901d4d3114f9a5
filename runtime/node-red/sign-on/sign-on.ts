/** Single sign-on of a hub: what its users, sessions and server need of it. */
import type { RequestHandler } from 'express';
import { asCoded, type CodedError } from '../../errors/coded-error.ts';
import type { Auditing } from '../../audit/audited.ts';
import type { Log } from '../../log/log.ts';
import { followRules } from '../../sign-on/grants.ts';
import { isOfSignOn } from '../../sign-on/identity.ts';
import { openProvider } from '../../sign-on/provider.ts';
import type { Roles } from '../../roles/roles.ts';
import { signOnOf, type SignOnSettings } from '../../sign-on/settings.ts';
import type { EditorUser } from '../roles.ts';
import type { SessionBook } from '../session-book.ts';
import { loudly, type BreakGlass } from './break-glass.ts';
import { signOnRoutes } from './routes.ts';
import { signOnSessions } from './sessions.ts';

export interface SignOn {
  /** Before all other routes. */
  routes: RequestHandler;
  user(id: string): EditorUser | null;
  /** False where the login of this user is over. */
  follow(user: string, token: string): Promise<boolean>;
  /** Why it is. */
  why(token: string): CodedError | undefined;
  /** This user has a login that is not over: this one, or any. `session`: as ListedSession names it. */
  has(user: string, session?: string): boolean;
  /** Ends all of this user, or this one. */
  end(user: string, session?: string): void;
}

export interface SignOnOptions {
  settings: SignOnSettings;
  definitionsDir(): string;
  dataDir: string;
  readOnly: boolean;
  /** As they stand now. */
  roles(): Roles;
  environment?: string | undefined;
  audit: Auditing;
  log: Log;
  book: Pick<SessionBook, 'begin'>;
}

/** Asks nobody: the hub starts without its provider. */
export function openSignOn(options: SignOnOptions): SignOn {
  const { settings, log } = options;
  const rules = followRules(options.definitionsDir);
  const provider = openProvider(settings);
  const sessions = signOnSessions({ ...options, rules, provider });
  try {
    rules();
  } catch (error) {
    log.error({ err: asCoded(error) }, 'Nobody can log in by sign-on');
  }
  return {
    routes: signOnRoutes({ ...options, rules, provider, sessions }),
    user: sessions.user,
    follow: async (user, token) => !isOfSignOn(user) || sessions.follow(token),
    why: sessions.why,
    has: sessions.has,
    end: sessions.endOf,
  };
}

/** What openUsers takes of it; nothing where it is off. Throws CONFIG_INVALID. */
export function signOnFor(
  env: NodeJS.ProcessEnv,
  options: Omit<SignOnOptions, 'settings'>,
): { signOn?: SignOn; breakGlass?: BreakGlass } {
  const settings = signOnOf(env);
  if (!settings) return {};
  const { log } = options;
  return {
    signOn: openSignOn({ ...options, settings }),
    breakGlass: loudly(settings.breakGlass, (text) => log.warn({ who: settings.breakGlass }, text)),
  };
}
