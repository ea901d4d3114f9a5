/** A plan as it is kept, and the run that came of it. */
import type { ItemState, PlanRow } from '../journal/replays.ts';
import type { Verdict } from './judge.ts';
import type { Sums } from './money.ts';

/** Approval: a second person has to agree. Stopped: by itself, `run.stopped` says why. */
export type PlanState = 'planned' | 'approval' | 'running' | 'paused' | 'stopped' | 'cancelled' | 'done';

export interface PlanGroup {
  verdict: Verdict;
  letters: number;
  /** Different order numbers. */
  orders: number;
  money: Sums;
  irreversible: number;
}

/** Why a second person is needed. */
export type Need = 'letters' | 'amount' | 'irreversible';

/** What has come of the letters that were sent. */
export interface Told {
  landed: number;
  failed: number;
  /** Failures by code. */
  codes: Record<string, number>;
}

/** `share`: fewer landed than have to. `code`: one code too often. */
export type Stopped =
  { why: 'share'; landed: number; of: number } | { why: 'code'; code: string; count: number };

export interface Run {
  by: string;
  at: string;
  /** Verdicts that were chosen beside safe. */
  include: Verdict[];
  letters: number;
  orders: number;
  money: Sums;
  needs: Need[];
  approvedBy?: string;
  stopped?: Stopped;
  /** What was told when it last began: a resumed run begins with one letter again. */
  since: Told;
  ended?: string;
}

export interface Plan {
  id: string;
  state: PlanState;
  made: string;
  by: string;
  of: string;
  perSecond: number;
  letters: number;
  groups: PlanGroup[];
  /** Of flows: when the letters failed, and now where it is known. */
  versions: { flow: string; was: string; now?: string; letters: number }[];
  /** What could not be asked: odoo, outages. */
  unknown: string[];
  run?: Run;
  /** As a hub found them when it had nothing more to look at. */
  counts?: Counts;
  history: { at: string; by: string; what: PlanState }[];
  revision: number;
}

/** Of the letters of a run. Running: sent, and not known yet what came of them. */
export interface Counts {
  waiting: number;
  running: number;
  landed: number;
  failed: number;
  refused: number;
  cancelled: number;
}

export function countsOf(found: Partial<Record<ItemState, number>>): Counts {
  const { waiting = 0, sent: running = 0, landed = 0, failed = 0, refused = 0, cancelled = 0 } = found;
  return { waiting, running, landed, failed, refused, cancelled };
}

/** `running`: letters whose work goes on. While there are any, a hub has to look, whatever the state. */
export function rowOf({ id, state, revision, ...body }: Plan, running = 0): PlanRow {
  const open = state === 'running' || running > 0 ? 1 : 0;
  return { id, state, revision, open, body: JSON.stringify(body) };
}

export function planOf({ id, state, revision, body }: PlanRow): Plan {
  return { ...(JSON.parse(body) as Plan), id, state: state as PlanState, revision };
}
