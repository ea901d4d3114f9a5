/** What is under way names: what it may still be about does not go, however old it is. */
import { sql, type Kysely } from 'kysely';
import type { Envelope } from '../envelope/envelope.ts';
import type { LetterState } from '../journal/journal.ts';
import type { Tables } from '../journal/tables.ts';

export interface Needed {
  /** Whether a running process, or an open or parked letter, is about what has this id, or an id of which it is the end. */
  names(id: string): boolean;
  transactions: ReadonlySet<string>;
  /** A version that landed before this ISO time is older than all that waits. */
  waitingSince: string | undefined;
}

export const endedStates = ['done', 'cancelled', 'undone'] as const;
/** Word for word as in the partial index, or it is not used. */
export const isEnded = sql<boolean>`state IN (${sql.join(endedStates.map((state) => sql.lit(state)))})`;
const underWay = ['running', 'held', 'paused', 'undoing'] as const;
const waiting: readonly LetterState[] = ['open', 'parked'];
const PAGE = 250;

/** What began after this ISO time needs nothing that is older. `pause`: between pages. */
export async function neededSince(
  db: Kysely<Tables>,
  time: string,
  pause: () => Promise<void>,
): Promise<Needed> {
  const names = new Set<string>();
  const transactions = new Set<string>();
  let waitingSince: string | undefined;

  async function ofProcess(process: string, state: (typeof underWay)[number]): Promise<void> {
    for (let after = ''; ; await pause()) {
      const rows = await db
        .selectFrom('process')
        .select(['key', 'number', 'started'])
        .where('process', '=', process)
        .where('state', '=', state)
        .where('key', '>', after)
        .orderBy('key')
        .limit(PAGE)
        .execute();
      const old = rows.filter(({ started }) => started === null || started < time);
      for (const { key, number } of old) for (const name of [key, number]) if (name) names.add(name);
      await addTransactions(old.map(({ number }) => number).filter(Boolean));
      if (rows.length < PAGE) return;
      after = rows.at(-1)!.key;
    }
  }

  async function addTransactions(numbers: readonly string[]): Promise<void> {
    if (numbers.length === 0) return;
    const rows = await db
      .selectFrom('step')
      .select('correlation_id')
      .distinct()
      .where('business_key', 'in', numbers)
      .execute();
    for (const { correlation_id } of rows) transactions.add(correlation_id);
  }

  async function ofLetters(state: LetterState): Promise<void> {
    for (let after = ['', '']; ; await pause()) {
      const [time = '', id = ''] = after;
      const rows = await db
        .selectFrom('dead_letter')
        .select(['id', 'last_failed', 'message', 'waits_for'])
        .where('state', '=', state)
        .where((x) => x(x.refTuple('last_failed', 'id'), '>', x.tuple(time, id)))
        .orderBy('last_failed')
        .orderBy('id')
        .limit(PAGE)
        .execute();
      for (const { message, waits_for } of rows) {
        const event = JSON.parse(message) as Envelope;
        transactions.add(event.correlationid);
        for (const name of [...namesOf(event), waits_for]) if (name) names.add(name);
        if (waitingSince === undefined || event.time < waitingSince) waitingSince = event.time;
      }
      if (rows.length < PAGE) return;
      after = [rows.at(-1)!.last_failed, rows.at(-1)!.id];
    }
  }

  for (const process of await processes(db)) for (const state of underWay) await ofProcess(process, state);
  for (const state of waiting) await ofLetters(state);
  return {
    names: (id) => endings(id).some((ending) => names.has(ending)),
    transactions,
    waitingSince,
  };
}

async function processes(db: Kysely<Tables>): Promise<string[]> {
  const found: string[] = [];
  for (let last = ''; ;) {
    const query = db.selectFrom('process').select((x) => x.fn.min('process').as('name'));
    const name = (await query.where('process', '>', last).executeTakeFirst())?.name;
    if (!name) return found;
    found.push((last = name));
  }
}

/** What a message is about, as ids of documents have it. */
function namesOf({ subject, partitionkey, id, replayof, data }: Envelope): (string | undefined)[] {
  const { order, ...own } = (data ?? {}) as Partial<Record<string, unknown>>;
  const records = [own, order ?? {}] as { source?: unknown; id?: unknown }[];
  const pairs = records.map((one) => (one.source && one.id ? `${String(one.source)}/${String(one.id)}` : ''));
  return [subject, partitionkey, id, replayof, ...pairs];
}

/** Itself, and what follows each `/`. */
function endings(id: string): string[] {
  const parts = id.split('/');
  return parts.map((_, at) => parts.slice(at).join('/'));
}
