/** The issues that somebody asks for, page by page: what is due first comes first. */
import {
  liveIssues,
  placeText,
  resolvedIssues,
  resolvedText,
  told,
  type Issue,
  type Queue,
} from './issues.ts';
import type { IssueState } from '../journal/tables.ts';

/** All that is given has to fit. */
export interface IssueFilter {
  /** Theirs, and what is late and escalates to them. Of every team where there is none. */
  teams?: readonly string[];
  /** Active: what somebody has to do something about now or soon. That is the default. */
  state?: IssueState | 'active' | 'all';
  person?: string;
  flow?: string;
  code?: string;
  partner?: string;
  late?: 'yes';
  after?: string;
}

const page = 200;
const active = new Set<IssueState>(['open', 'acknowledged', 'waiting']);

export async function listIssues(
  queue: Queue,
  filter: IssueFilter,
  now: Date,
  live: typeof liveIssues = liveIssues,
): Promise<{ rows: Issue[]; next?: string }> {
  const { after } = filter;
  const resolved = filter.state === 'resolved';
  const all = resolved ? await resolvedIssues(queue, now) : await live(queue, now);
  const wanted = all.filter((issue) => fits(issue, filter));
  const placeOf = resolved ? resolvedText : placeText;
  const isAfter = (place: string) => after === undefined || (resolved ? place < after : place > after);
  const rest = wanted.filter((issue) => isAfter(placeOf(issue)));
  const rows = await told(queue, rest.slice(0, page));
  const last = rest.length > page ? rows.at(-1) : undefined;
  return { rows, ...(last && { next: placeOf(last) }) };
}

function fits(issue: Issue, { teams = [], state = 'active', late, ...same }: IssueFilter): boolean {
  const { after: _after, ...exact } = same;
  const isTheirs =
    teams.length === 0 || teams.includes(issue.team) || (issue.late && teams.includes(issue.escalation));
  const inState = state === 'all' || (state === 'active' ? active.has(issue.state) : issue.state === state);
  const isSame = Object.entries(exact).every(([name, value]) => !value || issue[name as 'flow'] === value);
  return isTheirs && inState && isSame && !(late && !issue.late);
}

/** Whoever looks within this time sees the same. */
const sameMs = 2000;

/** The issues for many who look at once: they are grouped once, until the time is over or `forget` is called. */
export function sharedIssues(): { live: typeof liveIssues; forget(): void } {
  let known: { until: number; issues: Promise<Issue[]> } | undefined;
  return {
    live(queue, now) {
      if (known && known.until > now.getTime()) return known.issues;
      const issues = liveIssues(queue, now);
      known = { until: now.getTime() + sameMs, issues };
      issues.catch(() => (known = undefined));
      return issues;
    },
    forget: () => (known = undefined),
  };
}
