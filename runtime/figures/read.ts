/** What figures are counted from: orders in their processes, exceptions, webhooks by hour, and the releases. */
import { sql, type Kysely } from 'kysely';
import { inPages } from '../journal/pages.ts';
import type { Tables } from '../journal/tables.ts';
import type { Instance } from '../process/state.ts';
import type { Promotion } from '../promotion/promotion.ts';
import { isEnded } from '../retention/needed.ts';
import { isDue } from '../reconcile/reconcile.ts';
import { booksOfId, type SealedRun } from '../reconcile/run.ts';
import { lastTaken, takenLevels, waitingLevels } from '../stock/levels.ts';
import type { Failed, Hooks, Level, Read, ReconciledOrders } from './observe.ts';
import { orderOf, type Order } from './order.ts';

const PAGE = 200;
/** An exception may be so much older than the end of its order. */
const BEFORE_MS = 90 * 86_400_000;

/** A time at which another release went on, and what it replaced. */
export interface Live {
  version: string;
  digest: string;
  at: number;
  /** It runs now. */
  running: boolean;
}

/** From `from` on; what is open is read however old it is. */
export async function read(
  db: Kysely<Tables>,
  process: string,
  { from, now }: { from: number; now: number },
): Promise<Read & { lives: Live[] }> {
  const since = new Date(from).toISOString();
  const orders = [...(await openOrders(db, process)), ...(await endedOrders(db, process, since))];
  const [failed, hooks, reconciled, levels, lives] = [
    await failures(db, new Date(from - BEFORE_MS).toISOString()),
    await webhooks(db, since),
    await reconciliations(db, since),
    await stockLevels(db, since),
    await releases(db),
  ];
  return { orders, failed, hooks, reconciled, ...(levels && { levels }), lives, now };
}

function ordersOf(rows: readonly { body: string }[]): Order[] {
  return rows.flatMap(({ body }) => orderOf(JSON.parse(body) as Instance) ?? []);
}

/** Their keys first, from the index of what is under way; then they themselves. */
async function openOrders(db: Kysely<Tables>, process: string): Promise<Order[]> {
  const open = await db
    .selectFrom('process')
    .select('key')
    .where('process', '=', process)
    .where('step', 'is not', null)
    .execute();
  const found: Order[] = [];
  for (let at = 0; at < open.length; at += PAGE) {
    const keys = open.slice(at, at + PAGE).map(({ key }) => key);
    const rows = await db
      .selectFrom('process')
      .select('body')
      .where('process', '=', process)
      .where('key', 'in', keys)
      .execute();
    found.push(...ordersOf(rows));
  }
  return found;
}

/** The last changed first, of all processes: others are few beside orders. */
async function endedOrders(db: Kysely<Tables>, process: string, since: string): Promise<Order[]> {
  const ended = inPages(
    (after: { updated: string | null; process: string; key: string } | undefined, limit) => {
      let query = db
        .selectFrom('process')
        .select(['process', 'key', 'updated'])
        .select((x) => x.case().when('process', '=', process).then(x.ref('body')).end().as('body'))
        .where(isEnded)
        .where('updated', '>=', since);
      if (after) {
        const { updated, process: of, key } = after;
        query = query.where((x) =>
          x(x.refTuple('updated', 'process', 'key'), '<', x.tuple(updated!, of, key)),
        );
      }
      return query
        .orderBy('updated', 'desc')
        .orderBy('process', 'desc')
        .orderBy('key', 'desc')
        .limit(limit)
        .execute();
    },
    PAGE,
  );
  const found: Order[] = [];
  for await (const { body } of ended) if (body !== null) found.push(...ordersOf([{ body }]));
  return found;
}

async function failures(db: Kysely<Tables>, since: string): Promise<Failed[]> {
  const letters = inPages((after: { last_failed: string; id: string } | undefined, limit) => {
    let query = db
      .selectFrom('dead_letter')
      .select(['id', 'partner', 'subject', 'unsettled', 'state', 'first_failed', 'last_failed'])
      // As an envelope is written; no data of a message has a type of this name.
      .select(sql<number | boolean>`message LIKE '%"type":"payment.received.v1"%'`.as('payment'))
      .where('last_failed', '>=', since);
    if (after) {
      const { last_failed: time, id } = after;
      query = query.where((x) => x(x.refTuple('last_failed', 'id'), '>', x.tuple(time, id)));
    }
    return query.orderBy('last_failed').orderBy('id').limit(limit).execute();
  }, PAGE);
  const found: Failed[] = [];
  for await (const { partner, subject, payment, unsettled, state, first_failed: first } of letters)
    found.push({
      partner,
      subject,
      payment: Boolean(payment),
      unsettled: unsettled === 1 || state === 'open' || state === 'parked',
      discarded: state === 'discarded',
      first: Date.parse(first),
    });
  return found;
}

async function webhooks(db: Kysely<Tables>, since: string): Promise<Hooks[]> {
  const rows = await db
    .selectFrom('rollup')
    .select(['bucket', 'flow', 'partner', 'outcome'])
    .select((x) => x.fn.sum('count').as('count'))
    .where('width', '=', 'hour')
    .where('bucket', '>=', since)
    .where('outcome', 'in', ['accepted', 'refused'])
    .groupBy(['bucket', 'flow', 'partner', 'outcome'])
    .execute();
  return rows.map(({ bucket, flow, partner, outcome, count }) => ({
    at: Date.parse(bucket),
    flow,
    partner,
    refused: outcome === 'refused',
    count: Number(count),
  }));
}

/** Of sales: of each day the last. Its id begins with its cut-off. */
async function reconciliations(db: Kysely<Tables>, since: string): Promise<ReconciledOrders[]> {
  const runs = db.selectFrom('document').where('kind', '=', 'reconciliation');
  const ids = await runs.select('id').where('id', '>=', since).orderBy('id').execute();
  const ofSales = ids.filter(({ id }) => booksOfId(id) === 'sales');
  const lastOfDay = new Map(ofSales.map(({ id }) => [id.slice(0, 'YYYY-MM-DD'.length), id]));
  const found: ReconciledOrders[] = [];
  for (const id of lastOfDay.values()) {
    const row = await runs.select('body').where('id', '=', id).executeTakeFirst();
    if (row) found.push(reconciledOf(JSON.parse(row.body) as SealedRun));
  }
  return found;
}

function reconciledOf({ run: { scope, orders, breaks } }: SealedRun): ReconciledOrders {
  const of = (some: SealedRun['run']['breaks']): number =>
    new Set(some.map(({ partner, order }) => JSON.stringify([partner, order]))).size;
  const onlyInOdoo = of(breaks.filter(({ situation }) => situation === 'order extra'));
  return {
    at: Date.parse(scope.cutOff),
    orders: orders.hub + onlyInOdoo,
    broken: of(breaks.filter(isDue)),
  };
}

/** Taken since then, and all that wait. */
async function stockLevels(db: Kysely<Tables>, since: string): Promise<Level[] | undefined> {
  const last = await lastTaken(db);
  const [taken, waiting] = [await takenLevels(db, since), await waitingLevels(db, last)];
  if (taken.length + last.length === 0) return undefined;
  return [
    ...taken.map(({ channel, warehouse, changed, taken: at }) => ({
      partner: channel,
      warehouse,
      changed: changed === undefined ? undefined : Date.parse(changed),
      taken: Date.parse(at),
    })),
    ...waiting.map((one) => ({
      partner: one.channel,
      warehouse: one.warehouse,
      changed: Date.parse(one.since),
    })),
  ];
}

/** The oldest first. */
async function releases(db: Kysely<Tables>): Promise<Live[]> {
  const rows = await db.selectFrom('document').select('body').where('kind', '=', 'promotion').execute();
  return rows
    .map(({ body }) => JSON.parse(body) as Promotion)
    .filter(({ state }) => state === 'running' || state === 'replaced')
    .map(({ version, digest, state, ...promotion }) => ({
      version,
      digest,
      at: liveAt(promotion),
      running: state === 'running',
    }))
    .toSorted((a, b) => a.at - b.at);
}

/** With its last approval, where it waited for one. */
function liveAt({
  at,
  approvals,
  glass,
  rollback,
}: Pick<Promotion, 'at' | 'approvals' | 'glass' | 'rollback'>) {
  const waited = glass || rollback ? [] : approvals.map((one) => one.at);
  return Math.max(...[at, ...waited].map((one) => Date.parse(one)));
}
