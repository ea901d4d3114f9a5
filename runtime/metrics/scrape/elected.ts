/** Which of the hubs of a store tells its figures: told by all, sums over them would be wrong. */
import type { Kysely } from 'kysely';
import type { Tables } from '../../journal/tables.ts';
import { GONE_MS, type Member } from '../../release/fleet.ts';

/**
 * The hub with the editor, else the worker with the lowest id, of those that are there. Nothing is agreed upon: each
 * reckons it from the same rows. When one comes or goes, for some seconds two may tell them, or none.
 */
export async function isElected(db: Kysely<Tables>, id: string, now: Date): Promise<boolean> {
  const rows = await db
    .selectFrom('document')
    .select('body')
    .where('kind', '=', 'member')
    .where('body', '!=', '')
    .execute();
  const [first] = rows
    .map(({ body }) => JSON.parse(body) as Member)
    .filter(({ seen }) => now.getTime() - Date.parse(seen) < GONE_MS)
    .toSorted((a, b) => Number(a.worker) - Number(b.worker) || (a.id < b.id ? -1 : 1));
  return first?.id === id;
}
