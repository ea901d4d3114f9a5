/** Makes one sweep over the changes in Odoo: reports each change, and stores the position in the journal. */
import { CodedError } from '../errors/coded-error.ts';
import type { Documents } from '../journal/documents.ts';
import { cursorAt, movedTo, type Change, type Cursor } from './changes.ts';

export interface SweepOptions {
  documents: Pick<Documents, 'get' | 'add' | 'swap'>;
  /** Name of the position. */
  at: string;
  /** How far a sweep reaches back, in ms. */
  overlapMs: number;
  changes(since: Cursor): AsyncIterable<Change>;
  tell(change: Change): Promise<void>;
  /** When it returns false, no further change is started. */
  goesOn(): boolean;
  /** Least time between two writes of the position, in ms: it contains all changes of the overlap. Default 1000. */
  keepEveryMs?: number;
}

const kind = 'odoo-changes';

/**
 * Returns true when no change is left. After a crash, changes reported since the position was last stored are reported
 * again. Throws what `tell` and the stores throw, and CLAIM_IN_FLIGHT if another worker moved the position, which then
 * stays.
 */
export async function sweep(options: SweepOptions): Promise<boolean> {
  const { documents, at, overlapMs, changes, tell, goesOn, keepEveryMs = 1000 } = options;
  let kept = await placeOf(documents, at);
  const place = JSON.parse(kept) as Cursor;
  let last: string | undefined;
  let keptAt = Date.now();

  async function keep(): Promise<void> {
    if (last === undefined) return;
    const body = JSON.stringify(movedTo(place, last, overlapMs));
    if (body !== kept && !(await documents.swap(kind, at, kept, body)))
      throw new CodedError('CLAIM_IN_FLIGHT', 'Another worker looks at the same changes', { key: at });
    kept = body;
    keptAt = Date.now();
  }

  try {
    for await (const change of changes(place)) {
      if (!goesOn()) return false;
      await tell(change);
      place.told[change.id] = [change.writeDate, change.mark];
      last = change.writeDate;
      if (Date.now() - keptAt >= keepEveryMs) await keep();
    }
    return true;
  } finally {
    await keep();
  }
}

/** The position in the journal. The first sweep starts now. */
async function placeOf(documents: SweepOptions['documents'], at: string): Promise<string> {
  const kept = await documents.get(kind, at);
  if (kept !== undefined) return kept;
  const first = JSON.stringify(cursorAt(new Date()));
  return (await documents.add(kind, at, first)) ? first : ((await documents.get(kind, at)) ?? first);
}
