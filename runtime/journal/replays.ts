/** Plans of replays and their letters: the plan is replaced only while nobody else has, a letter moves once. */
import { sql, type Kysely, type Selectable } from 'kysely';
import { inPieces } from './evidence.ts';
import { DEFAULT_LIMIT, stored, type Tables, type ReplayPlanTable, type ReplayItemTable } from './tables.ts';

/**
 * Planned: its run has not begun. Out: not chosen. Waiting: not sent yet. Sent: its work goes on. Failed: it failed again.
 * Refused: it was not sent, `code` says why. Cancelled: the run ended before.
 */
export type ItemState =
  'planned' | 'out' | 'waiting' | 'sent' | 'landed' | 'failed' | 'refused' | 'cancelled';

export type PlanRow = Pick<Selectable<ReplayPlanTable>, 'id' | 'state' | 'body' | 'revision'> & {
  open: 0 | 1;
};
export type ItemRow = Omit<ReplayItemTable, 'state'> & { state: ItemState };

export interface ItemQuery {
  state?: ItemState;
  verdict?: string;
  /** Those that follow this one. */
  after?: number;
  /** Default 200. */
  limit?: number;
}

/** Who holds a letter in a run. */
export interface Hold {
  letter: string;
  plan: string;
}

export interface Replays {
  /** The plan is there when all of it is. */
  add(plan: PlanRow, items: readonly ItemRow[]): Promise<void>;
  get(id: string): Promise<PlanRow | undefined>;
  /** The newest first. */
  list(query?: { after?: string; limit?: number }): Promise<PlanRow[]>;
  /** Those a hub has to look at. */
  open(): Promise<PlanRow[]>;
  /** Durable when it resolves; false when the row is not of this revision any more. */
  replace(row: PlanRow): Promise<boolean>;
  /** False: another hub drives it until its lease ends. */
  lease(id: string, driver: string, now: Date, until: Date): Promise<boolean>;
  /** In the order in which they are sent. */
  items(plan: string, query?: ItemQuery): Promise<ItemRow[]>;
  counts(plan: string): Promise<Partial<Record<ItemState, number>>>;
  /** How often each code stands at items of this state. */
  codes(plan: string, state: ItemState): Promise<Map<string, number>>;
  /** Items of these verdicts wait from now on, the others are out. */
  choose(plan: string, verdicts: readonly string[]): Promise<void>;
  /** All items in one state go on to another. */
  moveAll(plan: string, from: ItemState, to: ItemState): Promise<void>;
  /** False when the item stands elsewhere. */
  move(
    item: Pick<ItemRow, 'plan' | 'n'>,
    from: ItemState,
    to: ItemState,
    more?: { code?: string; why?: string },
  ): Promise<boolean>;
  /** The runs, of those under way, in which these letters are. */
  holds(letters: readonly string[]): Promise<Hold[]>;
}

/** Of plans whose letters nobody else sends. */
export const underWay = ['approval', 'running', 'paused', 'stopped'] as const;

/** 500 × 15 columns stay below the parameter limits of both databases. */
const ROWS_IN_ONE_INSERT = 500;

export function sqlReplays(db: Kysely<Tables>): Replays {
  return { ...storedPlans(db), ...itemQueries(db), ...itemMoves(db) };
}

function storedPlans(
  db: Kysely<Tables>,
): Pick<Replays, 'add' | 'get' | 'list' | 'open' | 'replace' | 'lease'> {
  const plans = db.selectFrom('replay_plan').select(['id', 'state', 'open', 'body', 'revision']);
  const toPlan = (row: Omit<PlanRow, 'open'> & { open: number }): PlanRow => ({
    ...row,
    open: row.open ? 1 : 0,
  });
  return {
    add: (plan, items) =>
      stored(async () => {
        for (let at = 0; at < items.length; at += ROWS_IN_ONE_INSERT)
          await db
            .insertInto('replay_item')
            .values(items.slice(at, at + ROWS_IN_ONE_INSERT))
            .onConflict((conflict) => conflict.doNothing())
            .execute();
        await db
          .insertInto('replay_plan')
          .values({ ...plan, driver: null, lease: null })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }),
    get: (id) =>
      stored(async () => {
        const row = await plans.where('id', '=', id).executeTakeFirst();
        return row && toPlan(row);
      }),
    list: ({ after, limit = DEFAULT_LIMIT } = {}) =>
      stored(async () => {
        const query = after === undefined ? plans.where('id', '>', '') : plans.where('id', '<', after);
        return (await query.orderBy('id', 'desc').limit(limit).execute()).map(toPlan);
      }),
    open: () => stored(async () => (await plans.where('open', '=', sql.lit(1)).execute()).map(toPlan)),
    replace: ({ id, revision, state, open, body }) =>
      stored(async () => {
        const { numUpdatedRows } = await db
          .updateTable('replay_plan')
          .set({ state, open, body, revision: revision + 1 })
          .where('id', '=', id)
          .where('revision', '=', revision)
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      }),
    lease: (id, driver, now, until) =>
      stored(async () => {
        const { numUpdatedRows } = await db
          .updateTable('replay_plan')
          .set({ driver, lease: until.toISOString() })
          .where('id', '=', id)
          .where((x) =>
            x.or([x('driver', '=', driver), x('driver', 'is', null), x('lease', '<', now.toISOString())]),
          )
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      }),
  };
}

function itemQueries(db: Kysely<Tables>): Pick<Replays, 'items' | 'counts' | 'codes' | 'holds'> {
  return {
    items: (plan, { state, verdict, after, limit = DEFAULT_LIMIT } = {}) =>
      stored(async () => {
        let query = db.selectFrom('replay_item').selectAll().where('plan', '=', plan);
        if (state !== undefined) query = query.where('state', '=', state);
        if (verdict !== undefined) query = query.where('verdict', '=', verdict);
        if (after !== undefined) query = query.where('n', '>', after);
        const rows = await query.orderBy('n').limit(limit).execute();
        return rows.map((row) => ({ ...row, state: row.state as ItemState }));
      }),
    counts: (plan) =>
      stored(async () => {
        const rows = await db
          .selectFrom('replay_item')
          .select((x) => ['state', x.fn.countAll().as('n')])
          .where('plan', '=', plan)
          .groupBy('state')
          .execute();
        return Object.fromEntries(rows.map(({ state, n }) => [state, Number(n)]));
      }),
    codes: (plan, state) =>
      stored(async () => {
        const rows = await db
          .selectFrom('replay_item')
          .select((x) => ['code', x.fn.countAll().as('n')])
          .where('plan', '=', plan)
          .where('state', '=', state)
          .groupBy('code')
          .execute();
        return new Map(rows.map(({ code, n }) => [code ?? '', Number(n)]));
      }),
    holds: (letters) =>
      inPieces(letters, (some) =>
        db
          .selectFrom('replay_item as item')
          .innerJoin('replay_plan as plan', 'plan.id', 'item.plan')
          .select(['item.letter', 'item.plan'])
          .where('item.letter', 'in', some)
          // Word for word as in the partial index, or it is not used.
          .where('item.state', 'in', [sql.lit('waiting' as const), sql.lit('sent' as const)])
          .where('plan.state', 'in', underWay)
          .execute(),
      ),
  };
}

function itemMoves(db: Kysely<Tables>): Pick<Replays, 'choose' | 'moveAll' | 'move'> {
  return {
    choose: (plan, verdicts) =>
      stored(async () => {
        const planned = db.updateTable('replay_item').where('plan', '=', plan);
        await planned
          .set({ state: 'waiting' })
          .where('verdict', 'in', verdicts)
          .where('state', 'in', ['planned', 'out'])
          .execute();
        await planned
          .set({ state: 'out' })
          .where('verdict', 'not in', verdicts)
          .where('state', 'in', ['planned', 'waiting'])
          .execute();
      }),
    moveAll: (plan, from, to) =>
      stored(async () => {
        await db
          .updateTable('replay_item')
          .set({ state: to })
          .where('plan', '=', plan)
          .where('state', '=', from)
          .execute();
      }),
    move: ({ plan, n }, from, to, more = {}) =>
      stored(async () => {
        const { numUpdatedRows } = await db
          .updateTable('replay_item')
          .set({ state: to, ...more })
          .where('plan', '=', plan)
          .where('n', '=', n)
          .where('state', '=', from)
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      }),
  };
}
