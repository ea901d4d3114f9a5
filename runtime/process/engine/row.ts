/** The row of an instance: the columns by which lists and boards find it, and the whole instance as JSON. */
import type { ProcessRow } from '../../journal/tables.ts';
import type { ProcessDefinition } from '../definition.ts';
import { dueOf, type Instance, type StepState } from '../state.ts';

/** The row of an instance, without its revision. `of`: the definition that the instance began with. */
export function rowOf(instance: Instance, of: ProcessDefinition): Omit<ProcessRow, 'revision'> {
  const { process, key, number, state, attention, history } = instance;
  const ended = ['done', 'cancelled', 'undone'].includes(state);
  const step = ended ? null : standsAt(instance, of);
  return {
    process,
    key,
    number,
    state,
    due: dueOf(instance),
    attention: attention.length > 0 ? 1 : 0,
    started: history[0]?.at ?? null,
    updated: history.at(-1)?.at ?? null,
    partner: fact(instance, 'partner'),
    warehouse: fact(instance, 'warehouse'),
    amount: amountOf(instance),
    currency: fact(instance, 'currency'),
    step,
    planned: ended ? null : plannedOf(instance),
    team: ended ? null : teamOf(instance, of, step),
    asks: attention.length > 0 ? JSON.stringify(attention) : null,
    body: JSON.stringify(instance),
  };
}

/** Whether the step has begun and is not done. */
function isOpen({ state }: StepState): boolean {
  return !['waiting', 'done', 'undone'].includes(state);
}

/**
 * The first step in the order of the file that has begun and is not done; without one, the first step that is still to
 * come.
 */
function standsAt({ steps }: Instance, of: ProcessDefinition): string | null {
  const all = Object.entries(steps);
  const open = all.find(([, step]) => isOpen(step));
  const next = all.find(([name, { state }]) => state === 'waiting' && !of.steps[name]?.optional);
  return (open ?? next ?? all.at(-1))?.[0] ?? null;
}

/** The earliest time by which an open step was to be done, even if it is past: it shows how late the step is. */
function plannedOf({ steps }: Instance): string | null {
  const open = Object.values(steps).filter(isOpen);
  return open.flatMap(({ planned, due }) => planned ?? due ?? []).toSorted()[0] ?? null;
}

/** The team that is asked now, or that will be asked if the step is late. */
function teamOf({ attention }: Instance, of: ProcessDefinition, step: string | null): string {
  const definition = step === null ? undefined : of.steps[step];
  return attention[0]?.to ?? definition?.late?.to ?? of.owner;
}

/** The amount in the facts. Null if it cannot be summed: sums over many rows have 64 bits, in parts of 10,000. */
function amountOf(instance: Instance): string | null {
  const amount = fact(instance, 'amount');
  return amount !== null && /^-?\d{1,12}(\.\d{1,6})?$/.test(amount) ? amount : null;
}

function fact({ facts }: Instance, name: string): string | null {
  const value: unknown = Object(facts)[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}
