/** Decides what becomes of a message whose work failed. Pure: facts in, decision out. */
import type { CodedError } from '../errors/coded-error.ts';
import type { Code } from '../errors/codes.ts';

/** How often and when a message is tried again. */
export interface Tries {
  /** How many tries are made at once, before the delayed ones. */
  immediate: number;
  /** Seconds before each later try. When these are used up the message becomes a dead letter. */
  delays: readonly number[];
}

export interface Policy extends Tries {
  policy: string;
  summary: string;
  /** Share of each delay that is random, 0 to 1, so that failed messages do not come back all at the same time. */
  jitter: number;
  /** Codes of an outage: the target is away or refuses everybody. Messages wait it out, and no try is counted. */
  outage: readonly Code[];
  /** Hours after which messages stop waiting for an outage that only a person can mend. One that can pass is waited out however long it takes. */
  unmendedForHours?: number;
  /** Codes that may be the message's own failure or the target's: an outage once so many different messages in a row fail with them. */
  suspect?: { codes: readonly Code[]; messages: number };
  /** Codes whose messages are parked until the record they wait for has landed, and for how many hours at most. */
  park?: { codes: readonly Code[]; forHours: number };
  /** Retries of single codes that differ from the above. */
  codes?: Partial<Record<Code, Partial<Tries>>>;
}

export interface Facts {
  error: CodedError;
  /** How many earlier tries of this message failed and counted. */
  failed: number;
  /** How many different messages, this one included, failed in a row with codes the policy suspects. */
  inARow: number;
  /** Since when the queue of the message waits for somebody to mend its target. */
  unmendedSince?: Date;
  /** A random number from 0 to 1, given so that the same facts lead to the same decision. */
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
  // Only a message that names its record can be released when that record has landed.
  if (park?.codes.includes(code) && facts['record'] !== undefined)
    return { do: 'park', until: new Date(now.getTime() + park.forHours * hourMs) };
  if (!error.row.retryable) return { do: 'dead-letter' };
  const { immediate, delays } = { ...policy, ...policy.codes?.[code] };
  const delay = failed < immediate ? 0 : delays[failed - immediate];
  if (delay === undefined) return { do: 'dead-letter' };
  // The next try is not before the time that the target names.
  const named = Number(facts['retryAfterMs'] ?? 0);
  return { do: 'retry', afterMs: Math.max(named, Math.round(delay * 1000 * (1 - policy.jitter * chance))) };
}
