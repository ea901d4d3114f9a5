/** Decides what becomes of a message whose work failed. Pure: facts in, decision out. */
import type { CodedError } from '../errors/coded-error.ts';
import type { Code } from '../errors/codes.ts';

/** How often and when a message is tried again. */
export interface Tries {
  /** Tries at once, before the delayed ones. */
  immediate: number;
  /** Seconds before each later try. When they are used up the message is a dead letter. */
  delays: readonly number[];
}

export interface Policy extends Tries {
  policy: string;
  summary: string;
  /** Share of each delay that is left to chance, 0 to 1, so that failures do not come back in step. */
  jitter: number;
  /** The target is away or refuses everybody: waited out, and no try is counted. */
  outage: readonly Code[];
  /** So many hours at the most where only a person can mend it; what can pass is waited out however long that takes. */
  unmendedForHours?: number;
  /** The message's own failure, or the target's? An outage once so many different messages in a row have failed with these. */
  suspect?: { codes: readonly Code[]; messages: number };
  /** Set aside until the record they wait for has landed, for so many hours at the most. */
  park?: { codes: readonly Code[]; forHours: number };
  /** Other tries for single codes. */
  codes?: Partial<Record<Code, Partial<Tries>>>;
}

export interface Facts {
  error: CodedError;
  /** Earlier tries of this message that failed and counted. */
  failed: number;
  /** Different messages that failed in a row with codes the policy suspects, this one counted, none succeeding in between. */
  inARow: number;
  /** Since when nobody has mended what the queue of the message waits for. */
  unmendedSince?: Date;
  /** A number from 0 to 1, given so that the same facts give the same decision. */
  chance: number;
}

export type Recovery =
  | { do: 'retry'; afterMs: number }
  | { do: 'wait'; afterMs: number } // another worker has it: comes again, no try is counted
  | { do: 'outage' } // comes again when the target is back; no try is counted
  | { do: 'park'; until: Date }
  | { do: 'dead-letter'; unmended?: true }; // unmended: the others that wait are to follow

const hourMs = 3_600_000;
const defaultHours = 4;

export function recover(policy: Policy, met: Facts, now: Date): Recovery {
  const { error, failed, inARow, chance, unmendedSince = now } = met;
  const { code, facts } = error;
  const { suspect, park, unmendedForHours = defaultHours } = policy;
  if (code === 'CLAIM_IN_FLIGHT') return { do: 'wait', afterMs: Number(facts['retryAfterMs'] ?? 1000) };
  if (policy.outage.includes(code) || (suspect?.codes.includes(code) && inARow >= suspect.messages)) {
    const tooLong = now.getTime() - unmendedSince.getTime() >= unmendedForHours * hourMs;
    return tooLong && !error.row.retryable ? { do: 'dead-letter', unmended: true } : { do: 'outage' };
  }
  // Only what names its record can be released when that has landed.
  if (park?.codes.includes(code) && facts['record'] !== undefined)
    return { do: 'park', until: new Date(now.getTime() + park.forHours * hourMs) };
  if (!error.row.retryable) return { do: 'dead-letter' };
  const { immediate, delays } = { ...policy, ...policy.codes?.[code] };
  const delay = failed < immediate ? 0 : delays[failed - immediate];
  if (delay === undefined) return { do: 'dead-letter' };
  // Not before the time that the target names.
  const named = Number(facts['retryAfterMs'] ?? 0);
  return { do: 'retry', afterMs: Math.max(named, Math.round(delay * 1000 * (1 - policy.jitter * chance))) };
}
