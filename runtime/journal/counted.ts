/** Steps as counts: what a commit adds to the rollups. */
import type { Step } from './step.ts';
import { text } from './tables.ts';
import { bounds, fiveMinutesOf } from './buckets.ts';

const LONGEST = 100;

/** Of one bucket, flow, step, outcome and partner. */
export interface Counted {
  /** ISO time at which it begins. */
  bucket: string;
  flow: string;
  step: string;
  outcome: string;
  partner: string;
  count: number;
  totalMs: number;
  /** As `bounds`, of the steps that tell how long they took. */
  histogram: number[];
}

export function countsOf(steps: readonly Step[]): Counted[] {
  const all = new Map<string, Counted>();
  for (const { time, durationMs, partner = '', ...more } of steps) {
    const [flow, step, outcome] = [text(more.flow), text(more.step), more.outcome];
    const known = {
      bucket: fiveMinutesOf(time),
      flow,
      step,
      outcome,
      partner: text(partner).slice(0, LONGEST),
    };
    const key = Object.values(known).join('\0');
    const one = all.get(key) ?? { ...known, count: 0, totalMs: 0, histogram: bounds.map(() => 0) };
    all.set(key, one);
    one.count += 1;
    if (durationMs === undefined) continue;
    one.totalMs += durationMs;
    one.histogram[bounds.findIndex((bound) => durationMs <= bound)]! += 1;
  }
  return [...all.values()];
}
