/** The codes of repairs made from an exception: a part of the one table. */
import type { ErrorCode } from './codes.ts';

export const mendCodes = {
  ENTRY_EXISTS: {
    status: 409,
    retryable: false,
    owner: 'analyst',
    meaning: 'The value map has an entry for this value by now, or somebody has proposed one; it is named.',
    action: 'Look at it. Where it is wrong, withdraw the proposal, or correct the file of the value map.',
  },
  PROPOSAL_UNKNOWN: {
    status: 404,
    retryable: false,
    owner: 'analyst',
    meaning: 'There is no such proposal, or it does not wait any more.',
    action: 'Look at the list of proposals.',
  },
  LETTER_CHANGED: {
    status: 409,
    retryable: false,
    owner: 'analyst',
    meaning: 'The exception has failed again since it was shown, so it may be another one now.',
    action: 'Look at it anew, then decide.',
  },
} as const satisfies Record<string, ErrorCode>;
