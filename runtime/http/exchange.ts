/** One HTTP exchange with a system outside: time limit, no redirects, and what is known when no whole answer came. */

export interface Exchange {
  status: number;
  headers: Headers;
  text: string;
}

/** `unreachable`: nothing was sent. After the others the work may have been done. */
export type NetworkFailure = 'unreachable' | 'timeout' | 'answer lost';

export class NetworkError extends Error {
  readonly failure: NetworkFailure;
  /** The system's name for it: ECONNREFUSED. */
  readonly reason: string;

  constructor(failure: NetworkFailure, reason: string) {
    super(failure);
    this.failure = failure;
    this.reason = reason;
  }
}

const neverSent =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$|CERT/;

/** Throws NetworkError when no whole answer came. */
export async function exchange(
  url: string,
  init: { method: string; headers?: Record<string, string>; body?: string | Uint8Array<ArrayBuffer> },
  timeoutMs: number,
): Promise<Exchange> {
  try {
    // A redirect followed would carry the key to wherever it points.
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { ...init, redirect: 'manual', signal });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    const { name, cause } = error as { name: string; cause?: { code?: unknown } };
    if (name === 'TimeoutError' || name === 'AbortError') throw new NetworkError('timeout', '');
    const reason = String(cause?.code ?? '');
    throw new NetworkError(neverSent.test(reason) ? 'unreachable' : 'answer lost', reason);
  }
}
