/** The codes of releases, promotions and flow tests: a part of the one table. */
import type { ErrorCode } from './codes.ts';

export const releaseCodes = {
  RELEASE_INVALID: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'The file is no release, or something in it is not what was released.',
    action: 'Take the file from where it was cut, and promote it again.',
  },
  RELEASE_UNTRUSTED: {
    status: 403,
    retryable: false,
    owner: 'operations',
    meaning: 'Nobody this hub trusts has signed the release.',
    action: 'Compare the key with that of the hub that cut it, and trust it here if it is right.',
  },
  REMOTE_FAILED: {
    status: 502,
    retryable: false,
    owner: 'operations',
    meaning: 'The hub of another environment answers what this one does not know.',
    action: 'Compare the versions of the two hubs, and look whether its address leads to a hub.',
  },
  RELEASE_UNKNOWN: {
    status: 404,
    retryable: false,
    owner: 'analyst',
    meaning: 'There is no such release here.',
    action: 'List the releases with crossdock release --list.',
  },
  RELEASE_EXISTS: {
    status: 409,
    retryable: false,
    owner: 'analyst',
    meaning: 'There is a release of this version already, and releases never change.',
    action: 'Cut the next version.',
  },
  RELEASE_REFUSED: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'The working copy has errors of the linter, or flow tests fail; nothing was cut.',
    action: 'Repair what crossdock lint and crossdock test say.',
  },
  RELEASE_UNCHANGED: {
    status: 409,
    retryable: false,
    owner: 'analyst',
    meaning: 'Nothing has changed since the last release.',
    action: 'Promote the last release.',
  },
  ENVIRONMENT_INCOMPLETE: {
    status: 422,
    retryable: false,
    owner: 'operations',
    meaning: 'The environment lacks a name or a node type of the release, or its linter finds errors in it.',
    action: 'Set what the message names, or cut a release that does without.',
  },
  FOUR_EYES: {
    status: 403,
    retryable: false,
    owner: 'analyst',
    meaning:
      'Who made or promoted a release, approved it already, or asked for a replay, does not approve it.',
    action: 'Let another person look at it who may approve.',
  },
  FROZEN: {
    status: 409,
    retryable: false,
    owner: 'operations',
    meaning: 'The environment is in a freeze: nothing is promoted to it now.',
    action: 'Wait for its end, or break the glass with a reason.',
  },
  PROMOTION_UNKNOWN: {
    status: 404,
    retryable: false,
    owner: 'analyst',
    meaning: 'There is no such promotion here, or it waits for no approval any more.',
    action: 'Look at crossdock status.',
  },
  PROMOTION_RUNNING: {
    status: 409,
    retryable: true,
    owner: 'operations',
    meaning: 'Another release is just being switched on.',
    action: 'Wait until it runs or has failed.',
  },
  RELEASE_RUNNING: {
    status: 409,
    retryable: false,
    owner: 'analyst',
    meaning: 'This hub runs a release, so its flows are not changed here.',
    action: 'Change the flows where they are made, cut a release and promote it.',
  },
  READBACK_FAILED: {
    status: 500,
    retryable: false,
    owner: 'operations',
    meaning:
      'What ran after the switch was not what was released, or was not healthy; the release before runs again.',
    action: 'Look at what the message names; the log of the hub tells more.',
  },
  TEST_INVALID: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'A flow test cannot be read or run as it is written.',
    action: 'Correct it at the file and line named.',
  },
  TEST_CALL_UNKNOWN: {
    status: 500,
    retryable: false,
    owner: 'analyst',
    meaning: 'In a flow test, a flow called something outside for which the test has no stub.',
    action: 'Add the stub to the test, or correct the flow.',
  },
} as const satisfies Record<string, ErrorCode>;
