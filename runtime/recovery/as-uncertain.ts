/** A call that must not be made twice, after which it is not known whether it was done. */
import { CodedError } from '../errors/coded-error.ts';
import type { Code } from '../errors/codes.ts';

/** The error as it is, or where its code is one of `unknown`: the one that waits for a person, as nobody does it again unasked. */
export function asUncertain(error: unknown, unknown: readonly Code[], waits: Code, what: string): unknown {
  if (!(error instanceof CodedError) || !unknown.includes(error.code)) return error;
  return new CodedError(waits, `${what}: ${error.message}`, { ...error.facts, failure: error.code });
}
