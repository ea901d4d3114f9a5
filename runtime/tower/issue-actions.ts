/** What people decide about an issue: of two at once the second is told what the first did. */
import { CodedError } from '../errors/coded-error.ts';
import { timedId } from '../envelope/envelope.ts';
import type { Issues } from '../journal/issues.ts';
import type { IssueRow } from '../journal/tables.ts';
import { liveIssues, resolvedIssue, standingOf, told, type Issue, type Queue } from './issues.ts';

export type Act =
  | { do: 'acknowledge' | 'resume' }
  /** Null gives it back to nobody, or to the team that ownership names. */
  | { do: 'assign'; person?: string | null; team?: string | null }
  | { do: 'wait'; on: string; until: string }
  | { do: 'mute'; reason: string; until: string }
  | { do: 'note'; text: string };

export interface Acting {
  queue: Queue;
  /** Of the journal itself. */
  write: Issues;
}

/** No issue is quiet for longer. */
const longestDays = 90;

/** Throws CodedError ISSUE_UNKNOWN. */
export async function issueNamed(queue: Queue, id: string, now: Date): Promise<Issue> {
  const [live] = await liveIssues(queue, now, id);
  if (live) return (await told(queue, [live]))[0]!;
  const [row] = await queue.issues.rows([id]);
  if (row) return resolvedIssue(queue, row, now);
  throw new CodedError('ISSUE_UNKNOWN', 'There is no such issue', { id });
}

/** `revision`: of the issue as it was read. Throws CodedError ISSUE_UNKNOWN, ISSUE_CHANGED and REQUEST_INVALID. */
export async function actOn(
  { queue, write }: Acting,
  { id, revision, by }: { id: string; revision: number; by: string },
  given: Act,
  now: Date,
): Promise<void> {
  const act = storable(given);
  const issue = await issueNamed(queue, id, now);
  const [kept] = await write.rows([id]);
  const row = kept ?? rowOf(issue, now);
  const isOver = issue.state === 'resolved' && act.do !== 'note';
  if (row.revision !== revision || isOver) throw await changed(write, id, isOver);
  const standing = standingOf(issue, row, now);
  const next = { ...row, ...changesOf(act, { ...row, state: standing.state }, queue, by, now) };
  if (!kept) await write.add(row);
  if (!(await write.replace({ ...next, changed: now.toISOString() }))) throw await changed(write, id, false);
  await write.tell(id, eventOf(act, by, now));
}

async function changed({ events }: Pick<Issues, 'events'>, id: string, isOver: boolean): Promise<CodedError> {
  const [last] = await events(id);
  const what = last && `${last.who}: ${last.what}${last.detail ? ` (${last.detail})` : ''}, ${last.time}`;
  const why = isOver ? 'It is resolved: nothing of it is open any more' : 'Somebody changed it meanwhile';
  return new CodedError('ISSUE_CHANGED', what ? `${why}. ${what}` : why, { id });
}

type Changes = Partial<
  Pick<IssueRow, 'state' | 'team' | 'person' | 'waits_on' | 'until' | 'reason' | 'note'>
>;

const quiet = { waits_on: null, until: null, reason: null };

function changesOf(act: Act, row: IssueRow, { ownership }: Queue, by: string, now: Date): Changes {
  switch (act.do) {
    case 'acknowledge':
      return { ...quiet, state: 'acknowledged', person: row.person ?? by };
    case 'resume':
      return { ...quiet, state: row.person ? 'acknowledged' : 'open' };
    case 'assign': {
      const { person, team } = act;
      if (team && !ownership.teams.has(team)) throw invalid(`There is no team ${team}`);
      return {
        state: row.state,
        ...(person !== undefined && { person: person?.trim() || null }),
        ...(team !== undefined && { team: team || null }),
      };
    }
    case 'wait':
      return {
        ...quiet,
        state: 'waiting',
        waits_on: said(act.on, 'whom it waits for'),
        until: end(act.until, now),
        person: row.person ?? by,
      };
    case 'mute':
      return {
        ...quiet,
        state: 'muted',
        reason: said(act.reason, 'why it is muted'),
        until: end(act.until, now),
      };
    case 'note':
      return { note: said(act.text, 'what is noted') };
  }
}

/** PostgreSQL keeps no zero byte. */
function storable(act: Act): Act {
  const texts = Object.entries(act).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string' ? value.replaceAll('\0', '') : value,
  ]);
  return Object.fromEntries(texts) as Act;
}

function said(text: string, what: string): string {
  const trimmed = text.trim();
  if (trimmed === '') throw invalid(`Say ${what}`);
  return trimmed;
}

function end(until: string, now: Date): string {
  const at = Date.parse(until);
  if (!(at > now.getTime())) throw invalid('Its end lies in the future');
  if (at > now.getTime() + longestDays * 86_400_000) throw invalid(`It ends within ${longestDays} days`);
  return new Date(at).toISOString();
}

function invalid(message: string): CodedError {
  return new CodedError('REQUEST_INVALID', message);
}

export function eventOf(act: Act, who: string, now: Date) {
  return { id: timedId(), time: now.toISOString(), who, what: act.do, detail: detailOf(act) };
}

function detailOf(act: Act): string | null {
  switch (act.do) {
    case 'assign':
      return [act.team, act.person].filter(Boolean).join(', ') || null;
    case 'wait':
      return `${act.on.trim()}, ${new Date(act.until).toISOString()}`;
    case 'mute':
      return `${act.reason.trim()}, ${new Date(act.until).toISOString()}`;
    case 'note':
      return act.text.trim();
    default:
      return null;
  }
}

/** As it is before anybody decided anything. */
export function rowOf(issue: Issue, now: Date): IssueRow {
  const { id, flow, code, partner, step, asked, why, facts, tier, oldest } = issue;
  return {
    id,
    flow,
    code,
    partner,
    step,
    asked,
    why,
    facts: JSON.stringify(facts),
    tier,
    state: 'open',
    team: null,
    person: null,
    waits_on: null,
    until: null,
    reason: null,
    note: null,
    first_seen: oldest,
    changed: now.toISOString(),
    revision: 0,
  };
}
