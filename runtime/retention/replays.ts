/** Replays that ended go with the exceptions they were about: their letters in pieces, then the plan. */
import type { Kysely } from 'kysely';
import type { Tables } from '../journal/tables.ts';
import { PAGE, type Rows } from './rows.ts';

type PlanRow = { id: string };

export function replays(db: Kysely<Tables>, until: string): Rows<PlanRow> {
  // Ids of plans begin with their time.
  const hex = Date.parse(until).toString(16).padStart(12, '0');
  const end = `${hex.slice(0, 8)}-${hex.slice(8)}`;

  async function removeItems(plan: string): Promise<void> {
    for (let gone = PAGE; gone === PAGE;) {
      const rows = await db
        .selectFrom('replay_item')
        .select('n')
        .where('plan', '=', plan)
        .limit(PAGE)
        .execute();
      gone = rows.length;
      const numbers = rows.map(({ n }) => n);
      if (gone > 0)
        await db.deleteFrom('replay_item').where('plan', '=', plan).where('n', 'in', numbers).execute();
    }
  }

  return {
    table: 'replay_plan',
    what: 'ended replays',
    before: until,
    page(after) {
      const query = db.selectFrom('replay_plan').select('id').where('id', '<', end).where('open', '=', 0);
      return (after ? query.where('id', '>', after.id) : query).orderBy('id').limit(PAGE).execute();
    },
    age: ({ id }) => new Date(Number.parseInt(id.slice(0, 13).replace('-', ''), 16)).toISOString(),
    async remove(rows) {
      for (const { id } of rows) await removeItems(id);
      const ids = rows.map(({ id }) => id);
      const { numDeletedRows } = await db.deleteFrom('replay_plan').where('id', 'in', ids).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}
