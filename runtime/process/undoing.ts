/** Undoes the steps of an instance that were done, the last one first. No I/O. */
import type { ProcessDefinition } from './definition.ts';
import { addHistory, ask, attend, finish, standing, type Instance } from './state.ts';

export function isTakenBack(instance: Instance): boolean {
  return ['undoing', 'undone'].includes(standing(instance));
}

export async function compensate(
  definition: ProcessDefinition,
  instance: Instance,
  now: Date,
): Promise<void> {
  instance.state = 'undoing';
  delete instance.was;
  for (const own of Object.values(instance.steps)) delete own.due;
  await undoNext(definition, instance, now);
}

/** Undoes one step at a time. Later steps are undone first, because they build on earlier ones. */
export async function undoNext(definition: ProcessDefinition, instance: Instance, now: Date): Promise<void> {
  if (Object.values(instance.steps).some(({ state }) => state === 'undoing')) return;
  for (const [name, step] of Object.entries(definition.steps).toReversed()) {
    const own = instance.steps[name]!;
    if (own.done.length === 0 || own.state === 'undone' || !step.undo) continue;
    const { asks, how } = step.undo;
    own.state = 'undoing';
    own.undoing = own.done.length;
    if (isUndone(instance, name, now)) continue;
    addHistory(instance, now, `${name} is taken back: ${how}`);
    if (!asks) {
      const why = `${name} has to be taken back: ${how}`;
      attend(instance, now, { to: definition.owner, why, step: name, is: 'STEP_TO_UNDO' });
      return;
    }
    for (const [index, data] of own.done.entries())
      await ask(definition, instance, name, asks, { id: `undo/${name}/${index}`, type: step.awaits, data });
    return;
  }
  finish(instance, 'undone', now);
}

/**
 * Records that a step was undone, even before that was asked for: goods can come back before the credit note is posted.
 */
export function undone(instance: Instance, name: string, now: Date): void {
  const own = instance.steps[name]!;
  own.undone = (own.undone ?? 0) + 1;
  if (own.state === 'undoing') isUndone(instance, name, now);
}

/** Of a step that is being undone. */
function isUndone(instance: Instance, name: string, now: Date): boolean {
  const own = instance.steps[name]!;
  if ((own.undone ?? 0) < own.undoing!) return false;
  own.state = 'undone';
  instance.attention = instance.attention.filter((one) => one.step !== name);
  addHistory(instance, now, `${name} was taken back`);
  return true;
}
