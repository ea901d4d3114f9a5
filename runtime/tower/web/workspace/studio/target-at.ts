/** Which field of the result is given where the cursor stands. */
import type { Target } from '../../../../workspace/studio/told.ts';

/** Of fields in one another the inner one. */
export function targetAt(targets: readonly Target[], at: number): Target | undefined {
  let [found, least] = [undefined as Target | undefined, Infinity];
  for (const target of targets)
    for (const { from, to } of target.spans)
      if (from <= at && at <= to && to - from < least) [found, least] = [target, to - from];
  return found;
}
