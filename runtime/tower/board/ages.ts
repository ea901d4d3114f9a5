/** How far past their planned date orders are, in classes of business days. */
import { sql, type Expression, type ExpressionBuilder, type RawBuilder, type SqlBool } from 'kysely';
import { businessDaysBefore } from '../../calendar/business-days.ts';
import type { Calendar } from '../../calendar/calendar.ts';
import type { Tables } from '../../journal/tables.ts';

/** `none`: nothing is planned. `due`: planned for later. The others: business days past it, from and to. */
export const ages = ['none', 'due', '0-1', '1-3', '3-7', '7-14', '14+'] as const;
export type Age = (typeof ages)[number];
export const lateAges: readonly Age[] = ages.slice(2);

/** The planned dates of each class: from the first up to, without, the second. Undefined where it has no end. */
export type Spans = Record<Exclude<Age, 'none'>, { from: string | undefined; to: string | undefined }>;

export function spansOf(calendar: Calendar, now: Date): Spans {
  const [today, d1, d3, d7, d14] = [0, 1, 3, 7, 14].map((days) =>
    days === 0 ? now.toISOString() : businessDaysBefore(calendar, now, days).toISOString(),
  );
  return {
    due: { from: today, to: undefined },
    '0-1': { from: d1, to: today },
    '1-3': { from: d3, to: d1 },
    '3-7': { from: d7, to: d3 },
    '7-14': { from: d14, to: d7 },
    '14+': { from: undefined, to: d14 },
  };
}

/** Of a row, by its planned date. */
export function ageOf(spans: Spans): RawBuilder<Age> {
  const since = (age: keyof Spans) => spans[age].from;
  return sql<Age>`case when planned is null then 'none' when planned >= ${since('due')} then 'due'
    when planned >= ${since('0-1')} then '0-1' when planned >= ${since('1-3')} then '1-3'
    when planned >= ${since('3-7')} then '3-7' when planned >= ${since('7-14')} then '7-14' else '14+' end`;
}

/** Rows of this class, or of all that are late. */
export function isOfAge(
  x: ExpressionBuilder<Tables, 'process'>,
  age: Age | 'late',
  spans: Spans,
): Expression<SqlBool> {
  if (age === 'none') return x('planned', 'is', null);
  const { from, to } = age === 'late' ? { from: undefined, to: spans.due.from } : spans[age];
  const parts: Expression<SqlBool>[] = [];
  if (from !== undefined) parts.push(x('planned', '>=', from));
  if (to !== undefined) parts.push(x('planned', '<', to));
  return x.and(parts);
}
