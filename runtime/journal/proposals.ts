/** Entries that people propose for value maps: one waits for each value, until the map has it or it is withdrawn. */
import { sql, type Kysely } from 'kysely';
import { stored, text, textOrNull, type Tables, type ProposalState, type ProposalRow } from './tables.ts';

/** What an entry is for. */
export type EntryKey = Pick<ProposalRow, 'map' | 'value' | 'source' | 'article'>;

export interface Proposals {
  /** False when one waits for the same. */
  add(row: ProposalRow): Promise<boolean>;
  get(id: string): Promise<ProposalRow | undefined>;
  waitingFor(key: EntryKey): Promise<ProposalRow | undefined>;
  /** The newest first, 200 at the most. */
  list(state: ProposalState, after?: Pick<ProposalRow, 'made' | 'id'>): Promise<ProposalRow[]>;
  /** Of those who end one at once one gets true. */
  end(id: string, to: Exclude<ProposalState, 'waiting'>, by: string, time: string): Promise<boolean>;
}

export const PROPOSALS_IN_A_PAGE = 200;

export function sqlProposals(db: Kysely<Tables>): Proposals {
  const rows = db.selectFrom('proposal').selectAll();
  return {
    add: (row) =>
      stored(async () => {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('proposal')
          .values({
            ...row,
            value: text(row.value),
            target: text(row.target),
            letter: textOrNull(row.letter ?? undefined),
          })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        return numInsertedOrUpdatedRows === 1n;
      }),
    get: (id) => stored(() => rows.where('id', '=', id).executeTakeFirst()),
    waitingFor: ({ map, value, source, article }) =>
      stored(() =>
        rows
          .where('map', '=', map)
          .where('value', '=', text(value))
          .where('source', '=', source)
          .where('article', '=', article)
          // Word for word as in the partial index, or it is not used.
          .where('state', '=', sql.lit('waiting' as const))
          .executeTakeFirst(),
      ),
    list: (state, after) =>
      stored(() => {
        let query = rows.where('state', '=', state);
        if (after)
          query = query.where((x) => x(x.refTuple('made', 'id'), '<', x.tuple(after.made, after.id)));
        return query.orderBy('made', 'desc').orderBy('id', 'desc').limit(PROPOSALS_IN_A_PAGE).execute();
      }),
    end: (id, state, by, time) =>
      stored(async () => {
        const { numUpdatedRows } = await db
          .updateTable('proposal')
          .set({ state, ended: time, ended_by: by })
          .where('id', '=', id)
          .where('state', '=', 'waiting')
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      }),
  };
}
