/** What detectors look at, from the store: counts by the hour, exceptions, and what is kept of orders. */
import type { Kysely } from 'kysely';
import { inPages } from '../journal/pages.ts';
import type { Tables } from '../journal/tables.ts';
import type { Basis } from './detect.ts';
import { ORDERS_MS, type PrintedOrder } from './duplicates.ts';
import { FAILURES_MS, type Failure } from './error-share.ts';
import type { Metric } from './finding.ts';
import { localHours } from './local-hours.ts';
import type { Print } from '../odoo/order/print.ts';
import { HOUR_MS, seriesOf, WEEK, WEEKS, type HourCount } from './series.ts';

/** A week is compared with those before it. */
const COUNTS_MS = (WEEKS + 1) * WEEK * HOUR_MS;

/** Steps by their outcome. */
const metricOf = {
  accepted: 'received',
  refused: 'refused',
  exception: 'failed',
  landed: 'landing-time',
} as const satisfies Record<string, Metric>;

/** Hours are those of this time zone. */
export async function readBasis(db: Kysely<Tables>, now: Date, zone = 'UTC'): Promise<Basis> {
  const local = localHours(zone);
  const since = (ms: number) => new Date(now.getTime() - ms).toISOString();
  const counted = await hours(db, since(COUNTS_MS));
  return {
    series: seriesOf(counted, Math.floor(now.getTime() / HOUR_MS), local),
    hours: local,
    failures: await failures(db, since(FAILURES_MS)),
    orders: await orders(db, since(ORDERS_MS)),
  };
}

/** Of partners that are known: what nobody is named for cannot be compared. */
async function hours(db: Kysely<Tables>, since: string): Promise<HourCount[]> {
  const rows = await db
    .selectFrom('rollup')
    .select(['bucket', 'partner', 'outcome'])
    .select((x) => [x.fn.sum('count').as('count'), x.fn.sum('total_ms').as('took')])
    .where('width', '=', 'hour')
    .where('bucket', '>=', since)
    .where('partner', '!=', '')
    .where('outcome', 'in', Object.keys(metricOf))
    .groupBy(['bucket', 'partner', 'outcome'])
    .execute();
  return rows.map(({ bucket, partner, outcome, count, took }) => ({
    hour: Math.floor(Date.parse(bucket) / HOUR_MS),
    metric: metricOf[outcome as keyof typeof metricOf],
    partner,
    count: Number(count),
    totalMs: Number(took),
  }));
}

async function failures(db: Kysely<Tables>, since: string): Promise<Failure[]> {
  const letters = inPages((after: { last_failed: string; id: string } | undefined, limit) => {
    let query = db
      .selectFrom('dead_letter')
      .select(['id', 'partner', 'subject', 'first_code', 'first_failed', 'last_failed'])
      .where('last_failed', '>=', since);
    if (after) {
      const { last_failed: time, id } = after;
      query = query.where((x) => x(x.refTuple('last_failed', 'id'), '>', x.tuple(time, id)));
    }
    return query.orderBy('last_failed').orderBy('id').limit(limit).execute();
  });
  const found: Failure[] = [];
  for await (const { partner, subject, first_code: code, first_failed: first } of letters)
    if (partner !== '')
      found.push({
        at: Date.parse(first),
        partner,
        code,
        ...(subject && { order: { key: `${partner}/${subject}`, number: subject } }),
      });
  return found;
}

/** Those that landed before their prints were kept are not known. */
async function orders(db: Kysely<Tables>, since: string): Promise<PrintedOrder[]> {
  const kept = inPages((after: { day: string; id: string } | undefined, limit) => {
    let query = db
      .selectFrom('document')
      .select(['id', 'day', 'body'])
      .where('kind', '=', 'order-kept')
      .where('day', '>=', since.slice(0, 10));
    if (after) {
      const { day, id } = after;
      query = query.where((x) => x(x.refTuple('day', 'id'), '>', x.tuple(day, id)));
    }
    return query.orderBy('day').orderBy('id').limit(limit).execute();
  });
  const found: PrintedOrder[] = [];
  for await (const { id, body } of kept) {
    const { print } = JSON.parse(body) as { print?: Print };
    if (print && print.at >= since)
      found.push({ ...print, at: Date.parse(print.at), partner: id.split('/')[0]!, key: id });
  }
  return found;
}
