/** A typed error: a fact with a code. What to do about it is decided elsewhere, by recovery. */
import { codeOf, codes, type Code } from './codes.ts';
import type { ErrorCode } from './row.ts';

export interface Facts {
  /** What it is about, for a person: a SKU, a field path, an order number. Never a secret, never a traceback. */
  [name: string]: string | number | boolean | undefined;
}

export class CodedError extends Error {
  readonly code: Code;
  readonly facts: Facts;

  constructor(code: Code, message: string, facts: Facts = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CodedError';
    this.code = code;
    this.facts = facts;
  }

  /** Of a code from elsewhere that the table does not know: that of INTERNAL. */
  get row(): ErrorCode {
    return codeOf(this.code) ? codes[this.code] : codes.INTERNAL;
  }
}

/** Any thrown value as a CodedError. An unknown error becomes INTERNAL; its text stays in `cause`, for the log only. */
export function asCoded(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  return new CodedError('INTERNAL', 'Something unexpected failed', {}, { cause: error });
}
