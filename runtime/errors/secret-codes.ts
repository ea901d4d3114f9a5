/** Codes of secrets: a part of the one table. */
import type { ErrorCode } from './codes.ts';

export const secretCodes = {
  SECRETS_UNHEARD: {
    status: 504,
    retryable: true,
    owner: 'operations',
    meaning: 'No hub that works with this data directory read its secrets again.',
    action: 'Run it with the CROSSDOCK_DATA of the hub, or send the process of the hub a SIGHUP.',
  },
  SECRET_RENEWAL_REFUSED: {
    status: 422,
    retryable: false,
    owner: 'operations',
    meaning:
      'The system does not let the hub make its next key, or the key that was given does not work there.',
    action: 'Follow the steps of crossdock secrets renew, and give it the key that was made.',
  },
} as const satisfies Record<string, ErrorCode>;
