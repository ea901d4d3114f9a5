/** How the hub says no over HTTP: a JSON body `{code, message, id}` with the status of the code. */
import { randomUUID } from 'node:crypto';
import type { Response } from 'express';
import type { Code } from '../errors/codes.ts';
import { asCoded, CodedError } from '../errors/coded-error.ts';
import type { Log } from '../log/log.ts';

/** Answers once; nothing when the answer has begun. Gives the id, which the log entry carries too. */
export function refuse(response: Response, code: Code, message: string, id: string = randomUUID()): string {
  const { status } = new CodedError(code, message).row;
  if (response.locals) response.locals['code'] = code;
  if (!response.headersSent) response.status(status).json({ code, message, id });
  return id;
}

/** With the code of what was thrown. What is INTERNAL is told to the log alone, under the id of the answer. */
export function refuseThrown(response: Response, error: unknown, log: Pick<Log, 'error'>): void {
  const { code, message, cause } = asCoded(error);
  const id = refuse(response, code, message);
  if (code === 'INTERNAL') log.error({ id, err: cause }, message);
}
