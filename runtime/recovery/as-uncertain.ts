/** Errors of a call that must not be made twice, if it is unknown whether it was done. */
import { CodedError } from '../errors/coded-error.ts';
import type { Code } from '../errors/codes.ts';

/**
 * Returns an error with the code `waits`, which waits for a person, if the code of `error` is one of `unknown`;
 * otherwise returns `error` itself. The message begins with `what`, and the fact `failure` has the original code.
 */
export function asUncertain(error: unknown, unknown: readonly Code[], waits: Code, what: string): unknown {
  if (!(error instanceof CodedError) || !unknown.includes(error.code)) return error;
  return new CodedError(waits, `${what}: ${error.message}`, { ...error.facts, failure: error.code });
}
