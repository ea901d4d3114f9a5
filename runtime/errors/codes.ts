/** The one table of error codes: what each means, whether trying again can help, who acts, and what they do. */

export interface ErrorCode {
  /** HTTP status when it is the answer to a webhook or API call. */
  status: number;
  /** True when the same message can succeed later without anyone changing it. */
  retryable: boolean;
  /** Who acts on it. `sender` is the partner whose message was refused. */
  owner: 'sender' | 'analyst' | 'operations' | 'finance';
  meaning: string;
  action: string;
}

const table = {
  SIGNATURE_INVALID: {
    status: 401,
    retryable: false,
    owner: 'sender',
    meaning: 'The signature is missing, malformed or made with another secret.',
    action: 'Check that the partner signs with one of the active secrets.',
  },
  TIMESTAMP_STALE: {
    status: 401,
    retryable: false,
    owner: 'sender',
    meaning: 'The signed timestamp is outside the replay window.',
    action: 'Check the clocks; the partner signs and sends the message anew.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    retryable: false,
    owner: 'sender',
    meaning: 'The body is larger than the route accepts.',
    action: 'Raise the size limit of the webhook node, or have the partner send less.',
  },
  BODY_NOT_JSON: {
    status: 400,
    retryable: false,
    owner: 'sender',
    meaning: 'The body was signed rightly but is not JSON.',
    action: 'Ask the partner for JSON.',
  },
  ROUTE_UNKNOWN: {
    status: 404,
    retryable: false,
    owner: 'sender',
    meaning: 'No deployed flow listens on this path.',
    action: 'Check the path in the partner settings and in the webhook node.',
  },
  RATE_LIMITED: {
    status: 429,
    retryable: true,
    owner: 'sender',
    meaning: 'More requests than the route allows.',
    action: 'Send again after Retry-After.',
  },
  INTERNAL: {
    status: 500,
    retryable: false,
    owner: 'operations',
    meaning: 'A defect of the hub or of a flow: an error that has no code of its own.',
    action: 'Look at the log entry with this id.',
  },
} as const satisfies Record<string, ErrorCode>;

export type Code = keyof typeof table;
export const codes: Record<Code, ErrorCode> = table;
