/** The rows of the journal that may hold data of people, one after the other, and how each is replaced. */
import type { Kysely } from 'kysely';
import type { Envelope } from '../envelope/envelope.ts';
import { inPages } from '../journal/pages.ts';
import type { Tables } from '../journal/tables.ts';
import { suspectedOrders, unmarkedBy } from './marks.ts';
import { endedStates } from './needed.ts';

export interface Holding {
  table: 'dead_letter' | 'step' | 'document' | 'process';
  /** What it is called where people are asked to do something about it. */
  name: string;
  /** Texts by column; what is JSON is replaced field by field. */
  texts: Record<string, string>;
  /** What a text becomes without its marks of the order: no text, and still of a person. */
  unmarked?: ((body: string, marker: string) => string) | undefined;
  transaction?: string;
  /** `shopify/4711`, as far as it is about orders. */
  orders: readonly string[];
  /** What people call the order; several orders may be called so. */
  number?: string;
  /** Work goes on with it. */
  underWay: boolean;
  /** False where it changed meanwhile. */
  replace(texts: Record<string, string>): Promise<boolean>;
}

/** A row may be long. */
const PAGE = 100;
/** What never changes of a step: for this place its texts are sealed. */
export const stepPlace = ['time', 'correlation_id', 'flow', 'step'] as const;
const ended: readonly string[] = endedStates;
/** Files and secrets, which are of nobody, and what was noted of erasing. */
const withoutPeople = [
  'release',
  'running',
  'promotion',
  'process',
  'edit',
  'alert',
  'oauth-refresh',
  'erasure',
  'store-key',
];

export async function* holdings(db: Kysely<Tables>): AsyncGenerator<Holding> {
  yield* letters(db);
  yield* messages(db);
  yield* documents(db);
  yield* processes(db);
}

async function* letters(db: Kysely<Tables>): AsyncGenerator<Holding> {
  const columns = [
    'id',
    'state',
    'message',
    'facts',
    'reason',
    'first_reason',
    'decision',
    'waits_for',
    'subject',
  ] as const;
  const rows = inPages((after: { id: string } | undefined, limit) => {
    const query = db.selectFrom('dead_letter').select(columns).orderBy('id').limit(limit);
    return (after ? query.where('id', '>', after.id) : query).execute();
  }, PAGE);
  for await (const { id, state, decision, waits_for, ...texts } of rows)
    yield {
      table: 'dead_letter',
      name: `exception ${id}`,
      texts: { ...texts, ...(decision && { decision }), ...(waits_for && { waits_for }) },
      ...aboutOf(texts.message),
      underWay: state === 'open' || state === 'parked',
      async replace(now) {
        const { numUpdatedRows } = await db
          .updateTable('dead_letter')
          // What has no name any more is not to be sent.
          .set({ ...now, emptied: 1 })
          .where('id', '=', id)
          .where('message', '=', texts.message)
          .where('state', '=', state)
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      },
    };
}

async function* messages(db: Kysely<Tables>): AsyncGenerator<Holding> {
  const rows = inPages((after: { time: string; seq?: number } | undefined, limit) => {
    let query = db
      .selectFrom('step')
      .select(['seq', ...stepPlace, 'message'])
      .where('message', 'is not', null);
    query = query.where('time', '>=', after?.time ?? '');
    if (after) query = query.where((x) => x(x.refTuple('time', 'seq'), '>', x.tuple(after.time, after.seq!)));
    return query.orderBy('time').orderBy('seq').limit(limit).execute();
  }, PAGE);
  for await (const { seq, message, ...place } of rows)
    yield {
      table: 'step',
      name: 'kept message',
      texts: { message: message! },
      ...aboutOf(message!),
      underWay: false,
      async replace(now) {
        await db
          .updateTable('step')
          .set(now)
          .where((x) => x.and(place))
          .where('seq', '=', seq!)
          .execute();
        return true;
      },
    };
}

async function* documents(db: Kysely<Tables>): AsyncGenerator<Holding> {
  const rows = inPages((after: { kind: string; id: string } | undefined, limit) => {
    let query = db
      .selectFrom('document')
      .select(['kind', 'id', 'body'])
      .where('kind', 'not in', withoutPeople);
    if (after) query = query.where((x) => x(x.refTuple('kind', 'id'), '>', x.tuple(after.kind, after.id)));
    return query.orderBy('kind').orderBy('id').limit(limit).execute();
  }, PAGE);
  for await (const { kind, id, body } of rows)
    yield {
      table: 'document',
      name: `document ${kind}`,
      texts: { body, id },
      orders: kind === 'suspicion' ? suspectedOrders(id, body) : [id, ...endingsOf(id)],
      unmarked: unmarkedBy(kind),
      underWay: false,
      async replace({ id: renamed, ...now }) {
        // Of a customer, and found by nobody any more.
        if (renamed !== undefined) {
          await db.deleteFrom('document').where('kind', '=', kind).where('id', '=', id).execute();
          return true;
        }
        const { numUpdatedRows } = await db
          .updateTable('document')
          .set(now)
          .where('kind', '=', kind)
          .where('id', '=', id)
          .where('body', '=', body)
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      },
    };
}

async function* processes(db: Kysely<Tables>): AsyncGenerator<Holding> {
  const columns = ['process', 'key', 'number', 'state', 'body', 'asks', 'revision'] as const;
  const rows = inPages((after: { process: string; key: string } | undefined, limit) => {
    let query = db.selectFrom('process').select(columns);
    if (after)
      query = query.where((x) => x(x.refTuple('process', 'key'), '>', x.tuple(after.process, after.key)));
    return query.orderBy('process').orderBy('key').limit(limit).execute();
  }, PAGE);
  for await (const { process, key, number, state, body, asks, revision } of rows)
    yield {
      table: 'process',
      name: `${process} ${number || key}`,
      texts: { body, ...(asks && { asks }) },
      orders: [key],
      number,
      underWay: !ended.includes(state),
      async replace(now) {
        const { numUpdatedRows } = await db
          .updateTable('process')
          .set({ ...now, revision: revision + 1 })
          .where('process', '=', process)
          .where('key', '=', key)
          .where('revision', '=', revision)
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      },
    };
}

/** The transaction of a message, and the orders that it is about. */
function aboutOf(message: string): Pick<Holding, 'transaction' | 'orders'> {
  const { correlationid, data } = JSON.parse(message) as Envelope;
  const { order, ...own } = (data ?? {}) as Record<string, unknown>;
  const orders = [own, order ?? {}].flatMap((one) => {
    const { source, id } = one as { source?: unknown; id?: unknown };
    return source && id ? [`${String(source)}/${String(id)}`] : [];
  });
  return { transaction: correlationid, orders };
}

function endingsOf(id: string): string[] {
  const parts = id.split('/');
  return parts.slice(1, -1).map((_, at) => parts.slice(at + 1).join('/'));
}
