/** What is known of one instance of a process. */
import { duration, type Command, type ProcessDefinition } from './definition.ts';

/** Where an instance stands. Ended: done, cancelled, undone. */
export type InstanceState = 'running' | 'held' | 'paused' | 'undoing' | 'undone' | 'done' | 'cancelled';

export interface StepState {
  /** Undone: taken back. Late and failed: somebody was asked. */
  state: 'waiting' | 'doing' | 'partly' | 'done' | 'late' | 'failed' | 'undoing' | 'undone';
  /** How often it began. */
  begun: number;
  /** The data of each event that reported it done. */
  done: unknown[];
  /** The data of each event that told otherwise how far it is. */
  also?: unknown[];
  due?: string;
  /** When it was to be done, since it began; that stays when it is late or done. */
  planned?: string;
  retries?: number;
  /** How often taking it back was asked for, and was done. */
  undoing?: number;
  undone?: number;
}

/** Why somebody has to look at an instance. */
export const askings = [
  'STEP_LATE',
  'STEP_FAILED',
  'STEP_TO_UNDO',
  'PROCESS_HELD',
  'PROCESS_BROKEN',
] as const;

export interface Asking {
  to: string;
  why: string;
  step: string;
  is?: (typeof askings)[number];
  /** ISO 8601, UTC: since when. */
  at?: string;
}

export interface IssuedCommand {
  /** The event that was the reason. */
  cause: string;
  /** It was published. */
  sent?: true;
  step: string;
  type: string;
  data: unknown;
}

export interface Instance {
  process: string;
  /** Of the definition; an instance keeps the one it began with. */
  version: string;
  key: string;
  number: string;
  state: InstanceState;
  started: boolean;
  facts: unknown;
  steps: Record<string, StepState>;
  /** Ids of the events that were counted. */
  applied: string[];
  /** What was asked for. */
  asked: IssuedCommand[];
  /** Not asked for yet: the instance is paused. */
  kept: IssuedCommand[];
  /** What a paused instance was, and will be. */
  was?: InstanceState;
  /** Who has to look, and why. */
  attention: Asking[];
  history: { at: string; what: string }[];
  hold?: { release: Command; data: unknown; event: string };
}

export interface ProcessEvent {
  id: string;
  type: string;
  data: unknown;
}

export function newInstance(definition: ProcessDefinition, key: string): Instance {
  const steps = Object.keys(definition.steps).map((name): [string, StepState] => [
    name,
    { state: 'waiting', begun: 0, done: [] },
  ]);
  return {
    process: definition.process,
    version: definition.version,
    key,
    number: '',
    state: 'running',
    started: false,
    facts: null,
    steps: Object.fromEntries(steps),
    applied: [],
    asked: [],
    kept: [],
    attention: [],
    history: [],
  };
}

/** Whoever asked for it has published it by then, or died. */
const publishedWithin = '30s';

/** The next time at which it has to be looked at: soon while something asked for is not published. */
export function dueOf({ steps, state, asked, history }: Instance): string | null {
  if (asked.some(({ sent }) => !sent)) return later(new Date(history.at(-1)?.at ?? 0), publishedWithin);
  if (state !== 'running') return null;
  return (
    Object.values(steps)
      .flatMap(({ due }) => due ?? [])
      .toSorted()[0] ?? null
  );
}

export function later(now: Date, within: string): string {
  return new Date(now.getTime() + duration(within)).toISOString();
}

export function attend(instance: Instance, now: Date, asking: Omit<Asking, 'at'>): void {
  const others = instance.attention.filter(({ step }) => step !== asking.step);
  instance.attention = [...others, { ...asking, at: now.toISOString() }];
}

export function addHistory(instance: Instance, now: Date, what: string): void {
  instance.history.push({ at: now.toISOString(), what });
}
