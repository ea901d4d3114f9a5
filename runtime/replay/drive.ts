/** Drives the runs that are under way: each by one hub at a time, each letter sent once, whoever dies in between. */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { sendWaiting, settleSent, type LetterOptions } from './letters.ts';
import { next } from './pace.ts';
import { toldOf } from './run.ts';
import { countsOf, planOf, rowOf, type Counts, type Plan, type Told } from './state.ts';

export interface DriverOptions extends LetterOptions {
  log: Pick<Logger, 'info' | 'warn'>;
}

/** Of a hub that does not come back. */
const leaseMs = 15_000;

/** One look at all runs; called again and again, never twice at once. True while there is something to look at. */
export function replayDriver(options: DriverOptions): (now?: Date) => Promise<boolean> {
  const { stores, log } = options;
  const { replays } = stores.journal;
  const name = randomUUID();
  const budgets = newBudgets();

  async function step(plan: Plan, now: Date): Promise<void> {
    if (plan.state === 'cancelled') await replays.moveAll(plan.id, 'waiting', 'cancelled');
    await settleSent(stores, plan);
    const counts = countsOf(await replays.counts(plan.id));
    if (plan.state !== 'running') {
      if (counts.running === 0) await replays.replace(rowOf({ ...plan, counts }));
      return;
    }
    const what = next(counts, toldSince(plan, await toldOf(replays, plan.id)));
    if (what.do === 'send')
      return sendWaiting(options, plan, Math.min(what.most, budgets.of(plan, now)), () =>
        budgets.spend(plan),
      );
    if (what.do === 'stop') {
      const { stopped } = what;
      log.warn({ replay: plan.id, ...stopped }, 'A replay stopped itself');
      await end({ ...plan, state: 'stopped', run: { ...plan.run!, stopped } }, counts);
    } else if (what.do === 'end') {
      log.info({ replay: plan.id, ...counts }, 'A replay is done');
      await end({ ...plan, state: 'done', run: { ...plan.run!, ended: now.toISOString() } }, counts);
    }
  }

  /** Where somebody changed it meanwhile, the next look decides anew. */
  async function end(plan: Plan, counts: Counts): Promise<void> {
    budgets.forget(plan);
    const at = new Date().toISOString();
    const history = [...plan.history, { at, by: 'crossdock', what: plan.state }];
    await replays.replace(rowOf({ ...plan, history, counts }, counts.running));
  }

  return async (now = new Date()) => {
    const open = await replays.open();
    for (const row of open) {
      const until = new Date(now.getTime() + leaseMs);
      if (await replays.lease(row.id, name, now, until)) await step(planOf(row), now);
    }
    return open.length > 0;
  };
}

/** Letters that may be sent, by run: grows with time, at its pace. */
function newBudgets() {
  const budgets = new Map<string, { at: number; letters: number }>();
  return {
    of({ id, perSecond }: Plan, now: Date): number {
      const before = budgets.get(id) ?? { at: now.getTime() - 1000, letters: 0 };
      const grown = before.letters + ((now.getTime() - before.at) / 1000) * perSecond;
      const letters = Math.min(grown, Math.max(1, perSecond));
      budgets.set(id, { at: now.getTime(), letters });
      return Math.floor(letters);
    },
    spend({ id }: Plan): void {
      const budget = budgets.get(id);
      if (budget) budget.letters -= 1;
    },
    forget: ({ id }: Plan) => budgets.delete(id),
  };
}

/** Since the run last began. */
function toldSince({ run }: Plan, { landed, failed, codes }: Told): Told {
  const { since } = run!;
  const left = Object.entries(codes).map(([code, count]) => [code, count - (since.codes[code] ?? 0)]);
  return { landed: landed - since.landed, failed: failed - since.failed, codes: Object.fromEntries(left) };
}
