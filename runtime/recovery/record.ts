/**
 * Keeps the changes of one record in order: skips changes older than what has landed, and reports those that came too
 * early.
 */
import { CodedError } from '../errors/coded-error.ts';

export interface Change {
  /** The record that is changed; its name is unique in the journal. */
  record: string;
  /** Sorts as text: an ISO time, or a counter with leading zeros. Empty if records have no versions. */
  version: string;
  /** True for a change that makes sense only after another change of the record has landed. */
  needs: boolean;
}

/**
 * Compares a change with `landed`, the version in the journal. Returns `landed` if it is newer, so that the change
 * comes too late. Returns undefined if the change may continue, also if its own version has landed, which is a
 * repetition. Throws CodedError PREDECESSOR_MISSING if the change comes too early.
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
