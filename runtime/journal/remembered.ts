/** Events whose data the hub keeps: each for a time, and the last of each subject. Figures and reconciliation read them. */
import type { Kysely } from 'kysely';
import type { Envelope } from '../envelope/envelope.ts';
import type { Documents } from './documents.ts';
import { inPages } from './pages.ts';
import { stored, type Tables } from './tables.ts';

const each = 'event-kept';
const last = 'event-last';

export interface Remembered<Data> {
  subject: string;
  /** ISO 8601, UTC. */
  time: string;
  data: Data;
  /** ISO 8601, UTC: what it ends lasted since then. */
  since?: string;
}

/** Once the broker had it. What repeats has the same id, and is kept once. */
export async function remember(
  documents: Pick<Documents, 'get' | 'add' | 'swap'>,
  { type, subject, id, time, data }: Envelope,
  since?: string,
): Promise<void> {
  const about = text(subject);
  const kept: Remembered<unknown> = { subject: about, time, data, ...(since !== undefined && { since }) };
  const body = JSON.stringify(kept);
  await documents.add(each, `${type}/${time}/${id}`, body);
  for (;;) {
    const before = await documents.get(last, `${type}/${about}`);
    if (before !== undefined && timeOf(before) >= time) return;
    const isKept =
      before === undefined
        ? await documents.add(last, `${type}/${about}`, body)
        : await documents.swap(last, `${type}/${about}`, before, body);
    if (isKept) return;
  }
}

function text(subject: string | undefined): string {
  return subject ?? '';
}

function timeOf(body: string): string {
  return (JSON.parse(body) as Remembered<unknown>).time;
}

/** Those since this ISO time, the oldest first: `keep` says what is held of each, if anything. One that was published again counts once. */
export async function rememberedSince<Data, Kept>(
  db: Kysely<Tables>,
  type: string,
  since: string,
  keep: (one: Remembered<Data>) => Kept | undefined,
): Promise<Kept[]> {
  const [found, known]: [Kept[], Set<string>] = [[], new Set()];
  for await (const { id, body } of documentsOf(db, each, `${type}/${since}`, `${type}0`)) {
    const event = id.slice(id.indexOf('/', type.length + 1) + 1);
    if (known.has(event)) continue;
    known.add(event);
    const kept = keep(JSON.parse(body) as Remembered<Data>);
    if (kept !== undefined) found.push(kept);
  }
  return found;
}

/** Of each subject the last one. */
export async function lastRemembered<Data, Kept>(
  db: Kysely<Tables>,
  type: string,
  keep: (one: Remembered<Data>) => Kept | undefined,
): Promise<Kept[]> {
  const found: Kept[] = [];
  for await (const { body } of documentsOf(db, last, `${type}/`, `${type}0`)) {
    const kept = keep(JSON.parse(body) as Remembered<Data>);
    if (kept !== undefined) found.push(kept);
  }
  return found;
}

/** By their ids from one to before another: `0` follows the slash. */
export function documentsOf(
  db: Kysely<Tables>,
  kind: string,
  from: string,
  to: string,
): AsyncGenerator<{ id: string; body: string }> {
  return inPages((after: { id: string } | undefined, limit) =>
    stored(() =>
      db
        .selectFrom('document')
        .select(['id', 'body'])
        .where('kind', '=', kind)
        .where('id', after === undefined ? '>=' : '>', after?.id ?? from)
        .where('id', '<', to)
        .orderBy('id')
        .limit(limit)
        .execute(),
    ),
  );
}
