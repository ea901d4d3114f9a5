/** Keeps the changes of one record in order: what is older than what has landed is left out, what came too early is told. */
import { CodedError } from '../errors/coded-error.ts';

export interface Change {
  /** The record it changes, unique in the journal. */
  record: string;
  /** Sorts as text: an ISO time, or a counter with leading zeros. Empty where records have no versions. */
  version: string;
  /** True for a change that makes sense only after another change of this record has landed. */
  needs: boolean;
}

/**
 * Checks a change against `landed`, the version in the journal. Returns that version when it is newer and the change comes
 * too late; undefined when the change may go on, also when its own version has landed: that is a repetition. Throws CodedError
 * PREDECESSOR_MISSING when the change comes too early.
 */
export function overtakenBy(
  landed: string | undefined,
  { record, version, needs }: Change,
): string | undefined {
  if (landed === undefined) {
    if (needs)
      throw new CodedError('PREDECESSOR_MISSING', `Nothing of ${record} has landed yet`, { record, version });
    return undefined;
  }
  return Buffer.compare(Buffer.from(version), Buffer.from(landed)) < 0 ? landed : undefined;
}
