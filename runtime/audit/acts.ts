/** What the audit knows of: a closed list, and how a row says one of them. */

export const acts = [
  'login',
  'login.break-glass',
  'logout',
  'user.add',
  'user.change',
  'token.make',
  'key.trust',
  'data.read',
  'letter.replay',
  'letter.edit',
  'letter.discard',
  'message.rerun',
  'replay.run',
  'replay.approve',
  'value.add',
  'value.withdraw',
  'release.cut',
  'release.send',
  'release.promote',
  'release.break-glass',
  'release.approve',
  'release.rollback',
  'reconcile.explain',
  'reconcile.accept',
  'process.act',
  'data.erase',
  'data.restore',
] as const;

export type Act = (typeof acts)[number];

/** `begun`: written before it was done. `failed` follows where it was not; `done` with a code where only what followed it failed. */
export type ActOutcome = 'begun' | 'done' | 'failed';

/** Ids and hashes only: no secret, no data of a person, no text that somebody wrote. */
export interface AuditEntry {
  /** Name of a user, `token:…`, `hub`, or who is logged in on the machine of a command. */
  who: string;
  /** `http 10.0.0.7 POST /tower/api/letters/discard`, `command dead discard`, or `hub`; with who is logged in, where that is not `who`. */
  from: string;
  act: Act;
  /** `letter/…`, `user/…`, `release/1.3.0`. */
  object: string;
  outcome: ActOutcome;
  /** `sha256:…` of the canonical JSON of what was there, and of what is there then. */
  before?: string;
  after?: string;
  /** An error code, or `sha256:…` of the text that somebody wrote; the text stands with the object. */
  reason?: string;
}
