/** How an event, a time limit, a failure or a person changes an instance of a process. No I/O. */
import type { ProcessDefinition, Reaction, Step } from './definition.ts';
import { CodedError } from '../errors/coded-error.ts';
import {
  addHistory,
  ask,
  attend,
  finish,
  later,
  stand,
  standing,
  type Instance,
  type InstanceState,
  type IssuedCommand,
  type ProcessEvent,
} from './state.ts';
import { compensate, isTakenBack, undone, undoNext } from './undoing.ts';

/** What a person can do about an instance. `step` publishes the first command that a paused instance has deferred. */
export type Action = 'pause' | 'step' | 'resume' | 'compensate';

/** The states in which a person can do each action. */
const allowed: Record<Action, readonly InstanceState[]> = {
  pause: ['running', 'held', 'undoing', 'paused'],
  step: ['paused'],
  resume: ['paused', 'held'],
  compensate: ['running', 'held', 'paused', 'done', 'cancelled'],
};

/**
 * Returns the instance after an action of the person `by`. Throws CodedError PROCESS_STATE if its state does not allow
 * the action.
 */
export async function acted(
  definition: ProcessDefinition,
  before: Instance,
  action: Action,
  by: string,
  now: Date,
): Promise<Instance> {
  const { state, was, number, key } = before;
  const takesBackAlready = action === 'compensate' && isTakenBack(before);
  if (!allowed[action].includes(state) || takesBackAlready)
    throw new CodedError(
      'PROCESS_STATE',
      `${definition.process} ${number || key} is ${takesBackAlready ? (was ?? state) : state}: ${action} is for what is ${allowed[action].join(', ')}`,
      { action, state },
    );
  if (action === 'pause') return paused(before, by, now);
  if (action === 'step') return stepped(before, by, now);
  return action === 'resume'
    ? resumed(definition, before, by, now)
    : compensated(definition, before, by, now);
}

/**
 * Returns the instance after the event, or `before` itself if the event was applied already. Commands that follow are
 * in `asked`, with the event as their cause. Throws what `evaluate` throws.
 */
export async function applied(
  definition: ProcessDefinition,
  before: Instance,
  event: ProcessEvent,
  now: Date,
): Promise<Instance> {
  if (before.applied.includes(event.id)) return before;
  const instance = structuredClone(before);
  instance.applied.push(event.id);
  const input = { event: event.type, data: event.data, instance };
  if (event.type === definition.start && !instance.started) {
    instance.started = true;
    instance.number = String((await definition.evaluate(definition.number, input)) ?? '');
    instance.facts = definition.facts ? await definition.evaluate(definition.facts, input) : null;
  }
  addHistory(instance, now, event.type);
  for (const [name, step] of Object.entries(definition.steps)) {
    if (step.undo?.awaits === event.type && isTakenBack(instance)) undone(instance, name, now);
    else if (step.awaits === event.type) await reported(definition, instance, name, step, event);
    else if (step.also?.includes(event.type)) {
      (instance.steps[name]!.also ??= []).push(event.data);
      if (instance.steps[name]!.state === 'partly') await judge(definition, instance, name, step);
    }
  }
  // An instance that is being undone begins no step.
  if (!isTakenBack(instance))
    for (const [name, step] of Object.entries(definition.steps))
      if (step.on === event.type) await begin(definition, instance, name, step, event, now);
  const hold = definition.holds?.[event.type];
  if (hold && ['running', 'held'].includes(standing(instance))) {
    stand(instance, 'held');
    instance.hold = { release: hold.release, data: event.data, event: event.type };
    attend(instance, now, { to: hold.to, why: event.type, step: 'hold', is: 'PROCESS_HELD' });
  }
  const end = definition.ends?.[event.type];
  if (end && !isTakenBack(instance)) finish(instance, end, now);
  await settle(definition, instance, now);
  return instance;
}

async function reported(
  definition: ProcessDefinition,
  instance: Instance,
  name: string,
  step: Step,
  event: ProcessEvent,
): Promise<void> {
  const own = instance.steps[name]!;
  own.done.push(event.data);
  await judge(definition, instance, name, step);
  instance.attention = instance.attention.filter((one) => one.step !== name);
  if (standing(instance) === 'held') {
    stand(instance, 'running');
    delete instance.hold;
    instance.attention = instance.attention.filter((one) => one.step !== 'hold');
  }
}

async function begin(
  definition: ProcessDefinition,
  instance: Instance,
  name: string,
  step: Step,
  event: ProcessEvent,
  now: Date,
): Promise<void> {
  const input = { event: event.type, data: event.data, instance };
  if (step.when && (await definition.evaluate(step.when, input)) !== true) return;
  const own = instance.steps[name]!;
  const anew = own.begun === 0 || own.state === 'done';
  own.begun += 1;
  const done = await judge(definition, instance, name, step);
  if (!done && step.within) own.due = later(now, step.within);
  if (anew && own.due) own.planned = own.due;
  if (step.asks) await ask(definition, instance, name, step.asks, event);
}

/** Sets the state of a step, whether its beginning or its report came first. True if no more reports will come. */
async function judge(
  definition: ProcessDefinition,
  instance: Instance,
  name: string,
  step: Step,
): Promise<boolean> {
  const own = instance.steps[name]!;
  const { done, begun, also = [] } = own;
  const input = { data: done.at(-1), done, also, instance };
  const all =
    done.length > 0 &&
    (step.until ? (await definition.evaluate(step.until, input)) === true : done.length >= begun);
  own.state = all ? 'done' : done.length > 0 ? 'partly' : 'doing';
  if (all) delete own.due;
  return all;
}

/** Ends the process if every step that has to be done is done. */
async function settle(definition: ProcessDefinition, instance: Instance, now: Date): Promise<void> {
  if (instance.state === 'undoing') return undoNext(definition, instance, now);
  if (instance.state !== 'running' || !instance.started) return;
  const open = Object.entries(definition.steps).some(([name, step]) => {
    const { state, begun, done } = instance.steps[name]!;
    return state !== 'done' && !(step.optional && begun === 0 && done.length === 0);
  });
  if (!open) finish(instance, 'done', now);
}

/** Returns the instance after a poll: each step whose time is over is late. */
export async function lookedAt(
  definition: ProcessDefinition,
  before: Instance,
  now: Date,
): Promise<Instance> {
  const instance = structuredClone(before);
  for (const [name, step] of Object.entries(definition.steps)) {
    const own = instance.steps[name]!;
    if (own.due === undefined || own.due > now.toISOString()) continue;
    delete own.due;
    const command = instance.asked.findLast((one) => one.step === name);
    await react(
      definition,
      instance,
      name,
      { is: 'late', reaction: step.late, why: 'is late', command },
      now,
    );
  }
  return instance;
}

export interface Failure {
  id: string;
  why: string;
  /** The command that failed. Undefined if the message was not a command of the process. */
  command: IssuedCommand | undefined;
}

/**
 * Returns the instance after a message that the step published or waits for became an exception. Each failure counts
 * once.
 */
export async function failed(
  definition: ProcessDefinition,
  before: Instance,
  name: string,
  failure: Failure,
  now: Date,
): Promise<Instance> {
  const instance = structuredClone(before);
  const step = definition.steps[name];
  const counted = `${name}/${failure.id}`;
  if (!step || before.applied.includes(counted)) return before;
  instance.applied.push(counted);
  if (['done', 'undone'].includes(instance.steps[name]!.state)) return instance;
  delete instance.steps[name]!.due;
  const { why, command } = failure;
  await react(definition, instance, name, { is: 'failed', reaction: step.failed, why, command }, now);
  return instance;
}

interface Trouble {
  is: 'late' | 'failed';
  reaction: Reaction | undefined;
  why: string;
  /** The command that a retry publishes again. */
  command: IssuedCommand | undefined;
}

async function react(
  definition: ProcessDefinition,
  instance: Instance,
  name: string,
  { is, reaction, why, command: again }: Trouble,
  now: Date,
): Promise<void> {
  const own = instance.steps[name]!;
  const { within } = definition.steps[name]!;
  const { do: does, to = definition.owner, times = 3 } = reaction ?? { do: 'escalate' as const };
  addHistory(instance, now, `${name} ${why}: ${does}`);
  if (does === 'retry' && again && (own.retries ?? 0) < times) {
    own.retries = (own.retries ?? 0) + 1;
    if (within && own.state !== 'undoing') own.due = later(now, within);
    const { sent: _sent, ...same } = again;
    instance.asked.push({ ...same, cause: `${again.cause}/${own.retries}` });
    return;
  }
  // A process that is being undone stays so: a person repairs the step, and the process continues.
  const asking = {
    to,
    why: `${name} ${why}`,
    step: name,
    is: is === 'late' ? 'STEP_LATE' : 'STEP_FAILED',
  } as const;
  if (isTakenBack(instance)) return attend(instance, now, asking);
  own.state = is;
  if (does === 'compensate') return compensate(definition, instance, now);
  if (does === 'pause') pause(instance);
  attend(instance, now, asking);
}

function paused(before: Instance, by: string, now: Date): Instance {
  if (before.state === 'paused') return before;
  const instance = structuredClone(before);
  pause(instance);
  addHistory(instance, now, `paused by ${by}`);
  return instance;
}

function pause(instance: Instance): void {
  if (instance.state === 'paused') return;
  instance.was = instance.state;
  instance.state = 'paused';
}

/**
 * Returns the instance after an error in its own file or data: paused until a person has repaired that and resumes it.
 */
export function broken(
  { owner }: ProcessDefinition,
  before: Instance,
  { code, message }: Pick<CodedError, 'code' | 'message'>,
  now: Date,
): Instance {
  const instance = structuredClone(before);
  const unsent = instance.asked.filter(({ sent }) => !sent);
  instance.asked = instance.asked.filter(({ sent }) => sent);
  instance.kept.unshift(...unsent);
  pause(instance);
  const why = `fails with ${code}: ${message}`;
  attend(instance, now, { to: owner, why, step: 'process', is: 'PROCESS_BROKEN' });
  addHistory(instance, now, `${why}: paused`);
  return instance;
}

/** Returns a paused instance to its earlier state and publishes its deferred commands. Releases a held instance. */
async function resumed(
  definition: ProcessDefinition,
  before: Instance,
  by: string,
  now: Date,
): Promise<Instance> {
  const instance = structuredClone(before);
  const { hold } = instance;
  if (instance.state === 'paused') {
    instance.state = standing(instance);
    delete instance.was;
    instance.attention = instance.attention.filter(
      ({ step }) => instance.state === 'held' && step === 'hold',
    );
    instance.asked.push(...instance.kept);
    instance.kept = [];
    addHistory(instance, now, `resumed by ${by}`);
  } else if (hold) {
    instance.state = 'running';
    instance.attention = [];
    addHistory(instance, now, `released by ${by}`);
    const event = { id: `release/${instance.history.length}`, type: hold.event, data: hold.data };
    delete instance.hold;
    await ask(definition, instance, 'hold', hold.release, event);
  }
  await settle(definition, instance, now);
  return instance;
}

/**
 * Publishes the first deferred command of a paused instance, which stays paused. Returns `before` itself if none is
 * deferred.
 */
function stepped(before: Instance, by: string, now: Date): Instance {
  const [next, ...kept] = before.kept;
  if (!next) return before;
  const instance = structuredClone(before);
  instance.kept = kept;
  instance.asked.push(next);
  addHistory(instance, now, `${next.step} stepped by ${by}`);
  return instance;
}

/** Undoes the steps that were done, the last one first. */
async function compensated(
  definition: ProcessDefinition,
  before: Instance,
  by: string,
  now: Date,
): Promise<Instance> {
  const instance = structuredClone(before);
  addHistory(instance, now, `compensation asked for by ${by}`);
  await compensate(definition, instance, now);
  return instance;
}
