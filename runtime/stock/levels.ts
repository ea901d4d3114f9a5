/** Stock levels on their way to the channels: what each has taken, when, and what it has not taken yet. */
import type { Kysely } from 'kysely';
import { lastRemembered, rememberedSince, type Remembered } from '../events/remembered.ts';
import { stored, type Tables } from '../journal/tables.ts';

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

/** Since this ISO time, the oldest first. */
export async function takenLevels(db: Kysely<Tables>, since: string): Promise<TakenLevel[]> {
  return (await rememberedSince<ToldLevel>(db, acknowledged, since)).map(takenOf);
}

/** The last of each channel, warehouse and article. */
export async function lastTaken(db: Kysely<Tables>): Promise<TakenLevel[]> {
  return (await lastRemembered<ToldLevel>(db, acknowledged)).map(takenOf);
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

/** A channel sells what it has taken a level of before; of other articles nobody waits. */
export async function waitingLevels(db: Kysely<Tables>): Promise<WaitingLevel[]> {
  const newest = await newestChanges(db);
  return (await lastTaken(db)).flatMap(({ channel, warehouse, sku, at }): WaitingLevel[] => {
    const since = newest.get(`${warehouse}/${sku}`);
    return since !== undefined && since > at ? [{ channel, warehouse, sku, since }] : [];
  });
}

/** By warehouse and article. */
async function newestChanges(db: Kysely<Tables>): Promise<Map<string, string>> {
  const rows = await stored(() =>
    db
      .selectFrom('document')
      .select(['id', 'body'])
      .where('kind', '=', 'newest-event')
      .where('id', '>=', `${changed}/`)
      .where('id', '<', `${changed}0`)
      .execute(),
  );
  return new Map(
    rows
      .filter(({ body }) => body.startsWith('{'))
      .map(({ id, body }) => [id.slice(changed.length + 1), (JSON.parse(body) as { time: string }).time]),
  );
}
