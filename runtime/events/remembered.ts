/** Events whose data the hub keeps: each for a time, and the last of each subject. Figures and reconciliation read them. */
import type { Kysely } from 'kysely';
import type { Envelope } from '../envelope/envelope.ts';
import type { Documents } from '../journal/documents.ts';
import { stored, type Tables } from '../journal/tables.ts';

const each = 'event-kept';
const last = 'event-last';

export interface Remembered<Data> {
  subject: string;
  /** ISO 8601, UTC. */
  time: string;
  data: Data;
}

/** Once the broker had it. What repeats has the same id, and is kept once. */
export async function remember(
  documents: Pick<Documents, 'get' | 'add' | 'swap'>,
  { type, subject, id, time, data }: Envelope,
): Promise<void> {
  const about = text(subject);
  const body = JSON.stringify({ subject: about, time, data } satisfies Remembered<unknown>);
  await documents.add(each, `${type}/${time}/${id}`, body);
  for (;;) {
    const before = await documents.get(last, `${type}/${about}`);
    if (before !== undefined && timeOf(before) >= time) return;
    const kept =
      before === undefined
        ? await documents.add(last, `${type}/${about}`, body)
        : await documents.swap(last, `${type}/${about}`, before, body);
    if (kept) return;
  }
}

function text(subject: string | undefined): string {
  return subject ?? '';
}

function timeOf(body: string): string {
  return (JSON.parse(body) as Remembered<unknown>).time;
}

/** Those since this ISO time, the oldest first. */
export async function rememberedSince<Data>(
  db: Kysely<Tables>,
  type: string,
  since: string,
): Promise<Remembered<Data>[]> {
  return read(db, each, `${type}/${since}`, `${type}0`);
}

/** Of each subject the last one. */
export async function lastRemembered<Data>(db: Kysely<Tables>, type: string): Promise<Remembered<Data>[]> {
  return read(db, last, `${type}/`, `${type}0`);
}

/** `0` follows the slash. */
async function read<Data>(
  db: Kysely<Tables>,
  kind: string,
  from: string,
  to: string,
): Promise<Remembered<Data>[]> {
  const rows = await stored(() =>
    db
      .selectFrom('document')
      .select('body')
      .where('kind', '=', kind)
      .where('id', '>=', from)
      .where('id', '<', to)
      .orderBy('id')
      .execute(),
  );
  return rows.map(({ body }) => JSON.parse(body) as Remembered<Data>);
}
