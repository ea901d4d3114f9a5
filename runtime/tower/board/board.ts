/** The board of a process: how many orders stand at each step, what they are worth, and how late they are. */
import { Big } from 'big.js';
import { sql, type Kysely } from 'kysely';
import type { Calendar } from '../../calendar/calendar.ts';
import type { Tables } from '../../journal/tables.ts';
import { ageOf, ages, lateAges, spansOf, type Age } from './ages.ts';

/** Stands for a partner or warehouse that is not known. */
export const unknown = '-';

export interface BoardFilter {
  process: string;
  partner?: string;
  warehouse?: string;
}

/** Of some orders. */
export interface Sum {
  count: number;
  late: number;
  /** Somebody has to look at them. */
  attention: number;
  /** ISO 8601, UTC: when the oldest began. */
  oldest?: string;
  /** Decimal; by currency, the most first. */
  values: { currency?: string; value: string }[];
  /** So many are of no known value. */
  unvalued: number;
  ages: Record<Age, number>;
}

export interface Board {
  process: string;
  /** In the order of the process file. */
  steps: (Sum & { step: string })[];
  all: Sum;
  /** The largest first, also those of no known one. */
  partners: (Sum & { name: string })[];
  warehouses: (Sum & { name: string })[];
  timezone: string;
}

interface Group {
  step: string;
  partner: string | null;
  warehouse: string | null;
  currency: string | null;
  age: Age;
  n: number | string;
  attention: number | string;
  oldest: string | null;
  valued: number | string;
  sum: string | null;
}

/** Amounts are added as whole numbers of this part: no currency has more decimals. */
const parts = 10_000;

/** `steps`: of the process file, in its order. */
export async function board(
  db: Kysely<Tables>,
  steps: readonly string[],
  calendar: Calendar,
  filter: BoardFilter,
  now: Date,
): Promise<Board> {
  const groups = await groupsOf(db, filter.process, calendar, now);
  const shown = groups.filter((one) => isIn(one, filter));
  const names = [...new Set([...steps, ...shown.map(({ step }) => step)])];
  return {
    process: filter.process,
    steps: names.map((step) => ({ step, ...sumOf(shown.filter((one) => one.step === step)) })),
    all: sumOf(shown),
    // All that could be chosen instead.
    partners: byName(
      groups.filter((one) => isIn(one, { ...filter, partner: undefined })),
      'partner',
    ),
    warehouses: byName(
      groups.filter((one) => isIn(one, { ...filter, warehouse: undefined })),
      'warehouse',
    ),
    timezone: calendar.timezone,
  };
}

function isIn(
  group: Group,
  { partner, warehouse }: { partner?: string | undefined; warehouse?: string | undefined },
): boolean {
  const fits = (wanted: string | undefined, own: string | null) =>
    wanted === undefined || wanted === (own ?? unknown);
  return fits(partner, group.partner) && fits(warehouse, group.warehouse);
}

/** Word for word as in the partial index, or it is not used: only what is under way stands at a step. */
function groupsOf(db: Kysely<Tables>, process: string, calendar: Calendar, now: Date): Promise<Group[]> {
  const open = db
    .selectFrom('process')
    .select(['step', 'partner', 'warehouse', 'currency', 'attention', 'started', 'amount'])
    .select(ageOf(spansOf(calendar, now)).as('age'))
    .where('process', '=', process)
    .where('step', 'is not', null);
  return db
    .selectFrom(open.as('open'))
    .select((x) => [
      'step',
      'partner',
      'warehouse',
      'currency',
      'age',
      x.fn.countAll<number>().as('n'),
      x.fn.sum<number>('attention').as('attention'),
      x.fn.min('started').as('oldest'),
      x.fn.count<number>('amount').as('valued'),
      sql<
        string | null
      >`cast(sum(cast(round(cast(amount as numeric) * ${sql.lit(parts)}) as bigint)) as text)`.as('sum'),
    ])
    .groupBy(['step', 'partner', 'warehouse', 'currency', 'age'])
    .execute() as Promise<Group[]>;
}

function sumOf(groups: readonly Group[]): Sum {
  const add = (of: (group: Group) => number | string, some = groups) =>
    some.reduce((total, group) => total + Number(of(group)), 0);
  const counts = ages.map(
    (age) =>
      [
        age,
        add(
          ({ n }) => n,
          groups.filter((one) => one.age === age),
        ),
      ] as const,
  );
  const count = add(({ n }) => n);
  const oldest = groups.flatMap((one) => one.oldest ?? []).toSorted()[0];
  return {
    count,
    late: add(
      ({ n }) => n,
      groups.filter(({ age }) => lateAges.includes(age)),
    ),
    attention: add(({ attention }) => attention),
    ...(oldest && { oldest }),
    values: valuesOf(groups),
    unvalued: count - add(({ valued }) => valued),
    ages: Object.fromEntries(counts) as Record<Age, number>,
  };
}

function valuesOf(groups: readonly Group[]): Sum['values'] {
  const sums = new Map<string, Big>();
  for (const { currency, sum } of groups)
    if (sum !== null) sums.set(currency ?? '', (sums.get(currency ?? '') ?? new Big(0)).plus(sum));
  return [...sums]
    .toSorted(([, a], [, b]) => b.cmp(a))
    .map(([currency, sum]) => ({ ...(currency && { currency }), value: shown(sum.div(parts)) }));
}

function shown(value: Big): string {
  const text = value.toFixed();
  return (text.split('.')[1] ?? '').length > 2 ? text : value.toFixed(2);
}

function byName(groups: readonly Group[], what: 'partner' | 'warehouse'): (Sum & { name: string })[] {
  const named = Map.groupBy(groups, (group) => group[what] ?? unknown);
  return [...named]
    .map(([name, some]) => ({ name, ...sumOf(some) }))
    .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}
