/** Decides what becomes of a message whose work failed. Pure: facts in, decision out. */
import type { CodedError } from '../errors/coded-error.ts';

export interface Policy {
  policy: string;
  summary: string;
  /** Seconds before the second, third, … try. When they are used up the message is a dead letter. */
  delays: readonly number[];
  /** Share of each delay that is left to chance, 0 to 1, so that failures do not come back in step. */
  jitter: number;
  /** Codes of an outage: tried again with the last delay until it is over, however long that takes. */
  outage: readonly string[];
}

export interface Failure {
  error: CodedError;
  /** Tries so far, this one counted. */
  attempt: number;
}

export type Recovery = { do: 'retry'; afterMs: number } | { do: 'dead-letter' };

/** `chance` is a number from 0 to 1, given so that the same facts give the same decision. */
export function recover(policy: Policy, { error, attempt }: Failure, chance: number): Recovery {
  if (!error.row.retryable) return { do: 'dead-letter' };
  const last = policy.delays.at(-1) ?? 60;
  const next = policy.delays[attempt - 1];
  const delay = policy.outage.includes(error.code) ? (next ?? last) : next;
  if (delay === undefined) return { do: 'dead-letter' };
  return { do: 'retry', afterMs: Math.round(delay * 1000 * (1 - policy.jitter * chance)) };
}
