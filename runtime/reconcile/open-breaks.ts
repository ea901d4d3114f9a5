/** The breaks that stand open after all runs: each belongs to one cause, which is one issue of the work queue. */
import { keptIssueId } from '../issues/kept-ids.ts';
import type { Documents } from '../journal/documents.ts';
import type { Break } from './breaks.ts';
import { decisionsOf, endDecision, stateOf, type BreakState } from './decisions.ts';
import { isDue } from './reconcile.ts';
import { booksOf, usualSince, type Books } from './read-hub.ts';
import type { Run, SealedRun } from './run.ts';

/** The flow that such an issue names: breaks come from no other. */
export const reconcilingFlow = 'reconciliation';

/** Of a break what the work queue tells. */
export interface StandingBreak extends Pick<
  Break,
  | 'id'
  | 'partner'
  | 'order'
  | 'stage'
  | 'situation'
  | 'code'
  | 'about'
  | 'left'
  | 'right'
  | 'unit'
  | 'stake'
  | 'since'
  | 'heard'
  | 'cause'
  | 'repair'
> {
  books: Books;
  /** The run that found it last. */
  run: string;
}

export type OpenBreak = StandingBreak & { issue: string; state: Exclude<BreakState, 'accepted'> };

/** What runs have looked at: of one partner, or of all where it is empty. */
interface Looked {
  books: Books;
  partner: string;
  cutOff: string;
}

/** Of a break that may clear by itself: what tells which run looks at it. */
type WaitingBreak = Pick<StandingBreak, 'id' | 'books' | 'partner' | 'heard'>;

interface Standing {
  looked: Looked[];
  breaks: StandingBreak[];
  waiting?: WaitingBreak[];
}

const kind = 'reconciliation-open';
/** There is one. */
const only = 'breaks';
const nothing: Standing = { looked: [], breaks: [] };

/** Takes in what a run found; of what it looks at and finds no more, the decisions are over. Several may do so at once. */
export async function takeRun(
  documents: Pick<Documents, 'get' | 'add' | 'put' | 'swap' | 'drop'>,
  id: string,
  { run }: Pick<SealedRun, 'run'>,
): Promise<void> {
  for (;;) {
    const body = await documents.get(kind, only);
    const before = body === undefined ? nothing : readStanding(body);
    const { standing, gone } = after(before, id, run);
    // Before it is said: one that ended in between says it again.
    for (const one of gone) await endDecision(documents, one, run.scope.cutOff);
    const next = JSON.stringify(standing);
    const taken =
      body === undefined
        ? await documents.add(kind, only, next)
        : body === next || (await documents.swap(kind, only, body, next));
    if (taken) return;
  }
}

/** A run says nothing of orders it does not look at, nor against one of a later cut-off. */
function after(standing: Standing, id: string, run: Run): { standing: Standing; gone: string[] } {
  const { partner = '', looked: own = [partner], cutOff } = run.scope;
  const books = booksOf(run.scope);
  const newer = standing.looked.filter((one) => one.books === books && one.cutOff > cutOff);
  const newerOf = new Set(newer.map((one) => one.partner));
  // Nothing that it looked at is left to say.
  if (newerOf.has('') || own.every((one) => newerOf.has(one))) return { standing, gone: [] };
  const looksAt = (one: WaitingBreak): boolean =>
    one.books === books &&
    (own.includes('') || own.includes(one.partner)) &&
    // It looks at all stock there is, whenever that was counted.
    (books === 'stock' || one.heard >= run.scope.since) &&
    !newerOf.has(one.partner);
  const all = run.breaks.filter((one) => !newerOf.has(one.partner));
  const due = all.filter(isDue);
  const found = new Map(due.map((one) => [one.id, standingOf(one, { books, run: id })]));
  const looked = own.filter((one) => !newerOf.has(one)).map((one) => ({ books, partner: one, cutOff }));
  const isLooked = (one: Looked) =>
    one.books === books && looked.some(({ partner: other }) => other === one.partner);
  const others = standing.looked.filter((one) => !isLooked(one));
  const left = standing.breaks.filter((one) => !looksAt(one) && !found.has(one.id));
  const breaks = [...left, ...found.values()];
  const ids = new Set(all.map((one) => one.id));
  const { waiting: waited = [] } = standing;
  const gone = [...standing.breaks, ...waited].filter((one) => looksAt(one) && !ids.has(one.id));
  const waiting = [
    ...waited.filter((one) => !looksAt(one) && !ids.has(one.id)),
    ...all.filter((one) => !isDue(one)).map((one) => ({ ...waitingOf(one), books })),
  ];
  const next = {
    looked: [...others, ...looked].toSorted((a, b) =>
      `${a.books} ${a.partner}` < `${b.books} ${b.partner}` ? -1 : 1,
    ),
    breaks: breaks.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    ...(waiting.length > 0 && { waiting: waiting.toSorted((a, b) => (a.id < b.id ? -1 : 1)) }),
  };
  return { standing: next, gone: gone.map((one) => one.id) };
}

function waitingOf({ id, partner, heard }: Break): Omit<WaitingBreak, 'books'> {
  return { id, partner, heard };
}

function standingOf(one: Break, found: Pick<StandingBreak, 'books' | 'run'>): StandingBreak {
  const { id, partner, order, stage, situation, code, about, left, right, unit, stake } = one;
  const { since, heard, cause, repair } = one;
  const told = { id, partner, order, stage, situation, code, about, left, right, unit };
  return { ...told, ...(stake && { stake }), since, heard, cause, repair, ...found };
}

/** Accepted or not. */
export async function standingBreaks(documents: Pick<Documents, 'get'>): Promise<StandingBreak[]> {
  const body = await documents.get(kind, only);
  return body === undefined ? [] : readStanding(body).breaks;
}

/** Where a run by the clock begins: it looks at every order that has an open break, however old. */
export async function sinceOfOpen(
  documents: Pick<Documents, 'get'>,
  books: Books,
  cutOff: string,
): Promise<string> {
  const open = books === 'stock' ? [] : await openBreaks(documents);
  const heard = open.filter((one) => one.books === books).map((one) => one.heard);
  return [usualSince(cutOff), ...heard].toSorted()[0]!;
}

/** All that nobody accepted. */
export async function openBreaks(documents: Pick<Documents, 'get'>): Promise<OpenBreak[]> {
  const breaks = await standingBreaks(documents);
  const decisions = await decisionsOf(documents, breaks);
  return breaks.flatMap((one): OpenBreak[] => {
    const state = stateOf(decisions.get(one.id));
    return state === 'accepted' ? [] : [{ ...one, state, issue: issueOfBreak(one) }];
  });
}

/** One cause at one partner: who repairs it for one order knows how for all. */
export function issueOfBreak({
  code,
  partner,
  stage,
  situation,
}: Pick<Break, 'code' | 'partner' | 'stage' | 'situation'>): string {
  return keptIssueId({ flow: reconcilingFlow, code, partner, cause: `${stage} ${situation}` });
}

let last: { body: string; standing: Standing } | undefined;

/** Looked at every few seconds, and the same until the next run. */
function readStanding(body: string): Standing {
  if (last?.body !== body) last = { body, standing: JSON.parse(body) as Standing };
  return last.standing;
}
