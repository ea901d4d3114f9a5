/** Logins past sign-on, within the last hour: each user's is a cause of its own, so that somebody looks at it. */
import { sql, type Kysely } from 'kysely';
import type { Tables } from '../journal/tables.ts';

export interface GlassLogin {
  who: string;
  /** ISO 8601, UTC: the latest. */
  at: string;
}

const HOUR_MS = 3_600_000;
/** The table has no index by time, and is looked at each half minute. */
const rowsRead = 2000;

export async function glassLogins(db: Kysely<Tables>, now: Date): Promise<GlassLogin[]> {
  const rows = await db
    .selectFrom('audit')
    .select(['who', 'time'])
    .where('act', '=', 'login.break-glass')
    .where('outcome', '=', 'done')
    .where('time', '>=', new Date(now.getTime() - HOUR_MS).toISOString())
    .where('sequence', '>', sql<number>`(SELECT max(sequence) FROM audit) - ${sql.lit(rowsRead)}`)
    .orderBy('sequence', 'desc')
    .execute();
  return [...Map.groupBy(rows, ({ who }) => who)].map(([who, all]) => ({ who, at: all[0]!.time }));
}
