/** Decides what happens to a message whose work failed. Pure: facts in, decision out. */
import type { CodedError } from '../errors/coded-error.ts';
import type { Code } from '../errors/codes.ts';

/** How often and when a message is retried. */
export interface Tries {
  /** Number of tries without delay, before the delayed ones. */
  immediate: number;
  /** Delays before each later try, in seconds. After the last one the message becomes a dead letter. */
  delays: readonly number[];
}

export interface Policy extends Tries {
  policy: string;
  summary: string;
  /** Random share of each delay, 0 to 1, so that failed messages do not all come back at the same time. */
  jitter: number;
  /**
   * Codes of an outage: the target is away or refuses every message. Messages wait until it ends, and no try is
   * counted.
   */
  outage: readonly Code[];
  /**
   * Hours after which messages stop waiting for an outage that only a person can end. Default 4. For an outage that can
   * pass they wait without limit.
   */
  unmendedForHours?: number;
  /**
   * Codes for a failure of either the message or the target. It counts as an outage when this many different messages
   * in a row fail with them.
   */
  suspect?: { codes: readonly Code[]; messages: number };
  /** Codes whose messages are parked until the record they wait for has landed, and the most hours for that. */
  park?: { codes: readonly Code[]; forHours: number };
  /** Retries for single codes, where they differ from the above. */
  codes?: Partial<Record<Code, Partial<Tries>>>;
}

export interface Facts {
  error: CodedError;
  /** Number of earlier tries of this message that failed and were counted. */
  failed: number;
  /** How many different messages, including this one, failed in a row with suspected codes. */
  inARow: number;
  /** Time since which the queue of the message waits for a person to repair its target. Default: now. */
  unmendedSince?: Date;
  /** A random number from 0 to 1. It is a fact, so that the same facts give the same decision. */
  chance: number;
}

export type Recovery =
  | { do: 'retry'; afterMs: number }
  | { do: 'wait'; afterMs: number } // another worker has the message: it comes again, and no try is counted
  | { do: 'outage' } // the message comes again when the target is back; no try is counted
  | { do: 'park'; until: Date }
  | { do: 'dead-letter'; unmended?: true }; // unmended: the other waiting messages have to follow

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
  // A message can be released only if it names the record that it waits for.
  if (park?.codes.includes(code) && facts['record'] !== undefined)
    return { do: 'park', until: new Date(now.getTime() + park.forHours * hourMs) };
  if (!error.row.retryable) return { do: 'dead-letter' };
  const { immediate, delays } = { ...policy, ...policy.codes?.[code] };
  const delay = failed < immediate ? 0 : delays[failed - immediate];
  if (delay === undefined) return { do: 'dead-letter' };
  // The next try is not before the time that the target named.
  const named = Number(facts['retryAfterMs'] ?? 0);
  return { do: 'retry', afterMs: Math.max(named, Math.round(delay * 1000 * (1 - policy.jitter * chance))) };
}
