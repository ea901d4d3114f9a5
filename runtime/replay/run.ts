/** What people do with a plan: run it, agree to it, pause, resume and cancel it. */
import type { Environment } from '../environments/environment.ts';
import { CodedError } from '../errors/coded-error.ts';
import type { Evidence } from '../journal/evidence.ts';
import type { ItemRow, Replays } from '../journal/replays.ts';
import type { Verdict } from './judge.ts';
import { samePerson } from '../promotion/promotion.ts';
import { isAbove, sumOf } from './money.ts';
import {
  countsOf,
  planOf,
  rowOf,
  type Need,
  type Plan,
  type PlanState,
  type Run,
  type Told,
} from './state.ts';

export interface RunStores {
  replays: Replays;
  evidence: Pick<Evidence, 'standing'>;
}

/** What a person alone may send; from definitions/environments. */
export interface Allowance {
  letters: number;
  /** In any one currency; no limit when left out. */
  amount?: string | undefined;
}

export function allowanceOf({ replay }: Pick<Environment, 'replay'>): Allowance {
  return { letters: replay?.letters ?? 200, amount: replay?.amount };
}

const tries = 20;
const page = 1000;

/** Throws CodedError REPLAY_UNKNOWN. */
export async function planWith(replays: Pick<Replays, 'get'>, id: string): Promise<Plan> {
  const row = await replays.get(id);
  if (row) return planOf(row);
  throw new CodedError('REPLAY_UNKNOWN', `There is no replay ${id}`, { id });
}

/**
 * Runs what is safe, and what else is included. Throws REPLAY_STATE, REPLAY_CHANGED where letters are not as they were,
 * REPLAY_RUNNING where another run has one of them, and REQUEST_INVALID where nothing is chosen.
 */
export async function start(
  { replays, evidence }: RunStores,
  id: string,
  { by, include, allowance }: { by: string; include: readonly Verdict[]; allowance: Allowance },
): Promise<Plan> {
  const plan = await planWith(replays, id);
  demandState(plan, ['planned']);
  const chosen = new Set<string>(['safe', ...include.filter((verdict) => verdict !== 'decided')]);
  const items = (await allItems(replays, id)).filter(({ verdict }) => chosen.has(verdict));
  if (items.length === 0)
    throw new CodedError('REQUEST_INVALID', 'None of its letters is safe: say which others are to be sent');
  await demandUnchanged(evidence, items);
  await demandFree(replays, id, items);
  const money = sumOf(
    items.flatMap(({ amount, currency }) =>
      amount !== null && currency !== null ? [{ amount, currency }] : [],
    ),
  );
  const needs: Need[] = [
    ...(items.length > allowance.letters ? (['letters'] as const) : []),
    ...(allowance.amount !== undefined && isAbove(money, allowance.amount) ? (['amount'] as const) : []),
    ...(items.some(({ irreversible }) => irreversible) ? (['irreversible'] as const) : []),
  ];
  await replays.choose(id, [...chosen]);
  const run: Run = {
    by,
    at: new Date().toISOString(),
    include: [...include],
    letters: items.length,
    orders: new Set(items.map(({ subject }) => subject)).size,
    money,
    needs,
    since: { landed: 0, failed: 0, codes: {} },
  };
  const state = needs.length > 0 ? 'approval' : 'running';
  return change(replays, id, by, ['planned'], state, () => ({ run }));
}

/** Throws FOUR_EYES for who planned or asked for it, and REPLAY_STATE. */
export function approve({ replays }: RunStores, id: string, by: string): Promise<Plan> {
  return change(replays, id, by, ['approval'], 'running', (plan) => {
    if ([plan.by, plan.run?.by].some((one) => one !== undefined && samePerson(one, by)))
      throw new CodedError('FOUR_EYES', `${by} planned this replay or asked for it`, { by });
    return { run: { ...plan.run!, approvedBy: by } };
  });
}

/** Nothing more is sent; what was sent goes on. Throws REPLAY_STATE. */
export function pause({ replays }: RunStores, id: string, by: string): Promise<Plan> {
  return change(replays, id, by, ['running'], 'paused', () => ({}));
}

/** Begins with one letter again. Throws REPLAY_STATE. */
export async function resume({ replays }: RunStores, id: string, by: string): Promise<Plan> {
  const since = await toldOf(replays, id);
  return change(replays, id, by, ['paused', 'stopped'], 'running', ({ run }) => {
    const { stopped: _stopped, ...rest } = run!;
    return { run: { ...rest, since } };
  });
}

/** What was not sent stays an exception; what was sent goes on. Throws REPLAY_STATE. */
export async function cancel({ replays }: RunStores, id: string, by: string): Promise<Plan> {
  const from = ['planned', 'approval', 'running', 'paused', 'stopped'] as const;
  const plan = await change(replays, id, by, from, 'cancelled', ({ run }) =>
    run ? { run: { ...run, ended: new Date().toISOString() } } : {},
  );
  await replays.moveAll(id, 'waiting', 'cancelled');
  return plan;
}

/** Moves it on, whoever else does so at the same time. */
async function change(
  replays: Replays,
  id: string,
  by: string,
  from: readonly PlanState[],
  to: PlanState,
  more: (plan: Plan) => Partial<Plan>,
): Promise<Plan> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const plan = await planWith(replays, id);
    demandState(plan, from);
    const at = new Date().toISOString();
    const after: Plan = {
      ...plan,
      ...more(plan),
      state: to,
      history: [...plan.history, { at, by, what: to }],
    };
    // A hub looks at it once more, for what is under way.
    if (await replays.replace(rowOf(after, 1))) return { ...after, revision: plan.revision + 1 };
  }
  throw new CodedError('STORE_UNAVAILABLE', 'The replay changes all the time', { id });
}

function demandState({ id, state }: Plan, from: readonly PlanState[]): void {
  if (from.includes(state)) return;
  throw new CodedError('REPLAY_STATE', `The replay ${id} is ${words[state]}`, { id, state });
}

const words: Record<PlanState, string> = {
  planned: 'planned only: run it first',
  approval: 'waiting for the approval of a second person',
  running: 'running',
  paused: 'paused',
  stopped: 'stopped by itself: resume or cancel it',
  cancelled: 'cancelled',
  done: 'done',
};

async function demandUnchanged(evidence: RunStores['evidence'], items: readonly ItemRow[]): Promise<void> {
  const standing = await evidence.standing(items.map(({ letter }) => letter));
  const now = new Map(standing.map((one) => [one.id, one]));
  const changed = items.filter(({ letter, last_failed, verdict }) => {
    const one = now.get(letter);
    return verdict !== 'decided' && (one?.state !== 'open' || one.lastFailed !== last_failed);
  });
  if (changed.length === 0) return;
  throw new CodedError(
    'REPLAY_CHANGED',
    `${changed.length} of ${items.length} exceptions changed since this was planned: plan it again`,
    { changed: changed.length },
  );
}

async function demandFree(replays: Replays, id: string, items: readonly ItemRow[]): Promise<void> {
  const holds = await replays.holds(items.map(({ letter }) => letter));
  const other = holds.find(({ plan }) => plan !== id);
  if (other)
    throw new CodedError('REPLAY_RUNNING', `Some of its exceptions are in the replay ${other.plan}`, {
      replay: other.plan,
    });
}

async function allItems(replays: Replays, plan: string): Promise<ItemRow[]> {
  const all: ItemRow[] = [];
  for (;;) {
    const after = all.at(-1)?.n;
    const some = await replays.items(plan, { limit: page, ...(after !== undefined && { after }) });
    all.push(...some);
    if (some.length < page) return all;
  }
}

/** What is known by now of the letters that were sent. */
export async function toldOf(replays: Pick<Replays, 'counts' | 'codes'>, plan: string): Promise<Told> {
  const [counts, codes] = await Promise.all([replays.counts(plan), replays.codes(plan, 'failed')]);
  const { landed, failed } = countsOf(counts);
  return { landed, failed, codes: Object.fromEntries(codes) };
}
