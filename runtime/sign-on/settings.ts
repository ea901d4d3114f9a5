/** Whether people log in at a provider of OpenID Connect, and which: CROSSDOCK_SIGN_ON_* and CROSSDOCK_BREAK_GLASS. */
import { CodedError } from '../errors/coded-error.ts';

export interface SignOnSettings {
  issuer: URL;
  client: string;
  /** A client without one is proven by PKCE alone. */
  secret?: string;
  /** `https://hub.example.com`, as browsers reach the hub. */
  origin: string;
  /** At a request, what was asked of the provider longer ago than this is asked again. */
  checkMs: number;
  /** So long who is logged in stays so while the provider is away. */
  awayMs: number;
  /** The one user who still logs in with a password. */
  breakGlass: string;
}

/** Where the provider sends a browser back to, below the origin. */
export const callbackPath = '/auth/sign-on/callback';

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Undefined: off. Throws CodedError CONFIG_INVALID that names the variable, never its value. */
export function signOnOf(env: NodeJS.ProcessEnv): SignOnSettings | undefined {
  const given = (name: string): string => env[`CROSSDOCK_${name}`]?.trim() ?? '';
  if (!given('SIGN_ON_ISSUER')) return undefined;
  const issuer = safeUrl('SIGN_ON_ISSUER', given('SIGN_ON_ISSUER'));
  const client = given('SIGN_ON_CLIENT');
  if (!/^[\x21-\x7e]{1,255}$/.test(client)) throw invalid('SIGN_ON_CLIENT', 'is the id of the hub there');
  const secret = given('SIGN_ON_SECRET');
  if (!/^[\x21-\x7e]*$/.test(secret)) throw invalid('SIGN_ON_SECRET', 'is one word of plain characters');
  const own = safeUrl('SIGN_ON_URL', given('SIGN_ON_URL'));
  if (own.pathname !== '/') throw invalid('SIGN_ON_URL', 'has no path: the hub is at the root of its host');
  const breakGlass = given('BREAK_GLASS') || 'admin';
  return {
    issuer,
    client,
    ...(secret && { secret }),
    origin: own.origin,
    checkMs: numberOf('SIGN_ON_CHECK_SECONDS', given('SIGN_ON_CHECK_SECONDS') || '30', 60) * 1000,
    awayMs: numberOf('SIGN_ON_AWAY_MINUTES', given('SIGN_ON_AWAY_MINUTES') || '15', 480) * 60_000,
    breakGlass,
  };
}

function safeUrl(name: string, given: string): URL {
  const url = URL.parse(given);
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.test(url.hostname));
  if (!url || !isSafe || url.username || url.password || url.search || url.hash)
    throw invalid(name, 'is https://host, without user and query; http only for this machine itself');
  return url;
}

function numberOf(name: string, given: string, most: number): number {
  if (!/^\d{1,3}$/.test(given) || Number(given) > most) throw invalid(name, `is a number from 0 to ${most}`);
  return Number(given);
}

function invalid(name: string, why: string): CodedError {
  const setting = `CROSSDOCK_${name}`;
  return new CodedError('CONFIG_INVALID', `${setting} ${why}`, { setting });
}
