/** Errors of a call that must not be made twice, and of which nobody knows whether it was done. */
import { CodedError } from '../errors/coded-error.ts';
import type { Code } from '../errors/codes.ts';

/**
 * An error whose code is one of `unknown` becomes one with the code `waits`, which waits for a person instead of a retry; any
 * other is returned as it is. `what` begins its message; the code before is in the fact `failure`.
 */
export function asUncertain(error: unknown, unknown: readonly Code[], waits: Code, what: string): unknown {
  if (!(error instanceof CodedError) || !unknown.includes(error.code)) return error;
  return new CodedError(waits, `${what}: ${error.message}`, { ...error.facts, failure: error.code });
}
