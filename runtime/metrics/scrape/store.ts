/** The figures of the store, which are the same wherever they are read: queues, letters, processes, room. */
import { sql, type Kysely } from 'kysely';
import type { Hub } from '../../hub/hub.ts';
import type { Tables } from '../../journal/tables.ts';
import { breakClasses, type BreakClass } from '../../reconcile/break-classes.ts';
import { books, type Books } from '../../reconcile/read-hub.ts';
import type { SealedRun } from '../../reconcile/run.ts';
import { lastTaken, takenLevels, waitingLevels } from '../../stock/levels.ts';
import { health } from '../../tower/health.ts';
import type { GaugeRow, Series } from '../series.ts';
import { metrics, type GaugeName, type LabelsOf } from '../table.ts';

type Asked = Parameters<typeof health>[0] & Pick<Hub, 'processes'>;

/** Rows of each gauge of the store. What is not known has none. */
export type StoreRows = { [Name in GaugeName]?: GaugeRow<LabelsOf<Name>>[] };

/** Throws STORE_UNAVAILABLE. */
export async function storeRows(hub: Asked, db: Kysely<Tables>, now: Date): Promise<StoreRows> {
  const [{ queues, hubs, store, away }, processes, letters, breaks, stock] = await Promise.all([
    health(hub, db, now),
    processRows(hub, db, now),
    letterRows(db),
    breakRows(db),
    stockRows(db, now),
  ]);
  return {
    ...processes,
    ...stock,
    crossdock_queue_messages: queues.flatMap(({ queue, ready, delayed, working }) =>
      Object.entries({ ready, delayed, working }).map(([state, value]) => ({
        labels: { queue, state },
        value,
      })),
    ),
    crossdock_queue_oldest_seconds: queues.flatMap(({ queue, oldest, oldestUnknown }) =>
      oldestUnknown ? [] : [{ labels: { queue }, value: secondsSince(oldest, now) }],
    ),
    crossdock_letters_waiting: letters,
    crossdock_reconciliation_breaks: breaks,
    crossdock_hubs: away.journal ? [] : alone(hubs.length),
    crossdock_store_bytes: alone(store.used),
    crossdock_store_limit_bytes: alone(store.limit),
  };
}

/** Each gauge of the store has these rows and no others. */
export function tellStore(series: Series, rows: StoreRows): void {
  for (const name of storeGauges)
    series.set(name, rows[name] ?? [], name.endsWith('_seconds') ? 'highest' : 'sum');
}

const storeGauges = Object.entries(metrics).flatMap(([name, { of }]) =>
  of === 'store' ? [name as GaugeName] : [],
);

/** A step of the file where none stands is 0: that is known. */
async function processRows({ processes }: Asked, db: Kysely<Tables>, now: Date) {
  const found = await Promise.all([...processes.keys()].map((process) => stepsOf(db, process, now)));
  const rows = [...processes.values()].flatMap(({ process, steps }, at) => {
    const counted = new Map(
      found[at]!.map(({ step, n, late }) => [step!, { n: Number(n), late: Number(late) }]),
    );
    const names = new Set([...Object.keys(steps), ...counted.keys()]);
    return [...names].map((step) => ({
      labels: { process, step },
      ...(counted.get(step) ?? { n: 0, late: 0 }),
    }));
  });
  return {
    crossdock_processes: rows.map(({ labels, n }) => ({ labels, value: n })),
    crossdock_processes_late: rows.map(({ labels, late }) => ({ labels, value: late })),
  };
}

function stepsOf(db: Kysely<Tables>, process: string, now: Date) {
  const late = sql<number>`case when planned < ${now.toISOString()} then 1 else 0 end`;
  return (
    db
      .selectFrom('process')
      .select('step')
      .select((x) => [x.fn.countAll<number>().as('n'), x.fn.sum<number>(late).as('late')])
      .where('process', '=', process)
      // Word for word as in the partial index, or it is not used.
      .where('step', 'is not', null)
      .groupBy('step')
      .execute()
  );
}

async function letterRows(db: Kysely<Tables>) {
  const rows = await db
    .selectFrom('dead_letter')
    .select(['flow', 'state'])
    .select((x) => x.fn.countAll<number>().as('n'))
    // Word for word as in the partial index, or it is not used.
    .where('state', 'in', [sql.lit('open'), sql.lit('parked')])
    .groupBy(['flow', 'state'])
    .execute();
  return rows.map(({ flow, state, n }) => ({ labels: { flow, state }, value: Number(n) }));
}

/** Of the last run of each books together. */
async function breakRows(db: Kysely<Tables>) {
  const bodies = await Promise.all(books.map((one) => lastRun(db, one)));
  const runs = bodies.flatMap((body) => (body === undefined ? [] : [(JSON.parse(body) as SealedRun).run]));
  if (runs.length === 0) return [];
  const count = (kind: BreakClass) => runs.reduce((all, { counts }) => all + (counts[kind] ?? 0), 0);
  return breakClasses.map((kind) => ({ labels: { class: kind }, value: count(kind) }));
}

async function lastRun(db: Kysely<Tables>, of: Books): Promise<string | undefined> {
  const others = books.filter((one) => one !== 'sales');
  const runs = db.selectFrom('document').select('body').where('kind', '=', 'reconciliation');
  const own =
    of === 'sales'
      ? others.reduce((rest, one) => rest.where('id', 'not like', `%/${one}-%`), runs)
      : runs.where('id', 'like', `%/${of}-%`);
  return (await own.orderBy('id', 'desc').limit(1).executeTakeFirst())?.body;
}

const HOUR_MS = 3_600_000;

/** Of each channel that ever took a level. */
async function stockRows(db: Kysely<Tables>, now: Date) {
  const last = await lastTaken(db);
  const [taken, waiting] = [
    await takenLevels(db, new Date(now.getTime() - HOUR_MS).toISOString()),
    await waitingLevels(db, last),
  ];
  const took = taken.flatMap(({ channel, changed, taken: at }) =>
    changed === undefined ? [] : [{ channel, seconds: (Date.parse(at) - Date.parse(changed)) / 1000 }],
  );
  const channels = [...new Set(last.map(({ channel }) => channel))].toSorted();
  const oldest = (channel: string) =>
    waiting
      .filter((one) => one.channel === channel)
      .map(({ since }) => since)
      .toSorted()[0];
  return {
    crossdock_stock_lag_seconds: channels.flatMap((channel) => {
      const own = took.filter((one) => one.channel === channel).map(({ seconds }) => seconds);
      return own.length > 0 ? [{ labels: { channel }, value: Math.max(0, nineInTen(own)) }] : [];
    }),
    crossdock_stock_waiting_oldest_seconds: channels.map((channel) => {
      const since = oldest(channel);
      return { labels: { channel }, value: since === undefined ? 0 : secondsSince(since, now) };
    }),
  };
}

function nineInTen(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.ceil(all.length * 0.9) - 1]!;
}

function alone(value: number | undefined): { labels: Record<never, string>; value: number }[] {
  return value === undefined ? [] : [{ labels: {}, value }];
}

function secondsSince(time: string | undefined, now: Date): number {
  return time === undefined ? 0 : Math.max(0, (now.getTime() - Date.parse(time)) / 1000);
}
