/** The orders behind a number on the board: what is planned earliest first, a page at a time. */
import { sql, type Kysely } from 'kysely';
import { businessDaysUntil, tenths } from '../../calendar/business-days.ts';
import type { Calendar } from '../../calendar/calendar.ts';
import { CodedError } from '../../errors/coded-error.ts';
import type { Tables } from '../../journal/tables.ts';
import { isOfAge, spansOf, type Age } from './ages.ts';
import { unknown, type BoardFilter } from './board.ts';

export interface OrderFilter extends BoardFilter {
  step?: string;
  age?: Age | 'late';
  /** Only those somebody has to look at. */
  attention?: boolean;
}

export interface OrderRow {
  process: string;
  key: string;
  number: string;
  state: string;
  step: string;
  attention: boolean;
  partner?: string;
  warehouse?: string;
  /** Decimal. */
  amount?: string;
  currency?: string;
  team?: string;
  /** ISO 8601, UTC. */
  started?: string;
  planned?: string;
  /** Business days past what was planned. */
  late?: number;
}

export interface OrderList {
  rows: OrderRow[];
  /** The place after which the next page begins. */
  next?: string;
}

const most = 200;
/** After every date: nothing is planned. */
const never = '9';

const columns = [
  'key',
  'number',
  'state',
  'step',
  'attention',
  'partner',
  'warehouse',
  'amount',
  'currency',
  'team',
  'started',
  'planned',
] as const;

type Row = { [Name in (typeof columns)[number]]: Tables['process'][Name] };

/** Throws CodedError REQUEST_INVALID for a place that is none. */
export async function orders(
  db: Kysely<Tables>,
  calendar: Calendar,
  filter: OrderFilter,
  now: Date,
  after?: string,
  limit = most,
): Promise<OrderList> {
  const { process, step, partner, warehouse, age, attention } = filter;
  const planned = sql<string>`coalesce(planned, ${never})`;
  let query = db.selectFrom('process').select(columns).where('process', '=', process);
  // Word for word as in the partial index, or it is not used.
  query = query.where('step', 'is not', null);
  if (step !== undefined) query = query.where('step', '=', step);
  if (partner !== undefined) query = query.where(sql`coalesce(partner, ${unknown})`, '=', partner);
  if (warehouse !== undefined) query = query.where(sql`coalesce(warehouse, ${unknown})`, '=', warehouse);
  if (attention) query = query.where('attention', '=', 1);
  if (age) query = query.where((x) => isOfAge(x, age, spansOf(calendar, now)));
  if (after !== undefined) {
    const place = placeOf(after);
    query = query.where(sql<boolean>`(${planned}, key) > (${place.planned}, ${place.key})`);
  }
  const found = await query
    .orderBy(planned)
    .orderBy('key')
    .limit(limit + 1)
    .execute();
  const days = businessDaysUntil(calendar, now);
  const late = (planned: string) =>
    planned < now.toISOString() ? tenths(days(new Date(planned))) : undefined;
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : undefined;
  return {
    rows: rows.map((row) => rowOf(process, row, late)),
    ...(last && { next: JSON.stringify([last.planned ?? never, last.key]) }),
  };
}

function placeOf(text: string): { planned: string; key: string } {
  const wrong = new CodedError('REQUEST_INVALID', 'This is no place in the list; begin it anew');
  try {
    const [planned, key] = JSON.parse(text) as unknown[];
    if (typeof planned === 'string' && typeof key === 'string') return { planned, key };
  } catch {
    throw wrong;
  }
  throw wrong;
}

function rowOf(process: string, row: Row, daysLate: (planned: string) => number | undefined): OrderRow {
  const { key, number, state, step, attention, planned } = row;
  const late = planned === null ? undefined : daysLate(planned);
  const texts = { ...row, key: null, number: null, state: null, step: null, attention: null };
  const given = Object.entries(texts).filter(([, value]) => value !== null);
  return {
    process,
    key,
    number: number || key,
    state,
    step: step ?? '',
    attention: attention === 1,
    ...(Object.fromEntries(given) as Partial<OrderRow>),
    ...(late !== undefined && { late }),
  };
}
