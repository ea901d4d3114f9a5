/** Erases a customer from texts that are no messages: what steps say, failed tries, names of records. */
import { sql, type Kysely } from 'kysely';
import type { Tables } from '../journal/tables.ts';
import { storeKeys } from '../seal/keys.ts';
import { sealedMark } from '../seal/seal.ts';
import { stepPlace } from './holdings.ts';

export interface Where {
  transactions: ReadonlySet<string>;
  /** Of orders: their transactions. */
  numbers: ReadonlySet<string>;
  /** In small letters: looked for everywhere. */
  emails: ReadonlySet<string>;
}

interface How {
  dryRun: boolean;
  count(table: string, rows: number): void;
}

type Clean = (text: string) => string;

const IDS = 200;
const DAY_MS = 86_400_000;

export async function eraseTexts(db: Kysely<Tables>, where: Where, clean: Clean, how: How): Promise<void> {
  await steps(db, where, clean, how);
  await failures(db, where, clean, how);
  await calledBy(db, 'record_version', ['record'], where, clean, how);
  await calledBy(db, 'alias', ['folded', 'value', 'key'], where, clean, how);
}

const stepTexts = ['business_key', 'detail', 'reference'] as const;
type StepRow = Pick<Tables['step'], 'seq' | (typeof stepPlace)[number] | (typeof stepTexts)[number]>;

async function steps(
  db: Kysely<Tables>,
  { transactions, numbers, emails }: Where,
  clean: Clean,
  how: How,
): Promise<void> {
  const select = db.selectFrom('step').select(['seq', ...stepPlace, ...stepTexts]);
  const done = new Set<number>();
  const replace = async (rows: readonly StepRow[]): Promise<void> => {
    for (const row of rows) {
      const { seq = 0, time, correlation_id, flow, step, ...texts } = row;
      const now = changed(texts, clean);
      if (!now || done.has(seq)) continue;
      done.add(seq);
      how.count('step', 1);
      if (!how.dryRun)
        await db
          .updateTable('step')
          .set(now)
          .where((x) => x.and({ time, correlation_id, flow, step }))
          .where('seq', '=', seq)
          .execute();
    }
  };
  for (const ids of slices(transactions))
    await replace(await select.where('correlation_id', 'in', ids).execute());
  for (const keys of slices(numbers))
    await replace(
      await select
        .where('correlation_id', 'in', (x) =>
          x.selectFrom('step').select('correlation_id').where('business_key', 'in', keys),
        )
        .execute(),
    );
  if (emails.size === 0) return;
  // A day at a time: the index of times is what is read.
  for await (const [from, to] of days(db)) {
    const day = select.where('time', '>=', from).where('time', '<', to);
    const rows = await day.where((x) => x.or(mayHold(emails, stepTexts, 'detail'))).execute();
    await replace(rows.filter((row) => holds(row, emails)));
  }
}

async function* days(db: Kysely<Tables>): AsyncGenerator<[string, string]> {
  const ends = db
    .selectFrom('step')
    .select((x) => [x.fn.min('time').as('first'), x.fn.max('time').as('last')]);
  const { first, last } = (await ends.executeTakeFirst()) ?? {};
  if (!first || !last) return;
  for (let from = first.slice(0, 10); from <= last;) {
    const to = new Date(Date.parse(from) + DAY_MS).toISOString().slice(0, 10);
    yield [from, to];
    from = to;
  }
}

/** Of letters in the transactions. */
async function failures(
  db: Kysely<Tables>,
  { transactions, emails }: Where,
  clean: Clean,
  how: How,
): Promise<void> {
  for (let after = ''; ;) {
    const letters = await db
      .selectFrom('dead_letter')
      .select(['id', 'message', 'issue'])
      .where('id', '>', after)
      .orderBy('id')
      .limit(IDS)
      .execute();
    const own = letters.filter(
      ({ message }) =>
        transactions.has((JSON.parse(message) as { correlationid: string }).correlationid) ||
        [...emails].some((email) => message.toLowerCase().includes(email)),
    );
    for (const issue of new Set(own.map((one) => one.issue))) await ofIssue(db, issue, clean, how);
    for (const { id } of own) {
      await names(db, id, clean, how);
      const rows = await db.selectFrom('dead_letter_failure').selectAll().where('letter', '=', id).execute();
      for (const { letter, time, code, detail } of rows) {
        const now = changed({ detail }, clean);
        if (!now) continue;
        how.count('dead_letter_failure', 1);
        if (how.dryRun) continue;
        const query = db.updateTable('dead_letter_failure').set(now).where('letter', '=', letter);
        await query.where('time', '=', time).where('code', '=', code).execute();
      }
    }
    if (letters.length < IDS) return;
    after = letters.at(-1)!.id;
  }
}

/** What people and the hub wrote of the group of a letter. */
async function ofIssue(db: Kysely<Tables>, id: string, clean: Clean, how: How): Promise<void> {
  const select = db.selectFrom('issue').select(['why', 'facts', 'reason', 'note']).where('id', '=', id);
  const texts = await select.executeTakeFirst();
  const now = texts && changed(texts, clean);
  if (now) {
    how.count('issue', 1);
    if (!how.dryRun) await db.updateTable('issue').set(now).where('id', '=', id).execute();
  }
  const events = await db
    .selectFrom('issue_event')
    .select(['id', 'detail'])
    .where('issue', '=', id)
    .execute();
  for (const { id: event, detail } of events) {
    const told = changed({ detail }, clean);
    if (!told) continue;
    how.count('issue_event', 1);
    if (how.dryRun) continue;
    await db.updateTable('issue_event').set(told).where('issue', '=', id).where('id', '=', event).execute();
  }
}

/** By which a letter is searched for. */
async function names(db: Kysely<Tables>, letter: string, clean: Clean, how: How): Promise<void> {
  const own = db.selectFrom('alias').select(['folded', 'kind', 'value']);
  const rows = await own
    .where('leads', '=', 'letter')
    .where('process', '=', '')
    .where('key', '=', letter)
    .execute();
  for (const { folded, kind, value } of rows) {
    if (clean(value) === value) continue;
    how.count('alias', 1);
    if (how.dryRun) continue;
    const query = db.deleteFrom('alias').where('folded', '=', folded).where('kind', '=', kind);
    await query.where('leads', '=', 'letter').where('key', '=', letter).execute();
  }
}

/** What is found by an email goes: a newer version comes with the next message, and nobody is to search by it. */
async function calledBy(
  db: Kysely<Tables>,
  table: 'record_version' | 'alias',
  columns: readonly string[],
  { emails }: Where,
  clean: Clean,
  how: How,
): Promise<void> {
  // Two tables of different columns, which are all text.
  const texts = db as unknown as Kysely<Record<string, Record<string, string>>>;
  if (emails.size === 0) return;
  const any = mayHold(emails, columns, table === 'alias' ? 'value' : undefined);
  const rows = await texts
    .selectFrom(table)
    .select([...columns])
    .distinct()
    .where((x) => x.or(any))
    .execute();
  for (const row of rows) {
    if (!holds(row, emails) || !changed(row, clean)) continue;
    how.count(table, 1);
    if (how.dryRun) continue;
    await texts
      .deleteFrom(table)
      .where((x) => x.and(Object.entries(row).map(([column, text]) => x(column, '=', text))))
      .execute();
  }
}

function changed(texts: Record<string, string | null>, clean: Clean): Record<string, string> | undefined {
  const now = Object.entries(texts).flatMap(([column, text]) => {
    const after = text === null ? null : clean(text);
    return after === null || after === text ? [] : [[column, after] as const];
  });
  return now.length > 0 ? Object.fromEntries(now) : undefined;
}

/** What is sealed is not known before it is read. */
function mayHold(emails: ReadonlySet<string>, columns: readonly string[], sealed: string | undefined) {
  const any = [...emails].flatMap((email) => columns.map((column) => contains(column, email)));
  if (sealed === undefined || !storeKeys()) return any;
  return [...any, sql<boolean>`${sql.ref(sealed)} LIKE ${`${sealedMark}%`}`];
}

function holds(texts: Readonly<Record<string, unknown>>, emails: ReadonlySet<string>): boolean {
  if (!storeKeys()) return true;
  const all = Object.values(texts).flatMap((text) => (typeof text === 'string' ? text.toLowerCase() : []));
  return all.some((text) => [...emails].some((email) => text.includes(email)));
}

function contains(column: string, email: string) {
  const pattern = `%${email.replaceAll(/[\\%_]/g, '\\$&')}%`;
  return sql<boolean>`lower(${sql.ref(column)}) LIKE ${pattern} ESCAPE '\\'`;
}

function* slices(all: Iterable<string>): Generator<string[]> {
  const rest = [...all];
  while (rest.length > 0) yield rest.splice(0, IDS);
}
