/** Calls of the tower's API: the token goes with each, and what fails is an error with a code. */
import { forget, token } from './session.ts';

export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  /** Of an INTERNAL: the hub's log tells more under it. */
  readonly id: string | undefined;

  constructor(code: string, message: string, status = 0, id?: string) {
    super(message);
    this.code = code;
    this.status = status;
    this.id = id;
  }
}

/** `path` is below `/tower/api`: `/search?q=1`. Throws ApiError. */
export async function get<T>(path: string): Promise<T> {
  return (await answerOf(await call('GET', path))) as T;
}

/** Throws ApiError. */
export async function post<T>(path: string, body: unknown = {}): Promise<T> {
  return (await answerOf(await call('POST', path, { body: JSON.stringify(body) }))) as T;
}

/** A file as the hub writes it. Throws ApiError. */
export async function file(path: string): Promise<Blob> {
  const answer = await call('GET', path);
  if (!answer.ok) await answerOf(answer);
  return answer.blob();
}

export interface Fresh<T> {
  data: T;
  etag: string | undefined;
}

/** Undefined where nothing has changed since the answer with that etag. `byItself`: no person asks, so that it is no use of the login. Throws ApiError. */
export async function getIfChanged<T>(
  path: string,
  etag: string | undefined,
  byItself = false,
): Promise<Fresh<T> | undefined> {
  const headers = { ...(etag && { 'if-none-match': etag }), ...(byItself && { 'x-crossdock-poll': '1' }) };
  const answer = await call('GET', path, { headers });
  if (answer.status === 304) return undefined;
  return { data: (await answerOf(answer)) as T, etag: answer.headers.get('etag') ?? undefined };
}

async function call(
  method: string,
  path: string,
  { headers, body }: { headers?: Record<string, string>; body?: string } = {},
): Promise<Response> {
  const held = token();
  let answer: Response;
  try {
    answer = await fetch(`/tower/api${path}`, {
      method,
      headers: {
        ...(held && { authorization: `Bearer ${held}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body }),
    });
  } catch {
    throw new ApiError('UNREACHABLE', 'The hub does not answer');
  }
  // A late answer to an older login does not end the one since.
  if (answer.status === 401 && token() === held) forget('expired');
  return answer;
}

async function answerOf(answer: Response): Promise<unknown> {
  const body: unknown = await answer.json().catch(() => undefined);
  if (answer.ok) return body;
  const { code = 'INTERNAL', message = answer.statusText, id } = (body ?? {}) as Partial<ApiError>;
  throw new ApiError(code, message, answer.status, id);
}
