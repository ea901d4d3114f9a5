/** Codes of what comes in, and of its way to whoever works on it: a part of the one table. */
import type { ErrorCode } from './row.ts';

export const intakeCodes = {
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
  SOURCE_FORBIDDEN: {
    status: 403,
    retryable: false,
    owner: 'sender',
    meaning: 'The message names a source that this sender may not speak for, or a document it may not send.',
    action:
      'The partner writes its own name as source. A name with a file in definitions/partners or an intake of its own takes the secret of that partner.',
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
  TEXT_INVALID: {
    status: 400,
    retryable: false,
    owner: 'sender',
    meaning: 'A text holds a NUL or half of a surrogate pair, which no database keeps.',
    action: 'Ask the partner to send whole characters only.',
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
  METHOD_UNSUPPORTED: {
    status: 405,
    retryable: false,
    owner: 'sender',
    meaning: 'The path exists, but not for this HTTP method.',
    action: 'Use a method the Allow header names.',
  },
  ENCODING_UNSUPPORTED: {
    status: 415,
    retryable: false,
    owner: 'sender',
    meaning: 'The body is compressed. Signatures are made over the bytes as sent, so it is not unpacked.',
    action: 'Send the body without Content-Encoding.',
  },
  BODY_INCOMPLETE: {
    status: 408,
    retryable: true,
    owner: 'sender',
    meaning: 'The body did not arrive in full within the time limit.',
    action: 'Send again.',
  },
  HUB_BUSY: {
    status: 503,
    retryable: true,
    owner: 'operations',
    meaning: 'More requests are at work than the hub takes at once.',
    action: 'Send again after Retry-After; add workers when it lasts.',
  },
  HUB_DRAINING: {
    status: 503,
    retryable: true,
    owner: 'operations',
    meaning: 'The hub takes no new message while it stops or deploys.',
    action: 'Send again after Retry-After.',
  },
  QUEUE_FULL: {
    status: 503,
    retryable: true,
    owner: 'operations',
    meaning: 'A queue that takes this event holds as many messages as the tier of the flow may leave in it.',
    action:
      'Nothing: senders and flows try again until there is room. If it lasts, see what slows the consuming flow.',
  },
  BROKER_UNAVAILABLE: {
    status: 503,
    retryable: true,
    owner: 'operations',
    meaning: 'The broker cannot be reached, or did not confirm in time.',
    action: 'Start the broker; senders and flows try again by themselves.',
  },
  EVENT_UNSEALED: {
    status: 403,
    retryable: false,
    owner: 'operations',
    meaning:
      'A message in RabbitMQ has no seal of a hub (CROSSDOCK_ENVELOPE_KEYS): somebody else may have written or changed it.',
    action:
      'Find out who can write to RabbitMQ. Replay it only where you know that it is right: that seals it.',
  },
  EVENT_UNROUTABLE: {
    status: 503,
    retryable: true,
    owner: 'analyst',
    meaning: 'No deployed flow has ever subscribed to this event type, so nothing would keep the message.',
    action: 'Deploy the consuming flow, or correct the event type.',
  },
  STORE_UNAVAILABLE: {
    status: 503,
    retryable: true,
    owner: 'operations',
    meaning: 'The store of claims or the journal cannot be reached.',
    action: 'Start the store; senders and flows try again by themselves.',
  },
  STORE_FULL: {
    status: 503,
    retryable: true,
    owner: 'operations',
    meaning:
      'The embedded store has reached its limit, or the share of it this tier may fill, or the disk is full.',
    action:
      'Make room on the disk or raise CROSSDOCK_STORE_LIMIT_MB; senders and flows try again by themselves.',
  },
  SIGNATURE_UNCHECKED: {
    status: 500,
    retryable: false,
    owner: 'analyst',
    meaning: 'The flow publishes what a webhook brought without having verified it.',
    action: 'Wire webhook verify between the webhook and the publish.',
  },
  KEY_MISSING: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'The expression for the business key or idempotency key gives no text for this message.',
    action: 'Correct the expression in the node, or ask the sender for the field.',
  },
  CLAIM_IN_FLIGHT: {
    status: 409,
    retryable: true,
    owner: 'sender',
    meaning: 'The same message is being worked on at this moment.',
    action: 'Send again after Retry-After.',
  },
  CLAIM_CONFLICT: {
    status: 409,
    retryable: false,
    owner: 'analyst',
    meaning: 'The same idempotency key, or the same order, came with another content.',
    action:
      'Compare both messages. If the second is right, correct its effect by hand, or delete the first order in Odoo and replay it. Else discard it.',
  },
  PREDECESSOR_MISSING: {
    status: 409,
    retryable: false,
    owner: 'analyst',
    meaning: 'The message changes a record that has not landed yet.',
    action:
      'Nothing at first: it is parked, and goes on when the record lands. When it never does, find what made it.',
  },
  DELIVERY_TIMEOUT: {
    status: 503,
    retryable: true,
    owner: 'analyst',
    meaning: 'The flow did not finish its work on the message within its time limit.',
    action: 'Look for a node that never completes, or raise the time limit.',
  },
  DELIVERY_INTERRUPTED: {
    status: 503,
    retryable: true,
    owner: 'operations',
    meaning: 'A deploy or a stop ended a node while it still worked on the message.',
    action: 'Nothing: the message is given back and worked on again.',
  },
} as const satisfies Record<string, ErrorCode>;
