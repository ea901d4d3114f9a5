/** What the hub keeps beside the journal's steps: small documents by kind and id, such as promotions. */
import type { Kysely } from 'kysely';
import { rowsByKey } from './rows.ts';
import { dayOf, stored, type Tables } from './tables.ts';

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
  drop(kind: string, id: string): Promise<void>;
}

export function sqlDocuments(db: Kysely<Tables>, clock: () => Date): Documents {
  const document = rowsByKey(['kind', 'id'], (each) =>
    db
      .selectFrom('document')
      .selectAll()
      .where('kind', 'in', each('kind'))
      .where('id', 'in', each('id'))
      .execute(),
  );
  return {
    get: async (kind, id) => (await document({ kind, id }))?.body,
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
        const day = dayOf(clock());
        await db
          .insertInto('document')
          .values({ kind, id, body, day })
          .onConflict((conflict) => conflict.columns(['kind', 'id']).doUpdateSet({ body, day }))
          .execute();
      }),
    add: (kind, id, body) =>
      stored(async () => {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('document')
          .values({ kind, id, body, day: dayOf(clock()) })
          .onConflict((conflict) => conflict.columns(['kind', 'id']).doNothing())
          .executeTakeFirst();
        return numInsertedOrUpdatedRows === 1n;
      }),
    swap: (kind, id, from, to) =>
      stored(async () => {
        const { numUpdatedRows } = await db
          .updateTable('document')
          .set({ body: to, day: dayOf(clock()) })
          .where('kind', '=', kind)
          .where('id', '=', id)
          .where('body', '=', from)
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      }),
    drop: (kind, id) =>
      stored(async () => {
        await db.deleteFrom('document').where('kind', '=', kind).where('id', '=', id).execute();
      }),
  };
}
