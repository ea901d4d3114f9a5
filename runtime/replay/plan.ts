/** Plans a replay: which letters, what speaks against each, and what all of it comes to. Nothing is sent. */
import { timedId } from '../envelope/envelope.ts';
import { lettersOf, type Which } from '../dead/letters.ts';
import { asCoded, CodedError } from '../errors/coded-error.ts';
import type { DeadLetter, Journal } from '../journal/journal.ts';
import type { ItemRow, Replays } from '../journal/replays.ts';
import { judge, verdicts, type Known, type Verdict } from './judge.ts';
import { known, type Witnesses } from './known.ts';
import { worthOf } from '../issues/worth.ts';
import { sumOf, type Sums } from './money.ts';
import { rowOf, type Plan, type PlanGroup } from './state.ts';

export interface Asked {
  /** Who plans. */
  by: string;
  which: Which;
  /** In words, for people: the filter, or what was chosen. */
  of: string;
  /** Letters a second. */
  perSecond: number;
}

export interface PlanStores {
  letters: Pick<Journal, 'letters'>;
  replays: Pick<Replays, 'add'>;
}

const most = 10_000;
const atOnce = 200;

/** What is needed of a letter after it was judged. */
interface Draft {
  letter: Pick<DeadLetter, 'id' | 'queue' | 'flow' | 'flowVersion' | 'code' | 'firstFailed' | 'lastFailed'>;
  subject: string;
  partitionKey: string;
  known: Known;
  judged: ReturnType<typeof judge>;
  money: { amount: string; currency: string } | undefined;
}

/** Durable when it resolves. Throws REQUEST_INVALID for more than 10,000 letters or none, and LETTER_UNKNOWN. */
export async function makePlan(
  { letters, replays }: PlanStores,
  witnesses: Witnesses,
  { by, which, of, perSecond }: Asked,
): Promise<Plan> {
  const careful = forgiving(witnesses);
  const drafts: Draft[] = [];
  for await (const some of gathered(letters, which)) {
    if (drafts.length + some.length > most)
      throw new CodedError('REQUEST_INVALID', `More than ${most} exceptions fit: choose fewer`);
    drafts.push(...(await drafted(careful.witnesses, some)));
  }
  if (drafts.length === 0)
    throw new CodedError('REQUEST_INVALID', 'No exception fits that could be sent again');
  const ordered = await inOrder(witnesses, drafts);
  const id = timedId();
  const plan: Plan = {
    id,
    state: 'planned',
    made: new Date().toISOString(),
    by,
    of,
    perSecond,
    letters: ordered.length,
    groups: groupsOf(ordered),
    versions: versionsOf(witnesses, ordered),
    unknown: careful.unknown(),
    history: [],
    revision: 1,
  };
  await replays.add(
    rowOf(plan),
    ordered.map((draft, index) => itemOf(id, index + 1, draft)),
  );
  return plan;
}

/** Odoo that is away is not asked again, and the plan says so. */
function forgiving(witnesses: Witnesses): { witnesses: Witnesses; unknown(): string[] } {
  const { odoo, outages } = witnesses;
  let away = odoo === undefined;
  const asking = odoo && {
    known: async (...asked: Parameters<typeof odoo.known>) => {
      if (away) return new Map<string, never>();
      try {
        return await odoo.known(...asked);
      } catch (error) {
        if (asCoded(error).code === 'INTERNAL') throw error;
        away = true;
        return new Map<string, never>();
      }
    },
  };
  return {
    witnesses: { ...witnesses, ...(asking && { odoo: asking }) },
    unknown: () => [...(away ? ['odoo'] : []), ...(outages ? [] : ['outages'])],
  };
}

/** In pieces, so that others have their turn in between. */
async function* gathered(letters: Pick<Journal, 'letters'>, which: Which): AsyncGenerator<DeadLetter[]> {
  let some: DeadLetter[] = [];
  const filter = 'length' in which ? which : { ...which, state: 'open' as const };
  for await (const found of lettersOf(letters, filter)) {
    if (typeof found === 'string')
      throw new CodedError('LETTER_UNKNOWN', `There is no exception ${found}`, { id: found });
    some.push(found);
    if (some.length < atOnce) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}

async function drafted(witnesses: Witnesses, letters: readonly DeadLetter[]): Promise<Draft[]> {
  const all = await known(witnesses, letters);
  return letters.map((letter) => {
    const { message, facts: _facts, history: _history, ...short } = letter;
    const own = all.get(letter.id)!;
    return {
      letter: short,
      subject: message.subject,
      partitionKey: message.partitionkey,
      known: own,
      judged: judge(letter, own),
      money: moneyOf(letter),
    };
  });
}

function moneyOf({ message, facts }: DeadLetter): Draft['money'] {
  const { amount, currency } = worthOf(message, facts);
  return amount !== undefined && currency !== undefined ? { amount, currency } : undefined;
}

/** Oldest first. One that is safe is not where an older one of its key stays behind. */
async function inOrder({ evidence }: Witnesses, drafts: readonly Draft[]): Promise<Draft[]> {
  const ordered = drafts.toSorted(byAge);
  const waiting = await evidence.waiting(
    [...new Set(drafts.map(({ letter }) => letter.queue))],
    drafts.map(({ partitionKey }) => partitionKey),
  );
  const byKey = Map.groupBy(waiting, ({ queue, partitionKey }) => `${queue}\n${partitionKey}`);
  const going = new Set<string>();
  return ordered.map((draft) => {
    const { letter, partitionKey, judged } = draft;
    const goes = judged.verdict === 'safe' || judged.verdict === 'irreversible';
    const before = (byKey.get(`${letter.queue}\n${partitionKey}`) ?? []).find(
      ({ id, firstFailed }) => id !== letter.id && firstFailed < letter.firstFailed && !going.has(id),
    );
    if (!goes || !before) {
      if (judged.verdict === 'safe') going.add(letter.id);
      return draft;
    }
    const why = { key: 'older-waits', letter: before.id };
    return { ...draft, judged: { verdict: 'out-of-order', why } };
  });
}

function byAge({ letter: a }: Draft, { letter: b }: Draft): number {
  return a.firstFailed < b.firstFailed || (a.firstFailed === b.firstFailed && a.id < b.id) ? -1 : 1;
}

function groupsOf(drafts: readonly Draft[]): PlanGroup[] {
  const byVerdict = Map.groupBy(drafts, ({ judged }) => judged.verdict);
  return verdicts.flatMap((verdict: Verdict) => {
    const some = byVerdict.get(verdict) ?? [];
    if (some.length === 0) return [];
    const money: Sums = sumOf(some.flatMap(({ money: one }) => one ?? []));
    const orders = new Set(some.map(({ subject }) => subject)).size;
    const irreversible = some.filter(({ known: { irreversible: is } }) => is).length;
    return [{ verdict, letters: some.length, orders, money, irreversible }];
  });
}

function versionsOf({ versions }: Witnesses, drafts: readonly Draft[]): Plan['versions'] {
  const pairs = Map.groupBy(drafts, ({ letter }) => `${letter.flow}\n${letter.flowVersion}`);
  return [...pairs.values()].map((some) => {
    const { flow, flowVersion: was } = some[0]!.letter;
    const now = versions.get(flow);
    return { flow, was, ...(now !== undefined && { now }), letters: some.length };
  });
}

function itemOf(plan: string, n: number, { letter, subject, judged, known: own, money }: Draft): ItemRow {
  return {
    plan,
    n,
    letter: letter.id,
    last_failed: letter.lastFailed,
    subject,
    flow: letter.flow,
    failed_code: letter.code,
    flow_version: letter.flowVersion,
    verdict: judged.verdict,
    why: JSON.stringify(judged.why),
    irreversible: own.irreversible ? 1 : 0,
    amount: money?.amount ?? null,
    currency: money?.currency ?? null,
    state: 'planned',
    code: null,
  };
}
