/** What each hub of a store runs, and a roll-out among them, as the journal keeps both for all to see. No decisions. */
import { createHash } from 'node:crypto';
import type { Documents } from '../journal/documents.ts';
import { readBundle, type Bundle } from './bundle.ts';
import { readFileSet } from '../flow-file/file-set.ts';
import { readPointer } from './kept.ts';

/** What a hub can run: a release, or, without a manifest, the working copy as it was at a time. */
export type Content = Pick<Bundle, 'digest' | 'files'> & { manifest?: Bundle['manifest'] };

/** Without a version it is a working copy; without a digest that of the hub's own folders. */
export interface Runs {
  digest?: string;
  version?: string;
  /** ISO time. */
  since: string;
}

export interface Member extends Runs {
  id: string;
  host: string;
  pid: number;
  worker: boolean;
  /** ISO time. */
  seen: string;
  state: 'running' | 'switching' | 'failed';
  /** What it could not run, and in which roll-out. */
  failed?: { roll: string; code: string; reason: string };
}

export interface Rollout {
  id: string;
  digest: string;
  /** Absent: a working copy. */
  version?: string;
  by: string;
  /** What runs where it has not come to yet, and again where it fails. Absent: what each hub has in its own folders. */
  before?: string;
  /** The pointer it moved, and what that said. */
  pointer: { id: Pointing; text: string };
  state: 'forth' | 'back';
  /** Workers that are to run it, in the order of their turns. */
  turns: string[];
  /** The one whose turn it is. */
  turn?: string;
  /** ISO times. When nobody moves `until`, who drives it is gone. */
  began: string;
  until: string;
  driver: string;
  /** What does not run as it should where it was made either, in words. */
  known: string[];
  code?: string;
  reason?: string;
}

/** Of the release, and of the working copy, that runs by decision. */
export type Pointing = 'now' | 'working';

/** A hub that says nothing for so long is gone. */
export const GONE_MS = 15_000;
const FORGOTTEN_MS = 3_600_000;

export async function rolloutNow(documents: Documents): Promise<Rollout | undefined> {
  const text = await documents.get('rollout', 'now');
  return text ? (JSON.parse(text) as Rollout) : undefined;
}

/** How the last one ended. */
export async function lastRollout(documents: Documents): Promise<Rollout | undefined> {
  const text = await documents.get('rollout', 'last');
  return text ? (JSON.parse(text) as Rollout) : undefined;
}

/** Those that are there. */
export async function members(documents: Documents, now: Date): Promise<Member[]> {
  const all = (await documents.list('member')).map(({ body }) => JSON.parse(body) as Member);
  return all.filter(({ seen }) => now.getTime() - Date.parse(seen) < GONE_MS);
}

export async function report(documents: Documents, member: Member): Promise<void> {
  await documents.put('member', member.id, JSON.stringify(member));
}

export async function forgetGone(documents: Documents, now: Date): Promise<void> {
  for (const { id, body } of await documents.list('member'))
    if (now.getTime() - Date.parse((JSON.parse(body) as Member).seen) > FORGOTTEN_MS)
      await documents.drop('member', id);
}

/** Digest of what a hub runs that nobody has given a turn; undefined: what is in its own folders. In production only releases. */
export async function current(documents: Documents, production: boolean): Promise<string | undefined> {
  const [rollout, digest, working] = await Promise.all([
    rolloutNow(documents),
    decided(documents),
    production ? undefined : documents.get('running', 'working'),
  ]);
  if (rollout) return rollout.before;
  return digest ?? (working || undefined);
}

/** Digest of the release that runs by decision, also in the middle of a roll-out. */
export async function decided(documents: Documents): Promise<string | undefined> {
  return (await readPointer(documents))?.digest;
}

const working = 'working:';

/** Undefined where nothing is kept under this digest. Throws RELEASE_INVALID. */
export async function contentOf(documents: Documents, digest: string): Promise<Content | undefined> {
  const kind = digest.startsWith(working) ? 'working' : 'release';
  const text = await documents.get(kind, digest);
  if (text === undefined) return undefined;
  return kind === 'release' ? readBundle(text) : (JSON.parse(text) as Content);
}

/** The files of these folders as they are now. Nobody signs them. */
export async function workingCopy(flowsDir: string, definitionsDir: string): Promise<Content> {
  const files = Object.fromEntries(await readFileSet(flowsDir, definitionsDir));
  const hex = createHash('sha256').update(JSON.stringify(files)).digest('hex');
  return { digest: `${working}${hex}`, files };
}

/** The only one that is kept. */
export async function keepWorking(documents: Documents, content: Content): Promise<void> {
  await documents.put('working', content.digest, JSON.stringify(content));
}

export async function forgetWorking(documents: Documents, keep: string): Promise<void> {
  for (const { id } of await documents.list('working')) if (id !== keep) await documents.drop('working', id);
}

export function named({ host, pid }: Pick<Member, 'host' | 'pid'>): string {
  return `${host} ${pid}`;
}
