/** What was done here about the same cause before, how often it worked, and when last: read from decisions, the trace and the history of issues. */
import type { Kysely } from 'kysely';
import { decided, decisionOf } from '../dead/decide.ts';
import { mendedMap } from '../dead/mapped.ts';
import { isReleased } from '../dead/release.ts';
import { inPieces } from '../journal/evidence.ts';
import type { Decision } from '../journal/journal.ts';
import { stored, type Tables } from '../journal/tables.ts';
import type { Issue } from '../tower/issues.ts';
import { waitsOf } from './waits.ts';
import { nearness, type Tried } from './tried.ts';

/** The same thing done at one or more times. */
export interface Help extends Pick<Tried, 'kind' | 'near' | 'detail'> {
  times: number;
  worked: number;
  failed: number;
  /** ISO 8601, UTC: when it was done last, and by whom. */
  last: string;
  by: string;
  /** An example: the last one that worked, or else the last. */
  issue: string;
  letter?: string;
  /** The replay it was sent by. */
  replay?: string;
}

export interface Past {
  /** What is nearest and worked most stands first; 20 at the most. */
  helps: Help[];
  /** Decisions that were counted. */
  looked: number;
}

/** Exceptions that are looked at: of this cause, and of each state of the code and of the flow. */
const recent = 200;
const most = 20;

export async function pastOf(db: Kysely<Tables>, issue: Issue): Promise<Past> {
  const letters = issue.of === 'letters' ? await lettersLike(db, issue) : [];
  const [made, waits] = await Promise.all([triedOf(db, issue, letters), waitsOf(db, issue, letters)]);
  const tried = [...made, ...waits];
  const groups = Map.groupBy(tried, ({ kind, near, detail }) => JSON.stringify([near, kind, detail]));
  const helps = [...groups.values()].map(helpOf).toSorted(byUse).slice(0, most);
  return { helps: await withReplays(db, helps), looked: tried.length };
}

function helpOf(group: readonly Tried[]): Help {
  const newest = group.toSorted((a, b) => (a.time < b.time ? 1 : -1));
  const [last] = newest as [Tried];
  const example = newest.find(({ came }) => came === 'worked') ?? last;
  const count = (came: Tried['came']) => group.filter((one) => one.came === came).length;
  return {
    kind: last.kind,
    near: last.near,
    detail: last.detail,
    times: group.length,
    worked: count('worked'),
    failed: count('failed'),
    last: last.time,
    by: last.by,
    issue: example.issue,
    ...(example.letter !== undefined && { letter: example.letter }),
  };
}

function byUse(a: Help, b: Help): number {
  return (
    nearness.indexOf(a.near) - nearness.indexOf(b.near) || b.worked - a.worked || b.last.localeCompare(a.last)
  );
}

const columns = [
  'id',
  'issue',
  'flow',
  'flow_version',
  'code',
  'state',
  'unsettled',
  'first_failed',
  'last_failed',
  'correlation_id',
] as const;
type LikeLetter = Pick<Tables['dead_letter'], (typeof columns)[number]>;

async function lettersLike(db: Kysely<Tables>, { id, code, flow }: Issue): Promise<LikeLetter[]> {
  const newest = () =>
    db.selectFrom('dead_letter').select(columns).orderBy('last_failed', 'desc').limit(recent);
  const ofState = (state: string) => newest().where('state', '=', state).where('code', '=', code);
  const states = ['replayed', 'discarded', 'open'];
  const queries = [
    newest().where('issue', '=', id),
    ...states.map((state) => ofState(state)),
    ...(flow === '' ? [] : states.map((state) => ofState(state).where('flow', '=', flow))),
  ];
  const found = await Promise.all(queries.map((query) => stored(() => query.execute())));
  return [...new Map(found.flat().map((letter) => [letter.id, letter])).values()];
}

type StepRow = Pick<
  Tables['step'],
  'correlation_id' | 'flow' | 'flow_version' | 'time' | 'outcome' | 'step' | 'detail'
>;

async function triedOf(db: Kysely<Tables>, issue: Issue, letters: readonly LikeLetter[]): Promise<Tried[]> {
  const earliest = letters.map(({ first_failed }) => first_failed).toSorted()[0] ?? '';
  const [steps, failures] = await Promise.all([
    inPieces(
      letters.map((one) => one.correlation_id),
      (some) =>
        db
          .selectFrom('step')
          .select(['correlation_id', 'flow', 'flow_version', 'time', 'outcome', 'step', 'detail'])
          .where('correlation_id', 'in', some)
          .where('outcome', 'in', ['replayed', 'discarded', 'landed'])
          // Months before are not looked at.
          .where('time', '>=', earliest)
          .execute(),
    ),
    inPieces(
      letters.map(({ id }) => id),
      (some) =>
        db
          .selectFrom('dead_letter_failure')
          .select(['letter', 'time', 'code'])
          .where('letter', 'in', some)
          .execute(),
    ),
  ]);
  const stepsOf = Map.groupBy(steps, (step) => placeOf(step));
  const failuresOf = Map.groupBy(failures, ({ letter }) => letter);
  return letters.flatMap((letter) => {
    const failed = failuresOf.get(letter.id) ?? [];
    const own = stepsOf.get(placeOf(letter)) ?? [];
    return own
      .filter(({ step, outcome, time }) => {
        const before = failed
          .filter((one) => one.time <= time)
          .toSorted((a, b) => (a.time < b.time ? 1 : -1));
        return step === decided && outcome !== 'landed' && (before[0]?.code ?? letter.code) === issue.code;
      })
      .map((step) => oneOf(step, letter, issue, { own, failed: failed.map(({ time }) => time) }));
  });
}

function placeOf({ correlation_id, flow }: Pick<StepRow, 'correlation_id' | 'flow'>): string {
  return `${correlation_id}\n${flow}`;
}

function oneOf(
  { time, outcome, detail }: StepRow,
  letter: LikeLetter,
  issue: Issue,
  { own, failed }: { own: readonly StepRow[]; failed: readonly string[] },
): Tried {
  const decision = decisionOf(time, detail ?? '');
  const landed = own.find((one) => one.outcome === 'landed' && one.time >= time);
  const isOther = landed && landed.flow_version !== letter.flow_version;
  const version = isOther ? `${letter.flow_version} → ${landed.flow_version}` : undefined;
  const hasFailed = [letter.last_failed, ...failed].some((one) => one > time);
  const hasLanded = letter.state === 'replayed' && letter.unsettled === 0;
  const good = outcome === 'discarded' ? 'over' : hasLanded ? 'worked' : 'open';
  return {
    ...whatOf(outcome, decision, version),
    near: letter.issue === issue.id ? 'cause' : letter.flow === issue.flow ? 'place' : 'code',
    by: decision.by,
    time,
    came: hasFailed ? 'failed' : good,
    issue: letter.issue,
    letter: letter.id,
  };
}

function whatOf(
  outcome: string,
  decision: Decision,
  version: string | undefined,
): Pick<Tried, 'kind' | 'detail'> {
  const { reason = '', changed } = decision;
  if (outcome === 'discarded') return { kind: 'discard', detail: reason };
  if (changed) return { kind: 'edit', detail: changed.toSorted().join(', ') };
  const map = mendedMap(decision);
  if (map !== undefined) return { kind: 'map', detail: map };
  if (isReleased(decision)) return { kind: 'before', detail: '' };
  return version === undefined ? { kind: 'again', detail: '' } : { kind: 'flow', detail: version };
}

async function withReplays(db: Kysely<Tables>, helps: readonly Help[]): Promise<Help[]> {
  const items = await inPieces(
    helps.flatMap(({ letter }) => letter ?? []),
    (some) =>
      db
        .selectFrom('replay_item')
        .select(['letter', 'plan'])
        .where('letter', 'in', some)
        .where('state', 'in', ['sent', 'landed', 'failed'])
        .orderBy('plan')
        .execute(),
  );
  const plans = new Map(items.map(({ letter, plan }) => [letter, plan]));
  return helps.map((help) => {
    const replay = plans.get(help.letter ?? '');
    return replay === undefined || help.kind === 'discard' ? help : { ...help, replay };
  });
}
