/** Remembers in the journal, for all hubs and over restarts, since when a queue waits for somebody to mend its target. */
import type { Documents } from '../journal/documents.ts';

interface Kept {
  /** ISO times: when the failure was met first, and about when it was met last. */
  since: string;
  last: string;
}

const kind = 'unmended';
/** A failure that is met again later than this is a new one: while messages wait, one is tried each half minute. */
const sameMs = 900_000;
const noteMs = 60_000;

/** Returns since when the failure lasts. To be called each time it is met. Throws what the journal throws. */
export async function unmendedSince(
  documents: Pick<Documents, 'get' | 'put'>,
  queue: string,
  now: Date,
): Promise<Date> {
  const text = await documents.get(kind, queue);
  const kept = text === undefined ? undefined : (JSON.parse(text) as Kept);
  const ago = kept ? now.getTime() - Date.parse(kept.last) : Infinity;
  const since = kept && ago < sameMs ? kept.since : now.toISOString();
  if (ago >= noteMs)
    await documents.put(kind, queue, JSON.stringify({ since, last: now.toISOString() } satisfies Kept));
  return new Date(since);
}
