/** What stands where a name leads: the order, the exception, or what is known of a transaction. */
import type { Kysely } from 'kysely';
import type { Tables } from '../journal/tables.ts';
import { addressOf } from './addresses.ts';
import type { Found, Hit } from './hit.ts';

const orderColumns = [
  'process',
  'key',
  'number',
  'partner',
  'state',
  'step',
  'attention',
  'started',
  'updated',
] as const;

export async function processHits(db: Kysely<Tables>, all: readonly Found[]): Promise<Hit[]> {
  if (all.length === 0) return [];
  const rows = await db
    .selectFrom('process')
    .select(orderColumns)
    .where('process', 'in', unique(all.map(({ process }) => process)))
    .where('key', 'in', unique(all.map(({ key }) => key)))
    .execute();
  const byPlace = new Map(rows.map((row) => [addressOf.order(row), row]));
  return all.flatMap(({ kind, value, process, key }) => {
    const row = byPlace.get(addressOf.order({ process, key }));
    return row ? [orderHit(kind, value, row)] : [];
  });
}

type OrderRow = Pick<Tables['process'], (typeof orderColumns)[number]>;

function orderHit(kind: string, value: string, row: OrderRow): Hit {
  const { process, key, number, partner, state, step, attention, started, updated } = row;
  return {
    kind,
    value,
    href: addressOf.order(row),
    time: updated ?? started ?? '',
    order: { process, key, number, partner, state, step, attention: attention === 1 },
  };
}

export async function letterHits(db: Kysely<Tables>, all: readonly Found[]): Promise<Hit[]> {
  if (all.length === 0) return [];
  const rows = await db
    .selectFrom('dead_letter')
    .select(['id', 'flow', 'code', 'state', 'last_failed'])
    .where('id', 'in', unique(all.map(({ key }) => key)))
    .execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  return all.flatMap(({ kind, value, key }) => {
    const row = byId.get(key);
    if (!row) return [];
    const { id, flow, code, state, last_failed: time } = row;
    return [{ kind, value, href: addressOf.letter(id), time, exception: { id, flow, code, state } }];
  });
}

/** To the order of its number where there is one; the last step tells of the others. */
export async function transactionHits(db: Kysely<Tables>, all: readonly Found[]): Promise<Hit[]> {
  const hits = all.map(async ({ kind, value, key }): Promise<Hit[]> => {
    const steps = await db
      .selectFrom('step')
      .select(['time', 'business_key', 'flow', 'step', 'outcome'])
      .where('correlation_id', '=', key)
      .orderBy('time', 'desc')
      .limit(50)
      .execute();
    const [last] = steps;
    if (!last) return [];
    const numbers = unique(steps.map((one) => one.business_key)).filter((one) => one !== '');
    const orders = numbers.length === 0 ? [] : await ordersNumbered(db, numbers);
    if (orders.length > 0) return orders.map((row) => orderHit(kind, value, row));
    const { time, flow, step, outcome } = last;
    return [{ kind, value, href: addressOf.trace(key), time, last: { flow, step, outcome } }];
  });
  return (await Promise.all(hits)).flat();
}

function ordersNumbered(db: Kysely<Tables>, numbers: string[]): Promise<OrderRow[]> {
  return db.selectFrom('process').select(orderColumns).where('number', 'in', numbers).limit(20).execute();
}

const unique = (all: readonly string[]): string[] => [...new Set(all)];
