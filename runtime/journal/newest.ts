/** Events of which only the newest counts, by what they are about: an older one that still waits need not be worked on. */
import type { Envelope } from '../envelope/envelope.ts';
import type { Journal } from './journal.ts';

const kind = 'newest-event';

interface Newest {
  id: string;
  /** ISO 8601, UTC. */
  time: string;
}

/**
 * Once the broker has it: what says the same of the same before is overtaken. Whoever notes at once, and in whatever
 * order, the newest stays noted.
 */
export async function tellNewest(
  { documents }: Pick<Journal, 'documents'>,
  { type, subject, id, time }: Envelope,
): Promise<void> {
  const about = `${type}/${subject}`;
  const body = JSON.stringify({ id, time } satisfies Newest);
  for (;;) {
    const noted = await documents.get(kind, about);
    if (noted === undefined ? await documents.add(kind, about, body) : newestOf(noted).time >= time) return;
    if (noted !== undefined && (await documents.swap(kind, about, noted, body))) return;
  }
}

/** The newer one, if there is one. A replay counts as what it replays, whose time it has. */
export async function newerThan(
  { documents }: Pick<Journal, 'documents'>,
  message: Pick<Envelope, 'type' | 'subject' | 'id' | 'replayof' | 'time'>,
): Promise<string | undefined> {
  return newerIn(await documents.get(kind, `${message.type}/${message.subject}`), message);
}

/** By what was noted as the newest. */
export function newerIn(
  noted: string | undefined,
  { id, replayof, time }: Pick<Envelope, 'id' | 'replayof' | 'time'>,
): string | undefined {
  if (noted === undefined) return undefined;
  const newest = newestOf(noted);
  return newest.time > time && newest.id !== (replayof ?? id) ? newest.id : undefined;
}

/** What was noted without its time overtakes nothing. */
function newestOf(noted: string): Newest {
  return noted.startsWith('{') ? (JSON.parse(noted) as Newest) : { id: noted, time: '' };
}
