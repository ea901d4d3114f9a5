/** Codes of a hub's own files and secrets, and its catalogue: a part of the one table. */
import type { ErrorCode } from './row.ts';

export const hubCodes = {
  FOLDER_NOT_EMPTY: {
    status: 409,
    retryable: false,
    owner: 'analyst',
    meaning: 'A new hub is made in an empty folder, and this one holds something.',
    action: 'Name a folder that is empty or not there yet.',
  },
  HUB_MISSING: {
    status: 409,
    retryable: false,
    owner: 'analyst',
    meaning: 'The folder has no crossdock.lock.yaml, so it is no hub of its own.',
    action: 'Make one with crossdock init, or go to the folder of yours.',
  },
  HUB_BASE_LOST: {
    status: 409,
    retryable: false,
    owner: 'analyst',
    meaning: 'A text in .crossdock-base is missing or was changed, so nobody can tell what was changed here.',
    action: 'Take the folder .crossdock-base back from git as crossdock.lock.yaml is there.',
  },
  HUB_UPGRADE_FIRST: {
    status: 409,
    retryable: false,
    owner: 'analyst',
    meaning: "The hub's files are of another version of Crossdock than the one that is installed.",
    action: 'Run crossdock upgrade, then add what you want.',
  },
  CATALOGUE_UNKNOWN: {
    status: 404,
    retryable: false,
    owner: 'analyst',
    meaning: 'The catalogue has nothing of this name.',
    action: 'Run crossdock add without a name: it shows what there is.',
  },
  FILE_UNKNOWN: {
    status: 404,
    retryable: false,
    owner: 'analyst',
    meaning: 'The path is none of the files of definitions or flows.',
    action: 'Choose the file from the lists of the workspace.',
  },
  FILE_CHANGED: {
    status: 409,
    retryable: false,
    owner: 'analyst',
    meaning: 'Somebody else has saved the file since it was opened, so saving would undo that change.',
    action: 'Look at both texts, choose what counts, and save again. Nothing is lost.',
  },
  FILE_INVALID: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning:
      'The file would not read as what it is, or another one would not fit it any more; file and line are named. Nothing was saved.',
    action: 'Correct what the message names, and save again.',
  },
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
