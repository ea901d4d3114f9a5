/** When each login was used last, and from which addresses users come: kept in memory, and written from time to time. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile, textOf } from '../files/durable.ts';
import { serial } from '../files/serial.ts';

export interface ListedSession {
  /** Of its token, which nobody can make of it. */
  id: string;
  user: string;
  /** Of who is in by sign-on, where that is known. */
  name?: string;
  /** ISO 8601. */
  began: string;
  used: string;
  /** The address it was opened from, where that is known. */
  from?: string;
}

/** Of a user: which logins of theirs are over. */
export interface Ended {
  /** ISO 8601: all of before are. */
  since?: string | undefined;
  /** Those that were ended one by one: id, and when. */
  ended?: Readonly<Record<string, string>> | undefined;
}

interface Use {
  /** Milliseconds since 1970. */
  used: number;
  /** The same. Kept, for how long a login may last can be another after a restart. */
  began?: number;
  from?: string;
}

interface Kept {
  sessions: Record<string, Use>;
  /** `user@address`, and when they logged in from there last. */
  known: Record<string, number>;
}

export interface SessionBook {
  /** Undefined where it was never used. */
  used(id: string): number | undefined;
  /** Undefined where that is not known. */
  began(id: string): number | undefined;
  begin(id: string, from: string): void;
  use(id: string): void;
  forget(id: string): void;
  isKnown(user: string, address: string): boolean;
  know(user: string, address: string): void;
  /** Writes what is not written yet. */
  flush(): Promise<void>;
}

const flushMs = 30_000;
const day = 24 * 3600 * 1000;
const knownDays = 30;

export const idOf = (token: string): string =>
  createHash('sha256').update(token).digest('base64url').replaceAll(/[-_]/g, '').slice(0, 10);

const fileOf = (dataDir: string): string => join(dataDir, 'sessions-used.json');

export function openBook(dataDir: string): SessionBook {
  const kept = parsed(before(fileOf(dataDir)));
  let timer: NodeJS.Timeout | undefined;
  const inTurn = serial();
  const write = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const now = Date.now();
    for (const [id, { used }] of Object.entries(kept.sessions))
      if (now - used > day) delete kept.sessions[id];
    for (const [who, at] of Object.entries(kept.known))
      if (now - at > knownDays * day) delete kept.known[who];
    await replaceFile(fileOf(dataDir), `${JSON.stringify(kept)}\n`, 0o600);
  };
  const flush = (): Promise<void> => inTurn(write);
  /** What is lost with the process is half a minute of use. */
  const soon = (): void => void (timer ??= setTimeout(() => void flush().catch(() => {}), flushMs).unref());
  return {
    flush,
    used: (id) => kept.sessions[id]?.used,
    began: (id) => kept.sessions[id]?.began,
    begin(id, from) {
      const began = Date.now();
      kept.sessions[id] = { used: began, began, from };
      void flush().catch(() => {});
    },
    use(id) {
      kept.sessions[id] = { ...kept.sessions[id], used: Date.now() };
      soon();
    },
    forget(id) {
      delete kept.sessions[id];
      soon();
    },
    isKnown: (user, address) => Date.now() - (kept.known[`${user}@${address}`] ?? 0) < knownDays * day,
    know(user, address) {
      kept.known[`${user}@${address}`] = Date.now();
      void flush().catch(() => {});
    },
  };
}

/** Those that are written, of all users: also for another process. `maximumSeconds`: how long one lasts from its begin. */
export async function listSessions(
  dataDir: string,
  { idleSeconds, maximumSeconds }: { idleSeconds: number; maximumSeconds: number },
  book?: Pick<SessionBook, 'used' | 'began'>,
): Promise<ListedSession[]> {
  const logins = JSON.parse((await textOf(join(dataDir, 'sessions.json'))) ?? '{}') as Record<
    string,
    { user: string; expires: number }
  >;
  const kept = parsed(await textOf(fileOf(dataDir)));
  const now = Date.now();
  return Object.entries(logins)
    .map(([token, { user, expires }]) => {
      const id = idOf(token);
      const { from, began: noted } = kept.sessions[id] ?? {};
      const began = book?.began(id) ?? noted ?? expires - maximumSeconds * 1000;
      const used = Math.max(book?.used(id) ?? 0, kept.sessions[id]?.used ?? 0, began);
      return { id, user, expires, began, used, from };
    })
    .filter(
      ({ expires, began, used }) =>
        lasts(now, { began, expires }, maximumSeconds) && now - used < idleSeconds * 1000,
    )
    .toSorted((one, other) => other.used - one.used)
    .map(({ id, user, began, used, from }) => ({
      id,
      user,
      began: new Date(began).toISOString(),
      used: new Date(used).toISOString(),
      ...(from !== undefined && { from }),
    }));
}

/** `began`: milliseconds since 1970. */
export function isEnded({ since, ended }: Ended, id: string, began: number): boolean {
  return ended?.[id] !== undefined || (since !== undefined && began < Date.parse(since));
}

/** What there is to say of one more that ends, or of all: `id` undefined. Those that cannot be there any more go. */
export function withEnded(
  { since, ended = {} }: Ended,
  id: string | undefined,
  { maximumSeconds }: { maximumSeconds: number },
): Ended {
  const now = new Date();
  if (id === undefined) return { since: now.toISOString(), ended };
  const recent = Object.entries(ended).filter(([, at]) => +now - Date.parse(at) < maximumSeconds * 1000);
  return { ...(since && { since }), ended: { ...Object.fromEntries(recent), [id]: now.toISOString() } };
}

/** Those of sign-on: what the provider gave is not there after a restart, so none of them is open. */
export async function dropSessions(dataDir: string, isOf: (user: string) => boolean): Promise<void> {
  const place = join(dataDir, 'sessions.json');
  const text = await textOf(place);
  if (text === undefined) return;
  const all = Object.entries(JSON.parse(text) as Record<string, { user: string }>);
  const kept = all.filter(([, { user }]) => !isOf(user));
  if (kept.length === all.length) return;
  await replaceFile(await realpath(place), JSON.stringify(Object.fromEntries(kept)), 0o600);
}

/** It may not have been made to last longer than logins may now, nor be there for longer. */
export function lasts(
  now: number,
  { began, expires }: { began: number; expires: number },
  maximumSeconds: number,
): boolean {
  const most = maximumSeconds * 1000;
  return expires > now && expires - now <= most && now - began <= most;
}

function before(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** One that cannot be read counts as none: logins are used since their begin then. */
function parsed(text: string | undefined): Kept {
  try {
    const { sessions = {}, known = {} } = JSON.parse(text ?? '{}') as Partial<Kept>;
    return { sessions, known };
  } catch {
    return { sessions: {}, known: {} };
  }
}
