/** One look at what changed in Odoo: tells of each change, and keeps the place where it is in the journal. */
import { CodedError } from '../errors/coded-error.ts';
import type { Documents } from '../journal/documents.ts';
import { cursorAt, movedTo, type Change, type Cursor } from './changes.ts';

export interface SweepOptions {
  documents: Pick<Documents, 'get' | 'add' | 'swap'>;
  /** Whose place it is. */
  at: string;
  overlapMs: number;
  changes(since: Cursor): AsyncIterable<Change>;
  tell(change: Change): Promise<void>;
  /** False: no further change is begun. */
  goesOn(): boolean;
  /** The place holds all that was told within the overlap, so it is not kept with every change. Default a second. */
  keepEveryMs?: number;
}

const kind = 'odoo-changes';

/**
 * True when nothing is left. What was told after the place was kept last is told again after a crash. Throws what `tell`
 * and the stores throw, and CLAIM_IN_FLIGHT when another went on from the same place: its place stays then.
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

/** As it stands in the journal: from now on where it is the first look. */
async function placeOf(documents: SweepOptions['documents'], at: string): Promise<string> {
  const kept = await documents.get(kind, at);
  if (kept !== undefined) return kept;
  const first = JSON.stringify(cursorAt(new Date()));
  return (await documents.add(kind, at, first)) ? first : ((await documents.get(kind, at)) ?? first);
}
