/** The one table of error codes: what each means, whether trying again can help, who acts, and what they do. */
import { auditCodes } from './audit-codes.ts';
import { hubCodes } from './hub-codes.ts';
import { partnerCodes } from './partner-codes.ts';
import { interfaceCodes } from './interface-codes.ts';
import { mendCodes } from './mend-codes.ts';
import { replayCodes } from './replay-codes.ts';
import { releaseCodes } from './release-codes.ts';
import { reconcileCodes } from './reconcile-codes.ts';
import { sealCodes } from './seal-codes.ts';
import { signOnCodes } from './sign-on-codes.ts';

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
    meaning:
      'The message does not fit its schema; the fields that fail are named by their paths, twenty at the most.',
    action: 'Correct the mapping or ask the sender; then replay the message.',
  },
  VALUE_UNMAPPED: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'A value map has no entry for a value of this message.',
    action: 'Extend the value map; what waited for it is sent again by itself.',
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
  ODOO_UNCERTAIN: {
    status: 502,
    retryable: false,
    owner: 'operations',
    meaning: 'The answer of Odoo to a call was lost, and the call must not be made twice.',
    action: 'Look in Odoo whether it was done. If not, replay the message; if so, discard it.',
  },
  ODOO_TOTAL_MISMATCH: {
    status: 422,
    retryable: false,
    owner: 'finance',
    meaning:
      'Odoo computes another total than the order carries, and more differs than rounding may. It stays a quotation, unconfirmed.',
    action:
      'Its sentence says what each side has and why. Correct the value map tax, the taxes or the rounding in Odoo, or the tolerance of the partner; then replay.',
  },
  ODOO_VALUE_UNKNOWN: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'A value map leads to a name or external id that Odoo does not have, or has more than once.',
    action: 'Correct the value map or the record in Odoo, then replay the message.',
  },
  ORDER_UNKNOWN: {
    status: 422,
    retryable: true,
    owner: 'operations',
    meaning: 'Odoo has no order with this identity or number, at least not yet.',
    action: 'Look whether the order waits as an exception itself; when it is in Odoo, replay the message.',
  },
  ORDER_AMBIGUOUS: {
    status: 422,
    retryable: false,
    owner: 'operations',
    meaning: 'Several orders in Odoo have this number.',
    action: 'Correct the message so that it names the order by source and id, then replay it.',
  },
  ORDER_NOT_OPEN: {
    status: 422,
    retryable: false,
    owner: 'operations',
    meaning:
      'The order in Odoo has nothing left for this message: it was shipped, invoiced or cancelled before.',
    action: 'Compare the message with the order in Odoo; discard it, or correct one of them and replay it.',
  },
  SHIPMENT_MISSING: {
    status: 422,
    retryable: true,
    owner: 'operations',
    meaning: 'More comes back than the order in Odoo has shipped, at least until now.',
    action: 'Look why the shipment is not booked; when it is, replay the message.',
  },
  RECEIPT_MISSING: {
    status: 422,
    retryable: true,
    owner: 'operations',
    meaning: 'A bill came for goods of which Odoo has no receipt, at least until now.',
    action: 'Look why the receipt is not booked; when it is, replay the message.',
  },
  BILL_DIFFERS: {
    status: 422,
    retryable: false,
    owner: 'finance',
    meaning: 'A bill says another total than what was received and not yet billed. It stays a draft in Odoo.',
    action:
      'Compare quantities and prices; correct the draft in Odoo, or ask the supplier, then replay the message.',
  },
  REFUND_FAILED: {
    status: 422,
    retryable: false,
    owner: 'finance',
    meaning:
      'A refund did not reach the customer: the money is back with the provider. In Odoo it is booked as paid, or would be.',
    action:
      'Pay the customer another way, or cancel the payment in Odoo so that the credit note is open again; then discard the message.',
  },
  INVOICE_MISSING: {
    status: 422,
    retryable: true,
    owner: 'finance',
    meaning:
      'The order has no posted invoice, or credit note, that this money could be for, at least not yet.',
    action: 'Look why the order is not invoiced; when it is, replay the message.',
  },
  QUANTITY_EXCEEDED: {
    status: 422,
    retryable: false,
    owner: 'operations',
    meaning: 'The message says more pieces of an article than the document in Odoo has open.',
    action: 'Ask who sent it what is right; correct the message or the document, then replay it.',
  },
  QUANTITY_INEXACT: {
    status: 422,
    retryable: false,
    owner: 'operations',
    meaning: 'A quantity of an order has more decimals than Odoo keeps, so that other goods would be sold.',
    action:
      'Give Odoo more decimals (Settings, Technical, Decimal Accuracy, Product Unit) or the unit that the partner orders in; then replay the order.',
  },
  UNIT_DIFFERS: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'The unit of the message cannot be converted into the unit the article has in Odoo.',
    action:
      'Correct the entry of the value map uom, for this article alone where it must be, or the unit of the article in Odoo; then replay the message.',
  },
  PRODUCT_UNKNOWN: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'No product in Odoo has this SKU or barcode.',
    action:
      'Create the product or correct its internal reference in Odoo, then replay the message; or map what the partner calls it in the value map product.',
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
  LETTER_UNKNOWN: {
    status: 404,
    retryable: false,
    owner: 'analyst',
    meaning: 'There is no exception with this id.',
    action: 'Take the id from the list of exceptions.',
  },
  LETTER_NOT_OPEN: {
    status: 409,
    retryable: false,
    owner: 'analyst',
    meaning: 'The exception was replayed or discarded before.',
    action:
      'Nothing, where it was replayed: it opens again if it fails again. What was discarded stays discarded.',
  },
  SUSPICION_UNKNOWN: {
    status: 404,
    retryable: false,
    owner: 'operations',
    meaning: 'There is no suspicion of this id, or no muted detector of this kind and partner.',
    action: 'Look at the list: crossdock suspicions --all, or the page Suspicions.',
  },
  ISSUE_UNKNOWN: {
    status: 404,
    retryable: false,
    owner: 'analyst',
    meaning: 'There is no issue with this id.',
    action: 'Take it from the work queue.',
  },
  ISSUE_CHANGED: {
    status: 409,
    retryable: false,
    owner: 'operations',
    meaning: 'Somebody changed the issue since it was read, or it was resolved; what they did is named.',
    action: 'Look at it as it stands now, and decide again.',
  },
  LETTER_EMPTIED: {
    status: 409,
    retryable: false,
    owner: 'analyst',
    meaning:
      'The data of the exception was erased or is older than it is kept: there is nothing to send again.',
    action: 'Discard it. If the work still has to be done, do it in Odoo.',
  },
  AUTHORITY_MISSING: {
    status: 403,
    retryable: false,
    owner: 'analyst',
    meaning: 'Who says or writes this is not the system that owns it, by definitions/authority.yaml.',
    action:
      'Let the owner do it, or have the owner of the definitions change who owns it; then replay the message.',
  },
  NOTHING_DONE: {
    status: 500,
    retryable: false,
    owner: 'analyst',
    meaning:
      'The work on the message ended, and nothing was published, written, sent or left out by a decision: an output that it took is wired nowhere.',
    action: 'Wire that output, or put a drop with the reason there. Then replay the message.',
  },
  MESSAGE_UNKNOWN: {
    status: 404,
    retryable: false,
    owner: 'operations',
    meaning:
      'No message is kept under this id: it is unknown, nothing was published, or that is more than a week ago.',
    action:
      "Take the id of the webhook's answer, which crossdock trace --json shows as correlationId; else ask the sender to send again.",
  },
  PROCESS_UNKNOWN: {
    status: 404,
    retryable: false,
    owner: 'operations',
    meaning: 'There is no process of this name, or none with this key or number.',
    action: 'Look at the list: crossdock process.',
  },
  PROCESS_STATE: {
    status: 409,
    retryable: false,
    owner: 'operations',
    meaning: 'The process does not stand so that this can be done: it has ended, or is already taken back.',
    action: 'Look at where it stands: crossdock process show.',
  },
  REQUEST_INVALID: {
    status: 400,
    retryable: false,
    owner: 'analyst',
    meaning: 'A command or a call of the API lacks something, or says something that cannot be; it is named.',
    action: 'Correct the command or the call.',
  },
  LOGIN_MISSING: {
    status: 401,
    retryable: false,
    owner: 'analyst',
    meaning: 'The call carries no valid login.',
    action: 'Log in, and send the token as Authorization: Bearer.',
  },
  PERMISSION_MISSING: {
    status: 403,
    retryable: false,
    owner: 'operations',
    meaning: 'The role of this user does not allow this.',
    action: 'Ask somebody with the role for it, or give the user another role.',
  },
  EVENT_UNKNOWN: {
    status: 500,
    retryable: false,
    owner: 'analyst',
    meaning: 'No event of this type is defined.',
    action: 'Correct the event type, or define the event in definitions/events.',
  },
  SETTING_MISSING: {
    status: 503,
    retryable: true,
    owner: 'operations',
    meaning: 'A variable that the flow names has no value in the environment of the hub.',
    action: 'Set the variable and start the hub again, or switch the flow off with disabled: true.',
  },
  CONFIG_INVALID: {
    status: 500,
    retryable: false,
    owner: 'analyst',
    meaning: 'A node or the environment is configured wrongly; the setting is named.',
    action: 'Correct the setting and deploy again.',
  },
  FLOW_FILE_INVALID: {
    status: 500,
    retryable: false,
    owner: 'analyst',
    meaning: 'A flow file cannot be read; the file and the line are named.',
    action: 'Correct the file, or restore it from version control.',
  },
  FLOW_FILE_LOSSY: {
    status: 500,
    retryable: false,
    owner: 'operations',
    meaning: 'A flow file would not say the same as the flow in the editor, so nothing was saved.',
    action: 'Export the flow from the editor and report it as a defect; the files are as they were.',
  },
  FLOW_LINT: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'The flows cannot work as they are drawn; the node is named. Nothing was deployed.',
    action: 'Change the node as the message says, and deploy again.',
  },
  FLOWS_NOT_LOADED: {
    status: 500,
    retryable: false,
    owner: 'operations',
    meaning: 'The flow files could not be read at the start, so a deploy must not write over them.',
    action: 'Correct the file named in the log and start the hub again.',
  },
  FLOW_FILES_CHANGED: {
    status: 409,
    retryable: false,
    owner: 'analyst',
    meaning:
      'Flow files were changed on the disk after they were loaded, so a deploy would undo that change.',
    action: 'Export your changes, choose Restart Flows, reload the editor, import and deploy again.',
  },
  ...partnerCodes,
  ...releaseCodes,
  ...hubCodes,
  ...mendCodes,
  ...replayCodes,
  ...reconcileCodes,
  ...sealCodes,
  ...auditCodes,
  ...interfaceCodes,
  ...signOnCodes,
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

/** What came from elsewhere, where it is a code of the table. */
export function codeOf(said: unknown): Code | undefined {
  return typeof said === 'string' && Object.hasOwn(codes, said) ? (said as Code) : undefined;
}
