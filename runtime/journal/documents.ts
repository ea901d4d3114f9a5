/** What the hub keeps beside the journal's steps: small documents by kind and id, such as promotions. */
import type { Kysely } from 'kysely';
import { gathered } from '../limits/gathered.ts';
import { stored, type Tables } from './tables.ts';

export interface Documents {
  /** Those asked for close together are one query. */
  get(kind: string, id: string): Promise<string | undefined>;
  /** The last one by id first. Default 200. */
  list(kind: string, limit?: number): Promise<{ id: string; body: string }[]>;
  /** Durable when it resolves. */
  put(kind: string, id: string, body: string): Promise<void>;
  /** False when there is one already. */
  add(kind: string, id: string, body: string): Promise<boolean>;
  /** Replaces it only while it is still `from`; of those who try at once one gets true. */
  swap(kind: string, id: string, from: string, to: string): Promise<boolean>;
}

type Place = Pick<Tables['document'], 'kind' | 'id'>;

const DOCUMENTS_IN_ONE_QUERY = 500;

export function sqlDocuments(db: Kysely<Tables>): Documents {
  const get = gathered<Place, string | undefined>({
    most: DOCUMENTS_IN_ONE_QUERY,
    run: (asked) =>
      stored(async () => {
        const each = (name: keyof Place) => [...new Set(asked.map((one) => one[name]))];
        const query = db.selectFrom('document').selectAll();
        const rows = await query.where('kind', 'in', each('kind')).where('id', 'in', each('id')).execute();
        const placeOf = ({ kind, id }: Place): string => JSON.stringify([kind, id]);
        const found = new Map(rows.map((row) => [placeOf(row), row.body]));
        return asked.map((one) => found.get(placeOf(one)));
      }),
  });
  return {
    get: (kind, id) => get({ kind, id }),
    list: (kind, limit = 200) =>
      stored(() =>
        db
          .selectFrom('document')
          .select(['id', 'body'])
          .where('kind', '=', kind)
          .orderBy('id', 'desc')
          .limit(limit)
          .execute(),
      ),
    put: (kind, id, body) =>
      stored(async () => {
        await db
          .insertInto('document')
          .values({ kind, id, body })
          .onConflict((conflict) => conflict.columns(['kind', 'id']).doUpdateSet({ body }))
          .execute();
      }),
    add: (kind, id, body) =>
      stored(async () => {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('document')
          .values({ kind, id, body })
          .onConflict((conflict) => conflict.columns(['kind', 'id']).doNothing())
          .executeTakeFirst();
        return numInsertedOrUpdatedRows === 1n;
      }),
    swap: (kind, id, from, to) =>
      stored(async () => {
        const { numUpdatedRows } = await db
          .updateTable('document')
          .set({ body: to })
          .where('kind', '=', kind)
          .where('id', '=', id)
          .where('body', '=', from)
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      }),
  };
}
