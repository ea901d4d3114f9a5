/** How many webhooks each flow took and refused of late, and how long it is usually silent. */
import type { Kysely } from 'kysely';
import type { Tables } from '../journal/tables.ts';

export interface Rate {
  flow: string;
  hour: { refused: number; count: number };
  /** The last ten minutes. */
  minutes: { refused: number; count: number };
  /** ISO time until which it took some; and the longest of twenty silences, where there were so many. */
  silentSince?: string;
  gapMs?: number;
}
export type Rates = readonly Rate[];

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LOOK_MS = 14 * 24 * HOUR_MS;
/** With fewer it is not known what is usual. */
const GAPS = 20;

export async function ratesOf(db: Kysely<Tables>, now: Date): Promise<Rates> {
  const since = (ms: number) => new Date(now.getTime() - ms).toISOString();
  const of = (width: '5min' | 'hour', from: string) =>
    db
      .selectFrom('rollup')
      .select(['bucket', 'flow', 'outcome'])
      .select((x) => x.fn.sum('count').as('count'))
      .where('width', '=', width)
      .where('bucket', '>=', from)
      .where('outcome', 'in', ['accepted', 'refused'])
      .groupBy(['bucket', 'flow', 'outcome'])
      .execute();
  const [late, long] = [await of('5min', since(HOUR_MS)), await of('hour', since(LOOK_MS))];
  const flowOf = ({ flow }: { flow: string }): string => flow;
  const [lateOf, longOf] = [Map.groupBy(late, flowOf), Map.groupBy(long, flowOf)];
  const lately = since(15 * MINUTE_MS);
  return [...new Set([...lateOf.keys(), ...longOf.keys()])].toSorted().map((flow): Rate => {
    const recent = lateOf.get(flow) ?? [];
    const taken = [...(longOf.get(flow) ?? []), ...recent].filter(({ outcome }) => outcome === 'accepted');
    return {
      flow,
      hour: counted(recent),
      minutes: counted(recent.filter(({ bucket }) => bucket >= lately)),
      ...silenceOf(taken.map(({ bucket }) => Date.parse(bucket)).toSorted((a, b) => a - b)),
    };
  });
}

function counted(rows: readonly { outcome: string; count: string | number | bigint }[]) {
  const sum = (some: typeof rows) => some.reduce((all, { count }) => all + Number(count), 0);
  return { refused: sum(rows.filter(({ outcome }) => outcome === 'refused')), count: sum(rows) };
}

/** By when each hour with webhooks began. */
function silenceOf(times: readonly number[]): Pick<Rate, 'silentSince' | 'gapMs'> {
  const gaps = times
    .slice(1)
    .map((time, at) => time - times[at]!)
    .filter((gap) => gap > 0);
  const last = times.at(-1);
  if (last === undefined || gaps.length < GAPS) return {};
  const sorted = gaps.toSorted((a, b) => a - b);
  // An hour's webhooks may have come at its end.
  const gapMs = sorted[Math.ceil(sorted.length * 0.95) - 1]! + HOUR_MS;
  return { silentSince: new Date(last).toISOString(), gapMs };
}
