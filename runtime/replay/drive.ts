/** Drives the runs that are under way: each by one hub at a time, each letter sent once, whoever dies in between. */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { DeadStores } from '../dead/decide.ts';
import { replayId, replayOne } from '../dead/replay.ts';
import { asCoded } from '../errors/coded-error.ts';
import type { DeadLetter } from '../journal/journal.ts';
import type { ItemRow } from '../journal/replays.ts';
import { judge } from './judge.ts';
import { known, type Witnesses } from './known.ts';
import { next } from './pace.ts';
import { toldOf } from './run.ts';
import { countsOf, planOf, rowOf, type Counts, type Plan, type Told } from './state.ts';

export interface DriverOptions {
  stores: DeadStores;
  /** What is known now. Odoo is not asked for each letter again. */
  witnesses(): Omit<Witnesses, 'odoo'>;
  log: Pick<Logger, 'info' | 'warn'>;
}

/** Of a hub that does not come back. */
const leaseMs = 15_000;
const page = 200;

/** One look at all runs; called again and again, never twice at once. True while there is something to look at. */
export function replayDriver({ stores, witnesses, log }: DriverOptions): (now?: Date) => Promise<boolean> {
  const { journal } = stores;
  const { replays } = journal;
  const name = randomUUID();
  /** Letters that may be sent, by run: grows with time, at its pace. */
  const budgets = new Map<string, { at: number; letters: number }>();

  function budgetOf({ id, perSecond }: Plan, now: Date): number {
    const before = budgets.get(id) ?? { at: now.getTime() - 1000, letters: 0 };
    const grown = before.letters + ((now.getTime() - before.at) / 1000) * perSecond;
    const letters = Math.min(grown, Math.max(1, perSecond));
    budgets.set(id, { at: now.getTime(), letters });
    return Math.floor(letters);
  }

  async function step(plan: Plan, now: Date): Promise<void> {
    if (plan.state === 'cancelled') await replays.moveAll(plan.id, 'waiting', 'cancelled');
    await reconcile(plan);
    const counts = countsOf(await replays.counts(plan.id));
    if (plan.state !== 'running') {
      if (counts.running === 0) await replays.replace(rowOf({ ...plan, counts }));
      return;
    }
    const what = next(counts, toldSince(plan, await toldOf(replays, plan.id)));
    if (what.do === 'send') return send(plan, Math.min(what.most, budgetOf(plan, now)));
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
    budgets.delete(plan.id);
    const at = new Date().toISOString();
    const history = [...plan.history, { at, by: 'crossdock', what: plan.state }];
    await replays.replace(rowOf({ ...plan, history, counts }, counts.running));
  }

  /** What became of the letters that were sent, as their letters and steps tell it. */
  async function reconcile(plan: Plan): Promise<void> {
    for (let after = 0; ;) {
      const items = await replays.items(plan.id, { state: 'sent', after, limit: page });
      const letters = await lettersOf(items);
      for (const item of items) await tell(plan, item, letters.get(item.letter));
      after = items.at(-1)?.n ?? 0;
      if (items.length < page) return;
    }
  }

  async function tell(plan: Plan, item: ItemRow, letter: DeadLetter | undefined): Promise<void> {
    if (!letter) return refuse(item, 'sent', 'LETTER_UNKNOWN');
    if (letter.lastFailed !== item.last_failed) {
      await replays.move(item, 'sent', 'failed', { code: letter.code });
    } else if (letter.settled === replayId(letter)) {
      await replays.move(item, 'sent', 'landed');
      // Whoever sent it died before the letter was moved.
      if (letter.state === 'open') await moved(plan, letter);
    } else if (letter.state === 'open') await sendOne(plan, item, letter);
    else if (letter.state === 'discarded') await refuse(item, 'sent', 'LETTER_NOT_OPEN');
  }

  async function moved(plan: Plan, { id, lastFailed, settled }: DeadLetter): Promise<void> {
    const decision = { time: new Date().toISOString(), by: plan.run!.by, reason: reasonOf(plan) };
    await journal.move(id, ['open'], 'replayed', { lastFailed, decision });
    await journal.settled(id, settled!);
  }

  async function send(plan: Plan, most: number): Promise<void> {
    if (most < 1) return;
    const items = await replays.items(plan.id, { state: 'waiting', limit: most });
    const letters = await lettersOf(items);
    const told = await known(witnesses(), [...letters.values()], plan.id);
    const allowed = new Set<string>(['safe', ...plan.run!.include]);
    for (const item of items) {
      const letter = letters.get(item.letter);
      // Chosen by somebody else in the moment this was run: nobody agreed to it.
      if (!allowed.has(item.verdict)) await replays.move(item, 'waiting', 'out');
      else if (!letter) await refuse(item, 'waiting', 'LETTER_UNKNOWN');
      else if (letter.state !== 'open') await refuse(item, 'waiting', 'LETTER_NOT_OPEN');
      else {
        const older = await olderThan(letter);
        const { verdict, why } = judge(letter, { ...told.get(letter.id)!, older });
        // What Odoo told when it was planned is not asked again.
        const fits =
          letter.lastFailed === item.last_failed && (allowed.has(verdict) || verdict === item.verdict);
        if (!fits) await refuse(item, 'waiting', 'REPLAY_CHANGED', JSON.stringify(why));
        else if (await replays.move(item, 'waiting', 'sent')) {
          spend(plan);
          if (!(await sendOne(plan, item, letter))) return;
        }
      }
    }
  }

  function spend({ id }: Plan): void {
    const budget = budgets.get(id);
    if (budget) budget.letters -= 1;
  }

  /** False: operations have to repair something first. It stays sent: whether it was is not known, and the next look tries again. */
  async function sendOne(plan: Plan, item: ItemRow, letter: DeadLetter): Promise<boolean> {
    try {
      await replayOne(stores, letter, { by: plan.run!.by, reason: reasonOf(plan), run: plan.id });
      return true;
    } catch (error) {
      const { code, row } = asCoded(error);
      if (row.owner === 'operations') return false;
      if (code !== 'CLAIM_IN_FLIGHT') await refuse(item, 'sent', code);
      return true;
    }
  }

  async function olderThan({ id, queue, message, firstFailed }: DeadLetter): Promise<string | undefined> {
    const waiting = await journal.evidence.waiting([queue], [message.partitionkey]);
    return waiting.find((one) => one.id !== id && one.firstFailed < firstFailed)?.id;
  }

  async function refuse(item: ItemRow, from: 'waiting' | 'sent', code: string, why?: string): Promise<void> {
    await replays.move(item, from, 'refused', { code, ...(why !== undefined && { why }) });
  }

  async function lettersOf(items: readonly ItemRow[]): Promise<Map<string, DeadLetter>> {
    const ids = items.map(({ letter }) => letter);
    const letters = await journal.letters({ ids, limit: ids.length });
    return new Map(letters.map((letter) => [letter.id, letter]));
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

function reasonOf({ id }: Plan): string {
  return `replay ${id}`;
}

/** Since the run last began. */
function toldSince({ run }: Plan, { landed, failed, codes }: Told): Told {
  const { since } = run!;
  const left = Object.entries(codes).map(([code, count]) => [code, count - (since.codes[code] ?? 0)]);
  return { landed: landed - since.landed, failed: failed - since.failed, codes: Object.fromEntries(left) };
}
