/** Stock levels on their way to the channels: what each has taken, when, and what it has not taken yet. */
import type { Kysely } from 'kysely';
import { documentsOf, lastRemembered, rememberedSince, type Remembered } from '../journal/remembered.ts';
import type { Tables } from '../journal/tables.ts';
import { acknowledged, changed, type ToldLevel } from './told.ts';
import { waitsKind, type Waits } from './waiting.ts';

/** With the time at which the channel had taken it. */
export type TakenLevel = ToldLevel & { taken: string };

/** What the time on the way is counted from. */
export type LevelOnTime = Pick<TakenLevel, 'channel' | 'warehouse' | 'changed' | 'taken'>;

/** Since this ISO time, the oldest first. It was on its way since the first change that the channel had not taken. */
export function takenLevels(db: Kysely<Tables>, since: string): Promise<LevelOnTime[]> {
  return rememberedSince<ToldLevel, LevelOnTime>(db, acknowledged, since, ({ time, data, since: first }) => {
    const { channel, warehouse, changed: last, sold } = data;
    if (sold === false) return undefined;
    const at = last !== undefined && first !== undefined && isBefore(first, last) ? first : last;
    return { channel, warehouse, ...(at !== undefined && { changed: at }), taken: time };
  });
}

/** Times of Odoo have no milliseconds. */
function isBefore(one: string, other: string): boolean {
  return Date.parse(one) < Date.parse(other);
}

/** The last of each channel, warehouse and article that it sells. */
export function lastTaken(db: Kysely<Tables>): Promise<TakenLevel[]> {
  return lastRemembered<ToldLevel, TakenLevel>(db, acknowledged, takenOf);
}

function takenOf({ time, data }: Remembered<ToldLevel>): TakenLevel | undefined {
  return data.sold === false ? undefined : { ...data, taken: time };
}

export interface WaitingLevel {
  channel: string;
  warehouse: string;
  sku: string;
  /** ISO 8601: when the hub saw the first change that the channel has not taken. */
  since: string;
}

/** A channel sells what it has taken a level of before; of other articles nobody waits. `last`: where it is read already. */
export async function waitingLevels(
  db: Kysely<Tables>,
  last?: readonly TakenLevel[],
): Promise<WaitingLevel[]> {
  const taken = last ?? (await lastTaken(db));
  if (taken.length === 0) return [];
  const articles = new Set(taken.map(articleOf));
  const newest = await newestChanges(db, articles);
  const first = newest.size === 0 ? new Map<string, Waits>() : await noted(db, articles);
  return taken.flatMap((level): WaitingLevel[] => {
    const { channel, warehouse, sku, at } = level;
    const last = newest.get(articleOf(level));
    if (last === undefined || last <= at) return [];
    const known = first.get(articleOf(level))?.[channel]?.since;
    // What changed before it was noted since when: the last change is known.
    const since = known !== undefined && known > at && known < last ? known : last;
    return [{ channel, warehouse, sku, since }];
  });
}

/** Of these, since when channels wait. */
async function noted(db: Kysely<Tables>, articles: ReadonlySet<string>): Promise<Map<string, Waits>> {
  const found = new Map<string, Waits>();
  for await (const { id, body } of documentsOf(db, waitsKind, '', '\u{10FFFF}'))
    if (articles.has(id)) found.set(id, JSON.parse(body) as Waits);
  return found;
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
