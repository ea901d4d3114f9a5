/** Stock levels on their way to the channels: what each has taken, when, and what it has not taken yet. */
import type { Kysely } from 'kysely';
import { documentsOf, lastRemembered, rememberedSince, type Remembered } from '../events/remembered.ts';
import type { Tables } from '../journal/tables.ts';

const changed = 'stock.level.changed.v1';
const acknowledged = 'stock.level.acknowledged.v1';

/** Data of `stock.level.acknowledged.v1`: definitions/schemas/stock-acknowledged.v1.json. */
export interface ToldLevel {
  channel: string;
  sku: string;
  warehouse: string;
  /** In Odoo, and what the channel was told of it. Decimal. */
  available: string;
  told: string;
  /** ISO 8601: read in Odoo, and changed there. */
  at: string;
  changed?: string;
}

/** With the time at which the channel had taken it. */
export type TakenLevel = ToldLevel & { taken: string };

/** What the time on the way is counted from. */
export type LevelOnTime = Pick<TakenLevel, 'channel' | 'warehouse' | 'changed' | 'taken'>;

/** Since this ISO time, the oldest first. */
export function takenLevels(db: Kysely<Tables>, since: string): Promise<LevelOnTime[]> {
  return rememberedSince<ToldLevel, LevelOnTime>(db, acknowledged, since, ({ time, data }) => {
    const { channel, warehouse, changed: at } = data;
    return { channel, warehouse, ...(at !== undefined && { changed: at }), taken: time };
  });
}

/** The last of each channel, warehouse and article. */
export function lastTaken(db: Kysely<Tables>): Promise<TakenLevel[]> {
  return lastRemembered<ToldLevel, TakenLevel>(db, acknowledged, takenOf);
}

function takenOf({ time, data }: Remembered<ToldLevel>): TakenLevel {
  return { ...data, taken: time };
}

export interface WaitingLevel {
  channel: string;
  warehouse: string;
  sku: string;
  /** ISO 8601: when the hub saw the newest change that the channel has not taken. */
  since: string;
}

/** A channel sells what it has taken a level of before; of other articles nobody waits. `last`: where it is read already. */
export async function waitingLevels(
  db: Kysely<Tables>,
  last?: readonly TakenLevel[],
): Promise<WaitingLevel[]> {
  const taken = last ?? (await lastTaken(db));
  if (taken.length === 0) return [];
  const newest = await newestChanges(db, new Set(taken.map(articleOf)));
  return taken.flatMap((level): WaitingLevel[] => {
    const { channel, warehouse, sku, at } = level;
    const since = newest.get(articleOf(level));
    return since !== undefined && since > at ? [{ channel, warehouse, sku, since }] : [];
  });
}

function articleOf({ warehouse, sku }: Pick<ToldLevel, 'warehouse' | 'sku'>): string {
  return `${warehouse}/${sku}`;
}

/** Of these. */
async function newestChanges(
  db: Kysely<Tables>,
  articles: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { id, body } of documentsOf(db, 'newest-event', `${changed}/`, `${changed}0`)) {
    const article = id.slice(changed.length + 1);
    if (articles.has(article) && body.startsWith('{'))
      found.set(article, (JSON.parse(body) as { time: string }).time);
  }
  return found;
}
