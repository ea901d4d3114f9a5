/** Codes of the audit: a part of the one table. */
import type { ErrorCode } from './row.ts';

export const auditCodes = {
  AUDIT_BROKEN: {
    status: 409,
    retryable: false,
    owner: 'operations',
    meaning: 'A row of the audit was altered, is gone, or is not the one that was sent outside.',
    action:
      'Keep the store as it is, run crossdock audit verify with the checkpoints from outside, and call whoever audits.',
  },
  AUDIT_ROW_UNKNOWN: {
    status: 404,
    retryable: false,
    owner: 'operations',
    meaning: 'The audit has no row of this number.',
    action: 'Look at the list. Where a row with a higher number stands there, run crossdock audit verify.',
  },
  AUDIT_CHECKPOINT_INVALID: {
    status: 422,
    retryable: false,
    owner: 'operations',
    meaning:
      'A line of the file is no checkpoint, was changed after it was signed, or its key is not trusted.',
    action:
      'Take the file as the hub wrote it, and the key of crossdock release key: audit verify --checkpoint FILE --key FILE.',
  },
} satisfies Record<string, ErrorCode>;
