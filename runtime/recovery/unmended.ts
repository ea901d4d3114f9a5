/** Since when the messages of a queue wait for somebody to mend their target: in the journal, for all hubs and over restarts. */
import type { Documents } from '../journal/documents.ts';

interface Kept {
  /** ISO times: when it was met first, and about when last. */
  since: string;
  last: string;
}

const kind = 'unmended';
/** Met again later than this it is another: while messages wait, one goes to see each half minute. */
const sameMs = 900_000;
const noteMs = 60_000;

/** Called each time it is met. */
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
