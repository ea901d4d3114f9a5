/** What the stores read for each call: what they find, never a table that grows. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import { Kysely, PostgresDialect, type CompiledQuery } from 'kysely';
import pg from 'pg';
import { embeddedBroker } from '../runtime/broker/embedded.ts';
import { ratesOf } from '../runtime/alerts/rates.ts';
import { figures } from '../runtime/figures/figures.ts';
import { readKnown } from '../runtime/figures/known.ts';
import { embeddedGuard, freeClaims } from '../runtime/guard/embedded.ts';
import type { Calendar } from '../runtime/calendar/calendar.ts';
import { dialect } from '../runtime/journal/dialect.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import { postgresJournal } from '../runtime/journal/postgres.ts';
import { sqlJournal } from '../runtime/journal/sql.ts';
import type { ItemRow } from '../runtime/journal/replays.ts';
import type { Tables, ProposalRow } from '../runtime/journal/tables.ts';
import { prune } from '../runtime/retention/prune.ts';
import { loadRetention } from '../runtime/retention/rules.ts';
import { openStore, type Store } from '../runtime/sqlite/store.ts';
import { board } from '../runtime/tower/board/board.ts';
import { orders } from '../runtime/tower/board/orders.ts';
import { noProcess, orderMessages, orderPage } from '../runtime/tower/order/order.ts';
import { runbook } from '../runtime/tower/helped.ts';
import { resolvedIssue } from '../runtime/tower/issues.ts';
import { loadOwnership } from '../runtime/ownership/ownership.ts';
import { pastOf } from '../runtime/triage/past.ts';
import { letterView } from '../runtime/tower/letters.ts';
import { letterHits, processHits, transactionHits } from '../runtime/tower/search-places.ts';
import { search } from '../runtime/tower/search.ts';
import { order, until } from './conformance/broker.ts';
import { issueRow, letter, step, untold } from './conformance/rows.ts';
import { describeReal } from './real.ts';

const day = '2026-03-01';
const at = `${day}T10:00:00.000Z`;
const state = 'open' as const;
const last = { id: 'l5', lastFailed: at };
const row = {
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
const replayed = letter({ id: 'l7', code: 'VALUE_UNMAPPED', state: 'replayed', decision });
const item = { plan: 'p7', n: 7 };

const keep = loadRetention('definitions')!;

type Call = (journal: Journal, db: Kysely<Tables>) => Promise<unknown>;

const calls: Record<string, Call> = {
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

/** Asked for all letters of a state, so that these are read. */
const whole = new Set([
  'issues, all letters',
  'groups',
  'groups of a code',
  'groups of all states',
  'letters whose record has landed',
  'counts of a replay',
]);

const next = 'process by process_list (process>?)';
const histories = ['dead_letter_failure by PRIMARY KEY (letter=?)', 'sorted'];
const called = [
  'process by PRIMARY KEY (process=? AND key=?)',
  'process by process_number (number=? AND process=?)',
  'sorted',
];
const newest = 'dead_letter by dead_letter_code (state=? AND code=? AND last_failed=?)';

const buckets = (table: string) => `${table} by PRIMARY KEY (width=? AND bucket>? AND bucket<?)`;
const transactions = [
  'step by step_business_key (business_key=?)',
  'step by step_correlation (correlation_id=?)',
];
const exceptions = ['dead_letter by dead_letter_correlation (correlation_id=?)', 'sorted'];
const oneReplay = 'replay_plan by sqlite_autoindex_replay_plan_1 (id=?)';
const itemsOfState = 'replay_item by replay_item_state (plan=? AND state=?)';

/** By what SQLite finds its rows for each call, and whether it sorts them afterwards. */
const found: Record<string, string[]> = {
  trace: ['step by step_time (time>?)', 'sorted'],
  'trace by id': ['step by step_correlation (correlation_id=?)'],
  'trace by order': [
    'step by step_correlation (correlation_id=?)',
    'step by step_business_key (business_key=?)',
    'sorted',
  ],
  kept: ['step by step_correlation (correlation_id=?)'],
  forget: ['step by step_kept (time<?)'],
  count: ['step by step_time (time>?)'],
  failures: ['step by step_retrying (reference=? AND flow=?)', 'sorted'],
  bury: [
    'dead_letter_failure by PRIMARY KEY (letter=? AND time<?)',
    'dead_letter_failure by PRIMARY KEY (letter=?)',
  ],
  'letters by id': ['dead_letter by sqlite_autoindex_dead_letter_1 (id=?)', 'sorted'],
  letters: ['dead_letter by dead_letter_time (last_failed>?)', ...histories],
  'letters, oldest': ['dead_letter by dead_letter_time (last_failed>?)', ...histories],
  'letters, next page': ['dead_letter by dead_letter_time ((last_failed,id)<(?,?))', ...histories],
  'letters of a state': ['dead_letter by dead_letter_state (state=?)', ...histories],
  'letters of a state, next page': ['dead_letter by dead_letter_state (state=? AND (last_failed,id)>(?,?))'],
  'letters since': ['dead_letter by dead_letter_state (state=? AND last_failed>?)', ...histories],
  'letters of a code': ['dead_letter by dead_letter_code (state=? AND code=?)'],
  'letters of a code, next page': [
    'dead_letter by dead_letter_code (state=? AND code=? AND (last_failed,id)<(?,?))',
  ],
  'letters of a flow': ['dead_letter by dead_letter_flow (state=? AND flow=?)'],
  'letters of a flow, next page': [
    'dead_letter by dead_letter_flow (state=? AND flow=? AND (last_failed,id)>(?,?))',
  ],
  'letters that wait for a record': ['dead_letter by dead_letter_parked (state=? AND waits_for=?)'],
  'letters whose record has landed': [
    'dead_letter by dead_letter_state (state=?)',
    'record_version by PRIMARY KEY (record=?)',
  ],
  'letters that waited too long': ['dead_letter by dead_letter_until (state=? AND parked_until<?)', 'sorted'],
  groups: ['dead_letter by dead_letter_group (state=?)', newest],
  'groups of a code': ['dead_letter by dead_letter_group (state=?)'],
  'groups of all states': [
    'dead_letter by dead_letter_group (state=?)',
    'dead_letter by dead_letter_time (last_failed=?)',
  ],
  move: ['dead_letter by sqlite_autoindex_dead_letter_1 (id=?)'],
  version: ['record_version by PRIMARY KEY (record=?)'],
  document: ['document by PRIMARY KEY (kind=? AND id=?)'],
  documents: ['document by PRIMARY KEY (kind=?)'],
  'document, swap': ['document by PRIMARY KEY (kind=? AND id=?)'],
  process: ['process by PRIMARY KEY (process=? AND key=?)'],
  'process, replace': ['process by PRIMARY KEY (process=? AND key=?)'],
  'processes due': ['process by process_look (process=? AND due<?)'],
  'processes called': [next, next, ...called],
  'processes of a kind called': [...called],
  processes: [next, 'process by process_list (process=?)', next],
  'processes, next page': [next, 'process by process_list (process=? AND (state,key)<(?,?))', next],
  'processes of a state': [next, 'process by process_list (process=? AND state=?)', next],
  'processes of a state, next page': ['process by process_list (process=? AND state=? AND key<?)'],
  'processes to look at': [next, 'process by process_attention (process=?)', next],
  'letter, settled': ['dead_letter by sqlite_autoindex_dead_letter_1 (id=?)'],
  'endings of transactions': ['step by step_correlation (correlation_id=? AND time>?)', 'sorted'],
  'versions of records': ['record_version by PRIMARY KEY (record=?)'],
  'processes of orders': ['process by process_number (number=?)'],
  'letters of a key': ['dead_letter by dead_letter_partition (queue=? AND partition_key=?)', 'sorted'],
  'where letters stand': ['dead_letter by sqlite_autoindex_dead_letter_1 (id=?)'],
  'documents by id': ['document by PRIMARY KEY (kind=? AND id=?)'],
  replay: [oneReplay],
  replays: ['replay_plan by sqlite_autoindex_replay_plan_1 (id>?)'],
  'replays, next page': ['replay_plan by sqlite_autoindex_replay_plan_1 (id<?)'],
  'replays under way': ['replay_plan by replay_plan_open (open=?)'],
  'replay, replace': [oneReplay],
  'replay, lease': [oneReplay],
  'items of a replay': ['replay_item by sqlite_autoindex_replay_item_1 (plan=? AND n>?)'],
  'items of a state': [itemsOfState],
  'items of a verdict': ['replay_item by replay_item_verdict (plan=? AND verdict=?)'],
  'counts of a replay': ['replay_item by replay_item_state (plan=?)'],
  'codes of a replay': [itemsOfState],
  'items, choose': ['replay_item by replay_item_verdict (plan=? AND verdict=?)', itemsOfState],
  'items, move all': [itemsOfState],
  'item, move': ['replay_item by sqlite_autoindex_replay_item_1 (plan=? AND n=?)'],
  'runs of letters': [
    'item by replay_item_letter (letter=?)',
    'plan by sqlite_autoindex_replay_plan_1 (id=?)',
  ],
  prune: [
    next,
    'process by process_list (process=? AND state=? AND key>?)',
    'step by step_business_key (business_key=?)',
    'dead_letter by dead_letter_state (state=? AND (last_failed,id)>(?,?))',
    'step by step_kept (time<?)',
    'dead_letter by dead_letter_payload (decided<?)',
    'dead_letter by dead_letter_decided (decided<?)',
    'replay_plan by sqlite_autoindex_replay_plan_1 (id<?)',
    'document by document_day (kind=? AND day<?)',
    'record_version by record_version_day (day<?)',
    'process by process_ended (updated<?)',
    'alias by alias_time (time<?)',
    'step by step_correlation (correlation_id=? AND time>?)',
    'step by step_time (time<?)',
    'sorted',
    buckets('rollup'),
    buckets('rollup'),
    buckets('gauge'),
    buckets('gauge'),
    'document by document_day (kind>?)',
  ],
  ready: ['record_version by PRIMARY KEY (record=?)'],
  fold: [...Array<string>(4).fill(buckets('rollup')), buckets('gauge'), buckets('gauge')],
  'prune counts': [buckets('rollup'), 'rollup by PRIMARY KEY (width=? AND bucket=?)'],
  // The few hubs that were seen in the last hour.
  hubs: ['SCAN hub'],
  here: ['SCAN hub'],
  gone: ['hub by PRIMARY KEY (id=?)'],
  'processes at their steps': ['process by process_step (process=? AND step>?)'],
  'names of a process': ['alias by alias_of (leads=? AND process=? AND key=?)'],
  search: [
    'alias by PRIMARY KEY (folded=?)',
    'step by step_event (reference=?)',
    'step by step_business_key (business_key=?)',
    'step by step_correlation (correlation_id=?)',
    'alias by PRIMARY KEY (folded>? AND folded<?)',
    'step by step_event (reference>? AND reference<?)',
  ],
  'issues, all letters': ['dead_letter by dead_letter_unsettled (state=?)'],
  'issues, letters of one': ['dead_letter by dead_letter_unsettled (state=? AND issue=?)'],
  'issues, processes': ['process by process_asks (process>?)'],
  'issue, letters': ['dead_letter by dead_letter_issue (issue=?)'],
  'issue, letters, next page': ['dead_letter by dead_letter_issue (issue=? AND (last_failed,id)<(?,?))'],
  'issues, lines': ['dead_letter by sqlite_autoindex_dead_letter_1 (id=?)'],
  'issues, letters from before': ['dead_letter by dead_letter_unsettled (state=? AND issue=?)'],
  'issues by id': ['issue by PRIMARY KEY (id=?)'],
  'issues of a state': ['issue by issue_state (state=?)'],
  'issue, replace': ['issue by PRIMARY KEY (id=?)'],
  'issue, events': ['issue_event by PRIMARY KEY (issue=?)'],
  'rates of webhooks': ['rollup by PRIMARY KEY (width=? AND bucket>?)'],
  figures: [
    'process by process_step (process=? AND step>?)',
    'process by process_ended (updated>?)',
    'dead_letter by dead_letter_time (last_failed>?)',
    'rollup by PRIMARY KEY (width=? AND bucket>?)',
    'document by PRIMARY KEY (kind=? AND id>?)',
    // What channels took since then, the last of each article, and the changes there were: one statement.
    'document by PRIMARY KEY (kind=? AND id>? AND id<?)',
    'document by PRIMARY KEY (kind=?)',
  ],
  board: ['process by process_step (process=? AND step>?)'],
  'orders under way': ['process by process_step (process=? AND step>?)', 'sorted'],
  'orders at a step': [
    'process by process_step (process=? AND step=? AND planned>? AND planned<?)',
    'sorted',
  ],
  'an order nobody knows': [
    'process by PRIMARY KEY (process=? AND key=?)',
    'process by process_number (number=? AND process=?)',
    ...transactions,
  ],
  'an order by its trace': [...transactions, 'sorted', ...exceptions],
  'messages of an order': [
    ...transactions,
    'sorted',
    'step by step_correlation (correlation_id=?)',
    'sorted',
    ...exceptions,
  ],
  proposal: ['proposal by PRIMARY KEY (id=?)'],
  'proposal that waits for a value': [
    'proposal by proposal_waiting (map=? AND value=? AND source=? AND article=?)',
  ],
  'proposals that wait': ['proposal by proposal_state (state=?)'],
  'proposals, next page': ['proposal by proposal_state (state=? AND (made,id)<(?,?))'],
  'proposal, end': ['proposal by PRIMARY KEY (id=?)'],
  'page of an exception': ['step by step_correlation (correlation_id=? AND time>?)'],
  'page of a code': [
    'dead_letter by dead_letter_code (state=? AND code=?)',
    'dead_letter by dead_letter_code (state=? AND code=?)',
    'dead_letter by sqlite_autoindex_dead_letter_1 (id=?)',
    'step by step_correlation (correlation_id=?)',
  ],
  'what helped before': [
    'dead_letter by dead_letter_issue (issue=?)',
    'dead_letter by dead_letter_code (state=? AND code=?)',
    'dead_letter by dead_letter_code (state=? AND code=?)',
    'step by step_correlation (correlation_id=? AND time>?)',
    'dead_letter_failure by PRIMARY KEY (letter=?)',
    'issue by issue_state (state=?)',
    'issue_event by PRIMARY KEY (issue=?)',
  ],
  'search, orders': ['process by PRIMARY KEY (process=? AND key=?)'],
  'search, exceptions': ['dead_letter by sqlite_autoindex_dead_letter_1 (id=?)'],
  'search, transactions': [
    'step by step_correlation (correlation_id=?)',
    'process by process_number (number=?)',
  ],
};

const large = [
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
/** Tables that have as many rows as messages came; few queues are bound. */
const growing = new RegExp(`\\b(message|claim|${large.join('|')})\\b`);

describe('what SQLite reads', () => {
  let dir: string;
  let file: string;
  let store: Store;
  let db: DatabaseSync;
  let asked: string[];
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-plans-'));
    file = join(dir, 'crossdock.db');
    const inner = openStore(file);
    db = new DatabaseSync(file);
    asked = [];
    store = { ...inner, prepare: (sql) => (asked.push(sql), inner.prepare(sql)) };
  });
  afterEach(() => {
    store.close();
    db.close();
    rmSync(dir, { recursive: true, force: true });
  });

  /** The lines of the plans that name a table or a sort. */
  function plansOf(all: Iterable<string>): string[] {
    const lines = [...new Set(all)].flatMap((sql) =>
      db
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all()
        .map(({ detail }) => String(detail)),
    );
    return lines
      .filter((line) => !line.endsWith('VALUES CLAUSE'))
      .filter((line) => /^SCAN|^SEARCH (?!kept$)|ORDER BY$/.test(line))
      .map((line) =>
        line
          .replace(/^SEARCH (\w+) USING (COVERING )?(INDEX )?/, '$1 by ')
          .replace(/^USE TEMP B-TREE.*/, 'sorted'),
      );
  }

  async function statements(): Promise<Map<string, string[]>> {
    const journal = embeddedJournal(store);
    await journal.processes.add({ ...row, key: 'k7' });
    await journal.append([step({ time: at, businessKey: 'o7', correlationId: 'c1' })]);
    await journal.saveDeadLetter(replayed);
    await journal.append([step({ correlationId: 'c7', businessKey: 'o7' })]);
    await journal.saveDeadLetter(letter({ state, history: [{ time: at, code: 'X', flowVersion: '1' }] }));
    const reading = new Kysely<Tables>({
      dialect: dialect('sqlite', async <R>({ sql, parameters }: CompiledQuery) => ({
        rows: store.prepare(sql).all(...(parameters as string[])) as R[],
      })),
    });
    const all = new Map<string, string[]>();
    for (const [name, call] of Object.entries(calls)) {
      asked = [];
      await call(journal, reading);
      all.set(name, asked);
    }
    return all;
  }

  for (const name of Object.keys(calls))
    it(name, async () => assert.deepEqual(plansOf((await statements()).get(name)!), found[name] ?? []));

  it('something else where an index is missing, whichever it is', async () => {
    const plans = await statements();
    const indexes = db
      .prepare(
        `SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
         AND tbl_name IN (${large.map((one) => `'${one}'`).join()})`,
      )
      .all();
    assert.ok(indexes.length > 12);
    const unused = indexes.filter(({ name }) => {
      db.exec(`BEGIN; DROP INDEX ${String(name)}`);
      const same = [...plans].every(([call, all]) => isDeepStrictEqual(plansOf(all), found[call] ?? []));
      db.exec('ROLLBACK');
      return same;
    });
    assert.deepEqual(unused, []);
  });

  it('no table whole, for broker and guard', async () => {
    const broker = embeddedBroker(store);
    const guard = embeddedGuard(store);
    asked = [];
    const done: string[] = [];
    const handle = async ({ message, attempt }: { message: { id: string }; attempt: number }) => {
      if (attempt === 1) return { do: 'again' as const, afterMs: 1 };
      done.push(message.id);
      return { do: 'settle' as const };
    };
    const consumer = await broker.consume({
      queue: 'q',
      types: ['order.received.v1'],
      concurrency: 1,
      handle,
    });
    await broker.publish(order('order.received.v1', 'SO-1'));
    await broker.publishTo('q', order('order.received.v1', 'SO-2'));
    await until('done', async () => done.length === 2);
    await broker.depth('q');
    await consumer.stop();
    for (const end of ['commit', 'release'] as const) {
      const claimed = await guard.claim({ key: end, fingerprint: 'f', leaseMs: 10_000 });
      assert.ok(claimed.state === 'new');
      await guard[end](claimed.claim, null, 1000);
    }
    await freeClaims(store);
    await Promise.all([broker.close(), guard.close()]);
    const plans = plansOf(asked.filter((sql) => !sql.startsWith('PRAGMA')));
    assert.ok(plans.length > 12, plans.join('\n'));
    assert.deepEqual(
      plans.filter((line) => line.startsWith('SCAN') && growing.test(line)),
      [],
    );
  });
});

/** Of one node of a plan and those below it. */
interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

/** Of each table, so that what is not found by an index shows. */
const rows = 6000;
/** A page of 200, and the little around it. */
const few = 450;
/** So small a table is read faster without its index. */
const page = 20;

const fill = `
  DO $$ BEGIN
    FOR n IN 0..13 LOOP
      EXECUTE format('CREATE TABLE step_old_%s PARTITION OF step FOR VALUES FROM (%L) TO (%L)', n,
        (date '2025-02-01' + n * interval '1 month')::date, (date '2025-02-01' + (n + 1) * interval '1 month')::date);
    END LOOP;
  END $$;
  INSERT INTO process (process, key, number, state, due, body, revision, step)
    SELECT 'sales', 'k' || n, n, CASE WHEN n % 100 = 0 THEN 'running' ELSE 'done' END,
      CASE WHEN n % 100 = 0 THEN '2026-04-01' END, '{}', 1, CASE WHEN n % 100 = 0 THEN 'ship' END FROM generate_series(1, ${rows}) n;
  INSERT INTO alias SELECT 'o' || n, 'order', 'process', 'sales', 'k' || n, 'O' || n, '2026' FROM generate_series(1, ${rows}) n;
  INSERT INTO step (time, correlation_id, business_key, step, flow, flow_version, outcome, reference)
    SELECT to_char(timestamp '2025-02-01' + n * interval '94 minutes', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'c' || n / 5, 'o' || n / 5, 's', 'f', '1', CASE n % 50 WHEN 0 THEN 'retrying' WHEN 1 THEN 'landed' ELSE 'published' END, 'm' || n
    FROM generate_series(1, ${rows}) n;
  INSERT INTO dead_letter (id, queue, message, code, reason, facts, first_failed, last_failed, attempts, state, flow,
      flow_version, first_code, first_reason, waits_for, parked_until, issue, unsettled)
    SELECT 'l' || n, 'q', '"' || repeat('x', 1000) || '"', 'C' || n / 10 % 6, '', '{}', time, time, 1, state, 'f' || n / 10 % 6, '1', 'X', '',
      CASE WHEN state = 'parked' THEN 'r' || n END, CASE WHEN state = 'parked' THEN '2026-04-01' END,
      'i' || n / 10 % 60, CASE WHEN state = 'open' THEN 1 ELSE 0 END
    FROM (SELECT n, CASE n % 10 WHEN 0 THEN 'open' WHEN 1 THEN 'parked' ELSE 'replayed' END AS state,
        to_char(timestamp '2025-02-01' + n * interval '94 minutes', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS time
      FROM generate_series(1, ${rows}) n) letters;
  INSERT INTO issue SELECT 'i' || n, 'f', 'C1', 'acme', '', '', '', '{}', 'standard', CASE WHEN n % 100 = 0 THEN 'open' ELSE 'resolved' END,
    NULL, NULL, NULL, NULL, NULL, NULL, '2026', '2026', 1 FROM generate_series(1, ${rows}) n;
  INSERT INTO issue_event SELECT 'i' || n, 'e1', '2026', 'ann', 'note', NULL FROM generate_series(1, ${rows}) n;
  INSERT INTO dead_letter_failure SELECT 'l' || n, '2026', 'X', NULL, '1' FROM generate_series(1, ${rows}) n;
  INSERT INTO record_version SELECT 'v' || n, '1' FROM generate_series(1, ${rows}) n;
  INSERT INTO document SELECT 'kind', 'd' || n, 'x' FROM generate_series(1, ${rows}) n;
  INSERT INTO replay_plan SELECT 'p' || n, 'done', CASE WHEN n = 1 THEN 1 ELSE 0 END, NULL, NULL, '{}', 1
    FROM generate_series(1, ${rows}) n;
  INSERT INTO replay_item
    SELECT 'p' || n / 500, n, 'l' || n, '', '', '', '', '', CASE WHEN n % 2 = 0 THEN 'safe' ELSE 'stale' END, '{}', 0,
      NULL, NULL, CASE WHEN n % 10 = 0 THEN 'waiting' ELSE 'landed' END, NULL FROM generate_series(1, ${rows}) n;
  INSERT INTO proposal
    SELECT 'p' || n, 'tax', 'v' || n, '', '', 't', NULL, CASE n % 3 WHEN 0 THEN 'waiting' ELSE 'live' END, '2026-' || lpad(n::text, 6, '0'), 'a'
    FROM generate_series(1, ${rows}) n`;

/** In so small a store it helps itself with another one. */
const helped = new Set([
  'dead_letter_flow',
  'dead_letter_code',
  'dead_letter_group',
  'dead_letter_unsettled',
  'replay_item_letter',
  'replay_item_state',
  'replay_item_verdict',
  'replay_plan_open',
  'step_kept',
]);

describeReal(['postgres'], 'what PostgreSQL reads', ({ postgres }) => {
  const { url } = postgres!;
  const schema = `test_${randomUUID().slice(0, 8)}`;
  let pool: pg.Pool;
  let client: pg.PoolClient;
  const asked = new Map<string, { sql: string; parameters: readonly unknown[] }[]>();

  before(async () => {
    await (await postgresJournal({ url, schema })).close();
    pool = new pg.Pool({ connectionString: url, options: `-c search_path=${schema}`, max: 2 });
    client = await pool.connect();
    await client.query(fill);
    await client.query(`VACUUM ANALYZE ${large.join()}`);
    let name = '';
    const db = new Kysely<Tables>({
      dialect: new PostgresDialect({ pool }),
      log: ({ query: { sql, parameters } }) => void asked.get(name)?.push({ sql, parameters }),
    });
    const journal = sqlJournal(db, async () => {}, {
      addToAudit: () => Promise.reject(new Error('not asked for')),
      keys: undefined,
    });
    for (const [one, call] of Object.entries(calls)) {
      asked.set((name = one), []);
      await call(journal, db);
    }
  });
  after(async () => {
    await client.query(`DROP SCHEMA ${schema} CASCADE`);
    client.release();
    await pool.end();
  });

  /** The tables of which this plan reads more than a few rows, or all there are. */
  function muchOf(node: PlanNode): string[] {
    const { 'Node Type': type, 'Relation Name': table, 'Actual Rows': out, 'Actual Loops': loops } = node;
    const read = (out + (node['Rows Removed by Filter'] ?? 0)) * loops;
    const much = table !== undefined && (read > few || (type === 'Seq Scan' && read > page));
    return [...(much ? [`${type} of ${table}: ${read} rows`] : []), ...(node.Plans ?? []).flatMap(muchOf)];
  }

  async function read(name: string): Promise<string[]> {
    const much: string[] = [];
    for (const { sql, parameters } of asked.get(name)!) {
      await client.query('SAVEPOINT asked');
      const { rows: plan } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
        `EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) ${sql}`,
        [...parameters],
      );
      await client.query('ROLLBACK TO asked');
      much.push(...muchOf(plan[0]!['QUERY PLAN'][0].Plan));
    }
    return much;
  }

  beforeEach(() => client.query('BEGIN'));
  afterEach(() => client.query('ROLLBACK'));

  for (const name of Object.keys(calls).filter((one) => !whole.has(one) && one !== 'prune'))
    it(name, async () => assert.deepEqual(await read(name), []));

  it('prune: a small month of steps whole, and of everything else a page', async () => {
    const much = await read('prune');
    assert.ok(much.every((one) => /^Seq Scan of step_old_\d+:/.test(one)) && much.length < 5, much.join());
  });

  for (const name of whole)
    it(`${name}: the letters of the state`, async () => {
      // All letters of all states are the whole table, which is read either way.
      const wrong = name === 'groups of all states' ? /record_version/ : /^Seq Scan|record_version/;
      assert.ok(
        (await read(name)).every((one) => !wrong.test(one)),
        (await read(name)).join(),
      );
    });

  it('too much where an index is missing', async () => {
    const { rows: indexes } = await client.query<{ name: string }>(
      `SELECT indexname AS name FROM pg_indexes WHERE schemaname = $1 AND tablename IN (${large.map((one) => `'${one}'`).join()})
       AND indexname NOT LIKE '%_pkey'`,
      [schema],
    );
    assert.ok(indexes.length > 12);
    const unused: string[] = [];
    for (const { name: index } of indexes) {
      await client.query('SAVEPOINT whole');
      await client.query(`DROP INDEX ${index}`);
      let much = 0;
      for (const name of Object.keys(calls)) if (!whole.has(name)) much += (await read(name)).length;
      if (much === 0) unused.push(index);
      await client.query('ROLLBACK TO whole');
    }
    assert.deepEqual(
      unused.filter((one) => !helped.has(one)),
      [],
    );
  });
});
