/** Finds what a number is and where it leads: exactly first, then by its beginning. */
import { sql, type Kysely } from 'kysely';
import type { AliasTable, Tables } from '../journal/tables.ts';
import { folded } from '../names/names.ts';
import { storeKeys } from '../seal/keys.ts';
import { searchedBy } from '../seal/names.ts';
import type { Found, Hit } from './hit.ts';
import { letterHits, processHits, transactionHits } from './search-places.ts';

export const MOST_HITS = 20;
/** Read of each, before those that lead to the same are one. */
const READ = 200;
const LONGEST = 200;
/** Of an event id, before its beginning is looked for. */
const LONG_ENOUGH = 8;
/** After every text that begins so. */
const END = '\u{10FFFF}';

export async function search(db: Kysely<Tables>, query: string): Promise<Hit[]> {
  const wanted = folded(query);
  if (wanted === '' || wanted.length > LONGEST) return [];
  const exact = await placed(db, [...(await called(db, wanted)), ...(await inJournal(db, query.trim()))]);
  if (exact.length >= MOST_HITS) return exact;
  const begins = await placed(db, [
    ...(await beginning(db, wanted)),
    ...(await eventsLike(db, query.trim())),
  ]);
  return distinct([...exact, ...begins]);
}

function called(db: Kysely<Tables>, wanted: string): Promise<Found[]> {
  const forms = searchedBy(storeKeys(), wanted);
  const query =
    forms.length === 1 ? names(db).where('folded', '=', wanted) : names(db).where('folded', 'in', forms);
  return query.limit(READ).execute();
}

function beginning(db: Kysely<Tables>, wanted: string): Promise<Found[]> {
  return names(db)
    .where('folded', '>', wanted)
    .where('folded', '<', `${wanted}${END}`)
    .orderBy('folded')
    .limit(READ)
    .execute();
}

function names(db: Kysely<Tables>) {
  return db.selectFrom('alias').select(['folded', 'kind', 'value', 'leads', 'process', 'key']);
}

/** By what every step has: also what came before names were kept. */
async function inJournal(db: Kysely<Tables>, wanted: string): Promise<Found[]> {
  const steps = db.selectFrom('step').select('correlation_id').limit(READ);
  const [event, order, transaction] = await Promise.all([
    published(db).where('reference', '=', wanted).limit(MOST_HITS).execute(),
    steps.where('business_key', '=', wanted).execute(),
    steps.where('correlation_id', '=', wanted).limit(1).execute(),
  ]);
  return [
    ...event.map((one) => found('event', one.reference ?? '', one.correlation_id)),
    ...order.map((one) => found('order', wanted, one.correlation_id)),
    ...transaction.map((one) => found('transaction', wanted, one.correlation_id)),
  ];
}

async function eventsLike(db: Kysely<Tables>, wanted: string): Promise<Found[]> {
  if (wanted.length < LONG_ENOUGH) return [];
  const rows = await published(db)
    .where('reference', '>', wanted)
    .where('reference', '<', `${wanted}${END}`)
    .limit(MOST_HITS)
    .execute();
  return rows.map((one) => found('event', one.reference ?? '', one.correlation_id));
}

function published(db: Kysely<Tables>) {
  // Word for word as in the partial index, or it is not used.
  return db
    .selectFrom('step')
    .select(['reference', 'correlation_id'])
    .where('outcome', '=', sql.lit('published'));
}

function found(kind: string, value: string, correlationId: string): Found {
  return { kind, value, leads: 'transaction', process: '', key: correlationId };
}

/** With what stands there now; what is gone is left out. Processes first, then exceptions, the newest first. */
async function placed(db: Kysely<Tables>, all: readonly Found[]): Promise<Hit[]> {
  const of = (leads: AliasTable['leads'], most: number) =>
    firstOfEach(all.filter((one) => one.leads === leads)).slice(0, most);
  // Some are gone.
  const [orders, exceptions, transactions] = await Promise.all([
    processHits(db, of('process', 2 * MOST_HITS)),
    letterHits(db, of('letter', 5 * MOST_HITS)),
    transactionHits(db, of('transaction', MOST_HITS)),
  ]);
  const newest = (hits: Hit[]) => hits.toSorted((a, b) => (a.time > b.time ? -1 : 1));
  return distinct([...newest(orders), ...newest(exceptions), ...newest(transactions)]);
}

function firstOfEach(all: readonly Found[]): Found[] {
  const each = new Map<string, Found>();
  for (const one of all) {
    const place = JSON.stringify([one.process, one.key]);
    if (!each.has(place)) each.set(place, one);
  }
  return [...each.values()];
}

/** A page once, under the name by which it was found first. */
function distinct(hits: readonly Hit[]): Hit[] {
  const seen = new Set<string>();
  const fresh = hits.filter(({ href }) => !seen.has(href) && seen.add(href));
  return fresh.slice(0, MOST_HITS);
}
