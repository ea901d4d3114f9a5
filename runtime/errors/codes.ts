/** The one table of error codes: what each means, whether trying again can help, who acts, and what they do. */
import { auditCodes } from './audit-codes.ts';
import { hubCodes } from './hub-codes.ts';
import { partnerCodes } from './partner-codes.ts';
import { interfaceCodes } from './interface-codes.ts';
import { intakeCodes } from './intake-codes.ts';
import { mendCodes } from './mend-codes.ts';
import { odooCodes } from './odoo-codes.ts';
import { replayCodes } from './replay-codes.ts';
import { releaseCodes } from './release-codes.ts';
import { reconcileCodes } from './reconcile-codes.ts';
import { sealCodes } from './seal-codes.ts';
import type { ErrorCode } from './row.ts';
import { signOnCodes } from './sign-on-codes.ts';

const table = {
  ...intakeCodes,
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
  ...odooCodes,
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
