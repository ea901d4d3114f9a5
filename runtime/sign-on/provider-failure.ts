/** What a failure of the client of OpenID Connect means, in words that hold nothing of what was sent. */
import { AuthorizationResponseError, ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client';
import type { Code } from '../errors/codes.ts';
import { CodedError } from '../errors/coded-error.ts';

/** Errors by which a provider says that it is not well, or that it does not know the hub. */
const unwell = new Set([
  'server_error',
  'temporarily_unavailable',
  'invalid_client',
  'unauthorized_client',
  'slow_down',
]);

/** A new error without a cause. */
export function failure(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  if (error instanceof AuthorizationResponseError) return said(error.error, 'SIGN_ON_DENIED');
  if (error instanceof ResponseBodyError)
    return error.status >= 500 || error.status === 429
      ? away(`it answers ${error.status}`)
      : said(error.error, 'SIGN_ON_DENIED');
  if (error instanceof WWWAuthenticateChallengeError)
    return error.status >= 500 ? away(`it answers ${error.status}`) : said('', 'SIGN_ON_DENIED');
  return ofClient(error);
}

/** The check that failed, as the library calls it, and the claim; never a value. */
function ofClient(error: unknown): CodedError {
  const { code = '', cause, name } = Object(error) as { code?: string; cause?: unknown; name?: string };
  if (error instanceof TypeError && /^(fetch failed|terminated)$/.test(error.message))
    return away('it cannot be reached');
  if (code === 'OAUTH_TIMEOUT' || code === 'OAUTH_ABORT' || name === 'TimeoutError')
    return away('it does not answer in time');
  const inner = Object((cause as { cause?: unknown } | undefined)?.cause) as { claim?: unknown };
  const status = cause instanceof Response ? cause.status : undefined;
  if (status !== undefined) return away(`it answers ${status}`);
  if (/NOT_JSON|SERVER_METADATA/.test(code)) return away(`it answers something else: ${code}`);
  const claim =
    typeof inner.claim === 'string' && /^[a-z_]{1,20}$/.test(inner.claim) ? `, ${inner.claim}` : '';
  return new CodedError(
    'SIGN_ON_UNVERIFIED',
    `The provider's answer fails a check: ${code || 'unknown'}${claim}`,
  );
}

function said(word: string, code: Code): CodedError {
  const plain = /^[a-z_]{1,40}$/.test(word) ? word : 'an error of its own';
  return unwell.has(word) ? away(`it says ${plain}`) : new CodedError(code, `The provider says ${plain}`);
}

/** What is wrong with what a provider says of itself is nobody's login. */
export function awayBecause(error: unknown): CodedError {
  const known = failure(error);
  return known.code === 'SIGN_ON_AWAY'
    ? known
    : away(`it does not describe itself rightly: ${known.message}`);
}

function away(why: string): CodedError {
  return new CodedError('SIGN_ON_AWAY', `The provider of sign-on is away: ${why}`);
}
