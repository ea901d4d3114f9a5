/** How the hub says no over HTTP: a JSON body `{code, message, id}` with the status of the code. */
import { randomUUID } from 'node:crypto';
import type { Response } from 'express';
import { codes, type Code } from '../errors/codes.ts';

/** Answers once; nothing when the answer has begun. Gives the id, which the log entry carries too. */
export function refuse(response: Response, code: Code, message: string, id: string = randomUUID()): string {
  if (!response.headersSent) response.status(codes[code].status).json({ code, message, id });
  return id;
}
