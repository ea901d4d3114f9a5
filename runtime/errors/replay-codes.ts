/** The codes of replays in runs: a part of the one table. */
import type { ErrorCode } from './row.ts';

export const replayCodes = {
  REPLAY_UNKNOWN: {
    status: 404,
    retryable: false,
    owner: 'operations',
    meaning: 'There is no replay with this id.',
    action: 'Take the id from the list of replays: crossdock replay.',
  },
  REPLAY_CHANGED: {
    status: 409,
    retryable: false,
    owner: 'analyst',
    meaning:
      'The exceptions are not as they were when the replay was planned: some were sent again, discarded or failed anew, or what speaks against them is new.',
    action: 'Plan it again: the new plan leaves out what is settled. Nothing of it was sent.',
  },
  REPLAY_RUNNING: {
    status: 409,
    retryable: false,
    owner: 'analyst',
    meaning: 'The exception is in a replay that is under way, which alone sends it.',
    action: 'Wait for the end of that replay, or cancel it.',
  },
  REPLAY_STATE: {
    status: 409,
    retryable: false,
    owner: 'operations',
    meaning:
      'The replay does not stand so that this can be done: it runs, has ended, or waits for an approval.',
    action: 'Look at where it stands: crossdock replay show.',
  },
} as const satisfies Record<string, ErrorCode>;
