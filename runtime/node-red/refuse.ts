/** How the hub says no over HTTP: a JSON body `{code, message, id}` with the status of the code. */
import { randomUUID } from 'node:crypto';
import type { Response } from 'express';
import type { Code } from '../errors/codes.ts';
import { CodedError } from '../errors/coded-error.ts';

/** Answers once; nothing when the answer has begun. Gives the id, which the log entry carries too. */
export function refuse(response: Response, code: Code, message: string, id: string = randomUUID()): string {
  const { status } = new CodedError(code, message).row;
  if (response.locals) response.locals['code'] = code;
  if (!response.headersSent) response.status(status).json({ code, message, id });
  return id;
}
