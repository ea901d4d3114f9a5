/** Events of which only the newest counts, by what they are about: an older one that still waits need not be worked on. */
import type { Envelope } from '../envelope/envelope.ts';
import type { Journal } from '../journal/journal.ts';

const kind = 'newest-event';

/** Once the broker has it: what says the same of the same before is overtaken. */
export function tellNewest({ documents }: Journal, { type, subject, id }: Envelope): Promise<void> {
  return documents.put(kind, `${type}/${subject}`, id);
}

/** The newer one, if there is one. A replay counts as what it replays. */
export async function newerThan(
  { documents }: Journal,
  { type, subject, id, replayof }: Pick<Envelope, 'type' | 'subject' | 'id' | 'replayof'>,
): Promise<string | undefined> {
  const newest = await documents.get(kind, `${type}/${subject}`);
  return newest === (replayof ?? id) ? undefined : newest;
}
