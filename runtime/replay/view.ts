/** A replay as people see it: the plan, and what came of its letters. No data of a message is in it. */
import type { ItemRow, ItemState, PlanRow, Replays } from '../journal/replays.ts';
import type { Verdict, Why } from './judge.ts';
import { countsOf, planOf, type Counts, type Plan } from './state.ts';

/** In a list. */
export type ReplayShort = Omit<Plan, 'groups' | 'versions' | 'history' | 'unknown' | 'counts'> & {
  counts: Counts;
};

export interface ReplayView extends Plan {
  counts: Counts;
  /** Of those that failed again and those that were refused: how often each code. */
  codes: { failed: Record<string, number>; refused: Record<string, number> };
  /** Seconds until all that is chosen is sent, at its pace. */
  drainSeconds: number;
}

export interface ReplayItem {
  n: number;
  letter: string;
  subject: string;
  flow: string;
  /** With which it is an exception. */
  failedCode: string;
  verdict: Verdict;
  why: Why;
  irreversible: boolean;
  amount?: string;
  currency?: string;
  state: ItemState;
  /** Of its new failure, or of the refusal. */
  code?: string;
}

/** What nobody looks at any more has its counts with it. */
async function shortOf(replays: Pick<Replays, 'counts'>, row: PlanRow): Promise<ReplayShort> {
  const plan = planOf(row);
  const { groups: _groups, versions: _versions, history: _history, unknown: _unknown, ...short } = plan;
  const known = row.open ? undefined : (plan.counts ?? countsOf({}));
  return { ...short, counts: known ?? countsOf(await replays.counts(plan.id)) };
}

export async function viewOf(replays: Replays, plan: Plan): Promise<ReplayView> {
  const [counts, failed, refused] = await Promise.all([
    replays.counts(plan.id),
    replays.codes(plan.id, 'failed'),
    replays.codes(plan.id, 'refused'),
  ]);
  const safe = plan.groups.find(({ verdict }) => verdict === 'safe')?.letters ?? 0;
  const { waiting } = countsOf(counts);
  const left = plan.run ? waiting : safe;
  return {
    ...plan,
    counts: countsOf(counts),
    codes: { failed: Object.fromEntries(failed), refused: Object.fromEntries(refused) },
    drainSeconds: Math.ceil(left / plan.perSecond),
  };
}

export async function listOf(
  replays: Pick<Replays, 'list' | 'counts'>,
  { after, limit }: { after?: string; limit: number },
): Promise<{ rows: ReplayShort[]; next?: string }> {
  const found = await replays.list({ limit, ...(after !== undefined && { after }) });
  const rows = await Promise.all(found.map((row) => shortOf(replays, row)));
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return { rows, ...(last && { next: last.id }) };
}

export function itemOf(row: ItemRow): ReplayItem {
  return {
    n: row.n,
    letter: row.letter,
    subject: row.subject,
    flow: row.flow,
    failedCode: row.failed_code,
    verdict: row.verdict as Verdict,
    why: JSON.parse(row.why) as Why,
    irreversible: row.irreversible === 1,
    ...(row.amount !== null && { amount: row.amount }),
    ...(row.currency !== null && { currency: row.currency }),
    state: row.state,
    ...(row.code !== null && { code: row.code }),
  };
}
