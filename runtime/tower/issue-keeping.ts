/** Keeps what happens to issues by itself: they appear, are resolved, fail again, and no longer wait or are muted. */
import { timedId } from '../envelope/envelope.ts';
import type { IssueRow, IssueState } from '../journal/tables.ts';
import { rowOf, type Acting } from './issue-actions.ts';
import { liveIssues, told, type Issue } from './issues.ts';

export const byItself = 'crossdock';

/** Several may do so at once. Until it was done a list shows the same, but the history does not. */
export async function keepIssues({ queue, write }: Acting, now: Date): Promise<void> {
  while ((await write.group()) > 0);
  const live = await liveIssues(queue, now);
  const rows = new Map((await queue.issues.rows(live.map(({ id }) => id))).map((row) => [row.id, row]));
  const appeared = live.filter(({ id }) => !rows.has(id));
  for (const issue of await told(queue, appeared)) await write.add(rowOf(issue, now));
  for (const issue of live) {
    const row = rows.get(issue.id);
    if (row && row.state !== issue.state) await move(row, issue.state, nameOf(row, issue));
  }
  const alive = new Set(live.map(({ id }) => id));
  for (const state of ['open', 'acknowledged', 'waiting', 'muted'] as const)
    for (const row of await queue.issues.inState(state, most))
      if (!alive.has(row.id)) await move(row, 'resolved', 'resolved');

  async function move(row: IssueRow, state: IssueState, what: string): Promise<void> {
    const changed = now.toISOString();
    const quiet = { waits_on: null, until: null, reason: null };
    if (!(await write.replace({ ...row, ...quiet, state, changed }))) return;
    const detail = what === 'resolved' ? null : (row.waits_on ?? row.reason);
    await write.tell(row.id, { id: timedId(), time: changed, who: byItself, what, detail });
  }
}

/** Of those that are not resolved. */
const most = 10_000;

function nameOf({ state }: IssueRow, issue: Issue): string {
  if (state === 'resolved') return 'reopened';
  return issue.state === 'acknowledged' ? 'waiting ended' : 'mute ended';
}
