/** Access tokens by OAuth 2.0 (RFC 6749: client credentials, or a refresh token), each used until shortly before it ends. */
import { CodedError } from '../errors/coded-error.ts';
import { exchange, NetworkError } from './exchange.ts';

export interface Client {
  clientId: string;
  clientSecret: string;
  /** Without one the client's own credentials are the grant. */
  refreshToken?: string;
}

/** Where the refresh token is kept that was given in place of the last. */
export interface KeptRefresh {
  get(): Promise<string | undefined>;
  put(refreshToken: string): Promise<void>;
}

export interface OAuthOptions extends Client {
  tokenUrl: string;
  timeoutMs: number;
  /** Without one it is kept in memory alone. */
  kept?: KeptRefresh;
}

export interface Tokens {
  /**
   * Throws CodedError PARTNER_AUTH when the client is refused, PARTNER_UNREACHABLE when no token can be had now, or
   * STORE_UNAVAILABLE while a new refresh token cannot be kept.
   */
  token(): Promise<string>;
  /** The token was refused before its time: the next call asks for a new one. */
  forget(token: string): void;
}

/** Before a token ends a new one is asked for; half of its time at the most. */
const earlyMs = 60_000;

export function openTokens(options: OAuthOptions): Tokens {
  let current: { token: string; until: number } | undefined;
  let asking: Promise<string> | undefined;

  const { kept } = options;
  let refresh = options.refreshToken;
  let unkept = false;

  async function ask(): Promise<string> {
    if (refresh !== undefined && !unkept) refresh = (await kept?.get()) ?? refresh;
    const { token, seconds, next } = await request(options, refresh).catch(afterOthers);
    const lastsMs = seconds * 1000;
    current = { token, until: Date.now() + lastsMs - Math.min(earlyMs, lastsMs / 2) };
    if (refresh !== undefined && next !== undefined && next !== refresh) {
      refresh = next;
      unkept = kept !== undefined;
    }
    await keep();
    return token;
  }

  /** Another worker may have been given a new refresh token meanwhile, which ends the one tried here. */
  async function afterOthers(error: unknown): Promise<Granted> {
    const newer = refresh === undefined ? undefined : await kept?.get();
    if (newer === undefined || newer === refresh || !isRefused(error)) throw error;
    refresh = newer;
    return request(options, newer);
  }

  /** Until it is kept nothing goes on: the one before is worth nothing any more. */
  async function keep(): Promise<void> {
    if (!unkept || refresh === undefined) return;
    await kept?.put(refresh);
    unkept = false;
  }

  return {
    token() {
      const known = current && Date.now() < current.until ? current.token : undefined;
      if (known !== undefined && !unkept) return Promise.resolve(known);
      if (known !== undefined) return keep().then(() => known);
      asking ??= ask().finally(() => (asking = undefined));
      return asking;
    },
    forget(token) {
      if (current?.token === token) current = undefined;
    },
  };
}

interface Granted {
  token: string;
  seconds: number;
  /** The refresh token from now on. */
  next: string | undefined;
}

function isRefused(error: unknown): boolean {
  return error instanceof CodedError && error.code === 'PARTNER_AUTH';
}

async function request(
  { tokenUrl, clientId, clientSecret, timeoutMs }: OAuthOptions,
  refreshToken: string | undefined,
): Promise<Granted> {
  const body = new URLSearchParams({
    ...(refreshToken
      ? { grant_type: 'refresh_token', refresh_token: refreshToken }
      : { grant_type: 'client_credentials' }),
    client_id: clientId,
    client_secret: clientSecret,
  }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
  const { host } = new URL(tokenUrl);
  const { status, text } = await exchange(tokenUrl, { method: 'POST', headers, body }, timeoutMs).catch(
    (error: unknown) => {
      if (!(error instanceof NetworkError)) throw error;
      throw new CodedError('PARTNER_UNREACHABLE', `${host} gives no token now`, {
        host,
        reason: error.failure,
      });
    },
  );
  if (status >= 500 || status === 429)
    throw new CodedError('PARTNER_UNREACHABLE', `${host} gives no token now`, { host, status });
  const { access_token: token, expires_in: lasts, refresh_token: next } = parsed(text);
  const seconds = Number(lasts);
  if (status === 200 && typeof token === 'string' && token !== '')
    return {
      token,
      seconds: seconds > 0 ? seconds : 300,
      next: typeof next === 'string' && next !== '' ? next : undefined,
    };
  throw new CodedError('PARTNER_AUTH', `${host} refuses to give a token`, { host, status });
}

function parsed(text: string): Record<string, unknown> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}
