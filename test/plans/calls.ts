/** The calls that a store is asked, on a store that knows a little of everything. */
import { Kysely } from 'kysely';
import { ratesOf } from '../../runtime/alerts/rates.ts';
import { figures } from '../../runtime/figures/figures.ts';
import { readKnown } from '../../runtime/figures/known.ts';
import type { Calendar } from '../../runtime/calendar/calendar.ts';
import type { Journal } from '../../runtime/journal/journal.ts';
import type { ItemRow } from '../../runtime/journal/replays.ts';
import type { Tables, ProposalRow } from '../../runtime/journal/tables.ts';
import { prune } from '../../runtime/retention/prune.ts';
import { loadRetention } from '../../runtime/retention/rules.ts';
import { board } from '../../runtime/tower/board/board.ts';
import { orders } from '../../runtime/tower/board/orders.ts';
import { noProcess, orderMessages, orderPage } from '../../runtime/tower/order/order.ts';
import { runbook } from '../../runtime/tower/helped.ts';
import { resolvedIssue } from '../../runtime/tower/issues.ts';
import { loadOwnership } from '../../runtime/ownership/ownership.ts';
import { pastOf } from '../../runtime/triage/past.ts';
import { letterView } from '../../runtime/tower/letters.ts';
import { letterHits, processHits, transactionHits } from '../../runtime/tower/search-places.ts';
import { search } from '../../runtime/tower/search.ts';
import { issueRow, letter, step, untold } from '../conformance/rows.ts';

const day = '2026-03-01';
export const at = `${day}T10:00:00.000Z`;
export const state = 'open' as const;
const last = { id: 'l5', lastFailed: at };
export const row = {
  process: 'sales',
  number: '1',
  state: 'running' as const,
  due: at,
  attention: 0 as const,
  ...untold,
  body: '{}',
};
const name = { kind: 'order', value: '7' };
const place = { process: 'sales', state: 'done' as const, key: 'k9' };
const issue = issueRow({ first_seen: at, changed: at });

/** One that waits now, of the code of many that were replayed. */
const like = resolvedIssue(
  { issues: undefined!, ownership: loadOwnership('definitions'), tiers: new Map(), breaks: async () => [] },
  { ...issue, code: 'VALUE_UNMAPPED', flow: 'f1' },
  new Date(at),
);

const calendar: Calendar = { calendar: 'all', summary: 'All', timezone: 'UTC', workdays: ['mon'] };
const order7 = { processes: new Map(), calendars: new Map([['standard', calendar]]), odooUrl: undefined };

const proposal: ProposalRow = {
  id: 'p7',
  map: 'tax',
  value: 'v7',
  source: '',
  article: '',
  target: 't',
  factor: null,
  state: 'waiting',
  made: at,
  made_by: 'anna',
  letter: null,
  ended: null,
  ended_by: null,
};
const known = readKnown('definitions');
const sold = { ...known, objectives: { ...known.objectives, process: 'sales' } };
const decision = { time: at, by: 'anna' };
export const replayed = letter({ id: 'l7', code: 'VALUE_UNMAPPED', state: 'replayed', decision });
const item = { plan: 'p7', n: 7 };

const keep = loadRetention('definitions')!;

type Call = (journal: Journal, db: Kysely<Tables>) => Promise<unknown>;

export const calls: Record<string, Call> = {
  append: (j) => j.append([step({ time: at })]),
  trace: (j) => j.trace({}),
  'trace by id': (j) => j.trace({ correlationId: 'c7' }),
  'trace by order': (j) => j.trace({ businessKey: 'o7' }),
  kept: (j) => j.kept('c7'),
  count: (j) => j.count(at),
  failures: (j) => j.failures({ flow: 'f', messageId: 'm7' }),
  bury: (j) => j.saveDeadLetter(letter({ history: [{ time: at, code: 'X', flowVersion: '1' }] })),
  'letters by id': (j) => j.letters({ ids: ['l5', 'l6'] }),
  letters: (j) => j.letters(),
  'letters, oldest': (j) => j.letters({ order: 'oldest' }),
  'letters, next page': (j) => j.letters({ after: last }),
  'letters of a state': (j) => j.letters({ state }),
  'letters of a state, next page': (j) => j.letters({ state, order: 'oldest', after: last }),
  'letters since': (j) => j.letters({ state, order: 'oldest', since: at }),
  'letters of a code': (j) => j.letters({ state, code: 'C1' }),
  'letters of a code, next page': (j) => j.letters({ state, code: 'C1', after: last }),
  'letters of a flow': (j) => j.letters({ state, flow: 'f1' }),
  'letters of a flow, next page': (j) => j.letters({ state, flow: 'f1', order: 'oldest', after: last }),
  'letters that wait for a record': (j) =>
    j.letters({ state: 'parked', waitsFor: 'r4999', order: 'oldest', limit: 100 }),
  'letters whose record has landed': (j) => j.letters({ state: 'parked', landed: true, order: 'oldest' }),
  'letters that waited too long': (j) => j.letters({ state: 'parked', overdueAt: at, order: 'oldest' }),
  groups: (j) => j.groups({ state }),
  'groups of a code': (j) => j.groups({ state, code: 'C1' }),
  'groups of all states': (j) => j.groups(),
  move: (j) => j.move('l5', [state], 'replayed', { lastFailed: at }),
  version: (j) => j.version('r7'),
  advance: (j) => j.advance('r7', '9'),
  document: (j) => j.documents.get('kind', 'd7'),
  documents: (j) => j.documents.list('kind'),
  'document, put': (j) => j.documents.put('kind', 'd7', 'x'),
  'document, add': (j) => j.documents.add('kind', 'd7', 'x'),
  'document, swap': (j) => j.documents.swap('kind', 'd7', 'x', 'y'),
  process: (j) => j.processes.get('sales', 'k7'),
  'process, add': (j) => j.processes.add({ ...row, key: 'new' }),
  'process, replace': (j) => j.processes.replace({ ...row, key: 'k7', revision: 1 }),
  'processes due': (j) => j.processes.due('sales', at),
  'processes called': (j) => j.processes.called('7'),
  'processes of a kind called': (j) => j.processes.called('7', 'sales'),
  processes: (j) => j.processes.list(),
  'processes, next page': (j) => j.processes.list({ after: place }),
  'processes of a state': (j) => j.processes.list({ state: 'running' }),
  'processes of a state, next page': (j) =>
    j.processes.list({ process: 'sales', state: 'done', after: place }),
  'processes to look at': (j) => j.processes.list({ attention: true }),
  fold: (j) => j.rollups.fold(new Date(at)),
  'prune counts': (j) => Array.fromAsync(j.rollups.prune('rollup', 'day', '2026-09-01')),
  sample: (j) => j.watched.sample(at, [{ name: 'waiting', subject: 'q', value: 1 }]),
  hubs: (j) => j.watched.hubs(at),
  here: (j) => j.watched.here(at, '{}'),
  gone: (j) => j.watched.gone(),
  'issues, all letters': (j) => j.issues.letters(),
  'issues, letters of one': (j) => j.issues.letters('i1'),
  'issues, processes': (j) => j.issues.processes(),
  'issue, letters': (j) => j.issues.lettersOf('i1'),
  'issue, letters, next page': (j) => j.issues.lettersOf('i1', { id: 'l5', last_failed: at }),
  'issues, lines': (j) => j.issues.linesOf(['l5', 'l6']),
  'issues, letters from before': (j) => j.issues.group(),
  'issues by id': (j) => j.issues.rows(['i1', 'i2']),
  'issues of a state': (j) => j.issues.inState('open'),
  'issue, add': (j) => j.issues.add({ ...issue, id: 'new' }),
  'issue, replace': (j) => j.issues.replace(issue),
  'issue, tell': (j) => j.issues.tell('i1', { id: 'e', time: at, who: 'ann', what: 'note', detail: null }),
  'issue, events': (j) => j.issues.events('i1'),
  'letter, settled': (j) => j.settled('l5', 'm'),
  'endings of transactions': (j) => j.evidence.endings(['c7', 'c8'], at),
  'versions of records': (j) => j.evidence.versions(['v7', 'v8']),
  'processes of orders': (j) => j.evidence.processes(['7', '8']),
  'letters of a key': (j) => j.evidence.waiting(['q'], ['k10', 'k20']),
  'where letters stand': (j) => j.evidence.standing(['l5', 'l6']),
  'documents by id': (j) => j.evidence.documents('kind', ['d7', 'd8']),
  'replay, add': (j) =>
    j.replays.add({ id: 'new', state: 'planned', open: 0, body: '{}', revision: 1 }, [
      {
        ...item,
        plan: 'new',
        letter: 'l5',
        last_failed: at,
        subject: '',
        flow: '',
        failed_code: '',
        flow_version: '',
        verdict: 'safe',
        why: '{}',
        irreversible: 0,
        amount: null,
        currency: null,
        state: 'planned',
        code: null,
      } satisfies ItemRow,
    ]),
  replay: (j) => j.replays.get('p7'),
  replays: (j) => j.replays.list(),
  'replays, next page': (j) => j.replays.list({ after: 'p7' }),
  'replays under way': (j) => j.replays.open(),
  'replay, replace': (j) => j.replays.replace({ id: 'p7', state: 'done', open: 0, body: '{}', revision: 1 }),
  'replay, lease': (j) => j.replays.lease('p7', 'hub', new Date(at), new Date(at)),
  'items of a replay': (j) => j.replays.items('p7', { after: 3 }),
  'items of a state': (j) => j.replays.items('p7', { state: 'waiting' }),
  'items of a verdict': (j) => j.replays.items('p7', { verdict: 'safe' }),
  'counts of a replay': (j) => j.replays.counts('p7'),
  'codes of a replay': (j) => j.replays.codes('p7', 'failed'),
  'items, choose': (j) => j.replays.choose('p7', ['safe']),
  'items, move all': (j) => j.replays.moveAll('p7', 'waiting', 'cancelled'),
  'item, move': (j) => j.replays.move(item, 'waiting', 'sent'),
  'runs of letters': (j) => j.replays.holds(['l10', 'l20']),
  prune: (j) => prune(j, keep, { now: new Date('2026-12-01'), dryRun: true, rest: 0 }),
  ready: (j) => j.ready(),
  'processes at their steps': (_, db) =>
    db
      .selectFrom('process')
      .select(['key', 'step', 'planned', 'partner', 'amount', 'currency', 'team', 'attention'])
      .where('process', '=', 'sales')
      .where('step', 'is not', null)
      .execute(),
  'names of a process': (_, db) =>
    db
      .selectFrom('alias')
      .select(['kind', 'value'])
      .where('leads', '=', 'process')
      .where('process', '=', 'sales')
      .where('key', '=', 'k7')
      .execute(),
  search: (_, db) => search(db, 'o7-and-more'),
  'rates of webhooks': (_, db) => ratesOf(db, new Date(at)),
  figures: (_, db) => figures(db, sold, 7, new Date('2026-06-01')),
  board: (_, db) => board(db, ['ship'], calendar, { process: 'sales' }, new Date(at)),
  'orders under way': (_, db) =>
    orders(db, calendar, { process: 'sales', age: 'late' }, new Date(at), '["9","k7"]'),
  'orders at a step': (_, db) =>
    orders(db, calendar, { process: 'sales', step: 'ship', age: '3-7' }, new Date(at)),
  'an order nobody knows': (_, db) =>
    orderPage({ ...order7, db }, 'sales', 'nobody', new Date(at)).catch(() => {}),
  'an order by its trace': (_, db) => orderPage({ ...order7, db }, noProcess, 'o7', new Date(at)),
  'messages of an order': (_, db) => orderMessages({ db }, noProcess, 'o7'),
  proposal: (j) => j.proposals.get('p7'),
  'proposal, add': (j) => j.proposals.add({ ...proposal, id: 'new' }),
  'proposal that waits for a value': (j) => j.proposals.waitingFor(proposal),
  'proposals that wait': (j) => j.proposals.list('waiting'),
  'proposals, next page': (j) => j.proposals.list('live', proposal),
  'proposal, end': (j) => j.proposals.end('p7', 'live', 'anna', at),
  'page of an exception': (_, db) => letterView(db, replayed),
  'page of a code': (_, db) => runbook(db, 'VALUE_UNMAPPED'),
  'what helped before': (_, db) => pastOf(db, like),
  'search, orders': (_, db) => processHits(db, [{ ...name, leads: 'process', process: 'sales', key: 'k7' }]),
  'search, exceptions': (_, db) => letterHits(db, [{ ...name, leads: 'letter', process: '', key: 'l5' }]),
  'search, transactions': (_, db) =>
    transactionHits(db, [{ ...name, leads: 'transaction', process: '', key: 'c7' }]),
};

/** Tables that grow. */
export const large = [
  'step',
  'process',
  'dead_letter',
  'dead_letter_failure',
  'document',
  'record_version',
  'alias',
  'issue',
  'issue_event',
  'proposal',
  'replay_plan',
  'replay_item',
];
