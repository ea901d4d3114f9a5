/** Where the fields of a result are given, in a text that has changed since they were read. */
import type { Target } from '../../../../workspace/studio/told.ts';
import type { Span } from '../../../../workspace/studio/tokens.ts';

/** Those around a change grow with it, those behind it move; those that it cuts are gone. */
export function movedTargets(targets: readonly Target[], before: string, after: string): readonly Target[] {
  if (before === after) return targets;
  const cut = changed(before, after);
  const by = after.length - before.length;
  return targets.map((target) => ({
    ...target,
    spans: target.spans.flatMap((span) => {
      if (span.from <= cut.from && span.to >= cut.to) return [{ from: span.from, to: span.to + by }];
      if (span.to <= cut.from) return [span];
      return span.from >= cut.to ? [{ from: span.from + by, to: span.to + by }] : [];
    }),
  }));
}

/** The part of the text before that is another one now. */
function changed(before: string, after: string): Span {
  const least = Math.min(before.length, after.length);
  let from = 0;
  while (from < least && before[from] === after[from]) from += 1;
  let same = 0;
  while (same < least - from && before.at(-1 - same) === after.at(-1 - same)) same += 1;
  return { from, to: before.length - same };
}
