/** The trace of every business transaction, and the exceptions that wait for a person. */
import type { Audit } from './audit.ts';
import type { Documents } from './documents.ts';
import type { Evidence } from './evidence.ts';
import type { Issues } from './issues.ts';
import type { Processes } from './processes.ts';
import type { Proposals } from './proposals.ts';
import type { Replays } from './replays.ts';
import type { Rollups } from './rollups.ts';
import type { Watched } from './watched.ts';
import type { Upkeep } from './upkeep.ts';
import type { Envelope } from '../envelope/envelope.ts';
import type { Name } from '../names/names.ts';
import type { Outcome, Step } from './step.ts';

/** A failed try of a message. */
export interface Failure {
  time: string;
  code: string;
  detail?: string;
  flowVersion: string;
}

/** Open: waits for a person. Parked: waits for its predecessor. Replayed: sent again. */
export const letterStates = ['open', 'parked', 'replayed', 'discarded'] as const;
export type LetterState = (typeof letterStates)[number];

/** What was decided about a letter, and by whom. */
export interface Decision {
  time: string;
  by: string;
  /** Why it was discarded. */
  reason?: string;
  /** Top-level fields of the data that were changed before it was sent again. */
  changed?: readonly string[];
}

/** A message whose work could not be done: kept whole, to be repaired and replayed. */
export interface DeadLetter {
  /** From `letterId`: the same message dead in the same queue has the same id, and so has a replay of it. */
  id: string;
  queue: string;
  flow: string;
  flowVersion: string;
  message: Envelope;
  /** Of the last failure. */
  code: string;
  reason: string;
  facts: Record<string, string | number | boolean | undefined>;
  firstFailed: string;
  firstCode: string;
  firstReason: string;
  lastFailed: string;
  /** Tries until the last failure, since it was published or replayed. */
  attempts: number;
  /** Oldest first, the last 50. */
  history: readonly Failure[];
  state: LetterState;
  /** When parked: the record whose predecessor has to land. */
  waitsFor?: string;
  /** When parked: ISO time after which it waits no longer. */
  until?: string;
  /** When replayed or discarded. */
  decision?: Decision;
  /** The id of the replay whose work ended well; gone when it fails again. */
  settled?: string;
  /** The data of its message is gone, or no longer whole: it can not be sent again. */
  emptied?: true;
}

/** All that is given has to fit. */
export interface LetterFilter {
  ids?: readonly string[];
  state?: LetterState;
  queue?: string;
  flow?: string;
  code?: string;
  /** The issue it belongs to. */
  issue?: string;
  /** Last failed at this ISO time or later. */
  since?: string;
  /** Last failed before this ISO time. */
  until?: string;
  waitsFor?: string;
  /** Something of the record it waits for has landed. */
  landed?: true;
}

export interface LetterQuery extends LetterFilter {
  /** Default 200. */
  limit?: number;
  /** Parked ones whose `until` is not after this ISO time. */
  overdueAt?: string;
  /** The last failed first unless this is `oldest`. */
  order?: 'newest' | 'oldest';
  /** The letters that follow this one in the order. */
  after?: Pick<DeadLetter, 'id' | 'lastFailed'>;
}

export interface LetterGroup {
  flow: string;
  queue: string;
  code: string;
  count: number;
  /** The earliest first failure. */
  oldest: string;
  /** The latest last failure. */
  newest: string;
  /** Of the latest. */
  reason: string;
}

export interface Move {
  /** Moves only while the letter has not failed again: its lastFailed is still this. */
  lastFailed?: string;
  /** The letter's reason from now on. */
  reason?: string;
  /** It fails anew, at this ISO time: whoever looks at failures since then sees it. */
  failedAt?: string;
  decision?: Decision;
}

export interface TraceQuery {
  correlationId?: string;
  businessKey?: string;
  /** Newest first when neither key is given. Default 200. */
  limit?: number;
}

export interface Journal {
  /** Durable when it resolves, the steps and their names in one commit. Calls close together share it. */
  append(steps: readonly Step[]): Promise<void>;
  /** Steps oldest first when a key is given. A business key finds every step of its transactions, also those noted before the key was known. */
  trace(query: TraceQuery): Promise<Step[]>;
  /** What was published and is kept, of this transaction, oldest first. */
  kept(correlationId: string): Promise<Envelope[]>;
  /** Makes room for the next months, where the store keeps steps by month. Also done when it is opened. */
  ahead(now: Date): Promise<void>;
  /** How often each outcome was noted since an ISO time. It costs as much as was noted since. */
  count(since: string): Promise<Partial<Record<Outcome, number>>>;
  /** The tries of this message in this flow that count: its retrying steps, oldest first. */
  failures(of: { flow: string; messageId: string }): Promise<Failure[]>;
  /** Durable when it resolves. Again for the same id: the last failure and the state as given, its history goes on. `names`: of its data. */
  saveDeadLetter(letter: DeadLetter, names?: readonly Name[]): Promise<void>;
  letters(query?: LetterQuery): Promise<DeadLetter[]>;
  /** Whether a parked letter waits for the record. */
  awaited(record: string): Promise<boolean>;
  /** The largest first. */
  groups(filter?: LetterFilter): Promise<LetterGroup[]>;
  /** Of those who move a letter at once one gets true. A moved letter is parked no longer. */
  move(id: string, from: readonly LetterState[], to: LetterState, more?: Move): Promise<boolean>;
  /** The work on this replay of the letter ended well. */
  settled(id: string, messageId: string): Promise<void>;
  /** The newest version of the record that has landed. Questions close together are one query, as are those of `awaited`. */
  version(record: string): Promise<string | undefined>;
  /** Notes that a version has landed; an older one than is known changes nothing. Versions compare as bytes of their text. */
  advance(record: string, version: string): Promise<void>;
  audit: Audit;
  documents: Documents;
  processes: Processes;
  issues: Issues;
  proposals: Proposals;
  evidence: Evidence;
  replays: Replays;
  rollups: Rollups;
  watched: Watched;
  /** What the data takes, in bytes. Undefined where the store does not say. */
  size(): Promise<number | undefined>;
  upkeep: Upkeep;
  /** Throws CodedError STORE_UNAVAILABLE, as every call does when the store cannot be reached. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export function letterId(queue: string, { source, id, replayof }: Envelope): string {
  return `${queue}/${source}/${replayof ?? id}`;
}
