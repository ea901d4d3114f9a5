/** The milestones of an order: what its process planned, and what became of it. */
import { businessDays, tenths } from '../../calendar/business-days.ts';
import type { Calendar } from '../../calendar/calendar.ts';
import type { ProcessFile, Step } from '../../process/definition.ts';
import { later, type Instance, type StepState } from '../../process/state.ts';

export interface Milestone {
  step: string;
  state: StepState['state'];
  /** ISO 8601: when it began, was to be done, and was done. */
  begun?: string;
  planned?: string;
  done?: string;
  /** How many reports came. */
  reports: number;
  /** Past what was planned, by so many business days; also when it is done by now. */
  late?: number;
  /** Of one that has not begun: the time it has, and the type of event it begins with. */
  within?: string;
  after?: string;
}

type Told = Pick<Instance, 'steps' | 'history' | 'state'>;

/** Steps that came, are under way, or come if all goes well; what this order does not need is left out. */
export function rail(
  { steps }: Pick<ProcessFile, 'steps'>,
  instance: Told,
  calendar: Calendar,
  now: Date,
): Milestone[] {
  const shown = Object.keys(steps).filter((name) => isShown(steps, instance, name));
  return shown.map((name) => milestone(name, steps[name]!, instance, calendar, now));
}

/** When an event of this type was counted: the first and the last time. */
function times({ history }: Told, type: string): { first: string | undefined; last: string | undefined } {
  const all = history.filter(({ what }) => what === type).map(({ at }) => at);
  return { first: all[0], last: all.at(-1) };
}

function milestone(name: string, step: Step, instance: Told, calendar: Calendar, now: Date): Milestone {
  const own: StepState = instance.steps[name] ?? { state: 'waiting', begun: 0, done: [] };
  const { state, begun, done } = own;
  const began = begun > 0 ? times(instance, step.on) : undefined;
  const planned = plannedOf(own, step, began?.last);
  const finished = state === 'done' ? times(instance, step.awaits).last : undefined;
  const open = !['done', 'undone'].includes(state) && !isOver(instance);
  const until = finished ?? (open ? now.toISOString() : undefined);
  const late = planned !== undefined && until !== undefined && until > planned;
  return {
    step: name,
    state,
    reports: done.length,
    ...(began?.first && { begun: began.first }),
    ...(planned && { planned }),
    ...(finished && { done: finished }),
    ...(late && { late: tenths(businessDays(calendar, new Date(planned), new Date(until))) }),
    ...(begun === 0 && done.length === 0 && { after: step.on, ...(step.within && { within: step.within }) }),
  };
}

/** One that began before its plan was kept has the time it was given since. */
function plannedOf(
  { planned, due }: StepState,
  { within }: Step,
  began: string | undefined,
): string | undefined {
  return planned ?? due ?? (began && within ? later(new Date(began), within) : undefined);
}

function isShown(steps: ProcessFile['steps'], instance: Told, name: string): boolean {
  const step = steps[name]!;
  const { begun = 0, done = [] } = instance.steps[name] ?? {};
  if (begun > 0) return true;
  const sameReport = Object.entries(steps).filter(([, { awaits }]) => awaits === step.awaits);
  if (sameReport.some(([other]) => (instance.steps[other]?.begun ?? 0) > 0)) return false;
  const [first] = sameReport.find(([, { optional }]) => !optional) ?? sameReport[0]!;
  if (first !== name) return false;
  if (done.length > 0) return true;
  if (isOver(instance)) return false;
  const passedBy = instance.history.some(({ what }) => what === step.on);
  return !passedBy && !(step.optional && !step.within);
}

function isOver({ state }: Pick<Instance, 'state'>): boolean {
  return ['done', 'cancelled', 'undone'].includes(state);
}
