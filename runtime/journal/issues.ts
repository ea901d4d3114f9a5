/** Issues in SQL: what is not settled, and what people decided about each group of it. */
import { sql, type Kysely } from 'kysely';
import { causeOf, issueId } from '../issues/cause.ts';
import { worthOf } from '../issues/worth.ts';
import type { Envelope } from '../envelope/envelope.ts';
import type { Facts } from '../errors/coded-error.ts';
import { inPieces } from './evidence.ts';
import {
  DEFAULT_LIMIT,
  stored,
  text,
  type LetterTable,
  type Tables,
  type IssueState,
  type IssueRow,
  type IssueEvent,
} from './tables.ts';

const columnsOfLetter = [
  'id',
  'issue',
  'state',
  'flow',
  'code',
  'partner',
  'subject',
  'amount',
  'currency',
  'first_failed',
  'last_failed',
] as const;
export type UnsettledLetter = Pick<LetterTable, (typeof columnsOfLetter)[number]>;

const columnsOfProcess = [
  'process',
  'key',
  'number',
  'partner',
  'amount',
  'currency',
  'updated',
  'asks',
] as const;
export type AskingProcess = Pick<Tables['process'], (typeof columnsOfProcess)[number]>;

/** A letter as a list shows it: never its message. */
export type LetterLine = UnsettledLetter &
  Pick<LetterTable, 'reason' | 'facts' | 'attempts' | 'unsettled' | 'flow_version'>;

export interface Issues {
  /** Open, or sent again and not seen to land; of this issue alone where one is named. */
  letters(issue?: string): Promise<UnsettledLetter[]>;
  /** Those somebody is asked to look at. */
  processes(): Promise<AskingProcess[]>;
  lettersOf(issue: string, after?: LetterCursor, limit?: number): Promise<LetterLine[]>;
  linesOf(letters: readonly string[]): Promise<LetterLine[]>;
  rows(ids: readonly string[]): Promise<IssueRow[]>;
  /** Those in this state, the last changed first. */
  inState(state: IssueState, limit?: number): Promise<IssueRow[]>;
  /** False when there is one already. */
  add(row: IssueRow): Promise<boolean>;
  /** False when the row is not of this revision any more. */
  replace(row: IssueRow): Promise<boolean>;
  tell(issue: string, event: IssueEvent): Promise<void>;
  /** The last first. */
  events(issue: string): Promise<IssueEvent[]>;
  /** Gives letters from before there were issues theirs; how many. */
  group(): Promise<number>;
}

export type LetterCursor = Pick<LetterTable, 'id' | 'last_failed'>;

export function sqlIssues(db: Kysely<Tables>): Issues {
  return { ...unsettledWork(db), ...issueRows(db), group: () => stored(() => group(db)) };
}

function unsettledWork(db: Kysely<Tables>): Pick<Issues, 'letters' | 'processes' | 'lettersOf' | 'linesOf'> {
  const lines = db
    .selectFrom('dead_letter')
    .select([...columnsOfLetter, 'reason', 'facts', 'attempts', 'unsettled', 'flow_version']);
  return {
    letters: (issue) =>
      stored(() => {
        const query = db
          .selectFrom('dead_letter')
          .select(columnsOfLetter)
          // Word for word as in the partial index, or it is not used.
          .where('unsettled', '=', sql.lit(1 as const))
          .where('state', 'in', ['open', 'replayed']);
        return (issue === undefined ? query : query.where('issue', '=', issue)).execute();
      }),
    processes: () =>
      stored(() =>
        db
          .selectFrom('process')
          .select(columnsOfProcess)
          .where('attention', '=', sql.lit(1 as const))
          .where('process', '>', '')
          .execute(),
      ),
    lettersOf: (issue, after, limit = DEFAULT_LIMIT) =>
      stored(() => {
        let query = lines.where('issue', '=', issue);
        if (after)
          query = query.where((x) =>
            x(x.refTuple('last_failed', 'id'), '<', x.tuple(after.last_failed, after.id)),
          );
        return query.orderBy('last_failed', 'desc').orderBy('id', 'desc').limit(limit).execute();
      }),
    linesOf: (letters) => inPieces(letters, (ids) => lines.where('id', 'in', ids).execute()),
  };
}

/** What people decided, and what became of it. */
function issueRows(
  db: Kysely<Tables>,
): Pick<Issues, 'rows' | 'inState' | 'add' | 'replace' | 'tell' | 'events'> {
  return {
    rows: (all) =>
      inPieces(all, (ids) => db.selectFrom('issue').selectAll().where('id', 'in', ids).execute()),
    inState: (state, limit = DEFAULT_LIMIT) =>
      stored(() =>
        db
          .selectFrom('issue')
          .selectAll()
          .where('state', '=', state)
          .orderBy('changed', 'desc')
          .orderBy('id', 'desc')
          .limit(limit)
          .execute(),
      ),
    add: (row) =>
      stored(async () => {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('issue')
          .values(row)
          .onConflict((conflict) => conflict.column('id').doNothing())
          .executeTakeFirstOrThrow();
        return numInsertedOrUpdatedRows === 1n;
      }),
    replace: (row) =>
      stored(async () => {
        const { id, revision, ...rest } = row;
        const { numUpdatedRows } = await db
          .updateTable('issue')
          .set({ ...rest, revision: revision + 1 })
          .where('id', '=', id)
          .where('revision', '=', revision)
          .executeTakeFirstOrThrow();
        return numUpdatedRows === 1n;
      }),
    tell: (issue, event) =>
      stored(async () => {
        await db
          .insertInto('issue_event')
          .values({ issue, ...event })
          .onConflict((conflict) => conflict.columns(['issue', 'id']).doNothing())
          .execute();
      }),
    events: (issue) =>
      stored(() =>
        db
          .selectFrom('issue_event')
          .select(['id', 'time', 'who', 'what', 'detail'])
          .where('issue', '=', issue)
          .orderBy('id', 'desc')
          .limit(DEFAULT_LIMIT)
          .execute(),
      ),
  };
}

async function group(db: Kysely<Tables>): Promise<number> {
  const rows = await db
    .selectFrom('dead_letter')
    .select(['id', 'flow', 'code', 'reason', 'facts', 'message', 'last_failed'])
    .where('unsettled', '=', sql.lit(1 as const))
    .where('state', '=', 'open')
    .where('issue', '=', '')
    .limit(DEFAULT_LIMIT)
    .execute();
  for (const { id, last_failed, message, ...row } of rows)
    await db
      .updateTable('dead_letter')
      .set(
        groupingOf({
          ...row,
          message: JSON.parse(message) as Envelope,
          facts: JSON.parse(row.facts) as Facts,
        }),
      )
      .where('id', '=', id)
      .where('last_failed', '=', last_failed)
      .execute();
  return rows.length;
}

/** The columns by which a letter is grouped. */
export function groupingOf(letter: {
  flow: string;
  code: string;
  reason: string;
  facts: Facts;
  message: Envelope;
}): Pick<LetterTable, 'issue' | 'partner' | 'subject' | 'amount' | 'currency'> {
  const { partner, amount = null, currency = null } = worthOf(letter.message, letter.facts);
  const subject = text(letter.message.subject);
  return { issue: issueId(causeOf({ ...letter, partner, subject })), partner, subject, amount, currency };
}
