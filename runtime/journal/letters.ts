/** The journal's dead letters in SQL. */
import { sql, type Kysely, type SelectQueryBuilder } from 'kysely';
import type { Envelope } from '../envelope/envelope.ts';
import { aliasesOfLetter } from './aliases.ts';
import {
  letterStates,
  type DeadLetter,
  type Failure,
  type Journal,
  type LetterFilter,
  type LetterGroup,
  type LetterQuery,
  type LetterState,
  type Move,
} from './journal.ts';
import { groupingOf } from './issues.ts';
import type { StoreKeys } from '../seal/keys.ts';
import { rowsByKey } from './rows.ts';
import {
  DEFAULT_LIMIT,
  stored,
  text,
  textOrNull,
  type AliasTable,
  type FailureTable,
  type LetterTable,
  type Tables,
} from './tables.ts';

/** Failures kept of one letter. */
const HISTORY = 50;
/** Below the parameter limits of both databases. */
const IDS_IN_ONE_QUERY = 1000;

/** `keys`: where anything is written. */
export function sqlLetters(
  db: Kysely<Tables>,
  keys?: StoreKeys,
): Pick<Journal, 'saveDeadLetter' | 'letters' | 'groups' | 'move' | 'awaited' | 'settled'> {
  const awaited = rowsByKey(['waits_for'], (each) =>
    db
      .selectFrom('dead_letter')
      .select('waits_for')
      .where('waits_for', 'in', each('waits_for'))
      .where('state', '=', 'parked')
      .execute(),
  );
  return {
    saveDeadLetter: (letter, names = []) =>
      stored(() => save(db, letter, aliasesOfLetter(letter, names, keys))),
    letters: (query = {}) => stored(() => find(db, query)),
    awaited: async (record) => (await awaited({ waits_for: text(record) })) !== undefined,
    groups: (filter = {}) => stored(() => groups(db, filter)),
    move: (id, from, to, more = {}) => stored(() => move(db, id, from, to, more)),
    settled: (id, messageId) =>
      stored(async () => {
        await db
          .updateTable('dead_letter')
          .set({
            settled: text(messageId),
            // Whoever sent it may not have moved it yet.
            unsettled: sql<0 | 1>`CASE WHEN state = 'replayed' THEN 0 ELSE unsettled END`,
          })
          .where('id', '=', text(id))
          .execute();
      }),
  };
}

async function save(db: Kysely<Tables>, letter: DeadLetter, aliases: AliasTable[]): Promise<void> {
  await addHistory(db, letter);
  await db
    .insertInto('alias')
    .values(aliases)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = toRow(letter);
  const { id: _id, first_failed: _time, first_code: _code, first_reason: _reason, ...last } = row;
  await db
    .insertInto('dead_letter')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(last))
    .execute();
}

async function find(db: Kysely<Tables>, query: LetterQuery): Promise<DeadLetter[]> {
  if (query.ids?.length === 0) return [];
  const { overdueAt, after, order = 'newest', limit = DEFAULT_LIMIT } = query;
  const [direction, beyond] = order === 'newest' ? (['desc', '<'] as const) : (['asc', '>'] as const);
  // Without anything else to go by it is the index of times that is read.
  const { ids, state, since = ids || state || after ? undefined : '' } = query;
  let select = filtered(db.selectFrom('dead_letter').selectAll(), { ...query, since }).limit(limit);
  if (overdueAt !== undefined) select = select.where('parked_until', '<=', overdueAt);
  if (after)
    select = select.where((x) =>
      x(x.refTuple('last_failed', 'id'), beyond, x.tuple(after.lastFailed, after.id)),
    );
  const rows = await select.orderBy('last_failed', direction).orderBy('id', direction).execute();
  const histories = await historiesOf(db, rows);
  return rows.map((row) => fromRow(row, histories.get(row.id) ?? []));
}

async function groups(db: Kysely<Tables>, filter: LetterFilter): Promise<LetterGroup[]> {
  if (filter.ids?.length === 0) return [];
  const letters = filtered(db.selectFrom('dead_letter'), filter);
  // Every index of letters but those of ids and times begins with the state.
  const all = filter.state || filter.ids ? letters : letters.where('state', 'in', letterStates);
  const found = await all
    .select((x) => [
      'flow',
      'queue',
      'code',
      x.fn.countAll().as('count'),
      x.fn.min('first_failed').as('oldest'),
      x.fn.max('last_failed').as('newest'),
    ])
    .groupBy(['flow', 'queue', 'code'])
    .execute();
  const told = found.map(async ({ count, ...group }) => ({
    ...group,
    count: Number(count),
    reason: await newestReason(all, group),
  }));
  return (await Promise.all(told)).toSorted((a, b) => b.count - a.count || (a.newest < b.newest ? 1 : -1));
}

async function move(
  db: Kysely<Tables>,
  id: string,
  from: readonly LetterState[],
  to: LetterState,
  { lastFailed, reason, decision, failedAt }: Move,
): Promise<boolean> {
  if (from.length === 0) return false;
  let update = db
    .updateTable('dead_letter')
    .set({
      state: to,
      waits_for: null,
      parked_until: null,
      decision: decision ? JSON.stringify(decision) : null,
      unsettled: unsettled(to),
      decided: decision ? decision.time : null,
      ...(reason !== undefined && { reason: text(reason) }),
      ...(failedAt !== undefined && { last_failed: failedAt }),
    })
    .where('id', '=', text(id))
    .where('state', 'in', from);
  if (lastFailed !== undefined) update = update.where('last_failed', '=', lastFailed);
  const { numUpdatedRows } = await update.executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

async function newestReason(
  letters: SelectQueryBuilder<Tables, 'dead_letter', object>,
  { flow, queue, code, newest }: Pick<LetterGroup, 'flow' | 'queue' | 'code' | 'newest'>,
): Promise<string> {
  const found = await letters
    .select('reason')
    .where('flow', '=', flow)
    .where('queue', '=', queue)
    .where('code', '=', code)
    .where('last_failed', '=', newest)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  // Moved in between.
  return found?.reason ?? '';
}

function filtered<Row>(
  select: SelectQueryBuilder<Tables, 'dead_letter', Row>,
  { ids, state, queue, flow, code, issue, since, until, waitsFor, landed }: LetterFilter,
): SelectQueryBuilder<Tables, 'dead_letter', Row> {
  let query = select;
  if (ids !== undefined) query = query.where('id', 'in', ids.map(text));
  if (state !== undefined) query = query.where('state', '=', state);
  if (queue !== undefined) query = query.where('queue', '=', text(queue));
  if (flow !== undefined) query = query.where('flow', '=', text(flow));
  if (code !== undefined) query = query.where('code', '=', text(code));
  if (issue !== undefined) query = query.where('issue', '=', issue);
  if (since !== undefined) query = query.where('last_failed', '>=', since);
  if (until !== undefined) query = query.where('last_failed', '<', until);
  if (waitsFor !== undefined) query = query.where('waits_for', '=', text(waitsFor));
  // Looked up for each that waits: `in (select …)` would go through all records.
  if (landed)
    query = query.where(
      (x) =>
        x.selectFrom('record_version').select('version').whereRef('record', '=', 'dead_letter.waits_for'),
      'is not',
      null,
    );
  return query;
}

/** Before the letter itself, as its names: a crash in between leaves rows that the next save of the same letter uses. */
async function addHistory(db: Kysely<Tables>, { id, history }: DeadLetter): Promise<void> {
  if (history.length === 0) return;
  const rows = history.slice(-HISTORY).map((failure) => ({
    letter: text(id),
    time: failure.time,
    code: text(failure.code),
    detail: textOrNull(failure.detail),
    flow_version: text(failure.flowVersion),
  }));
  await db
    .insertInto('dead_letter_failure')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['letter', 'time', 'code']).doNothing())
    .execute();
  const kept = db
    .selectFrom('dead_letter_failure')
    .select('time')
    .where('letter', '=', text(id))
    .orderBy('time', 'desc')
    .limit(HISTORY);
  await db
    .deleteFrom('dead_letter_failure')
    .where('letter', '=', text(id))
    .where('time', '<', (x) => x.selectFrom(kept.as('kept')).select((y) => y.fn.min('time').as('oldest')))
    .execute();
}

async function historiesOf(
  db: Kysely<Tables>,
  letters: readonly { id: string }[],
): Promise<Map<string, Failure[]>> {
  const rows: FailureTable[] = [];
  for (let at = 0; at < letters.length; at += IDS_IN_ONE_QUERY) {
    const ids = letters.slice(at, at + IDS_IN_ONE_QUERY).map(({ id }) => id);
    const select = db.selectFrom('dead_letter_failure').selectAll().where('letter', 'in', ids);
    rows.push(...(await select.orderBy('time').orderBy('code').execute()));
  }
  const histories = Map.groupBy(rows, ({ letter }) => letter);
  return new Map(
    [...histories].map(([id, failures]) => [
      id,
      failures.slice(-HISTORY).map(({ time, code, detail, flow_version }) => ({
        time,
        code,
        ...(detail !== null && { detail }),
        flowVersion: flow_version,
      })),
    ]),
  );
}

/** What was sent again is settled when it is seen to land. */
function unsettled(state: LetterState): 0 | 1 {
  return state === 'open' || state === 'replayed' ? 1 : 0;
}

export function toRow(letter: DeadLetter): LetterTable {
  return {
    id: text(letter.id),
    queue: text(letter.queue),
    flow: text(letter.flow),
    flow_version: text(letter.flowVersion),
    message: JSON.stringify(letter.message),
    code: text(letter.code),
    reason: text(letter.reason),
    facts: JSON.stringify(letter.facts),
    first_failed: letter.firstFailed,
    first_code: text(letter.firstCode),
    first_reason: text(letter.firstReason),
    last_failed: letter.lastFailed,
    attempts: letter.attempts,
    state: letter.state,
    waits_for: textOrNull(letter.waitsFor),
    parked_until: textOrNull(letter.until),
    decision: letter.decision ? JSON.stringify(letter.decision) : null,
    ...groupingOf(letter),
    unsettled: unsettled(letter.state),
    correlation_id: text(letter.message.correlationid),
    partition_key: text(letter.message.partitionkey),
    settled: textOrNull(letter.settled),
    decided: letter.decision?.time ?? null,
    emptied: letter.emptied ? 1 : 0,
  };
}

function fromRow(row: LetterTable, history: readonly Failure[]): DeadLetter {
  return {
    id: row.id,
    queue: row.queue,
    flow: row.flow,
    flowVersion: row.flow_version,
    message: JSON.parse(row.message) as Envelope,
    code: row.code,
    reason: row.reason,
    facts: JSON.parse(row.facts) as DeadLetter['facts'],
    firstFailed: row.first_failed,
    firstCode: row.first_code,
    firstReason: row.first_reason,
    lastFailed: row.last_failed,
    attempts: row.attempts,
    history,
    state: row.state as LetterState,
    ...(row.waits_for !== null && { waitsFor: row.waits_for }),
    ...(row.parked_until !== null && { until: row.parked_until }),
    ...(row.decision !== null && {
      decision: JSON.parse(row.decision) as NonNullable<DeadLetter['decision']>,
    }),
    ...(row.settled !== null && { settled: row.settled }),
    ...(row.emptied === 1 && { emptied: true as const }),
  };
}
