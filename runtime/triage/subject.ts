/** What is read about an issue for a draft: its newest exceptions or processes, and the steps of their transactions. */
import type { Kysely } from 'kysely';
import type { Issues } from '../journal/issues.ts';
import { stored, type Tables } from '../journal/tables.ts';
import { casesOf, type Issue } from '../tower/issues.ts';
import { pastOf, type Past } from './past.ts';

export interface Case {
  partner: string;
  order: string;
  sku: string;
  state: string;
  tries?: number;
  firstFailed?: string;
  lastFailed: string;
  /** Of its transaction; else the steps of its order count. */
  transaction?: string;
}

export type CaseStep = Pick<Tables['step'], 'time' | 'flow' | 'step' | 'outcome' | 'code'> & {
  order: string;
};

export interface Subject {
  issue: Issue;
  cases: Case[];
  /** The oldest first. */
  steps: CaseStep[];
  past: Past;
}

const mostCases = 5;
const mostTraced = 3;
const mostSteps = 12;

export async function subjectOf(db: Kysely<Tables>, issues: Issues, issue: Issue): Promise<Subject> {
  const [cases, past] = await Promise.all([
    issue.of === 'letters' ? lettersOf(db, issue.id) : processesOf(issues, issue.id),
    pastOf(db, issue),
  ]);
  const traces = await Promise.all(cases.slice(0, mostTraced).map((one) => stepsOf(db, one)));
  return { issue, cases, steps: traces.flat(), past };
}

async function lettersOf(db: Kysely<Tables>, issue: string): Promise<Case[]> {
  const rows = await stored(() =>
    db
      .selectFrom('dead_letter')
      .select(['subject', 'partner', 'facts', 'state', 'attempts', 'first_failed', 'last_failed'])
      .select('correlation_id')
      .where('issue', '=', issue)
      .orderBy('last_failed', 'desc')
      .limit(mostCases)
      .execute(),
  );
  return rows.map(({ subject, partner, facts, state, attempts, ...times }) => {
    const { sku = '' } = JSON.parse(facts) as { sku?: unknown };
    return {
      partner,
      order: subject,
      sku: String(sku),
      state,
      tries: attempts,
      firstFailed: times.first_failed,
      lastFailed: times.last_failed,
      transaction: times.correlation_id,
    };
  });
}

async function processesOf(issues: Issues, id: string): Promise<Case[]> {
  const cases = (await issues.processes()).flatMap(casesOf).filter(({ issue }) => issue === id);
  return cases.slice(0, mostCases).map(({ partner, number, key, at }) => ({
    partner,
    order: number || key,
    sku: '',
    state: 'open',
    lastFailed: at,
  }));
}

async function stepsOf(db: Kysely<Tables>, { transaction, order }: Case): Promise<CaseStep[]> {
  const steps = await stored(() =>
    db
      .selectFrom('step')
      .select(['time', 'flow', 'step', 'outcome', 'code'])
      .where(transaction === undefined ? 'business_key' : 'correlation_id', '=', transaction ?? order)
      .orderBy('time', 'desc')
      .limit(mostSteps)
      .execute(),
  );
  return steps.toReversed().map((step) => ({ ...step, order }));
}
