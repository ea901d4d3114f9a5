/** The rows of the journal's tables, and how its queries fail. */
import { CodedError } from '../errors/coded-error.ts';
import type { InstanceState } from '../process/state.ts';
import type { HistogramColumn, Width } from './schema/buckets.ts';

export interface StepTable {
  time: string;
  correlation_id: string;
  business_key: string;
  step: string;
  flow: string;
  flow_version: string;
  outcome: string;
  code: string | null;
  detail: string | null;
  reference: string | null;
  duration_ms: number | null;
  trace_id: string | null;
  /** JSON. */
  message: string | null;
}

/** `message`, `facts` and `decision` are JSON. */
export interface LetterTable {
  id: string;
  queue: string;
  flow: string;
  flow_version: string;
  message: string;
  code: string;
  reason: string;
  facts: string;
  first_failed: string;
  first_code: string;
  first_reason: string;
  last_failed: string;
  attempts: number;
  state: string;
  waits_for: string | null;
  parked_until: string | null;
  decision: string | null;
  issue: string;
  partner: string;
  /** The order number. */
  subject: string;
  amount: string | null;
  currency: string | null;
  /** 1: open, or sent again and not known to have landed. */
  unsettled: 0 | 1;
  /** Of its message: the whole business transaction. */
  correlation_id: string;
  partition_key: string;
  settled: string | null;
  /** When it was replayed or discarded. */
  decided: string | null;
  /** 1: the data of its message is gone, or no longer whole. */
  emptied: 0 | 1;
}

/** The history of a dead letter. */
export interface FailureTable {
  letter: string;
  time: string;
  code: string;
  detail: string | null;
  flow_version: string;
}

/** Counts of the steps of one bucket of time. */
export interface RollupTable extends Record<HistogramColumn, number> {
  width: Width;
  /** ISO time at which the bucket begins. */
  bucket: string;
  flow: string;
  step: string;
  outcome: string;
  partner: string;
  /** The process that counted. Empty where the rows of all are in one. */
  writer: string;
  count: number;
  total_ms: number;
}

/** Samples of one bucket of time. */
export interface GaugeTable {
  width: Width;
  bucket: string;
  name: string;
  subject: string;
  writer: string;
  samples: number;
  total: number;
  most: number;
}

/** What people call something by, and where that leads. */
export interface AliasTable {
  /** As it is searched: small letters, without spaces around. */
  folded: string;
  /** As people say it: order, tracking number. */
  kind: string;
  /** To a process, by its name and key; to a letter or a transaction by its id in `key`, where `process` is empty. */
  leads: 'process' | 'letter' | 'transaction';
  process: string;
  key: string;
  /** As it was written. */
  value: string;
  /** ISO 8601, UTC: since when. */
  time: string;
}

export interface AuditTable {
  /** A text where PostgreSQL gives it. */
  sequence: number | string;
  time: string;
  who: string;
  origin: string;
  act: string;
  object: string;
  outcome: string;
  hash_before: string | null;
  hash_after: string | null;
  reason: string | null;
  previous: string;
  hash: string;
}

/** Resolved is found, never decided: nothing of it is unsettled any more. */
export const issueStates = ['open', 'acknowledged', 'waiting', 'muted', 'resolved'] as const;
export type IssueState = (typeof issueStates)[number];

/** What is known of an issue beside its letters and processes, and was decided about it. */
export interface IssueRow {
  id: string;
  /** A flow, or a process; empty where it is not of one alone, as is the partner. */
  flow: string;
  /** Of the error table, or of what a process asks for. */
  code: string;
  partner: string;
  /** Of a process; else empty, as is whom it asks. */
  step: string;
  asked: string;
  /** Of one of its failures, as an example; `facts` is JSON. */
  why: string;
  facts: string;
  tier: string;
  state: IssueState;
  /** Null: the one that definitions/ownership.yaml names. */
  team: string | null;
  person: string | null;
  waits_on: string | null;
  /** ISO 8601, UTC: when waiting or being muted ends. */
  until: string | null;
  /** Why it is muted. */
  reason: string | null;
  note: string | null;
  first_seen: string;
  changed: string;
  /** Grows by one with each change. */
  revision: number;
}

export interface IssueEvent {
  /** Sorts by its time. */
  id: string;
  time: string;
  who: string;
  what: string;
  detail: string | null;
}

export interface ProcessRow {
  process: string;
  key: string;
  /** What people call it: the order number. */
  number: string;
  state: InstanceState;
  /** ISO 8601, UTC: when to look at it again though nothing comes. */
  due: string | null;
  /** 1: somebody has to look at it. */
  attention: 0 | 1;
  /** ISO 8601, UTC: of its first and its last event. */
  started: string | null;
  updated: string | null;
  /** What its facts tell: the partner it is with, and how much it is worth. */
  partner: string | null;
  /** Where its goods leave from, as the partner names it. */
  warehouse: string | null;
  amount: string | null;
  currency: string | null;
  /** The step it stands at; null when it has ended, as are the next two. */
  step: string | null;
  /** ISO 8601, UTC: when the first of its open steps was to be done, also when that is over. */
  planned: string | null;
  /** Who is asked, or will be when the step is late: as the process file calls them. */
  team: string | null;
  /** JSON: who is asked, and why. */
  asks?: string | null;
  /** JSON. */
  body: string;
  /** Grows by one with each change. */
  revision: number;
}

export type ProposalState =
  | 'waiting' // for a release that has it
  | 'live' // the value map has it
  | 'other' // the value map has another entry for it
  | 'withdrawn';

/** `source` and `article` are empty where the entry is for all. Times are ISO 8601. */
export interface ProposalRow {
  id: string;
  map: string;
  value: string;
  source: string;
  article: string;
  /** What it is in Odoo: the entry's `to`. */
  target: string;
  factor: string | null;
  state: ProposalState;
  made: string;
  made_by: string;
  /** The exception it was made from. */
  letter: string | null;
  ended: string | null;
  ended_by: string | null;
}

/** `body` is JSON. */
export interface ReplayPlanTable {
  id: string;
  state: string;
  /** 1: a hub has to look at it. */
  open: number;
  /** The hub that drives it, until `lease`. */
  driver: string | null;
  lease: string | null;
  body: string;
  /** Grows by one with each change. */
  revision: number;
}

/** `why` is JSON; money is text. */
export interface ReplayItemTable {
  plan: string;
  n: number;
  letter: string;
  last_failed: string;
  subject: string;
  flow: string;
  failed_code: string;
  flow_version: string;
  verdict: string;
  why: string;
  irreversible: number;
  amount: string | null;
  currency: string | null;
  state: string;
  code: string | null;
}

export interface Tables {
  /** `seq` grows with every row: the order of steps that have the same time. */
  step: StepTable & { seq?: number };
  dead_letter: LetterTable;
  dead_letter_failure: FailureTable;
  /** Versions compare as bytes. `day`, here and below: the UTC day it was written last. */
  record_version: { record: string; version: string; day: string };
  document: { kind: string; id: string; body: string; day: string };
  process: ProcessRow;
  rollup: RollupTable;
  gauge: GaugeTable;
  /** The hubs that work with this journal; `body` is JSON. */
  hub: { id: string; seen: string; body: string };
  alias: AliasTable;
  audit: AuditTable;
  issue: IssueRow;
  issue_event: IssueEvent & { issue: string };
  proposal: ProposalRow;
  replay_plan: ReplayPlanTable;
  replay_item: ReplayItemTable;
}

/** PostgreSQL: rows that are written together with others in one statement, a parameter a column. */
export interface Into {
  /** `before`: how many parameters stand before its own. The same for any rows. */
  text(before: number): string;
  values: readonly unknown[];
}

/** For `unnest`: arrays of these types as parameters. */
export const arrays = (types: readonly string[], before: number): string =>
  types.map((type, at) => `$${before + at + 1}::${type}[]`).join(', ');

export const DEFAULT_LIMIT = 200;

export async function stored<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw new CodedError('STORE_UNAVAILABLE', 'The journal cannot be reached', {}, { cause: error });
  }
}

/** PostgreSQL refuses NUL in text; one such step must not fail the steps it shares an insert with. */
export const text = (value: string) => value.replaceAll('\0', '');
export const textOrNull = (value: string | undefined) => (value === undefined ? null : text(value));

export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}
