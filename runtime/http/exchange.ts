/** One HTTP exchange with a system outside: time limit, no redirects, and what is known when no whole answer came. */

export interface Exchange {
  status: number;
  headers: Headers;
  text: string;
}

/** `unreachable`: nothing was sent. After the others the work may have been done. */
export type NetworkFailure = 'unreachable' | 'timeout' | 'answer lost' | 'answer too large';

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

/** Of an answer, unpacked. */
const mostBytes = 32 * 1024 * 1024;

/** Throws NetworkError when no whole answer came. */
export async function exchange(
  url: string,
  init: { method: string; headers?: Record<string, string>; body?: string | Uint8Array<ArrayBuffer> },
  timeoutMs: number,
  most = mostBytes,
): Promise<Exchange> {
  try {
    // A redirect followed would carry the key to wherever it points.
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { ...init, redirect: 'manual', signal });
    return { status: response.status, headers: response.headers, text: await textOf(response, most) };
  } catch (error) {
    if (error instanceof NetworkError) throw error;
    const { name, cause } = error as { name: string; cause?: { code?: unknown } };
    if (name === 'TimeoutError' || name === 'AbortError') throw new NetworkError('timeout', '');
    const reason = String(cause?.code ?? '');
    throw new NetworkError(neverSent.test(reason) ? 'unreachable' : 'answer lost', reason);
  }
}

/** What is more than `most` is not read: an answer without an end would take all memory. */
async function textOf(response: Response, most: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > most) throw new NetworkError('answer too large', `more than ${most} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
