/** Erases the personal data of one customer from the journal; traces, counts and totals stay. */
import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { CodedError } from '../errors/coded-error.ts';
import type { Journal } from '../journal/journal.ts';
import { stored } from '../journal/tables.ts';
import { eraseTexts } from './erase-texts.ts';
import { holdings, type Holding } from './holdings.ts';
import { emailsOf, isTelling, throughPersonal, wordsOf, type Wanted } from './personal.ts';

export interface EraseOptions {
  by: string;
  now: Date;
  /** Only counts. */
  dryRun?: boolean;
  /** Also of what is still worked on. It can not be sent again then. */
  underWay?: boolean;
}

export interface Erased {
  /** Stands where the data stood; under it the erasure is noted. */
  marker: string;
  /** Rows by table. */
  rows: Record<string, number>;
  /** What is still worked on and holds the data. Nothing was erased, unless it was asked for. */
  underWay: string[];
  done: boolean;
}

/** What is known of the customer. */
interface Known {
  /** The customer's own. */
  emails: Set<string>;
  /** Texts to be looked for in what is theirs. */
  texts: Set<string>;
  transactions: Set<string>;
  orders: Set<string>;
  numbers: Set<string>;
}

/** What was erased before. */
const marked = /^erased-[0-9a-f]{8}( erased-[0-9a-f]{8})?$/;

/** Throws STORE_UNAVAILABLE, and CLAIM_IN_FLIGHT where something changed meanwhile: once more is safe then. */
export function erase(
  journal: Pick<Journal, 'upkeep' | 'documents'>,
  wanted: Wanted,
  { by, now, dryRun = false, underWay = false }: EraseOptions,
): Promise<Erased> {
  return stored(async () => {
    const { db, space, clean } = journal.upkeep;
    const marker = `erased-${randomUUID().slice(0, 8)}`;
    const known: Known = {
      emails: new Set('email' in wanted ? [wanted.email] : []),
      texts: new Set('email' in wanted ? [wanted.email] : []),
      transactions: new Set(),
      orders: new Set(),
      numbers: new Set(),
    };
    const busy: string[] = [];
    for (let size = -1; size !== sizeOf(known);) {
      size = sizeOf(known);
      busy.length = 0;
      const isAnchor = anchorOf(wanted, known);
      for await (const holding of holdings(db)) {
        if (!isAnchor(holding) && !isLinked(holding, known)) continue;
        learn(holding, known);
        if (holding.underWay) busy.push(holding.name);
      }
    }
    const waiting = space ? await inQueues(journal, known.texts) : 0;
    if (waiting > 0) busy.push(`${waiting} messages in queues`);
    const result: Erased = { marker, rows: {}, underWay: busy, done: false };
    if (busy.length > 0 && !underWay && !dryRun) return result;

    const isAnchor = anchorOf(wanted, known);
    const cleaned = cleaning(known, marker);
    const count = (table: string, rows: number) => {
      if (rows > 0) result.rows[table] = (result.rows[table] ?? 0) + rows;
    };
    await eraseTexts(db, known, cleaned.text, { dryRun, count });
    // By those that name the customer the others are found: they are the last, should this end in between.
    for (const last of [false, true])
      for await (const holding of holdings(db)) {
        const anchor = isAnchor(holding);
        if (anchor !== last || (!anchor && !isLinked(holding, known))) continue;
        const now = cleaned.row(holding);
        if (Object.keys(now).length === 0) continue;
        count(holding.table, 1);
        if (!dryRun && !(await holding.replace(now)))
          throw new CodedError('CLAIM_IN_FLIGHT', 'Something of this customer changes at this moment', {});
      }
    if (dryRun) return result;
    await journal.documents.put(
      'erasure',
      `${now.toISOString()}/${marker}`,
      JSON.stringify({ at: now.toISOString(), by, marker, rows: result.rows, underWay: busy.length }),
    );
    await clean();
    return { ...result, done: true };
  });
}

/** Whether a row names the customer itself; an email of one that has the id is known from then on. */
function anchorOf(wanted: Wanted, { emails, texts: known }: Known): (holding: Holding) => boolean {
  const words = wordsOf(emails);
  return ({ texts }) => {
    const all = Object.values(texts);
    if (words && all.some((text) => text.search(words) >= 0)) return true;
    if ('email' in wanted) return false;
    const own = all.flatMap((text) => (text.includes(wanted.id) ? [emailsOf(parsed(text), wanted)] : []));
    const found = own.filter((one) => one !== undefined);
    for (const email of found.flat()) [emails, known].forEach((set) => set.add(email));
    return found.length > 0;
  };
}

/** A transaction may carry orders of several customers: what names an order goes by that. */
function isLinked({ transaction = '', orders }: Holding, known: Known): boolean {
  return orders.length > 0
    ? orders.some((order) => known.orders.has(order))
    : known.transactions.has(transaction);
}

function learn({ table, texts, transaction, orders, number }: Holding, known: Known): void {
  if (transaction) known.transactions.add(transaction);
  // A document is found by its order, and leads to none.
  if (table !== 'document') for (const order of orders) known.orders.add(order);
  if (number) known.numbers.add(number);
  for (const text of Object.values(texts))
    throughPersonal(parsed(text), {
      personal(one, field) {
        if (isTelling(one, field) && !marked.test(one)) known.texts.add(one.trim());
        return one;
      },
      other: (one) => one,
    });
}

function cleaning(known: Known, marker: string) {
  const words = wordsOf(known.texts);
  const text = (one: string): string => (words ? one.replaceAll(words, marker) : one);
  const row = ({ texts, unmarked }: Holding): Record<string, string> =>
    Object.fromEntries(
      Object.entries(texts).flatMap(([column, before]) => {
        const value = parsed(unmarked && column === 'body' ? unmarked(before, marker) : before);
        const found = { personal: (one: string) => (marked.test(one) ? one : marker), other: text };
        const after =
          typeof value === 'object' && value !== null
            ? JSON.stringify(throughPersonal(value, found))
            : text(before);
        return after === before || isAlready(before, after) ? [] : [[column, after]];
      }),
    );
  return { text, row };
}

/** JSON that was written with other spaces is the same. */
function isAlready(before: string, after: string): boolean {
  const value = parsed(before);
  return typeof value === 'object' && JSON.stringify(value) === after;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function sizeOf({ emails, texts, transactions, orders, numbers }: Known): number {
  return emails.size + texts.size + transactions.size + orders.size + numbers.size;
}

/** Of the embedded store; those of RabbitMQ nobody can look through. */
async function inQueues({ upkeep }: Pick<Journal, 'upkeep'>, texts: ReadonlySet<string>): Promise<number> {
  const words = wordsOf(texts);
  if (!words) return 0;
  const queues = upkeep.db as unknown as Kysely<{ message: { seq: number; body: string } }>;
  let count = 0;
  for (let after = 0; ;) {
    const rows = await queues
      .selectFrom('message')
      .select(['seq', 'body'])
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(200)
      .execute();
    count += rows.filter(({ body }) => body.search(words) >= 0).length;
    if (rows.length < 200) return count;
    after = rows.at(-1)!.seq;
  }
}
