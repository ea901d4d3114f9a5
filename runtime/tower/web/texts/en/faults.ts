/** What went wrong, by code. A code without a row here is told in the hub's own words. */
export const faults = {
  LETTER_CHANGED: 'It has failed again since you looked: load the page anew, then decide.',
  LETTER_UNKNOWN: 'There is no such exception. The link may be old: look for its order instead.',
  UNREACHABLE: 'The hub does not answer. What you see may be old. Check your network, then try again.',
  LOGIN_MISSING: 'Your login has ended. Log in again.',
  PERMISSION_MISSING:
    'Your role does not allow this. Ask somebody of your team who may, or the people who run the hub.',
  PROCESS_UNKNOWN:
    'Nothing here is called so. Search for another of its numbers: the partner’s, the customer’s or Odoo’s. The key / brings you to the search.',
  STORE_UNAVAILABLE: 'The journal cannot be read now. Try again in a minute; if it stays so, tell IT.',
  ROUTE_UNKNOWN: 'This page is older than the hub. Load it again.',
  RATE_LIMITED: 'Too many calls at once. Wait a minute, then try again.',
  INTERNAL: 'Something went wrong in the hub. Try again; if it stays so, tell IT the number in the log.',
  REPLAY_CHANGED:
    'The messages are not as they were when this was planned: some were sent again, discarded or failed anew. Plan it again: the new plan leaves out what is settled. Nothing was sent.',
  REPLAY_RUNNING:
    'Some of these messages are in another replay that is under way. Wait for its end, or cancel it.',
  REPLAY_STATE: 'Somebody was quicker: the replay stands elsewhere now. Look at where it stands.',
  REPLAY_UNKNOWN: 'There is no such replay. Take it from the list of replays.',
  DUTIES_MEET: 'These roles must not be one person: together they hold both sides of a rule of the roles.',
  FOUR_EYES: 'You planned this or asked for it. Somebody else has to agree.',
  TRIAGE_OFF: 'This hub asks no language model. Work with what stands here without it.',
  TRIAGE_BUSY: 'Another draft is being written, or too many were asked for. Wait a minute, then ask again.',
  TRIAGE_UNREACHABLE: 'The language model does not answer. Everything else on this page counts without it.',
  TRIAGE_REFUSED:
    'The language model refuses the question. Tell IT; everything else on this page counts without it.',
  TRIAGE_ANSWER_INVALID: 'The language model gave nothing that can be used. Ask again, or work without it.',
  SIGN_ON_AWAY:
    'The place where you log in does not answer. Try again in a few minutes; if it stays so, tell the people who run the hub.',
  SIGN_ON_STATE: 'This login took too long, or was begun elsewhere. Log in again.',
  SIGN_ON_DENIED:
    'The place where you log in said no, or has ended your login. Log in again; if it stays so, ask the people who look after your account.',
  SIGN_ON_UNVERIFIED:
    'What the place where you log in said could not be trusted, so you are not logged in. Try again; if it stays so, tell the people who run the hub.',
  SIGN_ON_NO_ROLE:
    'You are known, but none of your groups may use this hub. Ask the people who run it for the group you need.',
  SIGN_ON_ONLY: 'This name has no password here. Log in with single sign-on.',
};
