/** A login past sign-on, within the last hour: a cause of its own, so that somebody looks at it. */
import type { Kysely } from 'kysely';
import type { Tables } from '../journal/tables.ts';
import type { Cause } from './causes.ts';

const HOUR_MS = 3_600_000;
/** The table has no index by time, and is looked at each half minute. */
const rowsRead = 2000;

export async function breakGlassCauses(
  db: Kysely<Tables>,
  teamOf: (flow: string, code: string) => string,
  now: Date,
): Promise<Cause[]> {
  const latest = await db
    .selectFrom('audit')
    .select(['who', 'time', 'act', 'outcome'])
    .orderBy('sequence', 'desc')
    .limit(rowsRead)
    .execute();
  const since = new Date(now.getTime() - HOUR_MS).toISOString();
  const rows = latest.filter(
    ({ act, outcome, time }) => act === 'login.break-glass' && outcome === 'done' && time >= since,
  );
  const byUser = Map.groupBy(rows, ({ who }) => who);
  return [...byUser].map(([who, all]) => ({
    id: `break-glass/${who}`,
    what: `The break-glass user ${who} has logged in past sign-on, at ${all[0]!.time}.`,
    team: teamOf('', 'SIGN_ON_ONLY'),
    tier: 'critical',
  }));
}
