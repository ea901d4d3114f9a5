/** What is known of the chain beside it: how far it was verified, and what each place outside has. Kept as documents. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Audit } from '../../journal/audit.ts';
import type { Documents } from '../../journal/documents.ts';
import { trustedKeys } from '../../signature/keys.ts';
import type { Link } from '../chain.ts';
import { readCheckpoints } from './checkpoint.ts';
import type { Verdict } from './verify.ts';

const auditKind = 'audit';

/** The whole chain, read from its beginning. */
export interface Verified extends Verdict {
  /** ISO 8601, UTC. */
  at: string;
  by: string;
  /** Checkpoints that it was compared with. */
  compared: number;
}

export interface SinkState {
  /** The setting it comes from. */
  name: string;
  /** The last checkpoint that it took. */
  sent?: Link & { at: string };
  /** Undefined: it takes them. */
  failed?: { since: string; code: string; tries: number };
}

export interface Outside {
  places: SinkState[];
  /** The first row that is not as it was written: no checkpoint is made. */
  broken?: { row: number; since: string };
}

type Kept = Pick<Documents, 'get' | 'put'>;

async function kept<T>(documents: Pick<Documents, 'get'>, id: string): Promise<T | undefined> {
  const text = await documents.get(auditKind, id);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

export const lastVerified = (documents: Pick<Documents, 'get'>) => kept<Verified>(documents, 'verified');

export async function outsideOf(documents: Pick<Documents, 'get'>): Promise<Outside> {
  return (await kept<Outside>(documents, 'outside')) ?? { places: [] };
}

export function keepVerified(documents: Kept, verified: Verified): Promise<void> {
  return documents.put(auditKind, 'verified', JSON.stringify(verified));
}

export function keepOutside(documents: Kept, outside: Outside): Promise<void> {
  return documents.put(auditKind, 'outside', JSON.stringify(outside));
}

/** What the hub itself can read of what it sent: the file whole, and of the other places the last one. */
export async function checkpointsHere(
  documents: Pick<Documents, 'get'>,
  { dataDir, env }: { dataDir: string; env: NodeJS.ProcessEnv },
): Promise<Link[]> {
  const { places } = await outsideOf(documents);
  const file = env['CROSSDOCK_AUDIT_FILE'];
  const text = file ? await readFile(resolve(file), 'utf8').catch(() => '') : '';
  const inFile = text ? readCheckpoints(text, await trustedKeys(dataDir, env), () => {}) : [];
  return [...inFile, ...places.flatMap(({ sent }) => sent ?? [])];
}

/** Each place, and whether the row that it has is the one of the chain. */
export async function compared(
  { places }: Outside,
  audit: Pick<Audit, 'after'>,
): Promise<(SinkState & { agrees?: boolean })[]> {
  return Promise.all(
    places.map(async (place) => {
      if (!place.sent) return place;
      const [row] = await audit.after(place.sent.sequence - 1, 1);
      return { ...place, agrees: row?.sequence === place.sent.sequence && row.hash === place.sent.hash };
    }),
  );
}
