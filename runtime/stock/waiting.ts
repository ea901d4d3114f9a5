/** Since when each channel waits for an article: the first change after what it took last, however many follow. */
import type { Envelope } from '../envelope/envelope.ts';
import type { Documents } from '../journal/documents.ts';
import { acknowledged, changed, type ToldLevel } from './told.ts';

/** By warehouse and article. JSON: of each channel that has taken a level, since when it waits, and until when it does not. */
export type Waits = Record<string, { at: string; since?: string }>;

export const waitsKind = 'stock-waiting';

type Store = Pick<Documents, 'get' | 'add' | 'swap'>;

/**
 * Once the broker has it, and a change is noted as the newest. Of other events nothing is noted. Of a level that was
 * taken: the first change that it took, where that is known.
 */
export async function noteLevel(
  documents: Store,
  { type, subject, time, data }: Envelope,
): Promise<string | undefined> {
  if (type === changed) await change(documents, subject ?? '', (waits) => withChange(waits, time));
  if (type !== acknowledged) return undefined;
  const told = data as ToldLevel;
  const { channel, at } = told;
  const article = `${told.warehouse}/${told.sku}`;
  if (told.sold === false) {
    await change(documents, article, (waits) => without(waits, channel));
    return undefined;
  }
  const newest = await documents.get('newest-event', `${changed}/${article}`);
  const last = newest?.startsWith('{') ? (JSON.parse(newest) as { time: string }).time : '';
  let first: string | undefined;
  await change(
    documents,
    article,
    (waits) => {
      const { since } = waits[channel] ?? {};
      first = since !== undefined && since <= at ? since : undefined;
      return withTaken(waits, told, last);
    },
    true,
  );
  return first;
}

function withChange(waits: Waits, time: string): Waits {
  return Object.fromEntries(
    Object.entries(waits).map(([channel, one]) => {
      const isFirst = time > one.at && (one.since === undefined || time < one.since);
      return [channel, isFirst ? { ...one, since: time } : one];
    }),
  );
}

/** What it does not sell it does not wait for. */
function without(waits: Waits, channel: string): Waits {
  const { [channel]: _gone, ...others } = waits;
  return others;
}

/** Changes that came between what was taken and now: of them the last is known. */
function withTaken(waits: Waits, { channel, at }: ToldLevel, last: string): Waits {
  const before = waits[channel];
  if (before && before.at >= at) return waits;
  const first = before?.since !== undefined && before.since > at ? before.since : last;
  return { ...waits, [channel]: { at, ...(first > at && { since: first }) } };
}

async function change(
  documents: Store,
  article: string,
  make: (waits: Waits) => Waits,
  isTaken = false,
): Promise<void> {
  for (;;) {
    const before = await documents.get(waitsKind, article);
    // Nobody has taken a level of it.
    if (before === undefined && !isTaken) return;
    const after = JSON.stringify(make(before === undefined ? {} : (JSON.parse(before) as Waits)));
    if (after === before) return;
    const isKept =
      before === undefined
        ? await documents.add(waitsKind, article, after)
        : await documents.swap(waitsKind, article, before, after);
    if (isKept) return;
  }
}
