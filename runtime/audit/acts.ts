/** What the audit knows of: a closed list, and how a row says one of them. */

/** When each has a row. The page docs/operators/audit-acts.md is made of it. */
export const actTable = {
  login: 'a password was right (`done`), wrong or not even looked at because too many were wrong (`failed`)',
  'login.break-glass': 'where sign-on is set: the one user who has a password used it, or somebody tried',
  logout: 'a login by sign-on was ended by its person',
  'user.add': 'a user was made',
  'user.change': 'a user has another role, password or teams, or is disabled or enabled',
  'session.end': 'all logins of a user were ended, or one',
  'token.make': 'a token for a program was made',
  'token.rotate': 'a token got its successor; both hold for a while',
  'token.end': 'a token was ended',
  'key.trust': 'the key of another hub was trusted',
  'key.rotate': 'the key that signs got its successor',
  'secret.reload': 'the secrets were read again',
  'secret.change': 'a secret has another value: its name',
  'secret.rotate': 'a secret got its successor; both hold for a while',
  'secret.renew': 'the key of Odoo was renewed',
  'secret.end': 'the secret before does not hold any more',
  'data.read': 'somebody looked at the data of a message, a sample, an order or a process',
  'letter.replay': 'an exception is sent again; in a replay of many too',
  'letter.edit': 'an exception is sent again with other data',
  'letter.discard': 'an exception is given up',
  'message.rerun': 'an accepted webhook is run again',
  'replay.plan': 'a replay of many was planned; nothing is sent yet',
  'replay.run': 'a replay of many is started',
  'replay.approve': 'a second person agreed to it',
  'replay.steer': 'a replay is paused, goes on or is cancelled',
  'issue.act': 'somebody took, assigned, muted or noted an issue, or lets it wait or go on',
  'suspicion.judge': 'somebody said whether a suspicion was worth a look, or a detector tells again',
  'triage.draft': 'a language model was asked about an issue',
  'value.add': 'an entry of a value map is added, taken over or proposed in the work queue',
  'value.withdraw': 'a proposed entry was withdrawn',
  'file.save':
    'a mapping, value map, definition, test or sample was saved, or something taken from the catalogue',
  'flow.deploy':
    'flows were deployed in the editor; `object` names the files, `before` and `after` their contents',
  'editor.act':
    'the editor changed something else: a node was injected by hand, installed or switched, context deleted',
  'partner.send': 'a signed sample was sent to this hub',
  'release.cut': 'a release was cut on the hub where flows are made',
  'release.send': 'a release was sent to another hub',
  'release.promote': 'this hub takes a release',
  'release.break-glass': 'a release goes ahead without its approvals',
  'release.approve': 'a release was approved',
  'release.rollback': 'the release before is taken back into use',
  'reconcile.run': 'books were compared, and the run is kept',
  'reconcile.explain': 'somebody said why a break is so',
  'reconcile.accept': 'a second person accepted that',
  'process.act': 'somebody pauses, goes on with, steps or compensates a process',
  'steps.seal': 'the hub itself: what was done in an hour, by the hash of its steps',
  'data.erase': 'the personal data of a customer was erased',
  'data.prune': 'what is older than its rule went, once a day or by command',
  'data.backup': 'everything of the hub was written to a file',
  'data.rekey': 'what the store holds is sealed with another key, or with none',
  'data.restore': 'the rows of a backup stand in the place of those that were there',
  'audit.verify': 'somebody had the chain read',
  'audit.export': 'rows of the audit left the hub as a file',
} as const;

export type Act = keyof typeof actTable;
export const acts = Object.keys(actTable) as Act[];

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
