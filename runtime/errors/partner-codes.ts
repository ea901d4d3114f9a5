/** The codes of calls to partners' systems and of EDI: a part of the one table. */
import type { ErrorCode } from './row.ts';

export const partnerCodes = {
  PARTNER_UNREACHABLE: {
    status: 503,
    retryable: true,
    owner: 'operations',
    meaning: "A partner's system cannot be reached; nothing was sent.",
    action: 'Ask the partner, or correct the address; flows try again by themselves.',
  },
  PARTNER_TIMEOUT: {
    status: 504,
    retryable: true,
    owner: 'operations',
    meaning: "A partner's system did not answer in time; whether it did the work is not known.",
    action: 'Nothing: flows try again by themselves. If it goes on, ask the partner.',
  },
  PARTNER_ANSWER_LOST: {
    status: 502,
    retryable: true,
    owner: 'operations',
    meaning:
      "The connection to a partner's system broke during a call; whether it did the work is not known.",
    action: 'Nothing: flows try again by themselves.',
  },
  PARTNER_ANSWER_LARGE: {
    status: 502,
    retryable: false,
    owner: 'analyst',
    meaning: "The answer of a partner's system is larger than the hub reads; the work may have been done.",
    action:
      'Ask for less at a time, such as a page. Ask the partner whether it was done before you replay the message.',
  },
  PARTNER_BUSY: {
    status: 503,
    retryable: true,
    owner: 'operations',
    meaning: "A partner's system takes no more calls now.",
    action: 'Nothing: flows try again by themselves, not before the time the partner names.',
  },
  PARTNER_AUTH: {
    status: 502,
    retryable: false,
    owner: 'operations',
    meaning: "A partner's system refuses the key or password.",
    action: 'Set a valid key in the environment; flows go on by themselves.',
  },
  PARTNER_ADDRESS_WRONG: {
    status: 502,
    retryable: false,
    owner: 'operations',
    meaning:
      "A partner's system answers that it is elsewhere. Redirects are not followed: they would carry the key.",
    action: 'Correct the address of the connection.',
  },
  PARTNER_REFUSED: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: "A partner's system refused the data; its own sentence is in the message.",
    action: 'Correct the data or the mapping, then replay the message.',
  },
  PARTNER_FAILED: {
    status: 502,
    retryable: true,
    owner: 'operations',
    meaning: "A partner's system failed inside. A retry may help, or fail again for the same reason.",
    action: 'Ask the partner, with the time of the call.',
  },
  PARTNER_UNCERTAIN: {
    status: 502,
    retryable: false,
    owner: 'operations',
    meaning: "The answer of a partner's system was lost, and the call must not be made twice.",
    action: 'Ask the partner whether it was done. If not, replay the message; if so, discard it.',
  },
  UNSUPPORTED: {
    status: 422,
    retryable: false,
    owner: 'operations',
    meaning:
      'The document asks for something that is not done here; the reason names it. Nothing of it was done.',
    action: 'Do it in Odoo by hand and discard the message, or ask the partner to send it another way.',
  },
  FIELD_UNKNOWN: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning:
      'A field of the message carries money or a quantity, or is one of an EDI document, and no file says whether it counts.',
    action:
      'Read it in the mapping, or name it as ignored, with the reason, in the fields file beside the mapping or in definitions/edi; then replay the message.',
  },
  EDI_INVALID: {
    status: 400,
    retryable: false,
    owner: 'sender',
    meaning: 'The text is no X12 or EDIFACT interchange, or so damaged that nobody can be answered.',
    action: 'Ask the partner to send it again, whole.',
  },
  EDI_PARTNER_UNKNOWN: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning:
      'No partner of definitions/partners has this EDI address, or the interchange is meant for somebody else.',
    action: 'Add the partner, or correct its address; then the partner sends again.',
  },
  EDI_VALUE_INVALID: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'A value cannot be carried by EDI: it holds a separator, or is not text.',
    action: 'Change the mapping of the element named, then replay the message.',
  },
  EDI_REJECTED: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'The partner rejected a document of ours by 997 or CONTRL.',
    action: 'Look up the codes in the guide of the partner, correct the mapping, and replay what was sent.',
  },
} as const satisfies Record<string, ErrorCode>;
