/** Who is in by sign-on: what each login holds, asked again of the provider at a request once it is old. */
import { createHash } from 'node:crypto';
import type { Auditing } from '../../audit/audited.ts';
import { asCoded, CodedError } from '../../errors/coded-error.ts';
import type { Log } from '../../log/log.ts';
import { grantOf, type Grant, type Rules } from '../../sign-on/grants.ts';
import { idOf, nameOf, type Person } from '../../sign-on/identity.ts';
import type { Held, Provider } from '../../sign-on/provider.ts';
import type { SignOnSettings } from '../../sign-on/settings.ts';
import { granted, type Roles } from '../../roles/roles.ts';
import { loginRow } from '../login-row.ts';
import type { EditorUser } from '../roles.ts';
import { idOf as sessionOf } from '../session-book.ts';

export interface SessionsOptions {
  settings: Pick<SignOnSettings, 'checkMs' | 'awayMs'>;
  provider: Pick<Provider, 'again'>;
  /** As they stand now. Throws CONFIG_INVALID. */
  rules(): Rules;
  readOnly: boolean;
  /** As they stand now. */
  roles(): Roles;
  environment?: string | undefined;
  audit: Auditing;
  log: Log;
  now?(): number;
}

export interface PersonIn extends Person, Grant {}

export interface SignOnSessions {
  /** Who this is, by the rules of now. Throws SIGN_ON_NO_ROLE, with the person in its facts. */
  admit(held: Held): PersonIn;
  /** A login of Node-RED's by this token is theirs, until it ends by itself. By default the person is admitted here. */
  keep(token: string, held: Held, expires: number, person?: PersonIn): void;
  permissions(person: PersonIn): readonly string[];
  /** Whose login it is; undefined for one that is not known. */
  whose(token: string): string | undefined;
  /** As Node-RED has a user; null for one who is not in. */
  user(id: string): EditorUser | null;
  /** False once the login is over. One that is not known is over: it was of before the start. */
  follow(token: string): Promise<boolean>;
  /** Why this login was ended, for a moment after it was asked first. */
  why(token: string): CodedError | undefined;
  /** Ends it; gives what was held. */
  end(token: string): Held | undefined;
  /** This person has a login that is not over: the one that is listed so, or any. */
  has(id: string, session?: string): boolean;
  /** Ends all of this person, or the one that is listed so. */
  endOf(id: string, session?: string): void;
}

interface Session {
  id: string;
  /** As ListedSession names it. */
  session: string;
  held: Held;
  /** Of the last answer of the provider; milliseconds since 1970. */
  checked: number;
  /** No earlier it is asked again. */
  next: number;
  checking?: Promise<boolean> | undefined;
  expires: number;
  over?: CodedError;
  /** When somebody heard why it is over. */
  toldFrom?: number;
}

/** All calls of a page that are under way hear why; those of later lead to the login. */
const toldMs = 3000;
/** A provider that is away is not asked by each request. */
const pauseMs = 5000;

/** What the calls share. */
interface Inside extends SessionsOptions {
  now(): number;
  /** By the hash of the token. */
  sessions: Map<string, Session>;
  people: Map<string, PersonIn>;
}

export function signOnSessions(options: SessionsOptions): SignOnSessions {
  const { settings, roles, environment, readOnly, now = Date.now } = options;
  const inside: Inside = { ...options, now, sessions: new Map(), people: new Map() };
  const { sessions, people } = inside;
  const grantedTo = ({ role }: PersonIn) => granted(roles(), [role], { environment, readOnly });

  return {
    admit: (held) => admitted(options, held),
    permissions: (person) => grantedTo(person).permissions,
    whose: (token) => sessions.get(keyOf(token))?.id,
    keep(token, held, expires, person = admitted(options, held)) {
      dropExpired(inside);
      people.set(person.id, person);
      const at = now();
      sessions.set(keyOf(token), {
        id: person.id,
        session: sessionOf(token),
        held,
        checked: at,
        next: at + settings.checkMs,
        expires,
      });
    },
    user(id) {
      const person = people.get(id);
      if (!person) return null;
      const { name, teams } = person;
      const { permissions, meet } = grantedTo(person);
      return { username: id, ...(name && { name }), permissions, teams, ...(meet.length > 0 && { meet }) };
    },
    async follow(token) {
      const session = sessions.get(keyOf(token));
      if (!session || session.over) return false;
      if (now() < session.next) return true;
      session.checking ??= check(inside, session).finally(() => (session.checking = undefined));
      return session.checking;
    },
    why(token) {
      const session = sessions.get(keyOf(token));
      if (!session?.over) return undefined;
      session.toldFrom ??= now();
      return now() - session.toldFrom < toldMs ? session.over : undefined;
    },
    end(token) {
      const key = keyOf(token);
      const session = sessions.get(key);
      sessions.delete(key);
      if (session) leave(inside, session.id);
      return session?.over ? undefined : session?.held;
    },
    has: (id, session) => openOf(inside, id, session).length > 0,
    endOf(id, session) {
      for (const [key] of openOf(inside, id, session)) sessions.delete(key);
      leave(inside, id);
    },
  };
}

function admitted({ rules, roles }: SessionsOptions, held: Held): PersonIn {
  const person = { id: idOf(held.issuer, held.subject), name: nameOf(held.shown) };
  const grant = grantOf(rules(), held.claims);
  if (!grant) throw new CodedError('SIGN_ON_NO_ROLE', 'No grant here is yours', { person: person.id });
  if (roles().named(grant.role) === undefined)
    throw new CodedError(
      'CONFIG_INVALID',
      `definitions/sign-on.yaml names the role ${grant.role}, which there is not`,
    );
  return { ...person, ...grant };
}

async function check(inside: Inside, session: Session): Promise<boolean> {
  try {
    session.held = await inside.provider.again(session.held);
    inside.people.set(session.id, admitted(inside, session.held));
    // It may have ended meanwhile.
    leave(inside, session.id);
    session.checked = inside.now();
    session.next = session.checked + inside.settings.checkMs;
    return true;
  } catch (error) {
    return failed(inside, session, asCoded(error));
  }
}

/** Whether the login goes on all the same. */
async function failed(inside: Inside, session: Session, { code, message }: CodedError): Promise<boolean> {
  const { settings, audit, log, now, sessions } = inside;
  // Not where the file of the hub is wrong: nobody knows then who may be in.
  const waits = code === 'SIGN_ON_AWAY' && now() - session.checked < settings.awayMs;
  log.warn(
    { code, who: session.id },
    waits ? `${message}: who is in stays in for now` : `A login ends: ${message}`,
  );
  if (waits) {
    session.next = now() + Math.min(pauseMs, settings.checkMs);
    return true;
  }
  // What is over for one login of a person is over for all of them.
  const all =
    code === 'SIGN_ON_NO_ROLE' ? [...sessions.values()].filter(({ id }) => id === session.id) : [session];
  for (const one of all) one.over ??= new CodedError(code, message);
  leave(inside, session.id);
  await audit
    .append(loginRow(session.id, { reason: code }))
    .catch((cause: unknown) => log.error({ err: cause }, 'The end of a login has no row in the audit'));
  return false;
}

/** Of this person, or the one that is listed so. */
function openOf({ sessions }: Inside, id: string, named?: string): [string, Session][] {
  return [...sessions].filter(
    ([, one]) => one.id === id && !one.over && (named === undefined || one.session === named),
  );
}

/** Who has no login any more is not in. */
function leave(inside: Inside, id: string): void {
  if (openOf(inside, id).length === 0) inside.people.delete(id);
}

function dropExpired(inside: Inside): void {
  for (const [key, one] of inside.sessions)
    if (one.expires < inside.now()) {
      inside.sessions.delete(key);
      leave(inside, one.id);
    }
}

function keyOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
