/** Reads the bytes of a request as they came, within a size and a time. */
import type { IncomingMessage } from 'node:http';
import { CodedError } from '../errors/coded-error.ts';

export interface BodyLimits {
  maxBytes: number;
  timeoutMs: number;
  /** Called before bytes are kept, with their number: with all of them before reading where Content-Length gives it. May throw. */
  hold?: (bytes: number) => void;
}

/**
 * Reads the whole body. Throws CodedError BODY_TOO_LARGE (before reading, where Content-Length gives the size), BODY_INCOMPLETE (too slow, or broken
 * off) or ENCODING_UNSUPPORTED (signatures are over the bytes as they were sent). The rest of a refused body stays unread.
 */
export async function readBody(
  request: IncomingMessage,
  { maxBytes, timeoutMs, hold }: BodyLimits,
): Promise<Buffer> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && encoding !== '')
    throw new CodedError('ENCODING_UNSUPPORTED', 'Send the body without Content-Encoding');
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes) throw tooLarge(maxBytes);
  if (request.readableEnded) throw new CodedError('INTERNAL', 'Another handler has read the body before');
  // The request has had its last event: only the time limit would end the wait.
  if (request.destroyed) throw incomplete('The request was broken off');
  hold?.(announced);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => fail(incomplete('The body did not arrive in time')), timeoutMs);
    function stop() {
      clearTimeout(timer);
      request.off('data', take).off('end', end).off('error', broken).off('close', broken);
    }
    function fail(error: unknown) {
      stop();
      request.pause();
      reject(error);
    }
    function take(chunk: Buffer) {
      size += chunk.length;
      if (size > maxBytes) return fail(tooLarge(maxBytes));
      try {
        if (size > announced) hold?.(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        fail(error);
      }
    }
    function end() {
      stop();
      resolve(Buffer.concat(chunks, size));
    }
    function broken() {
      fail(incomplete('The request was broken off'));
      request.on('error', () => {}); // an aborted request may emit it once more
    }
    request.on('data', take).on('end', end).on('error', broken).on('close', broken);
  });
}

function tooLarge(maxBytes: number): CodedError {
  return new CodedError('BODY_TOO_LARGE', `The body is larger than ${maxBytes} bytes`, { maxBytes });
}

function incomplete(why: string): CodedError {
  return new CodedError('BODY_INCOMPLETE', why);
}
