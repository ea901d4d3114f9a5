/** The work queue: what is not settled, grouped into issues, each with its team, its money and when it is due. */
import Big from 'big.js';
import { codeOf, codes } from '../errors/codes.ts';
import type { Facts } from '../errors/coded-error.ts';
import { isEverywhere } from '../issues/cause.ts';
import { keptIssueId } from '../issues/kept-ids.ts';
import type { AskingProcess, Issues, UnsettledLetter } from '../journal/issues.ts';
import type { IssueRow, IssueState } from '../journal/tables.ts';
import { tierOf, type Tier } from '../limits/limits.ts';
import { nobody, type Ownership } from '../ownership/ownership.ts';
import type { askings, Asking } from '../process/state.ts';
import { reconcilingFlow, type OpenBreak } from '../reconcile/open-breaks.ts';
import { situations, type Situation } from '../reconcile/situations.ts';

/** An amount in a currency. Decimal. */
export interface Money {
  currency: string;
  amount: string;
}

export interface Issue {
  id: string;
  /** What it groups: exceptions, processes that ask for somebody, or breaks of the reconciliation. */
  of: 'letters' | 'processes' | 'breaks';
  /** A flow, or a process; empty where it is not of one alone, as is the partner. */
  flow: string;
  code: string;
  partner: string;
  /** Of a process, as is whom it asks. */
  step: string;
  asked: string;
  /** Of the newest of its failures. */
  why: string;
  facts: Facts;
  /** What to do, by the table of error codes; of a break by its cause. */
  action: string;
  state: IssueState;
  team: string;
  /** The team that sees it too when it is late. */
  escalation: string;
  person?: string;
  waitsOn?: string;
  until?: string;
  /** Why it is muted. */
  reason?: string;
  note?: string;
  tier: Tier;
  /** Open letters, processes, or breaks. */
  count: number;
  /** Letters that were sent again and have not landed yet. */
  running: number;
  orders: number;
  money: Money[];
  /** Orders whose amount is not known. */
  unpriced: number;
  oldest: string;
  newest: string;
  /** The letter that failed last. */
  last?: string;
  due: string;
  late: boolean;
  revision: number;
}

export interface Queue {
  /** Of the store that pages read. */
  issues: Issues;
  /** What reconciliations found and nobody accepted. */
  breaks(): Promise<readonly OpenBreak[]>;
  ownership: Ownership;
  /** Of the flows that run here. */
  tiers: ReadonlyMap<string, Tier>;
}

/**
 * All that are not settled, or the one that is named; those due first before the others. Why each failed is read by
 * `told`.
 */
export async function liveIssues(queue: Queue, now: Date, id?: string): Promise<Issue[]> {
  const groups = await groupsOf(queue, id);
  const rows = await queue.issues.rows([...groups.keys()]);
  const known = new Map(rows.map((row) => [row.id, row]));
  return [...groups.values()]
    .map((group) => issueOf(queue, group, known.get(group.id), now))
    .filter(({ state }) => state !== 'resolved')
    .toSorted(byDue);
}

/** With what the newest failure of each says. */
export async function told(queue: Queue, issues: readonly Issue[]): Promise<Issue[]> {
  const lines = await queue.issues.linesOf(issues.flatMap(({ last }) => last ?? []));
  const known = new Map(lines.map((line) => [line.id, line]));
  return issues.map((issue) => {
    const line = known.get(issue.last ?? '');
    return line ? { ...issue, why: line.reason, facts: JSON.parse(line.facts) as Facts } : issue;
  });
}

/** Older ones are left out. */
const mostResolved = 10_000;

/** Those nothing of which is unsettled any more, the last resolved first. */
export async function resolvedIssues(queue: Queue, now: Date): Promise<Issue[]> {
  const rows = await queue.issues.inState('resolved', mostResolved);
  return rows.map((row) => resolvedIssue(queue, row, now));
}

export function resolvedIssue(queue: Queue, row: IssueRow, now: Date): Issue {
  return issueOf(queue, emptyGroup(row), row, now);
}

function byDue(a: Issue, b: Issue): number {
  return placeText(a) < placeText(b) ? -1 : 1;
}

/** A place in the list. */
export function placeText({ due, id }: Pick<Issue, 'due' | 'id'>): string {
  return `${due}/${id}`;
}

/** A place among the resolved. */
export function resolvedText({ newest, id }: Pick<Issue, 'newest' | 'id'>): string {
  return `${newest}/${id}`;
}

interface Group {
  id: string;
  of: Issue['of'];
  flow: string;
  code: string;
  partner: string;
  step: string;
  asked: string;
  why: string;
  facts: Facts;
  count: number;
  running: number;
  oldest: string;
  newest: string;
  last?: string;
  /** What each is worth. */
  orders: Map<string, Money | undefined>;
}

async function groupsOf({ issues, breaks: readBreaks }: Queue, id?: string): Promise<Map<string, Group>> {
  const [letters, processes, breaks] = await Promise.all([
    issues.letters(id),
    issues.processes(),
    readBreaks(),
  ]);
  const groups = new Map<string, Group>();
  for (const letter of letters) if (letter.issue !== '') addLetter(groups, letter);
  for (const one of processes.flatMap(casesOf))
    if (id === undefined || one.issue === id) addProcess(groups, one);
  for (const one of breaks) if (id === undefined || one.issue === id) addBreak(groups, one);
  return groups;
}

function addBreak(groups: Map<string, Group>, one: OpenBreak): void {
  const { issue: id, code, partner, stage, situation, cause, run, since, order, stake } = one;
  const known = groups.get(id);
  const facts = JSON.stringify({ situation, run });
  const group = known ?? {
    ...emptyGroup({ id, code, flow: reconcilingFlow, partner, step: stage, why: cause, facts }),
    oldest: since,
    newest: since,
  };
  if (!known) groups.set(id, group);
  if (since < group.oldest) group.oldest = since;
  if (since > group.newest) group.newest = since;
  if (run > String(group.facts['run'])) group.facts = { situation, run };
  group.count += 1;
  // An order may break in several lines.
  const before = group.orders.get(order);
  const amount = stake && Big(stake.amount).plus(before?.amount ?? 0);
  group.orders.set(order, amount ? { currency: stake.currency, amount: amount.toFixed() } : before);
}

function addLetter(groups: Map<string, Group>, letter: UnsettledLetter): void {
  const { id, issue, state, code, first_failed: first, last_failed: last } = letter;
  const wide = isEverywhere(code);
  const known = groups.get(issue);
  const group = known ?? {
    ...emptyGroup({ id: issue, code, flow: wide ? '' : letter.flow, partner: wide ? '' : letter.partner }),
    oldest: first,
    newest: last,
    last: id,
  };
  if (!known) groups.set(issue, group);
  if (first < group.oldest) group.oldest = first;
  if (last > group.newest) Object.assign(group, { newest: last, last: id });
  if (state === 'replayed') group.running += 1;
  else group.count += 1;
  addOrder(group, letter.subject, letter);
}

/** One that a process asks for, with the issue it belongs to. */
export interface ProcessCase {
  issue: string;
  process: string;
  key: string;
  number: string;
  partner: string;
  amount: string | null;
  currency: string | null;
  code: (typeof askings)[number];
  step: string;
  asked: string;
  why: string;
  facts: Facts;
  at: string;
}

export function casesOf(row: AskingProcess): ProcessCase[] {
  const { process, key, number, amount, currency, updated } = row;
  const partner = row.partner ?? '';
  return (JSON.parse(row.asks ?? '[]') as Asking[]).map((asking) => {
    const { to: asked, why, step, at = updated ?? '' } = asking;
    const code = kindOf(asking);
    const failed = /with ([A-Z_]+)/.exec(why)?.[1];
    const cause = [asked, step, failed].join(' ');
    const facts = { step, ...(failed && { code: failed }) };
    const issue = keptIssueId({ flow: process, code, partner, cause });
    return { issue, process, key, number, partner, amount, currency, code, step, asked, why, facts, at };
  });
}

function addProcess(groups: Map<string, Group>, one: ProcessCase): void {
  const { issue: id, process: flow, key, number, partner, code, step, asked, why, facts, at } = one;
  const known = groups.get(id);
  const group = known ?? {
    ...emptyGroup({ id, code, flow, partner, step, asked, why, facts: JSON.stringify(facts) }),
    oldest: at,
    newest: at,
  };
  if (!known) groups.set(id, group);
  if (at < group.oldest) group.oldest = at;
  if (at > group.newest) group.newest = at;
  group.count += 1;
  addOrder(group, number || key, one);
}

/** What instances from before say only in words. */
function kindOf({ is, step, why }: Asking): (typeof askings)[number] {
  if (is) return is;
  if (step === 'hold') return 'PROCESS_HELD';
  if (step === 'process') return 'PROCESS_BROKEN';
  if (why.endsWith('is late')) return 'STEP_LATE';
  return why.includes(' taken back: ') ? 'STEP_TO_UNDO' : 'STEP_FAILED';
}

/** An order of a partner counts once, however many of its messages failed: with the larger amount. */
function addOrder(
  { orders }: Group,
  number: string,
  { partner, amount, currency }: { partner: string; amount: string | null; currency: string | null },
): void {
  const order = `${partner}\n${number}`;
  const known = orders.get(order);
  const isMore = amount && currency && !(known && Big(known.amount).gte(amount));
  if (isMore) orders.set(order, { amount, currency });
  else if (!known) orders.set(order, undefined);
}

function emptyGroup(known: Pick<Group, 'id' | 'code' | 'flow' | 'partner'> & Partial<IssueRow>): Group {
  const {
    id,
    code,
    flow,
    partner,
    step = '',
    asked = '',
    why = '',
    facts = '{}',
    first_seen = '',
    changed = '',
  } = known;
  return {
    id,
    of: asked ? 'processes' : flow === reconcilingFlow ? 'breaks' : 'letters',
    flow,
    code,
    partner,
    step,
    asked,
    why,
    facts: JSON.parse(facts) as Facts,
    count: 0,
    running: 0,
    oldest: first_seen,
    newest: changed,
    orders: new Map(),
  };
}

function issueOf({ ownership, tiers }: Queue, group: Group, row: IssueRow | undefined, now: Date): Issue {
  const { orders, ...rest } = group;
  const { flow, code, partner, step, asked } = group;
  const place = { code, ...(flow && { flow }), ...(partner && { partner }), ...(step && { step }) };
  const found = ownership.find(asked ? { ...place, asked } : place) ?? nobody;
  const own = row?.team
    ? { team: row.team, escalation: ownership.teams.get(row.team)?.escalation ?? '' }
    : found;
  const tier = tiers.get(flow) ?? tierOf(row?.tier ?? '');
  const standing = standingOf(group, row, now);
  const due = dueOf(group, standing, found.due[tier]);
  const known = codeOf(code);
  return {
    ...rest,
    ...standing,
    action: situations[group.facts['situation'] as Situation]?.repair ?? (known ? codes[known].action : ''),
    team: own.team,
    escalation: own.escalation,
    ...(row?.person && { person: row.person }),
    ...(row?.note && { note: row.note }),
    tier,
    orders: orders.size,
    ...worthOf(orders),
    due,
    late: ['open', 'acknowledged'].includes(standing.state) && due < now.toISOString(),
    revision: row?.revision ?? 0,
  };
}

/** What was decided holds until its end; what fails again after all was settled is open again. */
export function standingOf(
  { count, running }: Pick<Issue, 'count' | 'running'>,
  row: IssueRow | undefined,
  now: Date,
): Pick<Issue, 'state' | 'waitsOn' | 'until' | 'reason'> {
  const isKnown = row !== undefined && row.state !== 'resolved';
  // What was parked and goes on by itself never was open.
  if (count === 0 && (running === 0 || !isKnown)) return { state: 'resolved' };
  if (!isKnown) return { state: 'open' };
  const { state, until, waits_on: waitsOn, reason } = row;
  if (state !== 'waiting' && state !== 'muted') return { state };
  if (until === null || until <= now.toISOString())
    return { state: state === 'waiting' ? 'acknowledged' : 'open' };
  return { state, until, ...(waitsOn && { waitsOn }), ...(reason && { reason }) };
}

/** What waits or is muted is due when that ends. */
function dueOf({ oldest }: Group, { until }: Pick<Issue, 'until'>, within: number): string {
  if (until) return until;
  return oldest === '' ? '' : new Date(Date.parse(oldest) + within).toISOString();
}

function worthOf(orders: Group['orders']): Pick<Issue, 'money' | 'unpriced'> {
  const sums = new Map<string, Big>();
  let unpriced = 0;
  for (const worth of orders.values()) {
    if (worth) sums.set(worth.currency, (sums.get(worth.currency) ?? Big(0)).plus(worth.amount));
    else unpriced += 1;
  }
  const money = [...sums].map(([currency, amount]) => ({ currency, amount: amount.toFixed() }));
  return { money: money.toSorted((a, b) => (a.currency < b.currency ? -1 : 1)), unpriced };
}
