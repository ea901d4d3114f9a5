/** One HTTP exchange with a system outside: time limit, no redirects, and what is known when no whole answer came. */
import { spanNow } from '../tracing/span.ts';

export interface Exchange {
  status: number;
  headers: Headers;
  text: string;
}

/** `unreachable`: nothing was sent. After the others the work may have been done. */
export const networkFailures = ['unreachable', 'timeout', 'answer lost', 'answer too large'] as const;
export type NetworkFailure = (typeof networkFailures)[number];

/** Hears what came of each exchange: the status, or why there was no whole answer. */
export type Told = (came: number | NetworkFailure) => void;

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
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_IP_BLOCKED)$|CERT/;

/** Of an answer, unpacked. */
const mostBytes = 32 * 1024 * 1024;

type Exchanging = typeof exchange;

/** The same, with somebody who hears of each. */
export function telling(told: Told): Exchanging {
  return async (...asked) => {
    try {
      const answer = await exchange(...asked);
      told(answer.status);
      return answer;
    } catch (error) {
      if (error instanceof NetworkError) told(error.failure);
      throw error;
    }
  };
}

interface Request {
  method: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
  /** What is called there, in words of files or code. A path may hold the number of an order. */
  called?: string;
}

/** Throws NetworkError when no whole answer came. */
export async function exchange(
  url: string,
  { called, ...init }: Request,
  timeoutMs: number,
  most = mostBytes,
): Promise<Exchange> {
  const around = spanNow();
  if (!around) return send(url, init, timeoutMs, most);
  const { hostname } = new URL(url);
  const span = around.child({
    name: `${init.method} ${called ?? hostname}`,
    kind: 'client',
    attributes: { 'http.request.method': init.method, 'server.address': hostname },
  });
  try {
    const answer = await send(url, init, timeoutMs, most);
    span.set('http.response.status_code', answer.status);
    if (answer.status >= 400) span.failed(String(answer.status));
    return answer;
  } catch (error) {
    span.failed(error instanceof NetworkError ? error.failure : 'INTERNAL');
    throw error;
  } finally {
    span.end();
  }
}

async function send(url: string, init: Request, timeoutMs: number, most: number): Promise<Exchange> {
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
