/** What SQLite reads for each call: what it finds, never a table that grows. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import { Kysely, type CompiledQuery } from 'kysely';
import { embeddedBroker } from '../../runtime/broker/embedded.ts';
import { embeddedGuard, freeClaims } from '../../runtime/guard/embedded.ts';
import { dialect } from '../../runtime/journal/dialect.ts';
import { embeddedJournal } from '../../runtime/journal/embedded.ts';
import type { Tables } from '../../runtime/journal/tables.ts';
import { openStore, type Store } from '../../runtime/sqlite/store.ts';
import { order, until } from '../conformance/kit.ts';
import { letter, step } from '../conformance/rows.ts';
import { at, calls, large, replayed, row, state } from './calls.ts';

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

/** Tables that have as many rows as messages came; few queues are bound. */
const growing = new RegExp(`\\b(message|claim|${large.join('|')})\\b`);

describe('what SQLite reads', () => {
  let dir: string;
  let file: string;
  let store: Store;
  let db: DatabaseSync;
  let asked: string[];
  /** By call. */
  let statements: Map<string, string[]>;

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-plans-'));
    file = join(dir, 'crossdock.db');
    const inner = openStore(file);
    db = new DatabaseSync(file);
    asked = [];
    store = { ...inner, prepare: (sql) => (asked.push(sql), inner.prepare(sql)) };
    statements = await statementsOf();
  });
  after(() => {
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

  async function statementsOf(): Promise<Map<string, string[]>> {
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
    it(name, () => assert.deepEqual(plansOf(statements.get(name)!), found[name] ?? []));

  it('something else where an index is missing, whichever it is', () => {
    const indexes = db
      .prepare(
        `SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
         AND tbl_name IN (${large.map((one) => `'${one}'`).join()})`,
      )
      .all();
    assert.ok(indexes.length > 12);
    const unused = indexes.filter(({ name }) => {
      db.exec(`BEGIN; DROP INDEX ${String(name)}`);
      const same = [...statements].every(([call, all]) => isDeepStrictEqual(plansOf(all), found[call] ?? []));
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
