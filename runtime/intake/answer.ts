/** What a sender is told: one JSON body `{code, message, id}`, with the status from the code table. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { asCoded } from '../errors/coded-error.ts';

export interface Answer {
  status: number;
  /** A code of the error table, or `ACCEPTED`, `DUPLICATE` and the like for what was taken. */
  code: string;
  message: string;
  /** The request's id, which stands in the log and the journal too. */
  id: string;
  headers?: Record<string, string>;
  /** Further fields of the JSON body. */
  extra?: Record<string, unknown>;
}

/** The answer to a message that was taken: 202 by default. To be given only when the message is durably stored. */
export function accepted(id: string, other: Partial<Omit<Answer, 'id'>> = {}): Answer {
  return {
    status: 202,
    code: 'ACCEPTED',
    message: 'The message is stored and will be worked on.',
    ...other,
    id,
  };
}

const withRetryAfter = new Set([409, 429, 503]);
const defaultRetryAfterMs = 5000;

/**
 * The answer to any thrown value. Only an error that the sender can act on is told in its own words; of all others the
 * sender gets the code and its meaning. The fact `retryAfterMs` becomes Retry-After, in whole seconds.
 */
export function refused(thrown: unknown, id: string, headers: Record<string, string> = {}): Answer {
  const error = asCoded(thrown);
  const { status, retryable, owner, meaning } = error.row;
  const answer: Answer = {
    status,
    code: error.code,
    message: owner === 'sender' ? error.message : meaning,
    id,
    headers,
  };
  if (error.code === 'INTERNAL')
    answer.message = 'The message was not taken because of a defect on this side.';
  if (!retryable || !withRetryAfter.has(status)) return answer;
  const { retryAfterMs } = error.facts;
  const waitMs = typeof retryAfterMs === 'number' && retryAfterMs > 0 ? retryAfterMs : defaultRetryAfterMs;
  return { ...answer, headers: { 'retry-after': String(Math.ceil(waitMs / 1000)), ...headers } };
}

/** Unread bytes of a body this small are left to node:http, which discards them and keeps the connection. */
const smallBody = 64 * 1024;
/** Status 408, Request Timeout: the rest may never come, so the connection is closed. */
const tooSlow = 408;
const lingerMs = 2000;
const lingerBytes = 4 * 1024 * 1024;

/** Sends the answer. Resolves when it is handed over, or the client is gone. */
export async function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
): Promise<void> {
  if (response.headersSent || response.destroyed) return;
  const { status, code, message, id, headers = {}, extra = {} } = answer;
  const body = Buffer.from(JSON.stringify({ ...extra, code, message, id }));
  response.statusCode = status;
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.setHeader('content-length', body.length);
  response.setHeader('cache-control', 'no-store');
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (request.complete || (status !== tooSlow && expectedBytes(request) <= smallBody)) {
    response.end(body);
    return;
  }
  // Closing while the client still sends would reset the connection, and the answer would be lost with it.
  response.setHeader('connection', 'close');
  response.write(body);
  await discard(request);
  response.end();
}

function expectedBytes(request: IncomingMessage): number {
  if (request.headers['transfer-encoding'] !== undefined) return Infinity;
  return Number(request.headers['content-length'] ?? 0);
}

/** Reads the rest of a body, within limits, and keeps nothing of it. */
function discard(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let left = lingerBytes;
    const timer = setTimeout(done, lingerMs);
    function count(chunk: Buffer) {
      left -= chunk.length;
      if (left < 0) done();
    }
    function done() {
      clearTimeout(timer);
      request.off('data', count).off('end', done).off('close', done);
      resolve();
    }
    request.on('data', count).on('end', done).on('close', done);
    request.resume();
  });
}
