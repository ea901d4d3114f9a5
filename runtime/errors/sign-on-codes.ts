/** Codes of single sign-on: a part of the one table. */
import type { ErrorCode } from './row.ts';

export const signOnCodes = {
  SIGN_ON_AWAY: {
    status: 503,
    retryable: true,
    owner: 'operations',
    meaning: 'The provider of sign-on does not answer, or does not take the hub as its client.',
    action:
      'Bring the provider back, or correct issuer, client and secret; until then the break-glass user can log in.',
  },
  SIGN_ON_STATE: {
    status: 400,
    retryable: false,
    owner: 'operations',
    meaning:
      'This login was begun in another browser, has come back before, or took longer than ten minutes.',
    action:
      'Log in anew. If it comes often: the hub is reached by another address than CROSSDOCK_SIGN_ON_URL.',
  },
  SIGN_ON_DENIED: {
    status: 403,
    retryable: false,
    owner: 'operations',
    meaning: 'The provider did not let this person log in, or has ended the login.',
    action: 'Log in anew; if it stays so, look at what the provider says of this person.',
  },
  SIGN_ON_UNVERIFIED: {
    status: 403,
    retryable: false,
    owner: 'operations',
    meaning:
      'What the provider said is not signed by it, not meant for this hub or this login, or is too old.',
    action:
      'Log in anew. If it stays so, look at the log: it names the check that failed. It may be an attack.',
  },
  SIGN_ON_NO_ROLE: {
    status: 403,
    retryable: false,
    owner: 'operations',
    meaning: 'The provider knows this person, and no grant of definitions/sign-on.yaml is theirs.',
    action: 'Put the person into a group that has a grant, or write a grant for one of their groups.',
  },
  SIGN_ON_ONLY: {
    status: 403,
    retryable: false,
    owner: 'operations',
    meaning: 'Here people log in by sign-on; a password is taken of the break-glass user only.',
    action: 'Log in with single sign-on.',
  },
} satisfies Record<string, ErrorCode>;
