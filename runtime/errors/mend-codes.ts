/** The codes of repairs made from an exception, and of drafts that a language model writes about an issue: a part of the one table. */
import type { ErrorCode } from './row.ts';

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
  TRIAGE_OFF: {
    status: 409,
    retryable: false,
    owner: 'operations',
    meaning: 'This hub asks no language model for drafts: CROSSDOCK_TRIAGE_URL is not set. Nothing was sent.',
    action: 'Work with what the page of the issue says without it, or have drafts switched on.',
  },
  TRIAGE_BUSY: {
    status: 429,
    retryable: true,
    owner: 'operations',
    meaning:
      'Another draft is being written, or six were asked for within a minute; the hub asks for one at a time.',
    action: 'Wait a minute, then ask again.',
  },
  TRIAGE_UNREACHABLE: {
    status: 502,
    retryable: true,
    owner: 'operations',
    meaning: 'The language model cannot be reached, or did not answer in time.',
    action: 'Look whether the service at CROSSDOCK_TRIAGE_URL runs. The issue can be worked on without it.',
  },
  TRIAGE_REFUSED: {
    status: 502,
    retryable: false,
    owner: 'operations',
    meaning: 'The service of the language model answered with a status other than 200; it is named.',
    action: 'Check CROSSDOCK_TRIAGE_URL, CROSSDOCK_TRIAGE_MODEL and CROSSDOCK_TRIAGE_KEY.',
  },
  TRIAGE_ANSWER_INVALID: {
    status: 502,
    retryable: true,
    owner: 'operations',
    meaning: 'The language model gave no JSON of the form asked for, or too much. Nothing of it was kept.',
    action: 'Ask again; where it stays so, take a model that keeps to a form.',
  },
} as const satisfies Record<string, ErrorCode>;
