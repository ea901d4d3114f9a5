/** What is done with the letters of a run: those that wait are sent, those that were sent have their outcome noted. */
import type { DeadStores } from '../dead/decide.ts';
import { replayId, replayOne } from '../dead/replay.ts';
import { asCoded } from '../errors/coded-error.ts';
import type { DeadLetter } from '../journal/journal.ts';
import type { ItemRow, Replays } from '../journal/replays.ts';
import { judge } from './judge.ts';
import { known, type Witnesses } from './known.ts';
import type { Plan } from './state.ts';

export interface LetterOptions {
  stores: DeadStores;
  /** What is known now. Odoo is not asked for each letter again. */
  witnesses(): Omit<Witnesses, 'odoo'>;
}

const page = 200;

/** What became of the letters that were sent, as their letters and steps tell it. */
export async function settleSent(stores: DeadStores, plan: Plan): Promise<void> {
  const { replays } = stores.journal;
  for (let after = 0; ;) {
    const items = await replays.items(plan.id, { state: 'sent', after, limit: page });
    const letters = await lettersOf(stores, items);
    for (const item of items) await tell(stores, plan, item, letters.get(item.letter));
    after = items.at(-1)?.n ?? 0;
    if (items.length < page) return;
  }
}

async function tell(
  stores: DeadStores,
  plan: Plan,
  item: ItemRow,
  letter: DeadLetter | undefined,
): Promise<void> {
  const { replays } = stores.journal;
  if (!letter) return refuse(replays, item, 'sent', 'LETTER_UNKNOWN');
  if (letter.lastFailed !== item.last_failed) {
    await replays.move(item, 'sent', 'failed', { code: letter.code });
  } else if (letter.settled === replayId(letter)) {
    await replays.move(item, 'sent', 'landed');
    // Whoever sent it died before the letter was moved.
    if (letter.state === 'open') await moved(stores, plan, letter);
  } else if (letter.state === 'open') await sendOne(stores, plan, item, letter);
  else if (letter.state === 'discarded') await refuse(replays, item, 'sent', 'LETTER_NOT_OPEN');
}

async function moved(
  { journal }: DeadStores,
  plan: Plan,
  { id, lastFailed, settled }: DeadLetter,
): Promise<void> {
  const decision = { time: new Date().toISOString(), by: plan.run!.by, reason: reasonOf(plan) };
  await journal.move(id, ['open'], 'replayed', { lastFailed, decision });
  await journal.settled(id, settled!);
}

/**
 * Sends up to `most` of the letters that wait, as long as they are what was agreed to. `spend` is called with each that is
 * sent.
 */
export async function sendWaiting(
  { stores, witnesses }: LetterOptions,
  plan: Plan,
  most: number,
  spend: () => void,
): Promise<void> {
  const { replays } = stores.journal;
  if (most < 1) return;
  const items = await replays.items(plan.id, { state: 'waiting', limit: most });
  const letters = await lettersOf(stores, items);
  const told = await known(witnesses(), [...letters.values()], plan.id);
  const allowed = new Set<string>(['safe', ...plan.run!.include]);
  for (const item of items) {
    const letter = letters.get(item.letter);
    // Chosen by somebody else in the moment this was run: nobody agreed to it.
    if (!allowed.has(item.verdict)) await replays.move(item, 'waiting', 'out');
    else if (!letter) await refuse(replays, item, 'waiting', 'LETTER_UNKNOWN');
    else if (letter.state !== 'open') await refuse(replays, item, 'waiting', 'LETTER_NOT_OPEN');
    else {
      const older = await olderThan(stores, letter);
      const { verdict, why } = judge(letter, { ...told.get(letter.id)!, older });
      // What Odoo told when it was planned is not asked again.
      const fits =
        letter.lastFailed === item.last_failed && (allowed.has(verdict) || verdict === item.verdict);
      if (!fits) await refuse(replays, item, 'waiting', 'REPLAY_CHANGED', JSON.stringify(why));
      else if (await replays.move(item, 'waiting', 'sent')) {
        spend();
        if (!(await sendOne(stores, plan, item, letter))) return;
      }
    }
  }
}

/** False: operations have to repair something first. It stays sent: whether it was is not known, and the next look tries again. */
async function sendOne(stores: DeadStores, plan: Plan, item: ItemRow, letter: DeadLetter): Promise<boolean> {
  try {
    await replayOne(stores, letter, { by: plan.run!.by, reason: reasonOf(plan), run: plan.id });
    return true;
  } catch (error) {
    const { code, row } = asCoded(error);
    if (row.owner === 'operations') return false;
    if (code !== 'CLAIM_IN_FLIGHT') await refuse(stores.journal.replays, item, 'sent', code);
    return true;
  }
}

async function olderThan(
  { journal }: DeadStores,
  { id, queue, message, firstFailed }: DeadLetter,
): Promise<string | undefined> {
  const waiting = await journal.evidence.waiting([queue], [message.partitionkey]);
  return waiting.find((one) => one.id !== id && one.firstFailed < firstFailed)?.id;
}

async function refuse(
  replays: Replays,
  item: ItemRow,
  from: 'waiting' | 'sent',
  code: string,
  why?: string,
): Promise<void> {
  await replays.move(item, from, 'refused', { code, ...(why !== undefined && { why }) });
}

async function lettersOf(
  { journal }: DeadStores,
  items: readonly ItemRow[],
): Promise<Map<string, DeadLetter>> {
  const ids = items.map(({ letter }) => letter);
  const letters = await journal.letters({ ids, limit: ids.length });
  return new Map(letters.map((letter) => [letter.id, letter]));
}

function reasonOf({ id }: Plan): string {
  return `replay ${id}`;
}
