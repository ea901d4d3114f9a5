/** The state of one instance of a process, and the basic changes that all others use. */
import { duration, type Command, type ProcessDefinition } from './definition.ts';

/** The state of an instance. `done`, `cancelled` and `undone` are final. */
export type InstanceState = 'running' | 'held' | 'paused' | 'undoing' | 'undone' | 'done' | 'cancelled';

export interface StepState {
  /** `undone`: the step was undone. For a step that is `late` or `failed`, a team was asked. */
  state: 'waiting' | 'doing' | 'partly' | 'done' | 'late' | 'failed' | 'undoing' | 'undone';
  /** How often the step began. */
  begun: number;
  /** The data of each event that reported the step done. */
  done: unknown[];
  /** The data of each event that reported progress without reporting the step done. */
  also?: unknown[];
  /** Time after which the step is late, in ISO 8601, UTC. */
  due?: string;
  /**
   * Time by which the step was to be done, in ISO 8601, UTC, counted from its beginning. It stays when the step is late
   * or done.
   */
  planned?: string;
  retries?: number;
  /** How often the step has to be undone. */
  undoing?: number;
  /** How often the step was undone. */
  undone?: number;
}

/** Why a person has to look at an instance. */
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
  /** Time since which the team is asked, in ISO 8601, UTC. */
  at?: string;
}

/** A command of an instance: an event to publish, with an id that is derived from its cause. */
export interface IssuedCommand {
  /** The id of the event that led to the command. */
  cause: string;
  /** Set after the broker has stored the command. */
  sent?: true;
  step: string;
  type: string;
  data: unknown;
}

export interface Instance {
  process: string;
  /** Version of the definition. An instance keeps the version it began with. */
  version: string;
  key: string;
  number: string;
  state: InstanceState;
  started: boolean;
  facts: unknown;
  steps: Record<string, StepState>;
  /** Ids of the events and failures that were applied. */
  applied: string[];
  /** Commands that were published or are to be published now. */
  asked: IssuedCommand[];
  /** Commands deferred while the instance is paused. */
  kept: IssuedCommand[];
  /** The state that a paused instance had and returns to. */
  was?: InstanceState;
  /** The teams that have to look at the instance, and why. */
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

/** After this time the hub that stored a command has published it or has died. */
const publishedWithin = '30s';

/** Time of the next poll of the instance, in ISO 8601, UTC; soon while a command is not published. Null: never. */
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

/** The state of the instance; for a paused instance, the state it returns to. */
export function standing({ state, was }: Instance): InstanceState {
  return state === 'paused' ? (was ?? 'running') : state;
}

export function stand(instance: Instance, state: InstanceState): void {
  if (instance.state === 'paused') instance.was = state;
  else instance.state = state;
}

/** Adds a command to publish. A paused instance defers it. */
export async function ask(
  definition: ProcessDefinition,
  instance: Instance,
  step: string,
  command: Command,
  event: ProcessEvent,
): Promise<void> {
  const input = { event: event.type, data: event.data, instance };
  const issued: IssuedCommand = {
    cause: event.id,
    step,
    type: command.command,
    data: await definition.evaluate(command.data, input),
  };
  if (instance.state === 'paused') instance.kept.push(issued);
  else instance.asked.push(issued);
}

export function finish(instance: Instance, state: InstanceState, now: Date): void {
  instance.state = state;
  delete instance.was;
  instance.attention = [];
  for (const step of Object.values(instance.steps)) delete step.due;
  addHistory(instance, now, state);
}
