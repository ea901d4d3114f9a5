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
  BROKER_UNAVAILABLE: {
    status: 503,
    retryable: true,
    owner: 'operations',
    meaning: 'The broker cannot be reached, or did not confirm in time.',
    action: 'Start the broker; senders and flows try again by themselves.',
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
    meaning: 'The same idempotency key came with another content.',
    action: 'Compare both messages; if the second is right, replay it with a new key.',
  },
  DELIVERY_TIMEOUT: {
    status: 503,
    retryable: true,
    owner: 'analyst',
    meaning: 'The flow did not finish its work on the message within its time limit.',
    action: 'Look for a node that never completes, or raise the time limit.',
  },
  MAPPING_FAILED: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'The mapping expression failed on this message.',
    action: 'Correct the mapping, then replay the message.',
  },
  MAPPING_INVALID: {
    status: 500,
    retryable: false,
    owner: 'analyst',
    meaning: 'The mapping does not compile, or names a file, schema or value map that does not exist.',
    action: 'Correct the mapping.',
  },
  SCHEMA_INVALID: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'The message does not fit its schema; the first failing field is named by its path.',
    action: 'Correct the mapping or ask the sender; then replay the message.',
  },
  VALUE_UNMAPPED: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'A value map has no entry for a value of this message.',
    action: 'Extend the value map, then replay the message.',
  },
  ODOO_UNREACHABLE: {
    status: 503,
    retryable: true,
    owner: 'operations',
    meaning: 'Odoo cannot be reached; nothing was sent.',
    action: 'Start Odoo, or correct its address; flows try again by themselves.',
  },
  ODOO_TIMEOUT: {
    status: 504,
    retryable: true,
    owner: 'operations',
    meaning: 'Odoo did not answer in time; whether it did the work is not known.',
    action: 'Nothing: the next attempt looks in Odoo first. If it goes on, look at the load of Odoo.',
  },
  ODOO_ANSWER_LOST: {
    status: 502,
    retryable: true,
    owner: 'operations',
    meaning: 'The connection to Odoo broke during a call; whether Odoo did the work is not known.',
    action: 'Nothing: the next attempt looks in Odoo first.',
  },
  ODOO_BUSY: {
    status: 503,
    retryable: true,
    owner: 'operations',
    meaning: 'Another transaction in Odoo holds the record, or Odoo takes no more requests now.',
    action: 'Nothing: flows try again by themselves.',
  },
  ODOO_AUTH: {
    status: 502,
    retryable: false,
    owner: 'operations',
    meaning: 'Odoo refuses the API key or login.',
    action: 'Make a new API key in Odoo (keys live at most three months) and set it in the environment.',
  },
  ODOO_ACCESS: {
    status: 502,
    retryable: false,
    owner: 'operations',
    meaning: 'The user of the API key may not do this in Odoo.',
    action: 'Give that user the access right, then replay the message.',
  },
  ODOO_ADDRESS_WRONG: {
    status: 502,
    retryable: false,
    owner: 'operations',
    meaning: 'What answers at this address is not Odoo, or Odoo has no database of this name.',
    action: 'Correct the address or the database name of the Odoo connection.',
  },
  ODOO_NOT_FOUND: {
    status: 502,
    retryable: false,
    owner: 'analyst',
    meaning: 'Odoo has no such model, method or record.',
    action: 'Check that the app is installed in Odoo and that the record was not deleted.',
  },
  ODOO_REFUSED: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'Odoo refused the data; its own sentence is in the message.',
    action: 'Correct the data or the setting in Odoo, then replay the message.',
  },
  ODOO_FAILED: {
    status: 502,
    retryable: true,
    owner: 'operations',
    meaning: 'Odoo failed inside. A retry may help, or fail again for the same reason.',
    action: 'Look at the log of Odoo at this time.',
  },
  ODOO_ANSWER_INVALID: {
    status: 502,
    retryable: true,
    owner: 'operations',
    meaning: 'Odoo, or a proxy before it, answered with something that is not JSON.',
    action: 'Look at the proxy before Odoo; check the address of the Odoo connection.',
  },
  ODOO_TOTAL_MISMATCH: {
    status: 422,
    retryable: false,
    owner: 'finance',
    meaning: 'Odoo computes another total than the order carries. It stays a quotation, unconfirmed.',
    action: 'Compare taxes, prices and discounts; correct the value map or the quotation, then replay.',
  },
  ODOO_VALUE_UNKNOWN: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'A value map leads to a name or external id that Odoo does not have, or has more than once.',
    action: 'Correct the value map or the record in Odoo, then replay the message.',
  },
  PRODUCT_UNKNOWN: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'No product in Odoo has this SKU or barcode.',
    action: 'Create the product or correct its internal reference in Odoo, then replay the message.',
  },
  PRODUCT_AMBIGUOUS: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'More than one product in Odoo has this SKU or barcode.',
    action: 'Make the internal reference unique in Odoo, then replay the message.',
  },
  CURRENCY_UNKNOWN: {
    status: 422,
    retryable: false,
    owner: 'finance',
    meaning: 'The currency of the order does not exist or is not active in Odoo.',
    action: 'Activate the currency in Odoo, then replay the message.',
  },
  TOTALS_DIFFER: {
    status: 422,
    retryable: false,
    owner: 'finance',
    meaning: 'The lines, charges and taxes of the message do not come to the total it names.',
    action: 'Find what the mapping leaves out, or ask the sender; then replay the message.',
  },
  EVENT_UNKNOWN: {
    status: 500,
    retryable: false,
    owner: 'analyst',
    meaning: 'No event of this type is defined.',
    action: 'Correct the event type, or define the event in definitions/events.',
  },
  CONFIG_INVALID: {
    status: 500,
    retryable: false,
    owner: 'analyst',
    meaning: 'A node or the environment is configured wrongly; the setting is named.',
    action: 'Correct the setting and deploy again.',
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
