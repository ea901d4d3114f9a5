/** Codes of what the store keeps sealed: a part of the one table. */
import type { ErrorCode } from './row.ts';

export const sealCodes = {
  STORE_KEY_MISSING: {
    status: 503,
    retryable: false,
    owner: 'operations',
    meaning:
      'What the store holds is sealed with a key that is not among those given; its id is named. Nothing was changed.',
    action:
      'Give the key of this id as CROSSDOCK_STORE_KEY, or as one of CROSSDOCK_STORE_OLD_KEYS. Without it nobody can read what it sealed.',
  },
  STORE_TAMPERED: {
    status: 500,
    retryable: false,
    owner: 'operations',
    meaning:
      'A sealed value of the store was changed, or moved from another row, by somebody who has no key.',
    action: 'Find out who wrote into the store. Take the row back from a backup.',
  },
} as const satisfies Record<string, ErrorCode>;
