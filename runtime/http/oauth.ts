/** Access tokens by OAuth 2.0 (RFC 6749: client credentials, or a refresh token), each used until shortly before it ends. */
import { CodedError } from '../errors/coded-error.ts';
import { exchange, NetworkError } from './exchange.ts';

export interface OAuthOptions {
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  /** Without one the client's own credentials are the grant. */
  refreshToken?: string;
  timeoutMs: number;
}

export interface Tokens {
  /** Throws CodedError PARTNER_AUTH when the client is refused, or PARTNER_UNREACHABLE when no token can be had now. */
  token(): Promise<string>;
  /** The token was refused before its time: the next call asks for a new one. */
  forget(token: string): void;
}

const earlyMs = 60_000;

export function openTokens(options: OAuthOptions): Tokens {
  let current: { token: string; until: number } | undefined;
  let asking: Promise<string> | undefined;

  async function ask(): Promise<string> {
    const { token, seconds } = await request(options);
    current = { token, until: Date.now() + seconds * 1000 - earlyMs };
    return token;
  }
  return {
    token() {
      if (current && Date.now() < current.until) return Promise.resolve(current.token);
      asking ??= ask().finally(() => (asking = undefined));
      return asking;
    },
    forget(token) {
      if (current?.token === token) current = undefined;
    },
  };
}

async function request({ tokenUrl, clientId, clientSecret, refreshToken, timeoutMs }: OAuthOptions) {
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
  const { access_token: token, expires_in: seconds } = parsed(text);
  if (status === 200 && typeof token === 'string' && token !== '')
    return { token, seconds: Number(seconds) || 300 };
  throw new CodedError('PARTNER_AUTH', `${host} refuses to give a token`, { host, status });
}

function parsed(text: string): Record<string, unknown> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}
